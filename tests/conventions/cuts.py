"""What somebody may take out of a convention's file or leave blank: each clause, each key of one, each key of the header.

A clause that is taken out leaves nothing in its place: whoever writes `non-executable: …` there says so openly.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_CLAUSE = re.compile(r"```toml clause\n(.*?)```\n", re.DOTALL)
_HEADER = re.compile(r"```toml convention\n(.*?)```\n", re.DOTALL)
_LINE = re.compile(r"^(\w+) = (.*)\n", re.MULTILINE)
_TABLE = re.compile(r"^\[\[\w+\]\]\n(?:\w.*\n)+", re.MULTILINE)


@dataclass(frozen=True)
class Cut:
    """A file with one thing less; `kind` is the clause's kind, or `convention` for the header; `key` None for the whole."""

    name: str
    kind: str
    key: str | None
    text: str


def clauses_taken_out(text: str, *, instead: str = "") -> Iterator[Cut]:
    for block in _CLAUSE.finditer(text):
        kind = _kind(block)
        left = text[: block.start()] + instead + text[block.end() :]
        yield Cut(f"{_place(text, block.start())} {kind}", kind, None, left)


def keys_of_clauses(text: str, *, blank: bool) -> Iterator[Cut]:
    for block in _CLAUSE.finditer(text):
        yield from _keys(text, block, _kind(block), blank=blank)


def keys_of_the_header(text: str, *, blank: bool) -> Iterator[Cut]:
    block = _HEADER.search(text)
    assert block is not None
    yield from _keys(text, block, "convention", blank=blank)


def keys_with_odd_values(text: str, values: Sequence[str]) -> Iterator[Cut]:
    """Yield the text with each key of the header and of one clause of each kind set to each of `values` (TOML)."""
    seen: set[tuple[str, str]] = set()
    blocks = [(match, "convention") for match in _HEADER.finditer(text)]
    blocks += [(match, _kind(match)) for match in _CLAUSE.finditer(text)]
    for block, kind in blocks:
        for line in _LINE.finditer(text, block.start(1), block.end(1)):
            if (kind, line[1]) in seen:
                continue
            seen.add((kind, line[1]))
            for value in values:
                name = f"{_place(text, line.start())} {kind}.{line[1]} = {value}"
                odd = f"{text[: line.start()]}{line[1]} = {value}\n{text[line.end() :]}"
                yield Cut(name, kind, line[1], odd)


def tables_of_the_header(text: str) -> Iterator[Cut]:
    block = _HEADER.search(text)
    assert block is not None
    for table in _TABLE.finditer(text, block.start(1), block.end(1)):
        yield Cut(_place(text, table.start()), "convention", None, text[: table.start()] + text[table.end() :])


def _keys(text: str, block: re.Match[str], kind: str, *, blank: bool) -> Iterator[Cut]:
    for line in _LINE.finditer(text, block.start(1), block.end(1)):
        key = line[1]
        emptied = f"{key} = {_blank(line[0])}\n" if blank else ""
        name = f"{_place(text, line.start())} {kind}.{key}"
        yield Cut(name, kind, key, text[: line.start()] + emptied + text[line.end() :])


def _blank(line: str) -> str:
    return "[]" if isinstance(next(iter(tomllib.loads(line).values())), list) else '""'


def _kind(block: re.Match[str]) -> str:
    return str(tomllib.loads(block[1])["kind"])


def _place(text: str, start: int) -> str:
    return f"line {text[:start].count(chr(10)) + 1}"

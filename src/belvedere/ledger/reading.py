"""Reads an exported file line by line, strictly. Source: ledger-format 8.

Owns what a line may be. Does not know keys, trees or what makes a record true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, cast

from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import LINE_BYTES_MAX, BadText, read_json
from belvedere.ledger.canonical import SALT_SIZE_BYTES, Json, NotCanonical, canonical_json, entry_hash
from belvedere.ledger.export import LedgerEntry
from belvedere.ledger.note import BadNote, strict_base64
from belvedere.ledger.tree import HASH_SIZE_BYTES


class BadLedger(Exception):
    """The file is not a ledger that those keys signed. `line` counts from 1; `index` is the record's."""

    def __init__(self, line: int, message: Text, *, index: int | None = None) -> None:
        super().__init__(line, message.en)
        self.line = line
        self.index = index
        self.message = message


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number, from 1, and the object that it canonically spells."""

    number: int
    content: dict[str, Json]


def read_entries(file: BinaryIO) -> Iterator[LedgerEntry]:
    """Yield the entries of an exported file that `verify_ledger` has accepted."""
    lines = read_lines(file)
    next(lines)
    for line in lines:
        if "checkpoint" in line.content:
            return
        yield entry_of(line.content)


def entry_of(content: dict[str, Json]) -> LedgerEntry:
    """Return the entry that a line states; raise `ValueError` where it states none."""
    index = content.get("index")
    if not isinstance(index, int) or isinstance(index, bool):
        raise ValueError("index")
    if content.keys() == {"entry", "index"}:
        return LedgerEntry(index, _bytes_of(content["entry"], HASH_SIZE_BYTES, "entry"), None, None)
    if content.keys() != {"index", "record", "salt"}:
        raise ValueError("members")
    salt = _bytes_of(content["salt"], SALT_SIZE_BYTES, "salt")
    record = canonical_json(content["record"])
    return LedgerEntry(index, entry_hash(salt, record), salt, record)


def _bytes_of(value: Json, size_bytes: int, name: str) -> bytes:
    try:
        decoded = strict_base64(value) if isinstance(value, str) else b""
    except BadNote:
        decoded = b""
    if len(decoded) != size_bytes:
        raise ValueError(name)
    return decoded


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield each line's object; raise `BadLedger` for one that is not the canonical bytes of an object."""
    number = 0
    while raw := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        if not raw.endswith(b"\n"):
            if len(raw) > LINE_BYTES_MAX:
                bad(number, "la ligne est trop longue", "the line is too long")
            bad(number, "la ligne n'est pas terminée", "the line has no end")
        yield Line(number, _object_of(raw[:-1], number))
    if number == 0:
        bad(1, "le fichier est vide", "the file is empty")


def _object_of(raw: bytes, number: int) -> dict[str, Json]:
    try:
        content = cast("Json", read_json(raw))
    except BadText as failure:
        told = failure.told
        bad(number, f"ce n'est pas du JSON en UTF-8 ({told.fr})", f"it is not JSON in UTF-8 ({told.en})")
    try:
        canonical = canonical_json(content)
    except NotCanonical as failure:
        bad(number, f"sans forme canonique ({failure})", str(failure))
    if canonical != raw:
        bad(number, "le JSON n'est pas sous sa forme canonique", "the JSON is not in its canonical form")
    if not isinstance(content, dict):
        bad(number, "ce n'est pas un objet JSON", "it is not a JSON object")
    return content


def bad(line: int, fr: str, en: str, index: int | None = None) -> NoReturn:
    """Raise `BadLedger` for `line` (and record `index`)."""
    raise BadLedger(line, Text(fr=fr, en=en), index=index)

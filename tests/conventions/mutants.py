"""Mutants of a convention's file: each clause taken out, and each of its parameters changed, one at a time."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args, get_type_hints

from belvedere.policy.clauses import CLAUSE_TYPES

_BLOCK = re.compile(r"```toml clause\n(.*?)```\n", re.DOTALL)

WORDS_ONLY = {
    # Common to all clauses: where they come from, and what is said of them on the page.
    "kind", "rows", "basis", "alternative", "approved_by", "left_to",
    # Said to people, or read by other packages; no answer of the convention turns on them.
    "designated_by", "registered_by", "order", "notice_by", "tells", "what", "format", "amendment", "to_service",
    "on_change", "when", "room", "declared_by", "resolved_for", "others_read", "due",
    # In force under the other regime alone; tests/unit/policy/test_regimes.py changes them there.
    "notification_cites",
}  # fmt: skip

CITED_BY_THE_LAW = {"csi:L252-1", "csi:L252-4", "csi:L252-3", "csi:R253-3", "csi:L251-2"}
"""Texts that a refusal cites whether a clause does or not: a convention cannot take the law out."""

WORDS_ONLY_OF = {"duty": {"to"}, "notice": {"by"}}

SAID_BY_THE_LAW_TOO = {"retention"}
"""Kinds that the law answers in the same way where no clause of the owner does."""


@dataclass(frozen=True)
class Mutant:
    """A changed file: which clause of which line was changed, and how."""

    name: str
    kind: str
    cites: tuple[str, ...]
    text: str


def mutants(text: str, parties: tuple[str, ...]) -> Iterator[Mutant]:
    for block in _BLOCK.finditer(text):
        table = tomllib.loads(block[1])
        line = text[: block.start()].count("\n") + 2
        kind, cites = str(table["kind"]), tuple(table["cites"])
        prefix = f"line {line} {kind}"
        without = text[: block.start()] + "non-executable: retiré.\n" + text[block.end() :]
        yield Mutant(f"{prefix}: taken out", kind, cites, without)
        for key, value in table.items():
            if key in WORDS_ONLY or key in WORDS_ONLY_OF.get(kind, set()):
                continue
            if kind in SAID_BY_THE_LAW_TOO and key == "owner":
                continue
            for changed in _changed(kind, key, value, parties):
                old = re.search(rf"^{key} = .*$", block[1], re.MULTILINE)
                assert old is not None, (kind, key)
                body = block[1].replace(old[0], f"{key} = {_toml(changed)}")
                mutated = text[: block.start()] + f"```toml clause\n{body}```\n" + text[block.end() :]
                yield Mutant(f"{prefix}: {key} = {changed!r}", kind, cites, mutated)


def _changed(kind: str, key: str, value: object, parties: tuple[str, ...]) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif isinstance(value, list):
        for number, each in enumerate(value):
            if each not in CITED_BY_THE_LAW:
                yield value[:number] + value[number + 1 :]
    elif isinstance(value, str) and value in parties:
        yield from (party for party in parties if party != value)
    elif isinstance(value, str) and re.fullmatch(r"\d\d:\d\d", value):
        hour, minute = int(value[:2]) % 24, int(value[3:])
        for moved in (1, -1):
            total = (hour * 60 + minute + moved) % (24 * 60)
            yield f"{total // 60:02}:{total % 60:02}"
    elif isinstance(value, str):
        yield from (other for other in _others(kind, key) if other != value)
    else:
        raise AssertionError((kind, key, value))


def _others(kind: str, key: str) -> list[str]:
    """Return the other values of a closed set, or a word that nothing bears."""
    clause = CLAUSE_TYPES[kind]
    names = {str(each.metadata.get("key", name)): name for name, each in clause.__dataclass_fields__.items()}
    hint = get_type_hints(clause)[names[key]]
    wanted = next((each for each in (hint, *get_args(hint)) if isinstance(each, type)), str)
    return [each.value for each in wanted] if issubclass(wanted, StrEnum) else ["autre"]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'

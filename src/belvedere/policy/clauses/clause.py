"""What every clause has: texts it comes from, rows of the rules it carries, whether it is text or a reading."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar


class Basis(StrEnum):
    """Whether the text says it, or leaves room and was read so."""

    TEXT = "text"
    READING = "reading"


class Source(StrEnum):
    """What kind of text carries a clause."""

    LAW = "law"
    CONVENTION = "convention"
    DELIBERATION = "deliberation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One executable rule of an article.

    `cites` are article names (`art-3`) or texts of law (`csi:L252-4`); `rows` are rows of the rules. A reading names its
    `alternative` and who `approved_by`. `left_to` is the party that may change the values alone, and announces it.
    """

    KIND: ClassVar[str]
    """The name of the kind in a file."""
    SUBJECT: ClassVar[tuple[str, ...]] = ()
    """The fields that tell what is ruled: two clauses of one kind on one subject must say the same."""

    cites: tuple[str, ...]
    rows: tuple[str, ...]
    basis: Basis = Basis.TEXT
    alternative: str | None = None
    approved_by: str | None = None
    left_to: str | None = None

    @property
    def subject(self) -> tuple[object, ...]:
        """What is ruled."""
        return tuple(getattr(self, name) for name in self.SUBJECT)

    @property
    def rule(self) -> tuple[object, ...]:
        """What is said, without the texts that carry it."""
        return tuple(getattr(self, each.name) for each in fields(self) if each.name not in _CARRIERS)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The kinds of text that carry the clause, the law first."""
        found = {source_of(cite) for cite in self.cites}
        return tuple(source for source in Source if source in found)

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong within this clause alone, as (key, message)."""
        unknown = next((row for row in self.rows if not is_row_of_rules(row)), None)
        if unknown is not None:
            return (("rows", f"`{unknown}` is no row of the rules; known: {_ROWS_IN_WORDS}"),)
        if self.basis is Basis.READING and not (self.alternative and self.approved_by):
            return (("basis", "a reading must name its `alternative` and who it was `approved_by`"),)
        if self.basis is Basis.TEXT and (self.alternative or self.approved_by):
            return (("basis", 'only `basis = "reading"` has an `alternative` and an `approved_by`'),)
        return ()


_ROWS_OF_RULES = {"A": range(27), "B": range(1, 14), "C": range(1, 19)}
"""The numbered rows of what the conventions say (A, B) and what the law adds (C)."""
_ROWS_IN_WORDS = ", ".join(f"{letter}{rows[0]} to {letter}{rows[-1]}" for letter, rows in _ROWS_OF_RULES.items())


def is_row_of_rules(row: str) -> bool:
    """Tell whether `row` (for instance `A14`) is one of the numbered rows of docs/reference/rules.md, written as there."""
    return any(row == f"{letter}{number}" for letter, rows in _ROWS_OF_RULES.items() for number in rows)


_CARRIERS = frozenset(each.name for each in fields(Clause))


def source_of(cite: str) -> Source:
    """Return what kind of text `cite` is."""
    if ":" in cite:
        return Source.LAW
    return Source.DELIBERATION if cite.startswith("deliberation") else Source.CONVENTION

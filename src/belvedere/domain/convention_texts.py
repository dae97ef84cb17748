"""A convention's text as it is kept, and what was told about its term."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from belvedere.domain.clock import Instant


@dataclass(frozen=True, slots=True)
class ConventionText:
    """A convention's text as it was put in force, with what was told about its term since."""

    id: str
    sha256: str
    markdown: bytes
    signatures: str
    since: Instant


class TermWord(StrEnum):
    """What a party tells about the term."""

    NON_RENEWAL = "non-renewal"
    RENEWAL = "renewal"
    CORRECTION = "correction"
    """What was told on that day was told by mistake."""


LEFT = "left"
"""The kind of a word by which a party left: told by two persons, and taken back by no correction."""


@dataclass(frozen=True, slots=True)
class TermTold:
    """A non-renewal, an express renewal or its leaving that one party told the other, by an act of that day."""

    convention: str
    kind: str
    on: date
    act: str

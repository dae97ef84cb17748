"""What can happen to a convention's text and to its term."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.convention_texts import ConventionText, TermTold
from belvedere.domain.record import ConventionRef, Subject


@dataclass(frozen=True, slots=True)
class TextInstalled:
    """The node put the installed text in force at its start; `before` is the hash of the one before it."""

    text: ConventionText
    before: str | None
    at: Instant


@dataclass(frozen=True, slots=True)
class TextReplaced:
    """A text that every party signed took the place of the one before it."""

    text: ConventionText
    before: str
    by: Subject
    at: Instant


@dataclass(frozen=True, slots=True)
class TermAnnounced:
    """A party told something about the term, or took back what it told that day; `ends_at` is when it ends now."""

    told: TermTold
    convention: ConventionRef
    ends_at: Instant | None
    by: Subject
    at: Instant

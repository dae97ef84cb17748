"""Reading the journal is itself written down (CSI R253-5)."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.journal import JournalQuestion
from belvedere.domain.record import Subject


@dataclass(frozen=True, slots=True)
class JournalConsulted:
    """Somebody whose office it is asked the journal something; `what` is a page of it, or a file."""

    question: JournalQuestion
    what: str
    by: Subject
    at: Instant

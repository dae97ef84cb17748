"""What can happen to a note from one shift to the next."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.handover_notes import HandoverNote
from belvedere.domain.record import Subject


@dataclass(frozen=True, slots=True)
class NoteWritten:
    """A note was left for the next shift."""

    note: HandoverNote
    by: Subject


@dataclass(frozen=True, slots=True)
class NoteRead:
    """The next shift has read a note."""

    note: HandoverNote
    by: Subject
    at: Instant

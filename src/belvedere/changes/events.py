"""What can happen to an operational event."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.events import Event
from belvedere.domain.record import ConventionRef, Subject


@dataclass(frozen=True, slots=True)
class EventOpened:
    """An event began."""

    event: Event
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class EventAmended:
    """An event's words were completed."""

    event: Event
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class EventClosed:
    """An event ended; `event` says when."""

    event: Event
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class EventKept:
    """An event has another keeper, by a relief; the reliefs of its pictures are the record."""

    event: Event

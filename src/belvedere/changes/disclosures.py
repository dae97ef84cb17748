"""What an event's party tells the owner of a camera that the event opened, and what the owner keeps of it."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.disclosures import Disclosure, ToldEvent
from belvedere.domain.ids import EventId, PartyId
from belvedere.domain.record import ConventionRef, Subject


@dataclass(frozen=True, slots=True)
class MotiveDisclosed:
    """A version of an event's words is owed to an owner; the records of the event and of the viewing say why."""

    disclosure: Disclosure


@dataclass(frozen=True, slots=True)
class DisclosureTaken:
    """An owner recorded a version: it is owed no more."""

    owner: PartyId
    event: EventId
    number: int


@dataclass(frozen=True, slots=True)
class MotiveReceived:
    """Another party told a version of its event's words; `evidence` is what it signed."""

    told: ToldEvent
    by: Subject
    at: Instant
    convention: ConventionRef | None
    evidence: tuple[str, ...]

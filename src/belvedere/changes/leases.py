"""What can happen to a lease: one agent's right to steer one camera, from the asking to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from belvedere.domain.authorisations import Authorisation
from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue
from belvedere.domain.ids import CameraId, EventId, PartyId, Pseudonym
from belvedere.domain.leases import Lease, LeaseEnding, OwedNotice
from belvedere.domain.record import ConventionRef, EventRef, Subject
from belvedere.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class LeaseAsked:
    """A lease is asked for, and waits: for the owner's word (`authorisation`, of `asked_of`), or for the holder's answer."""

    lease: Lease
    authorisation: Authorisation | None
    asked_of: tuple[Role, ...]
    convention: ConventionRef
    event: EventRef | None


@dataclass(frozen=True, slots=True)
class LeaseGranted:
    """A camera may be steered under this lease. `notice` is owed where the owner's room is not active.

    `notified`: the room is active, and is told of it by this (rules A10).
    """

    lease: Lease
    convention: ConventionRef
    event: EventRef | None
    notice: OwedNotice | None = None
    notified: bool = False


@dataclass(frozen=True, slots=True)
class LeaseContinued:
    """A running lease goes on under another regime, or by another authorisation: the room closed, or opened."""

    lease: Lease
    at: Instant
    convention: ConventionRef
    event: EventRef | None
    notice: OwedNotice | None = None
    notified: bool = False


@dataclass(frozen=True, slots=True)
class LeaseProlonged:
    """A lease was decided or asked for again: its term, or its longest duration, is another."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class LeaseRelieved:
    """A lease changed hands; `lease` is the relief's. `former` is None where an agent relieved itself."""

    lease: Lease
    former: Pseudonym | None
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class LeaseEnded:
    """A lease, held or only asked for, is over; `facts` are those that the rule which ended it read."""

    lease: Lease
    ending: LeaseEnding
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None
    facts: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeaseMoved:
    """How often a camera was turned under a lease that is over: the movements themselves stand in no record."""

    lease: Lease
    first: Instant
    last: Instant
    count: int
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class CameraReturned:
    """A camera that a partner turned goes back to its rest position; `for_event` is the event for which it was turned."""

    camera: CameraId
    party: PartyId
    for_event: EventId
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None


@dataclass(frozen=True, slots=True)
class CameraStays:
    """Somebody has such a camera stay where it looks."""

    camera: CameraId
    party: PartyId
    for_event: EventId
    by: Subject
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None

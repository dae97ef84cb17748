"""What the owner's direction declares, suspends and confirms."""

from dataclasses import dataclass
from datetime import date

from belvedere.domain.centre import CentreState, HoursVaried
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, ViewingId
from belvedere.domain.record import ConventionRef, Subject
from belvedere.domain.suspensions import Suspension


@dataclass(frozen=True, slots=True)
class StreamSuspended:
    """A camera's flow to a party is suspended; `ended` are the viewings that it ended, any of which names it."""

    suspension: Suspension
    ended: tuple[ViewingId, ...]
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class SuspensionLifted:
    """The camera may flow to the party again."""

    suspension: Suspension
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class RoomDeclared:
    """The owner's room was declared inactive, or active again."""

    centre: CentreState
    reason: str
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class AuthorisationDeclared:
    """The prefect's authorisation was withdrawn, or given again, by an act."""

    centre: CentreState
    act: str
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class HoursAnnounced:
    """Other hours were announced for one day; None for the usual ones again."""

    day: date
    varied: HoursVaried | None
    reason: str
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class LogConfirmed:
    """The director answers for this node's journal as it stands, which no witness has seen since the start."""

    reason: str
    by: Subject
    at: Instant


@dataclass(frozen=True, slots=True)
class OrderConfirmed:
    """The director confirmed watching a camera whose order has ended."""

    camera: CameraId
    act: str
    by: Subject
    at: Instant
    convention: ConventionRef | None

"""The right to steer one camera for a time: who has it or waits for it, on what it rests, and how it ends."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import (
    AgentId,
    ArticleRef,
    AuthorisationId,
    CameraId,
    EventId,
    LeaseId,
    NoticeId,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.text import Text

LEASE_MAX_S = 30 * 60.0
"""A partner's lease lasts no longer, unless its holder renews it with one key."""
LEASE_IDLE_S = 120.0
"""Without a movement for this long a lease is over; an own one too, while no steering socket speaks for it."""
HEARTBEAT_S = 3.0
"""A partner's lease is over once its viewing's media socket has been gone for this long (reliability 11)."""
ANSWER_S = 10.0
"""How long a holder is asked for; then, and after as long without a movement, silence is a yes."""
MORE_S = 30.0
"""How much longer a holder keeps the camera who asks for more."""


class Rank(IntEnum):
    """Who comes before whom at one camera; equals ask each other (rules A12, A14, B7)."""

    OTHER_SERVICE = 0
    FIRST_SERVICE = 1
    """The service that the convention puts first among its party's."""
    OWN_ROOM = 2
    OWN_CHIEF = 3
    """The owner's room chief, or its director."""

    @property
    def is_own(self) -> bool:
        """Whether it is the camera's owner's own room."""
        return self >= Rank.OWN_ROOM


class LeaseRegime(StrEnum):
    """On what a lease rests (rules A10, A11, A12, A13)."""

    OWN = "own"
    AUTHORISED = "authorised"
    NOTIFIED = "notified"
    CLOSED = "closed"
    """Granted while the owner's room was not active: a notice is owed."""
    CONTINUED = "continued"
    """Granted so, and goes on since the room is active, which is told."""
    SHARED = "shared"
    """The convention lets the party steer at any hour."""


class Awaits(StrEnum):
    """For whose answer a lease that is only asked waits."""

    AUTHORISATION = "authorisation"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True)
class Lease:
    """One agent's right to steer one camera; only asked for while `awaits` says for whom it waits.

    `viewing` is None in the own room, which may watch elsewhere; a partner never steers blind. `since` is when it was
    granted, `regime_since` when under its present regime; None while asked. `fence` is higher than that of every lease of
    the camera before it.
    """

    id: LeaseId
    camera: CameraId
    party: PartyId
    service: ServiceId
    agent: AgentId
    pseudonym: Pseudonym
    agent_label: str
    station: StationId
    session_sha256: bytes
    rank: Rank
    regime: LeaseRegime
    event: EventId | None
    viewing: ViewingId | None
    asked_at: Instant
    awaits: Awaits | None = None
    since: Instant | None = None
    regime_since: Instant | None = None
    valid_until: Instant | None = None
    authorisation: AuthorisationId | None = None
    articles: tuple[ArticleRef, ...] = ()
    fence: int = 0
    renewed: int = 0
    """How often its holder asked for it again: each begins the longest duration anew."""
    renewed_at: Instant | None = None
    notices: int = 0
    """How many notices were born of it: one each time that it was granted while the room was not active."""

    @property
    def is_held(self) -> bool:
        """Whether it was granted."""
        return self.awaits is None


@dataclass(frozen=True, slots=True)
class LeaseEnding:
    """How and why a lease, or the asking for one, is over. `by` is the service on whose account, where one is."""

    cause: Cause
    articles: tuple[ArticleRef, ...]
    reason: Text
    remedy: Text | None = None
    by: ServiceId | None = None


@dataclass(frozen=True, slots=True)
class LeaseOver:
    """What is kept of a lease that is over: its holder's late command is answered with it for ever after."""

    id: LeaseId
    camera: CameraId
    party: PartyId
    cause: Cause
    articles: tuple[ArticleRef, ...]
    at: Instant
    authorisation: AuthorisationId | None = None
    """The owner's word on which it rested, or for which it waited."""


@dataclass(frozen=True, slots=True)
class OwedNotice:
    """A notice that a takeover outside the room's activity makes due (rules A13); `until` is None while it goes on.

    Stored as owed, by its debtor and its addressee; it is written and sent elsewhere.
    """

    id: NoticeId
    lease: LeaseId
    camera: CameraId
    event: EventId | None
    from_party: PartyId
    to_party: PartyId
    since: Instant
    due: Instant | None
    articles: tuple[ArticleRef, ...]
    until: Instant | None = None

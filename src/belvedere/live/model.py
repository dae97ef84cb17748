"""Events, viewings, suspensions: the facts that live keeps."""

from dataclasses import dataclass
from datetime import date, time

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import (
    AgentId,
    ArticleRef,
    CameraId,
    EventId,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import EventKind, SuspensionGround


@dataclass(frozen=True, slots=True)
class Event:
    """An operational event of a party: what a viewing is for (vda-etat, article 3).

    Its keeper is its opener, then whoever relieved its keeper. The opener stays on record, and may come back to it.
    """

    id: EventId
    party: PartyId
    kind: EventKind
    opened_at: Instant
    opened_by: AgentId
    opened_by_pseudonym: Pseudonym
    kept_by: AgentId
    kept_by_pseudonym: Pseudonym
    sector: str | None = None
    motive: str | None = None
    dispatch_number: str | None = None
    closed_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether the event still runs."""
        return self.closed_at is None

    def belongs_to(self, agent: AgentId) -> bool:
        """Return whether the agent opened the event, or keeps it since a relief."""
        return agent in (self.opened_by, self.kept_by)


@dataclass(frozen=True, slots=True)
class Viewing:
    """One agent at one station watching one camera, for one event."""

    id: ViewingId
    camera: CameraId
    party: PartyId
    service: ServiceId
    agent: AgentId
    pseudonym: Pseudonym
    agent_label: str
    station: StationId
    event: EventId | None
    purpose: str | None
    since: Instant
    valid_until: Instant | None
    session_sha256: bytes
    articles: tuple[ArticleRef, ...] = ()
    slot: int | None = None
    """Which of its party's slots the camera takes, from 1; None where nothing bounds how many flow."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """The director's end of one camera's flow to one party, until lifted (vda-etat, article 3, a reading)."""

    camera: CameraId
    party: PartyId
    ground: SuspensionGround
    reason: str
    since: Instant
    by_role: str
    by_label: str
    viewing: ViewingId


@dataclass(frozen=True, slots=True)
class WatchedCamera:
    """What live needs of a camera; the inventory keeps the rest."""

    id: CameraId
    owner: PartyId
    commune: str
    zone: str
    camera_class: str
    authorised_until: date | None
    ptz: bool


@dataclass(frozen=True, slots=True)
class HoursVaried:
    """Other hours that the owner announced for one day on which its hours may be varied (FACTS A3)."""

    day: date
    open: time
    close: time
    reason: str


@dataclass(frozen=True, slots=True)
class ConventionText:
    """A convention's text as it was put in force, with what was told about its term since."""

    id: str
    sha256: str
    markdown: bytes
    signatures: str
    since: Instant


@dataclass(frozen=True, slots=True)
class TermTold:
    """A non-renewal or an express renewal that one party told the other, by an act of that day."""

    convention: str
    kind: str
    on: date
    act: str


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """A word from one shift of a room (a party's service) to the next, until somebody else of it has read it."""

    id: str
    party: PartyId
    service: ServiceId
    station_label: str
    agent: AgentId
    agent_label: str
    at: Instant
    words: str


@dataclass(frozen=True, slots=True)
class CentreState:
    """What was declared about the owner's centre and about the prefect's authorisation."""

    inactive: bool = False
    authorisation_withdrawn: bool = False


class CloseCode(int):
    """A WebSocket close code of CONTRACT, Media."""


CLOSED_BY_AGENT = CloseCode(1000)
REVOKED = CloseCode(4403)
EXPIRED = CloseCode(4408)
PREEMPTED = CloseCode(4409)
UNREAD = CloseCode(4410)
SOURCE_LOST = CloseCode(4503)


@dataclass(frozen=True, slots=True)
class Ending:
    """How and why a viewing ends: code for the socket, cause for the record, words for the person.

    `by` is the service that took the stream, where one did.
    """

    cause: Cause
    code: CloseCode
    articles: tuple[ArticleRef, ...]
    reason: Text
    remedy: Text | None = None
    by: ServiceId | None = None

"""Running viewings, and how they end."""

from dataclasses import dataclass

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
from belvedere.domain.peer_requests import Attested
from belvedere.domain.text import Text


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
    asked: int = 1
    """How often it was asked for: one that nobody waited for any more is not ended once somebody asked again."""
    attested: Attested | None = None
    """What its agent's own node vouched for, which holds it; None for an agent of this node, with a session here."""


class CloseCode(int):
    """A WebSocket close code (api, Media)."""


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

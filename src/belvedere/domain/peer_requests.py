"""What one node asks of another and is answered, about one viewing. The words of both stand in both parties' records.

No member holds a name, a number of a call or a note: of the agent the pseudonym crosses, of the event its kind and by which
hash its motive is known.
"""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef, CameraId, EventId, PartyId, Pseudonym, ServiceId, StationId, ViewingId
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action, Verdict


@dataclass(frozen=True, slots=True)
class EventTold:
    """The event that a viewing is for, as its party tells of it. An unknown kind stays a plain word and counts as none."""

    id: EventId
    kind: str
    motive_sha256: str | None


@dataclass(frozen=True, slots=True)
class Attested:
    """What an agent's own node says of it when it asks; whether that opens anything, the camera's owner decides."""

    habilitated: bool
    station_registered: bool
    habilitated_until: Instant | None = None
    event_kind: str | None = None
    motive_given: bool = False


@dataclass(frozen=True, slots=True)
class OpenAsked:
    """An agent of another party wants to see a camera. The viewing's id is the asking node's, and the same on both."""

    viewing: ViewingId
    action: Action
    camera: CameraId
    service: ServiceId
    agent: Pseudonym
    station: StationId
    habilitated: bool
    habilitated_until: Instant | None
    station_registered: bool
    event: EventTold | None
    purpose: str | None
    joined: bool = False
    """Its camera flows to the asking party already, so its node showed it at once: the owner decides again, and may end it."""

    @property
    def attested(self) -> Attested:
        """What the asking node vouches for."""
        event = self.event
        return Attested(
            habilitated=self.habilitated,
            station_registered=self.station_registered,
            habilitated_until=self.habilitated_until,
            event_kind=None if event is None else event.kind,
            motive_given=event is not None and event.motive_sha256 is not None,
        )


@dataclass(frozen=True, slots=True)
class HolderTold:
    """A slot that is taken: the camera, and who of the asking party watches it."""

    camera: CameraId
    services: tuple[ServiceId, ...]
    since: Instant


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """What the camera's owner decided. `cause`, words and `holders` where it refused; slots as the owner counts them."""

    viewing: ViewingId
    verdict: Verdict
    articles: tuple[ArticleRef, ...]
    valid_until: Instant | None = None
    cause: str | None = None
    reason: Text | None = None
    remedy: Text | None = None
    slot: int | None = None
    slots_used: int = 0
    slots: int | None = None
    holders: tuple[HolderTold, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewingOver:
    """A viewing ended at the node that tells it, and how; `by` is the service that took the stream, where one did.

    Told by the owner, its pictures stop: it is the last word. Told by the other party, nobody watches any more.
    """

    viewing: ViewingId
    cause: str
    code: int
    articles: tuple[ArticleRef, ...]
    reason: Text
    remedy: Text | None
    by: ServiceId | None


@dataclass(frozen=True, slots=True)
class Watching:
    """Who watches a viewing now, as the node of its party lists it with each renewal: a relief takes over what runs."""

    viewing: ViewingId
    agent: Pseudonym


@dataclass(frozen=True, slots=True)
class OwnerAsked:
    """Whose camera it is, and what is asked of it."""

    owner: PartyId
    asked: OpenAsked


@dataclass(frozen=True, slots=True)
class OwnerTold:
    """What an owner is told of a viewing that runs already."""

    owner: PartyId
    joined: OpenAsked


@dataclass(frozen=True, slots=True)
class OwnerAnswered:
    """The owner's answer, with what was asked, both as they were signed."""

    answer: OpenAnswer
    evidence: tuple[str, str]
    jti: str
    kept_until_s: int
    at_s: int


@dataclass(frozen=True, slots=True)
class OwnerAway:
    """The owner's node did not answer in time, or is not reached; `question` is what was sent, if anything was."""

    said: Text
    question: str | None = None

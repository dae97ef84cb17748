"""The owner's word that lets a partner steer while its room is active: asked for, given, refused, withdrawn (rules A11)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.ids import (
    AgentId,
    AuthorisationId,
    CameraId,
    EventId,
    LeaseId,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
)
from belvedere.domain.vocabulary import Role

GIVEN_FOR = timedelta(hours=1)
"""For how long a word is given that says no term."""
GIVEN_FOR_MAX = timedelta(hours=12)
"""For how long at most: it is for one operational event."""
ORAL_AGE_MAX = timedelta(minutes=15)
"""How old a word given orally may be when it is written down."""
ESCALATES_AFTER = timedelta(seconds=20)
"""How long each of those who are asked has before the next is asked too; after the last, the telephone."""


DEPUTY_FOR_MAX = timedelta(days=366)
"""For how long at most the director names a deputy."""


class AuthorisationState(StrEnum):
    """What became of the asking."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DENIED = "denied"
    """It was written down as given orally, and its giver says that it was not."""
    OVER = "over"
    """Nobody waits for it any more: its lease was given up, or its event closed."""


class AuthorisationScope(StrEnum):
    """Which cameras a word covers: the one that was asked for, or any that the event needs."""

    CAMERA = "camera"
    EVENT = "event"


class AnswerGround(StrEnum):
    """Why the owner refuses its word, or takes it back: a closed set, which the asker reads. What is typed stays with the owner."""

    CREW_ENGAGED = "crew-engaged"
    ROOM_STEERS = "room-steers"
    """The owner's room turns the camera itself."""
    OTHER = "other"


class Channel(StrEnum):
    """How a word was given that was not given on a screen."""

    PHONE = "phone"
    RADIO = "radio"
    IN_PERSON = "in-person"


@dataclass(frozen=True, slots=True)
class OralWord:
    """A word given by voice, as somebody else wrote it down. `confirmed` is None until its giver says so, or not so."""

    channel: Channel
    at: Instant
    recorder: Pseudonym
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What was asked for one camera, and the owner's answer to it."""

    id: AuthorisationId
    lease: LeaseId
    camera: CameraId
    party: PartyId
    service: ServiceId
    station: StationId
    event: EventId
    asked_at: Instant
    state: AuthorisationState = AuthorisationState.ASKED
    scope: AuthorisationScope = AuthorisationScope.CAMERA
    until: Instant | None = None
    giver: Pseudonym | None = None
    giver_role: Role | None = None
    reason: str | None = None
    oral: OralWord | None = None
    ground: AnswerGround | None = None
    """Why it was refused or withdrawn."""
    withdrawn_by_role: Role | None = None

    def covers(self, *, party: PartyId, camera: CameraId, event: EventId, at: Instant) -> bool:
        """Return whether it lets `party` steer `camera` for `event` at `at`."""
        if self.state is not AuthorisationState.GIVEN or self.until is None or at >= self.until:
            return False
        in_scope = self.scope is AuthorisationScope.EVENT or self.camera == camera
        return self.party == party and self.event == event and in_scope

    @property
    def is_unconfirmed(self) -> bool:
        """Whether it was given orally, and its giver has not confirmed it yet: it stands on the handover page."""
        return self.state is AuthorisationState.GIVEN and self.oral is not None and self.oral.confirmed is None


@dataclass(frozen=True, slots=True)
class CrewEngaged:
    """The room chief's mark that a crew of the owner's is engaged at a camera: the officer sees it before asking."""

    camera: CameraId
    since: Instant
    by: Pseudonym


@dataclass(frozen=True, slots=True)
class Deputy:
    """An agent of the owner's whose word counts as the director's until `until`, named so by the director (a reading)."""

    agent: AgentId
    pseudonym: Pseudonym
    until: Instant
    by: Pseudonym

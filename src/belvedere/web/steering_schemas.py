"""Bodies of the routes on steering and on the owner's authorisations."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from belvedere.domain.authorisations import AnswerGround, AuthorisationScope, AuthorisationState, Channel
from belvedere.domain.looks import LookState
from belvedere.domain.vocabulary import EventKind, Role
from belvedere.ptz.arbitration import HoldersAnswer
from belvedere.web.schemas import Id, In, ObligationOut, Out, Words

Share = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
"""A share of the greatest speed, or of half the picture."""


class MoveIn(In):
    """How fast to turn; for half a second, unless it is repeated."""

    pan: Share
    tilt: Share
    zoom: Share


class SteeringFrameIn(MoveIn):
    """One movement on the steering socket: by which fence, and after which frame."""

    fence: Annotated[int, Field(ge=0, le=2**53)]
    seq: Annotated[int, Field(ge=0, le=2**53)]


class GoToIn(In):
    """A preset, or a point of the picture that is to come to its centre."""

    preset: Id | None = None
    x: Share | None = None
    y: Share | None = None
    zoom: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def one_of_the_two(self) -> Self:
        """Refuse both, and half of a point."""
        point = self.x is not None and self.y is not None
        if (self.preset is None) is not point or (self.x is None) is not (self.y is None):
            raise ValueError("a preset, or a point of the picture (x and y)")
        return self


class PresetOut(Out):
    """A named place that a camera keeps, and the token that it is called by."""

    token: str
    name: str


class SteerableOut(Out):
    """What the camera can be told: a screen hides the rest."""

    pan_tilt: bool
    zoom: bool
    picture_points: bool
    presets: list[PresetOut]


class AnswerIn(In):
    """What a holder answers to a colleague."""

    answer: HoldersAnswer


class LeaseOut(Out):
    """A lease: held, or asked for (202), then with whom it waits for."""

    id: str
    camera: str
    state: Literal["held", "asked"]
    articles: list[str]
    until: datetime | None
    obligations: list[ObligationOut]
    authorisation: str | None
    asked_of: list[Role]


class LeaseSeenOut(Out):
    """Who steers a camera, or asks to; `agent` is a pseudonym where the agent is another party's."""

    id: str
    camera: str
    party: str
    service: str
    agent: str
    event: str | None
    state: Literal["held", "asked"]
    since: datetime | None
    until: datetime | None
    mine: bool


class AwayCameraOut(Out):
    """A camera that looks where a partner's lease left it. `at`: when it goes back; null while it is watched for that event."""

    camera: str
    party: str
    event: str
    at: datetime | None


class AlarmOut(Out):
    """A camera that may still turn although it was stopped; `texts` say so in both languages."""

    camera: str
    texts: dict[str, str]


class LeasesOut(Out):
    """Who steers and who asks; `crews` are the cameras at which a crew of the owner's is engaged.

    `away` are those that go back to their rest position, `alarms` what the owner's room has to see to.
    """

    items: list[LeaseSeenOut]
    crews: list[str]
    away: list[AwayCameraOut]
    alarms: list[AlarmOut]


class AuthorisationEventOut(Out):
    """The event for which an authorisation is asked."""

    id: str
    kind: EventKind
    motive: str | None
    sector: str | None


class AuthorisationOut(Out):
    """An authorisation that is asked for, or was given. `asked_of`: by now; `telephone`: nobody answered, and one calls.

    `deputies`: the director's are asked by now. `yours`: the reader's word counts for it, whether or not it is asked yet.
    """

    id: str
    lease: str
    camera: str
    party: str
    service: str
    station: str
    event: AuthorisationEventOut | None
    asked_at: datetime
    scope: AuthorisationScope
    until: datetime | None
    state: AuthorisationState
    asked_of: list[Role]
    telephone: bool
    deputies: bool
    yours: bool
    unconfirmed: bool


class AuthorisationsOut(Out):
    """What is asked of the owner, and what it gave."""

    items: list[AuthorisationOut]


class CoveredOut(Out):
    """One takeover that a notice tells; `until` is null while it goes on."""

    camera: str
    sector: str
    from_: datetime = Field(serialization_alias="from")
    until: datetime | None
    event: str | None
    motive: str | None


class NoticeOut(Out):
    """A notice that an article makes due. It is written and sent elsewhere: until then `subject` and `text` are null."""

    id: str
    kind: Literal["ptz-after"]
    articles: list[str]
    state: Literal["due", "overdue"]
    due: datetime | None
    from_party: str
    to_party: str
    subject: str | None
    text: str | None
    covers: list[CoveredOut]
    message_id: str | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class NoticesOut(Out):
    """What is owed by the reader's party, and to it."""

    items: list[NoticeOut]


class LookIn(In):
    """What the owner's room is to look at: at which camera, or towards which place, for which event."""

    camera: Id | None = None
    position: (
        tuple[
            Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)],
            Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)],
        ]
        | None
    ) = None
    target: Words
    event: Id

    @model_validator(mode="after")
    def somewhere(self) -> Self:
        """Refuse what names neither a camera nor a place."""
        if self.camera is None and self.position is None:
            raise ValueError("a camera, or a position (longitude, latitude)")
        return self


class LookPatchIn(In):
    """What the owner's room makes of it."""

    state: Literal["accepted", "declined", "done"]
    note: Words | None = None


class LookOut(Out):
    """A look that was asked for; `position` is longitude and latitude."""

    id: str
    camera: str | None
    position: tuple[float, float] | None
    target: str
    party: str
    service: str
    station: str
    event: AuthorisationEventOut
    asked_at: datetime
    state: LookState
    note: str | None
    answered_at: datetime | None


class LooksOut(Out):
    """What was asked of the owner's room for events that go on, oldest first."""

    items: list[LookOut]


class LookIdOut(Out):
    """The id of a look."""

    id: str


class SteeringOut(Out):
    """All four lists, as the screens that follow are told them."""

    leases: LeasesOut
    authorisations: AuthorisationsOut
    notices: NoticesOut
    looks: LooksOut


class AuthorisationAnswerIn(In):
    """The owner's answer: for the camera or the event's cameras, until when; a refusal may say why.

    The asker reads the ground; `reason` stays with the owner.
    """

    verdict: Literal["granted", "refused"]
    scope: AuthorisationScope = AuthorisationScope.CAMERA
    until: AwareDatetime | None = None
    reason: Words | None = None
    ground: AnswerGround | None = None


class OralAuthorisationIn(In):
    """One given by voice: to whose request, by whom (login, or role where one alone has it on duty), how and when."""

    lease_request: Id
    given_by: Id
    channel: Channel
    at: AwareDatetime
    scope: AuthorisationScope = AuthorisationScope.CAMERA
    until: AwareDatetime | None = None


class AuthorisationPatchIn(In):
    """What was given is taken back."""

    state: Literal["withdrawn"]
    reason: Words | None = None
    ground: AnswerGround | None = None


class ConfirmationIn(In):
    """Whether its giver gave it."""

    confirmed: bool


class AuthorisationIdOut(Out):
    """The id of an authorisation."""

    id: str


class DeputyIn(In):
    """Until when."""

    until: AwareDatetime


class DeputyOut(Out):
    """Whose word counts as the director's, until when."""

    agent: str
    label: str
    until: datetime


class DeputiesOut(Out):
    """Whom the director named, their terms past or not."""

    items: list[DeputyOut]

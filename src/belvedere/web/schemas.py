"""Bodies of the API, as OpenAPI describes them. Pydantic lives here, at the edge, and nowhere inside."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from belvedere.domain.vocabulary import Action, EventKind, Purpose, Role, SuspensionGround

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class In(BaseModel):
    """A body that comes in: unknown members are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(frozen=True)


class LoginIn(In):
    """Who signs in, and at which station."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    station: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class AgentOut(Out):
    """The signed-in agent, as its own screens show it."""

    label: str
    pseudonym: str
    party: str
    service: str
    role: Role


class StationOut(Out):
    """A viewing station."""

    id: str
    label: str


class SessionOut(Out):
    """The session: who, where, on whose node."""

    agent: AgentOut
    station: StationOut
    party: str
    language: Literal["fr", "en"]


class PointOut(Out):
    """A GeoJSON point, longitude then latitude, degrees."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class CameraPropertiesOut(Out):
    """What the screens know of a camera. Angles in degrees, range in metres."""

    id: str
    number: int
    name: str
    owner: str
    commune: str
    sector: str
    zone: str
    street: str
    camera_class: str = Field(serialization_alias="class")
    ptz: bool
    heading_deg: float
    fov_deg: float
    range_m: float
    state: Literal["ok", "lost", "maintenance"]
    authorised_until: date | None


class CameraOut(Out):
    """A camera as a GeoJSON feature."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: PointOut
    properties: CameraPropertiesOut


class CamerasOut(Out):
    """All cameras, as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CameraOut]


class EventIn(In):
    """An event: its kind at once, words may follow."""

    kind: EventKind
    sector: Words | None = None
    motive: Words | None = None
    dispatch_number: Words | None = None


class EventPatch(In):
    """What is added to an event, or its end."""

    motive: Words | None = None
    sector: Words | None = None
    dispatch_number: Words | None = None
    state: Literal["open", "closed"] | None = None


class EventOut(Out):
    """An event of one's own party."""

    id: str
    kind: EventKind
    state: Literal["open", "closed"]
    sector: str | None
    motive: str | None
    dispatch_number: str | None
    opened_at: datetime
    opened_by: str
    party: str
    motive_owed: bool


class EventsOut(Out):
    """Events of one's own party, newest first."""

    items: list[EventOut]


class StreamIn(In):
    """A camera to open, for an event; the owner's own room may leave the event out."""

    camera: Id
    event: Id | None = None
    purpose: Purpose | None = None


class StreamOut(Out):
    """An open stream. `media_url` holds a single-use ticket that lives 30 s."""

    id: str
    camera: str
    media_url: str
    slot: int | None
    slots: int | None
    slots_used: int | None
    articles: list[str]
    valid_until: datetime | None


class ViewingEventOut(Out):
    """The event that a viewing is for."""

    id: str
    kind: EventKind
    motive: str | None
    dispatch_number: str | None
    sector: str | None


class ViewingOut(Out):
    """A running viewing; `agent` is a pseudonym where the agent is another party's."""

    id: str
    camera: str
    party: str
    service: str
    agent: str
    station: str
    event: ViewingEventOut | None
    purpose: str | None
    since: datetime
    valid_until: datetime | None
    mine: bool


class HolderOut(Out):
    """One slot: the camera, who watches it, since when."""

    camera: str
    services: list[str]
    since: datetime


class SlotsOut(Out):
    """The slots of one party."""

    party: str
    used: int
    total: int
    holders: list[HolderOut]


class SuspensionOut(Out):
    """A suspended flow."""

    camera: str
    party: str
    ground: SuspensionGround
    reason: str
    since: datetime
    viewing: str


class StreamsOut(Out):
    """What is watched now, as far as the asker's party may see it."""

    items: list[ViewingOut]
    slots: list[SlotsOut]
    suspensions: list[SuspensionOut]


class SuspensionIn(In):
    """The director's ground and reason."""

    ground: SuspensionGround
    reason: Words


class LeaseIn(In):
    """A camera to steer, for an event."""

    camera: Id
    event: Id | None = None


class PreviewIn(In):
    """A question to the same engine, before the click."""

    action: Action
    camera: Id
    event: Id | None = None
    purpose: Purpose | None = None


class ObligationOut(Out):
    """Something that a grant makes due."""

    kind: str
    due: datetime | None


class DecisionOut(Out):
    """A decision, as `belvedere decide` answers it."""

    verdict: Literal["granted", "refused", "pending"]
    articles: list[str]
    obligations: list[ObligationOut]
    valid_until: datetime | None
    reason: str
    remedy: str | None
    preempts: list[str]


class ConventionOut(Out):
    """The convention in force here."""

    id: str
    title: str
    sha256: str
    in_force_from: date
    regime: str | None
    parties: list[str]
    quota: int | None
    authorisation_withdrawn: bool


class WithdrawalIn(In):
    """The act by which the prefect's authorisation is withdrawn, or given again."""

    withdrawn: bool
    act: Words


class HabilitationOut(Out):
    """An agent of one's own party and its habilitation."""

    agent: str
    label: str
    role: Role
    service: str
    act: str | None
    since: date | None
    until: date | None


class HabilitationsOut(Out):
    """The agents of one's own party."""

    items: list[HabilitationOut]


class JournalOut(Out):
    """Records of the ledger, newest first."""

    items: list[dict[str, object]]


class ProblemOut(Out):
    """RFC 9457 problem, with the articles that carry a refusal and the one useful way out."""

    type: str
    title: str
    status: int
    detail: str
    articles: list[str]
    remedy: str | None
    cause: str

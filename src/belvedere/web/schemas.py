"""Bodies of the API, as OpenAPI describes them. Pydantic lives here, at the edge, and nowhere inside."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from belvedere.domain.causes import Cause
from belvedere.domain.journal import JournalState
from belvedere.domain.source_causes import SourceCause
from belvedere.domain.untrusted_text import YEARS
from belvedere.domain.vocabulary import Action, EventKind, Purpose, Role, SuspensionGround, Verdict

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""No control characters, and nothing that any program takes for the end of a line."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=ONE_LINE)]
"""Words of a person on one line. Marks of direction are let through: screens keep them apart from what stands beside."""
Day = Annotated[date, Field(ge=date(YEARS[0], 1, 1), le=date(YEARS[-1], 12, 31))]
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


class ProblemWordsOut(Out):
    """A problem's sentences in one language."""

    title: str
    detail: str
    remedy: str | None


class SessionClosedOut(Out):
    """Why a session is closed although nobody left it: what its agent lacks, the articles, and the words by language."""

    cause: Cause
    articles: list[str]
    texts: dict[str, ProblemWordsOut]


class SessionOut(Out):
    """The session: who, where, on whose node; `ends_at` is when it ends unless the agent gives its PIN again.

    `closed` says why everything else is refused to it; null while its agent's standing is whole.
    """

    agent: AgentOut
    station: StationOut
    party: str
    language: Literal["fr", "en"]
    ends_at: datetime
    closed: SessionClosedOut | None = None


class TextOut(Out):
    """Words in both languages."""

    fr: str
    en: str


class ServiceNameOut(Out):
    """What a service is called where its id in capital letters is not its name."""

    id: str
    name: str


class PartyNamesOut(Out):
    """What people call a party, its room, its services and who directs it.

    `short` is for headings; `called` and `director` carry their article, for sentences.
    """

    id: str
    short: TextOut
    called: TextOut
    room: str
    director: TextOut
    services: list[ServiceNameOut]


class NodeOut(Out):
    """Whose node this is, whom to call when one cannot sign in, its wall clock, and what the parties are called."""

    party: str
    name: str
    contact: str | None
    zone: str
    parties: list[PartyNamesOut]


class ReliefIn(In):
    """Who relieves whom at a station where the pictures stay."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    pin: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class StationIn(In):
    """A station to register; `until` is its last day, for one that is a station for a time."""

    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=ONE_LINE)]
    until: date | None = None


class StationStateOut(Out):
    """A station, whose it is, its last day where it is one for a time, and whether the requester may end it."""

    id: str
    label: str
    party: str
    service: str | None
    ended_at: datetime | None
    until: date | None
    may_end: bool


class StationsOut(Out):
    """The stations of one's own party; in the owner's room its partners' after them."""

    items: list[StationStateOut]


class RegisteredOut(Out):
    """A station just registered, with its enrolment secret, shown this once."""

    id: str
    label: str
    secret: str


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
    width_px: int | None
    state: Literal["ok", "lost", "maintenance"]
    cause: SourceCause | None
    """Why it is lost, where it is."""
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
    """An event of one's own party; its opener, and its keeper since a relief, by pseudonym and as the room calls them."""

    id: str
    kind: EventKind
    state: Literal["open", "closed"]
    sector: str | None
    motive: str | None
    dispatch_number: str | None
    opened_at: datetime
    opened_by: str
    opened_by_label: str
    kept_by: str
    kept_by_label: str
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


class SaidOut(Out):
    """A sentence in both languages."""

    fr: str
    en: str


class ViewingEventOut(Out):
    """The event that a viewing is for; `motive_to_come`: its party's node has not told the motive yet."""

    id: str
    kind: EventKind
    motive: str | None
    dispatch_number: str | None
    sector: str | None
    motive_to_come: bool


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
    """What is watched now, as far as the requester's party may see it."""

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


class DecisionWordsOut(Out):
    """A decision's sentences in one language."""

    reason: str
    remedy: str | None


class DecisionOut(Out):
    """A decision, as `belvedere decide` answers it; `offered` is whether this system can carry it out yet.

    `cause` is a refusal's, as a code; `texts` has its sentences by language. `as_of`: when the node of the camera's owner last
    answered, null for a camera of this node's own.
    """

    verdict: Literal["granted", "refused", "pending"]
    articles: list[str]
    obligations: list[ObligationOut]
    valid_until: datetime | None
    reason: str
    remedy: str | None
    preempts: list[str]
    offered: bool
    cause: Cause | None
    as_of: datetime | None
    texts: dict[str, DecisionWordsOut]


class CouldWatchOut(Out):
    """What a service would be answered for a camera now; `service` is null for any that the convention does not name.

    `kinds` and `purposes` are the events and purposes for which that is so; none where none is asked.
    """

    party: str
    service: str | None
    verdict: Literal["granted", "refused", "pending"]
    kinds: list[EventKind]
    purposes: list[str]
    articles: list[str]
    valid_until: datetime | None
    preempts: list[str]
    texts: dict[str, DecisionWordsOut]


class WhoCouldWatchOut(Out):
    """Every service of every party, the owner's first, supposing its agent habilitated, at a registered station."""

    camera: str
    items: list[CouldWatchOut]


class ReadingOut(Out):
    """A rule that is a reading of the text: the other reading there is, and who chose this one."""

    alternative: str
    approved_by: str


class PartyOut(Out):
    """A party of the convention, its room and its services; `other_services`: those not named belong to it too."""

    id: str
    name: str
    room: str
    services: list[str]
    other_services: bool


class TwelveWordsOut(Out):
    """The twelve words of a text and its keys, which two people read to each other, in either language."""

    fr: list[str]
    en: list[str]


class ConventionOut(Out):
    """The convention in force here; `regime_reading` is given where its regime of takeover is a reading.

    `words` are those of its text and the keys that it pins, None for a draft.
    """

    id: str
    title: str
    sha256: str
    words: TwelveWordsOut | None
    in_force_from: date
    regime: str | None
    regime_reading: ReadingOut | None
    parties: list[str]
    bound: list[PartyOut]
    quota: int | None
    authorisation_withdrawn: bool


class VariedOut(Out):
    """Other hours of one day, wall clock."""

    day: date
    open: str
    close: str
    reason: str


class CentreOut(Out):
    """The owner's room now: open by its hours, active unless declared inactive."""

    open: bool
    active: bool
    inactive: bool
    authorisation_withdrawn: bool
    changes_at: datetime | None
    varied: VariedOut | None


class ActivityIn(In):
    """The director's declaration that the room is inactive, or active again."""

    inactive: bool
    reason: Words


class HoursIn(In):
    """Other hours for one day, wall clock `HH:MM`; an end at or before the start is on the next day."""

    open: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    close: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    reason: Words


class TermOut(Out):
    """The end of a term, and the last day for the registered letter."""

    term_on: date
    letter_by: date
    renewal: str


class AgendaEntryOut(Out):
    """Something that comes: on a whole day where `ends` is none."""

    kind: str
    starts: datetime | date
    ends: datetime | None
    title: str
    articles: list[str]


class OrderOut(Out):
    """A camera whose order is near its end, or over; `alarm_months` is the alarm reached."""

    camera: str
    authorised_until: date
    standing: Literal["ending", "over"]
    alarm_months: int | None
    confirmed: bool


class AgendaOut(Out):
    """What comes, and what asks for an act."""

    items: list[AgendaEntryOut]
    orders: list[OrderOut]
    ends_at: datetime | None
    next_term: TermOut | None


class ReplacementIn(In):
    """A convention's text and the signed note of every party over its hash."""

    markdown: Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)]
    signatures: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class TermIn(In):
    """What a party told about the term: a non-renewal, an express renewal, or that what it told then was a mistake."""

    word: Literal["non-renewal", "renewal", "correction"]
    on: Day
    act: Words


class KeysIn(In):
    """A keys.json and the signed note of every party over it; `text_signatures` where the text has to be signed anew."""

    convention: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    keys: Annotated[str, StringConstraints(min_length=1, max_length=40_000)]
    signatures: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    text_signatures: Annotated[str, StringConstraints(min_length=1, max_length=10_000)] | None = None


class LeavingIn(In):
    """By which act (a letter, a deliberation) the node's party leaves a convention."""

    convention: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    act: Words


class ProposedOut(Out):
    """What waits now for a second person."""

    id: str


class ProposalOut(Out):
    """What one person proposed: keys, with the words to compare, or that the party leaves."""

    id: str
    what: Literal["keys", "leaving"]
    by: str | None
    at: datetime
    act: str | None
    keys_sha256: str | None
    words: TwelveWordsOut | None


class PinnedKeysOut(Out):
    """The keys of one convention; `nodes` are the parties that have a node by them."""

    convention: str
    sha256: str
    keys_sha256: str | None
    words: TwelveWordsOut | None
    nodes: list[str]
    proposed: ProposalOut | None


class KeysInForceOut(Out):
    """The keys that the conventions of this node pin."""

    items: list[PinnedKeysOut]


class TermPreviewIn(In):
    """A word about the term that is not told yet."""

    word: Literal["non-renewal", "renewal", "correction"]
    on: Day


class TextIn(In):
    """A convention's text that is not in force yet."""

    markdown: Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)]


class ActivityPreviewIn(In):
    """A declaration about the room that is not made yet."""

    inactive: bool


class WithdrawalPreviewIn(In):
    """A declaration about the prefect's authorisation that is not made yet."""

    withdrawn: bool


class EndsOfPartyOut(Out):
    """What an act would end for one party."""

    party: str
    views: int
    cameras: list[str]


class EndsOut(Out):
    """What an act would end at once."""

    views: int
    parties: list[EndsOfPartyOut]


class ForeseenTermOut(Out):
    """When the convention would end if this were told (none: never by itself), and when it would as things are."""

    ends_at: datetime | None
    ends_at_before: datetime | None
    ends: EndsOut


class ForeseenReplacementOut(Out):
    """What a text would do in the place of the one in force; `missing` are the parties that have not signed it."""

    title: str
    sha256: str
    sha256_before: str
    ends_at: datetime | None
    missing: list[str]
    already_replaced: bool
    ends: EndsOut


class AnswerOut(Out):
    """An answer as a comparison tells it: no instant, no sentence."""

    verdict: Verdict
    articles: list[str]
    obligations: list[str]
    preempts: bool
    cause: Cause | None


class ChangeOut(Out):
    """An answer that becomes another, in `situations` situations that share `conditions`, in words."""

    action: Action
    conditions: list[str]
    before: AnswerOut
    after: AnswerOut
    situations: int


class ChangesOut(Out):
    """Which answers a text changes, by request, the most common first."""

    items: list[ChangeOut]


class ActIn(In):
    """The act on which a declaration rests."""

    act: Words


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


class HandoverNoteIn(In):
    """A word to the next shift, on as many lines as it takes."""

    words: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$"
        ),
    ]


class HandoverNoteOut(Out):
    """A word from a shift before, not read yet; `mine` where the requester wrote it."""

    id: str
    words: str
    by: str
    station: str
    at: datetime
    mine: bool


class HandoverNotesOut(Out):
    """What one's own room has not read yet, oldest first."""

    items: list[HandoverNoteOut]


class MendedOut(Out):
    """When the journal's tables were last mended from its records, and how many rows of them."""

    at: datetime
    rows: int


class ComparedOut(Out):
    """How the journal's tables stand to its records; `at` is until when all of them were compared."""

    state: JournalState
    at: datetime | None
    mended: MendedOut | None


class JournalOut(Out):
    """Records of the ledger as they stand, newest first; `after` asks for the next page.

    What another party did for itself, with no camera of the reader's, is not among them. `stations` says how the reader's
    own stations in them are called; `words` what was typed, by the SHA-256 (hex) that stands for it in a record, as far
    as the reader may read it. `total_is_least`: nobody counted further.
    """

    items: list[dict[str, object]]
    stations: dict[str, str]
    words: dict[str, str]
    total: int
    total_is_least: bool
    after: str | None
    compared: ComparedOut


class WatcherOut(Out):
    """An agent that watched, from when on; `name` for the reader's own agents alone."""

    agent: str
    service: str
    name: str | None
    since: datetime


class MotiveOut(Out):
    """A motive as it was given: its words, by whom and when; `name` for the reader's own agents alone."""

    words: str
    agent: str | None
    service: str | None
    name: str | None
    at: datetime


class JournalEventOut(Out):
    """The event that a viewing was for, with its words by the event's own records.

    `motives` are in order: `motive` is the last one, those before it were replaced. `erased`: no record of it is left.
    `to_come`: its party's node has told nothing of it yet. `of_its_party`: what is told is another party's word.
    """

    id: str
    kind: str
    motive: str | None
    motives: list[MotiveOut]
    dispatch_number: str | None
    erased: bool
    to_come: bool
    of_its_party: bool


class JournalViewingOut(Out):
    """One viewing from its first to its last second; each relief adds a watcher."""

    index: int
    viewing: str
    camera: str
    party: str
    watchers: list[WatcherOut]
    station: StationOut
    event: JournalEventOut | None
    purpose: str | None
    opened_at: datetime
    ended_at: datetime | None
    articles: list[str]
    cause: Cause | None
    ended_articles: list[str]


class JournalViewingsOut(Out):
    """A page of the viewings that ran in a time, newest first."""

    items: list[JournalViewingOut]
    total: int
    total_is_least: bool
    after: str | None
    compared: ComparedOut


class ProblemOut(Out):
    """RFC 9457 problem, with the articles that carry a refusal and the one useful way out.

    `texts` has its sentences by language.
    """

    type: str
    title: str
    status: int
    detail: str
    articles: list[str]
    remedy: str | None
    cause: Cause
    texts: dict[str, ProblemWordsOut]

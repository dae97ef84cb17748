"""A city with little in it, as changes make it: two parties, a few agents, events, viewings; every id is known here."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from belvedere.changes import (
    AccountOpened,
    Change,
    Decided,
    EventOpened,
    HoursAnnounced,
    LayoutKept,
    NoteWritten,
    OrderConfirmed,
    SessionOpened,
    StationEnrolled,
    StreamSuspended,
    TermAnnounced,
    TextInstalled,
    ViewingEnded,
    ViewingOpened,
)
from belvedere.domain.agents import Account, Habilitation, Layout, Session, Station
from belvedere.domain.authorisations import Authorisation
from belvedere.domain.causes import Cause
from belvedere.domain.centre import HoursVaried
from belvedere.domain.convention_texts import ConventionText, TermTold
from belvedere.domain.decision import Decision, Granted, Refused
from belvedere.domain.disclosures import ToldEvent
from belvedere.domain.events import Event
from belvedere.domain.handover_notes import HandoverNote
from belvedere.domain.ids import (
    AgentId,
    ArticleRef,
    AuthorisationId,
    CameraId,
    EventId,
    LeaseId,
    LookId,
    NoticeId,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.leases import Lease, LeaseEnding, LeaseRegime, OwedNotice, Rank
from belvedere.domain.looks import Look
from belvedere.domain.record import ConventionRef, EventRef, Subject
from belvedere.domain.request import AgentFacts, CameraFacts, DecisionRequest
from belvedere.domain.requester import Requester
from belvedere.domain.resolutions import PseudonymResolved, ResolutionGround
from belvedere.domain.suspensions import Suspension
from belvedere.domain.text import Text
from belvedere.domain.viewings import CLOSED_BY_AGENT, Ending, Viewing
from belvedere.domain.vocabulary import Action, EventKind, Role, SuspensionGround
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.domain.words import Words
from belvedere.spine.snapshot import Place
from belvedere.spine.texts import CompiledTexts

CITY, STATE = PartyId("villeneuve-dascq"), PartyId("etat")
ZONE = ZoneInfo("Europe/Paris")
AT = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
"""A Wednesday, ten in the morning in Paris: the room is open."""
TODAY = date(2026, 3, 25)
CONVENTION = "vda-etat"
_TEXT = Path(__file__).parents[3] / "conventions" / "villeneuve-dascq-etat" / "convention.md"
PATH = str(_TEXT)
MARKDOWN = _TEXT.read_bytes()
SEVEN_STREAMS = MARKDOWN.replace(b"cameras = 8", b"cameras = 7")
"""The text that is signed next."""
assert SEVEN_STREAMS != MARKDOWN


def sha256(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


REF = ConventionRef(CONVENTION, sha256(MARKDOWN))


@dataclass
class MovedClock:
    """A clock that stands still until the test moves it; monotonic time moves with it."""

    at: datetime = AT
    passed_s: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.passed_s

    def move(self, by: timedelta) -> None:
        self.at += by
        self.passed_s += by.total_seconds()


@dataclass(frozen=True)
class Inventory:
    """The cameras, by id (implements `spine.snapshot.Cameras`)."""

    by_id: dict[CameraId, WatchedCamera] = field(default_factory=dict)
    told: bool = False
    """Whether another owner told of them all."""

    def watched(self, camera: CameraId) -> WatchedCamera | None:
        return self.by_id.get(camera)

    def is_here(self, camera: CameraId) -> bool:
        return camera in self.by_id and not self.told


def camera(number: int) -> CameraId:
    return CameraId(f"vda-{number:03}")


def watched(number: int, **changed: object) -> WatchedCamera:
    """Return a camera of the city."""
    known = WatchedCamera(
        id=camera(number),
        owner=CITY,
        commune="Villeneuve-d'Ascq",
        zone="centre",
        camera_class="voie-publique",
        authorised_until=date(2031, 12, 2),
        ptz=number % 3 == 0,
    )
    return replace(known, **changed)  # type: ignore[arg-type]  # a test says which members are other


CAMERAS = 12


def place() -> Place:
    """Return where the steps run: the city's node, with its cameras and one convention."""
    cameras = Inventory({camera(number): watched(number) for number in range(1, CAMERAS + 1)})
    return Place(CITY, ZONE, cameras, CompiledTexts({CONVENTION: PATH}))


# People.

WHO: dict[str, tuple[PartyId, str, Role]] = {
    "csu-operator": (CITY, "csu", Role.CSU_OPERATOR),
    "csu-second": (CITY, "csu", Role.CSU_OPERATOR),
    "csu-chief": (CITY, "csu", Role.CSU_ROOM_CHIEF),
    "police-director": (CITY, "csu", Role.POLICE_DIRECTOR),
    "cic-operator": (STATE, "cic", Role.CIC_OPERATOR),
    "cic-second": (STATE, "cic", Role.CIC_OPERATOR),
    "cic-supervisor": (STATE, "cic", Role.CIC_SUPERVISOR),
    "srpj": (STATE, "srpj", Role.OTHER_STATE_OPERATOR),
}

SIGNED_IN = ("csu-operator", "cic-operator", "cic-second")
"""Whose sessions change, and whose walls."""


def account(login: str, *, until: date | None = None) -> Account:
    """Return the account of one of `WHO`, habilitated until a last day or without one."""
    party, service, role = WHO[login]
    return Account(
        agent=AgentId(f"a-{login}"),
        login=login,
        label=f"Nom de {login}",
        party=party,
        service=ServiceId(service),
        role=role,
        pseudonym=Pseudonym(f"p-{login}"),
        password_hash="hash",
        pin_hash=None,
        habilitation=Habilitation("arrêté 11", date(2022, 10, 1), until),
    )


def station(login: str) -> Station:
    """Return the agent's own station."""
    return Station(
        id=StationId(f"poste-{login}"),
        party=WHO[login][0],
        label=f"poste de {login}",
        secret_sha256=hashlib.sha256(f"secret of {login}".encode()).digest(),
        service=ServiceId(WHO[login][1]),
    )


def session(login: str, number: int = 0) -> Session:
    """Return the `number`th session of an agent at its own station."""
    digest = hashlib.sha256(f"session {number} of {login}".encode()).digest()
    return Session(digest, account(login).agent, station(login).id, AT, AT)


def requester(login: str, number: int = 0) -> Requester:
    """Return an agent as it asks in its `number`th session."""
    who, at = account(login), station(login)
    opened = session(login, number)
    return Requester(
        agent=who.agent,
        pseudonym=who.pseudonym,
        label=who.label,
        party=who.party,
        service=who.service,
        role=who.role,
        station=at.id,
        station_label=at.label,
        session_sha256=opened.cookie_sha256,
        session_ends_at=opened.ends_at,
    )


def subject(login: str) -> Subject:
    """Return an agent as the subject of a record."""
    return Subject(WHO[login][0], WHO[login][1], f"p-{login}", f"poste-{login}")


# What runs.

TYPED = {"sector", "motive", "dispatch_number"}
OPENERS = {"e-1": "cic-operator", "e-2": "srpj", "e-3": "csu-operator", "e-4": "cic-operator", "e-5": "cic-second"}


def words(text: str) -> Words:
    """Return what somebody typed; its salt repeats."""
    return Words(text, hashlib.sha256(f"salt of {text}".encode()).digest())


def event(name: str, **changed: object) -> Event:
    """Return one of the events of `OPENERS`; each was opened at a minute of its own. A text is taken as typed."""
    opener = account(OPENERS[name])
    opened = Event(
        id=EventId(name),
        party=opener.party,
        kind=EventKind.LEVEE_DE_DOUTE,
        opened_at=AT + timedelta(minutes=int(name.removeprefix("e-"))),
        opened_by=opener.agent,
        opened_by_pseudonym=opener.pseudonym,
        kept_by=opener.agent,
        kept_by_pseudonym=opener.pseudonym,
    )
    said = {
        name: words(value) if isinstance(value, str) and name in TYPED else value for name, value in changed.items()
    }
    return replace(opened, **said)  # type: ignore[arg-type]  # a test says which members are other


def viewing(name: str, login: str, number: int, event_name: str | None, **changed: object) -> Viewing:
    """Return a viewing of the `number`th camera."""
    who = requester(login)
    running = Viewing(
        id=ViewingId(name),
        camera=camera(number),
        party=who.party,
        service=who.service,
        agent=who.agent,
        pseudonym=who.pseudonym,
        agent_label=who.label,
        station=who.station,
        event=None if event_name is None else EventId(event_name),
        purpose=None,
        since=AT,
        valid_until=None,
        session_sha256=who.session_sha256,
        articles=(ArticleRef("vda-etat:art-3"),),
        slot=None if who.party == CITY else number,
    )
    return replace(running, **changed)  # type: ignore[arg-type]  # a test says which members are other


def opened(viewing: Viewing) -> ViewingOpened:
    """Return that a viewing begins."""
    ref = None if viewing.event is None else EventRef(viewing.event, "levee-de-doute")
    return ViewingOpened(viewing, REF, ref)


CLOSED = Ending(Cause.CLOSED, CLOSED_BY_AGENT, (), Text("Image fermée.", "Picture closed."))


def ended(viewing: Viewing, ending: Ending = CLOSED) -> ViewingEnded:
    """Return that a viewing is over."""
    ref = None if viewing.event is None else EventRef(viewing.event, "levee-de-doute")
    return ViewingEnded(viewing, ending, AT, REF, ref)


def request(number: int, login: str) -> DecisionRequest:
    """Return what an agent asks, as far as a record repeats it."""
    party, service, _ = WHO[login]
    return DecisionRequest(
        action=Action.VIEW,
        at=AT,
        agent=AgentFacts(party, service),
        camera=CameraFacts(camera(number), CITY),
    )


GRANTED = Granted((ArticleRef("vda-etat:art-3"),), Text("Accordé.", "Granted."), facts={"state.streams_in_use": 1})
REFUSED = Refused((ArticleRef("vda-etat:art-3"),), Cause.QUOTA, Text("Huit flux.", "Eight streams."))


def decided(login: str, number: int = 1, *, decision: Decision = GRANTED, opens: str | None = None) -> Decided:
    """Return that an agent's request was decided; `opens` names the viewing that begins with it."""
    named = None if opens is None else ViewingId(opens)
    return Decided(requester(login), REF, request(number, login), decision, viewing=named, opens=opens is not None)


def suspension(number: int, by_viewing: str) -> Suspension:
    """Return the suspension of a camera's flow to the State."""
    return Suspension(
        camera=camera(number),
        party=STATE,
        ground=SuspensionGround.MASK_FAULT,
        reason="masque tombé",
        since=AT + timedelta(minutes=number),
        by_role=Role.POLICE_DIRECTOR,
        by_label="Nom de police-director",
        viewing=ViewingId(by_viewing),
    )


def suspended(number: int, *stopped: str) -> StreamSuspended:
    """Return that a camera's flow to the State is suspended; `stopped` are the viewings that it ends."""
    ids = tuple(map(ViewingId, stopped))
    return StreamSuspended(suspension(number, stopped[0]), ids, subject("police-director"), AT, REF)


# Who steers.


def lease(name: str, login: str, number: int = 3, **changed: object) -> Lease:
    """Return an agent's lease of the `number`th camera: a partner's for `e-1`, authorised, with a viewing of its own."""
    who = requester(login)
    own = who.party == CITY
    held = Lease(
        id=LeaseId(name),
        camera=camera(number),
        party=who.party,
        service=who.service,
        agent=who.agent,
        pseudonym=who.pseudonym,
        agent_label=who.label,
        station=who.station,
        session_sha256=who.session_sha256,
        rank=Rank.OWN_ROOM if own else Rank.FIRST_SERVICE,
        regime=LeaseRegime.OWN if own else LeaseRegime.AUTHORISED,
        event=None if own else EventId("e-1"),
        viewing=None if own else ViewingId("v-1"),
        asked_at=AT,
        since=AT,
        regime_since=AT,
        articles=(ArticleRef("vda-etat:art-3"),),
        fence=1,
    )
    return replace(held, **changed)  # type: ignore[arg-type]  # a test says which members are other


def look(name: str, **changed: object) -> Look:
    """Return what the State asks the city's room to look at."""
    asked = Look(
        id=LookId(name),
        party=STATE,
        service=ServiceId("cic"),
        pseudonym=Pseudonym("p-cic-operator"),
        station=StationId("poste-1"),
        event=EventId("e-1"),
        target="attroupement",
        camera=camera(3),
        place=None,
        asked_at=AT,
    )
    return replace(asked, **changed)  # type: ignore[arg-type]  # a test says which members are other


def authorisation(name: str, lease_name: str, **changed: object) -> Authorisation:
    """Return what was asked for the third camera, and nobody has answered yet."""
    who = requester("cic-operator")
    asked = Authorisation(
        id=AuthorisationId(name),
        lease=LeaseId(lease_name),
        camera=camera(3),
        party=who.party,
        service=who.service,
        station=who.station,
        event=EventId("e-1"),
        asked_at=AT,
    )
    return replace(asked, **changed)  # type: ignore[arg-type]  # a test says which members are other


def owed_notice(name: str, lease_name: str, **changed: object) -> OwedNotice:
    """Return the notice of a takeover outside the room's activity, which goes on."""
    owed = OwedNotice(
        id=NoticeId(name),
        lease=LeaseId(lease_name),
        camera=camera(3),
        event=EventId("e-1"),
        from_party=STATE,
        to_party=CITY,
        since=AT,
        due=AT + timedelta(hours=3),
        articles=(ArticleRef("vda-etat:art-3"),),
    )
    return replace(owed, **changed)  # type: ignore[arg-type]  # a test says which members are other


E1_REF = EventRef("e-1", "levee-de-doute")
GIVEN_BACK = LeaseEnding(Cause.RELEASED, (), Text("Rendu.", "Given back."))


def note(name: str, login: str = "cic-operator") -> HandoverNote:
    """Return a note for the next shift of the agent's room."""
    who = requester(login)
    at = AT + timedelta(seconds=len(name))
    return HandoverNote(name, who.party, who.service, who.station_label, who.agent, who.label, at, words(f"mot {name}"))


def text(markdown: bytes = MARKDOWN) -> ConventionText:
    """Return a text as it is kept."""
    return ConventionText(CONVENTION, sha256(markdown), markdown, "signé", AT)


def told(kind: str, on: date, act: str = "lettre") -> TermAnnounced:
    """Return that a party told something of the term."""
    return TermAnnounced(TermTold(CONVENTION, kind, on, act), REF, None, subject("police-director"), AT)


def resolved(name: str) -> PseudonymResolved:
    """Return that a pseudonym was resolved for an inspection."""
    who = account("cic-supervisor")
    return PseudonymResolved(
        name, account("cic-operator").pseudonym, ResolutionGround.INSPECTION, "acte 4", who.pseudonym, who.service, AT
    )


def told_event(name: str, number: int, motive: Words | None = None) -> ToldEvent:
    """Return an event of the State's node that opened a camera, with what was told of it."""
    return ToldEvent(
        EventId(name), STATE, "levee-de-doute", ViewingId("v-theirs"), camera(1), None, number, motive=motive
    )


def hours(day: date) -> HoursVaried:
    """Return other hours of a day."""
    return HoursVaried(day, time(10), time(19, 30), "marché de Noël")


NOBODY = Subject(CITY, None, None, None)
SUSPENDED_CAMERA = 8
RUNNING = (
    viewing("v-1", "cic-operator", 1, "e-1"),
    viewing("v-2", "cic-second", 1, "e-1"),
    viewing("v-3", "srpj", 2, "e-2"),
    viewing("v-4", "csu-operator", 3, None),
)
"""What runs in the city before anything happens, oldest first."""


def begun() -> tuple[Change, ...]:
    """Return what makes the city: text, people, and what runs."""
    director = subject("police-director")
    return (
        TextInstalled(text(), None, AT),
        *(AccountOpened(account(login), AT) for login in WHO),
        *(StationEnrolled(station(login), None, AT) for login in WHO),
        *(SessionOpened(session(login), WHO[login][0]) for login in WHO),
        *(EventOpened(event(name), subject(OPENERS[name]), AT, REF) for name in ("e-1", "e-2", "e-3")),
        *map(opened, RUNNING),
        suspended(SUSPENDED_CAMERA, "v-over", "v-over-too"),
        HoursAnnounced(date(2026, 3, 29), hours(date(2026, 3, 29)), "fête", director, AT, REF),
        NoteWritten(note("h-1"), subject("cic-operator")),
        OrderConfirmed(camera(5), "arrêté 5", director, AT, REF),
        told("renewal", date(2026, 3, 24)),
        LayoutKept(Layout(station("cic-operator").id, Role.CIC_OPERATOR, "[]")),
    )

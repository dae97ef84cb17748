"""Any changes, on few ids, so that they meet one another: a strategy for Hypothesis over the whole closed union.

They come in an order in which steps could make them: what is over is not taken up again, a flow is suspended once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from belvedere.acts.resolutions import owed_to
from belvedere.changes import (
    AccountChanged,
    AccountOpened,
    AuthorisationConfirmed,
    AuthorisationDeclared,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    CameraReturned,
    CameraStays,
    CataloguePublished,
    CatalogueReceived,
    Change,
    CrewDeclared,
    Decided,
    DeputyEnded,
    DeputyNamed,
    DisagreementFound,
    DisclosureTaken,
    EventAmended,
    EventClosed,
    EventKept,
    EventOpened,
    FaultLocated,
    FaultRestored,
    FaultTold,
    HabilitationEnded,
    HabilitationRenewed,
    HoursAnnounced,
    JointActProposed,
    JournalConsulted,
    KeysInstalled,
    KeysReplaced,
    LayoutKept,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseMoved,
    LeaseProlonged,
    LeaseRelieved,
    LedgerRestored,
    LinkFaultClosed,
    LinkFaultLocated,
    LinkFaultRestored,
    LinkFaultTold,
    LogConfirmed,
    LogContradicted,
    LookAnswered,
    LookAsked,
    MessageTaken,
    MotiveDisclosed,
    MotiveReceived,
    NodeStarted,
    NoteRead,
    NoteWritten,
    OrderConfirmed,
    OwnerReplied,
    OwnRoomUnrecorded,
    PartyLeft,
    ResolutionMade,
    ResolutionReceived,
    ResolutionSettled,
    RoomDeclared,
    SessionClosed,
    SessionOpened,
    SessionRelieved,
    SessionSeen,
    StationEnded,
    StationEnrolled,
    StationRegistered,
    StreamSuspended,
    SuspensionLifted,
    TablesMended,
    TermAnnounced,
    TextInstalled,
    TextReplaced,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
    WritesRefused,
)
from belvedere.domain.agents import Account, Habilitation, Layout, Session, Station
from belvedere.domain.authorisations import (
    Authorisation,
    AuthorisationScope,
    AuthorisationState,
    Channel,
    CrewEngaged,
    Deputy,
    OralWord,
)
from belvedere.domain.centre import CentreState
from belvedere.domain.convention_texts import LEFT, TermTold
from belvedere.domain.disclosures import Disclosure
from belvedere.domain.events import Event
from belvedere.domain.faults import Fault, FaultPlace, Lost
from belvedere.domain.ids import AgentId, AuthorisationId, EventId, PartyId, Pseudonym, ServiceId, StationId, ViewingId
from belvedere.domain.journal import JournalQuestion
from belvedere.domain.leases import Awaits, Lease, OwedNotice
from belvedere.domain.link_state import LinkFault
from belvedere.domain.looks import Look, LookPlace, LookState
from belvedere.domain.peer_requests import Attested
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.resolutions import PseudonymResolved
from belvedere.domain.source_causes import SourceCause
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Role
from belvedere.inventory.catalogue import CatalogueEntry, CatalogueTold
from tests.unit.changes import agreed_keys
from tests.unit.changes.small_city import (
    AT,
    CITY,
    CONVENTION,
    E1_REF,
    GIVEN_BACK,
    MARKDOWN,
    OPENERS,
    REF,
    RUNNING,
    SEVEN_STREAMS,
    SIGNED_IN,
    STATE,
    SUSPENDED_CAMERA,
    TODAY,
    WHO,
    account,
    authorisation,
    camera,
    decided,
    ended,
    event,
    hours,
    lease,
    look,
    note,
    opened,
    owed_notice,
    requester,
    resolved,
    session,
    sha256,
    station,
    subject,
    suspended,
    suspension,
    text,
    told,
    told_event,
    viewing,
    words,
)
from tests.unit.peers.messages_made import OPEN_ASKED
from tests.unit.peers.messages_made import camera as camera_told

T = TypeVar("T")
BY = subject("police-director")
_KEYS = tuple(
    replace(found, since=AT + timedelta(hours=hours_))
    for hours_, found in enumerate((agreed_keys.FIRST, agreed_keys.JOINED, agreed_keys.ANNOUNCED))
)
CHANGES_MAX = 8
ATTESTED = Attested(
    habilitated=True, station_registered=True, habilitated_until=AT, event_kind="levee-de-doute", motive_sha256="a" * 64
)


@dataclass
class _Draw:
    """What was drawn so far, as far as what comes next depends on it."""

    data: st.DataObject
    over: set[ViewingId] = field(default_factory=set)
    suspended: set[int] = field(default_factory=lambda: {SUSPENDED_CAMERA})
    stopped: int = 0
    notes: set[str] = field(default_factory=lambda: {"h-1"})
    told: dict[PartyId, int] = field(default_factory=dict)
    message_at_s: int = 0

    def one(self, of: Sequence[T]) -> T:
        return self.data.draw(st.sampled_from(of))

    def yes(self) -> bool:
        return self.data.draw(st.booleans())

    def login(self) -> str:
        return self.one(sorted(WHO))


def _viewing(draw: _Draw) -> Viewing | None:
    """Draw a viewing that is not over, as it may stand now."""
    ids = [f"v-{number}" for number in range(1, 9) if ViewingId(f"v-{number}") not in draw.over]
    if not ids:
        return None
    found = draw.one(ids)
    # A viewing keeps its camera and its event for as long as it runs.
    known = next((each for each in RUNNING if each.id == found), None)
    number = int(found.removeprefix("v-"))
    running = known or viewing(found, "cic-operator" if number % 2 else "csu-operator", number % 4 + 1, "e-1")
    who = requester(draw.login(), draw.one((0, 1)))
    return replace(
        running,
        service=who.service,
        agent=who.agent,
        pseudonym=who.pseudonym,
        agent_label=who.label,
        session_sha256=who.session_sha256,
        valid_until=draw.one((None, AT, AT + timedelta(hours=2))),
        asked=draw.one((1, 2)),
        attested=draw.one((None, None, ATTESTED)),
    )


def _event(draw: _Draw) -> Event:
    keeper = account(draw.login())
    return event(
        draw.one(sorted(OPENERS)),
        kept_by=keeper.agent,
        kept_by_pseudonym=keeper.pseudonym,
        motive=draw.one((None, words("rixe"))),
        closed_at=draw.one((None, AT + timedelta(hours=1))),
    )


def _account(draw: _Draw) -> Account:
    login = draw.login()
    known = account(login)
    return replace(
        known,
        login=draw.one((login, f"{login}-2")),
        label=draw.one((known.label, f"Autre nom de {login}")),
        service=ServiceId(draw.one(("csu", "cic"))),
        pseudonym=Pseudonym(draw.one((known.pseudonym, f"{known.pseudonym}-2"))),
        habilitation=draw.one((None, known.habilitation, Habilitation("arrêté 12", TODAY, TODAY))),
    )


def _station(draw: _Draw) -> Station:
    if draw.one((True, False, False)):
        known = replace(station("cic-operator"), id=StationId("poste-neuf"), secret_sha256=b"2" * 32)
    else:
        known = station(draw.login())
    other = b"3" * 32 if known.id == station("srpj").id else known.secret_sha256
    return replace(
        known,
        label=draw.one((known.label, "au fond")),
        secret_sha256=draw.one((known.secret_sha256, other)),
        ended_at=draw.one((None, AT)),
        until=draw.one((None, TODAY)),
    )


def _session(draw: _Draw) -> Session:
    opened_ = session(draw.one(SIGNED_IN), draw.one((0, 1)))
    return replace(opened_, seen_at=opened_.opened_at + timedelta(minutes=draw.one((0, 7))))


def _opened(draw: _Draw) -> Change | None:
    found = _viewing(draw)
    return None if found is None else opened(found)


def _prolonged(draw: _Draw) -> Change | None:
    found = _viewing(draw)
    return None if found is None else ViewingProlonged(found)


def _relieved(draw: _Draw) -> Change | None:
    found = _viewing(draw)
    return None if found is None else ViewingRelieved(found, Pseudonym("p-former"), BY, AT, REF)


def _ended(draw: _Draw) -> Change | None:
    found = _viewing(draw)
    if found is None:
        return None
    draw.over.add(found.id)
    return ended(found)


def _suspended(draw: _Draw) -> Change | None:
    free = [number for number in (1, SUSPENDED_CAMERA) if number not in draw.suspended]
    if not free:
        return None
    number = draw.one(free)
    draw.suspended.add(number)
    draw.stopped += 1
    # Nothing that was stopped once runs again, so nothing is stopped twice.
    names = ("v-1", "v-2") if draw.stopped == 1 else (f"v-{draw.stopped + 1}",)
    return suspended(number, *names)


def _lifted(draw: _Draw) -> Change | None:
    number = draw.one((SUSPENDED_CAMERA, 1))
    draw.suspended.discard(number)
    return SuspensionLifted(suspension(number, "v-over"), BY, AT, REF)


def _note_written(draw: _Draw) -> Change | None:
    name = draw.one(("h-1", "h-2", "h-33", "h-444"))
    if name in draw.notes:
        return None
    draw.notes.add(name)
    return NoteWritten(note(name, draw.one(("cic-operator", "csu-operator"))), BY)


def _note_read(draw: _Draw) -> Change | None:
    name = draw.one(("h-1", "h-2", "h-33", "h-444"))
    draw.notes.discard(name)
    return NoteRead(note(name), BY, AT)


def _centre(draw: _Draw) -> CentreState:
    return CentreState(inactive=draw.yes(), authorisation_withdrawn=draw.yes())


def _hours(draw: _Draw) -> Change:
    day = draw.one((TODAY, date(2026, 3, 28), date(2026, 3, 29)))
    return HoursAnnounced(day, draw.one((None, hours(day))), "marché", BY, AT, REF)


def _told(draw: _Draw) -> Change:
    return told(
        draw.one(("non-renewal", "renewal", "correction")), draw.one((date(2026, 3, 24), TODAY, date(2023, 1, 9)))
    )


def _before(draw: _Draw) -> str:
    return draw.one((sha256(MARKDOWN), sha256(SEVEN_STREAMS)))


def _text(draw: _Draw) -> bytes:
    return draw.one((MARKDOWN, SEVEN_STREAMS))


def _fault(draw: _Draw) -> Fault:
    lost = Lost(
        draw.one((SourceCause.TIMED_OUT, SourceCause.WRONG_PASSWORD)),
        draw.one((FaultPlace.CAMERA, FaultPlace.NETWORK)),
        AT,
    )
    return Fault(camera(draw.one((1, 2, 3))), lost)


def _proposed(draw: _Draw) -> Change:
    found = draw.one((*_KEYS, None))
    proposed = None if found is None else replace(found, since=AT)
    return JointActProposed(
        agreed_keys.proposal(proposed, id=draw.one(("p-1", "p-2")), text_note=draw.one((None, "signé")))
    )


def _replaced_keys(draw: _Draw) -> Change:
    found, before = draw.one(_KEYS), draw.one(_KEYS)
    signed_again = draw.one((None, replace(text(), signatures="signé de nouveau")))
    return KeysReplaced(found, before, signed_again, REF, (), agreed_keys.proposal(found), BY, AT)


def _left(draw: _Draw) -> Change:
    told_ = TermTold(CONVENTION, LEFT, draw.one((date(2026, 3, 24), TODAY)), "délibération")
    return PartyLeft(told_, CITY, REF, agreed_keys.proposal(None), BY, AT)


def _relieved_session(draw: _Draw) -> Change:
    relief = _session(draw)
    former = draw.one([session(login).cookie_sha256 for login in SIGNED_IN])
    return SessionRelieved(former, relief, CITY)


def _lease(draw: _Draw) -> Lease:
    """Draw a lease as it may stand now: asked for, or held."""
    name = draw.one(("l-1", "l-2", "l-3"))
    return lease(
        name,
        draw.one(("cic-operator", "csu-operator")),
        draw.one((3, 6)),
        asked_at=AT + timedelta(minutes=draw.one((0, 1))),
        awaits=draw.one((None, *Awaits)),
        since=draw.one((None, AT)),
        regime_since=draw.one((None, AT + timedelta(hours=1))),
        valid_until=draw.one((None, AT + timedelta(hours=1))),
        authorisation=draw.one((None, AuthorisationId("a-1"))),
        fence=draw.one((1, 2, 3)),
        renewed=draw.one((0, 1)),
    )


def _word(draw: _Draw) -> Authorisation:
    """Draw the owner's word as it may stand now."""
    oral = OralWord(Channel.RADIO, AT, Pseudonym("p-csu-operator"), draw.one((None, True, False)))
    return authorisation(
        draw.one(("a-1", "a-2")),
        draw.one(("l-1", "l-2")),
        asked_at=AT + timedelta(minutes=draw.one((0, 1))),
        state=draw.one(tuple(AuthorisationState)),
        scope=draw.one(tuple(AuthorisationScope)),
        until=draw.one((None, AT + timedelta(hours=1))),
        giver=draw.one((None, Pseudonym("p-police-director"))),
        giver_role=draw.one((None, Role.POLICE_DIRECTOR)),
        reason=draw.one((None, "équipage sur place")),
        oral=draw.one((None, oral)),
    )


def _notice(draw: _Draw, of: Lease) -> OwedNotice | None:
    name = draw.one((None, "n-1", "n-2"))
    if name is None:
        return None
    return owed_notice(name, of.id, until=draw.one((None, AT)), due=draw.one((None, AT)))


def _lease_granted(draw: _Draw) -> Change:
    granted = _lease(draw)
    return LeaseGranted(granted, REF, E1_REF, _notice(draw, granted))


def _lease_continued(draw: _Draw) -> Change:
    going_on = _lease(draw)
    return LeaseContinued(going_on, AT, REF, E1_REF, _notice(draw, going_on))


def _entries(draw: _Draw, begins: int, *, theirs: bool) -> tuple[CatalogueEntry, ...]:
    """Draw changes of one to three cameras of an owner; no two owners have one id."""
    numbers = draw.data.draw(st.lists(st.sampled_from((1, 2, 3)), min_size=1, max_size=3, unique=True))
    cameras = [camera_told(number + (100 if theirs else 0), ptz=draw.yes()) for number in numbers]
    return tuple(CatalogueEntry(at, each.id, draw.one((None, each))) for at, each in enumerate(cameras, begins + 1))


def _published(draw: _Draw) -> Change:
    reader = draw.one((STATE, PartyId("nobody")))
    entries = _entries(draw, draw.told.get(reader, 0), theirs=False)
    draw.told[reader] = entries[-1].number
    return CataloguePublished(reader, entries)


def _received(draw: _Draw) -> Change:
    owner = draw.one((STATE, CITY))
    after = draw.one((0, 5))
    entries = _entries(draw, after, theirs=owner == STATE)
    return CatalogueReceived(owner, CatalogueTold(after, entries[-1].number, 9, "0" * 64, entries))


def _message(draw: _Draw) -> Change:
    draw.message_at_s += draw.one((0, 10, 60))
    kept_until_s = draw.message_at_s + draw.one((5, 40))
    return MessageTaken(draw.one((CITY, STATE)), draw.one(("m-1", "m-2", "m-3")), kept_until_s, draw.message_at_s)


def _disclosure(draw: _Draw) -> Change:
    said = words(draw.one(("rixe", "vol")))
    return MotiveDisclosed(
        Disclosure(
            owner=draw.one((CITY, STATE)),
            event=EventId(draw.one(sorted(OPENERS))),
            kind="levee-de-doute",
            number=draw.one((1, 2, 3)),
            motive=draw.one((None, said)),
            sector=None,
            agent=Pseudonym("cic-7Q2M"),
            service=ServiceId("cic"),
            at=AT,
        )
    )


def _taken(draw: _Draw) -> Change:
    return DisclosureTaken(draw.one((CITY, STATE)), EventId(draw.one(sorted(OPENERS))), draw.one((1, 2, 3)))


def _motive(draw: _Draw) -> Change:
    told_ = told_event(draw.one(sorted(OPENERS)), draw.one((1, 2)), draw.one((None, words("rixe"))))
    return MotiveReceived(told_, BY, AT, REF, ("jws",))


def _link_fault(draw: _Draw) -> LinkFault:
    return LinkFault(draw.one((STATE, PartyId("nobody"))), draw.one((FaultPlace.LINK, FaultPlace.NODE)), AT)


def _deputy(draw: _Draw) -> Deputy:
    agent = AgentId(draw.one(("a-1", "a-2")))
    return Deputy(agent, Pseudonym(f"p-{agent}"), AT + timedelta(days=draw.one((1, 2))), Pseudonym("p-police-director"))


def _look(draw: _Draw, **changed: object) -> Look:
    place = draw.one((None, LookPlace(3.1, 50.6)))
    return look(draw.one(("k-1", "k-2")), place=place, asked_at=AT + timedelta(seconds=draw.one((0, 1))), **changed)


def _resolved(draw: _Draw) -> PseudonymResolved:
    return resolved(draw.one(("r-1", "r-2")))


MAKERS: Mapping[type, Callable[[_Draw], Change | None]] = {
    AccountChanged: lambda draw: AccountChanged(_account(draw), ("label",), AT),
    AccountOpened: lambda draw: AccountOpened(_account(draw), AT),
    AuthorisationDeclared: lambda draw: AuthorisationDeclared(_centre(draw), "arrêté", BY, AT, REF),
    AuthorisationConfirmed: lambda draw: AuthorisationConfirmed(_word(draw), BY, AT, REF, E1_REF),
    AuthorisationDenied: lambda draw: AuthorisationDenied(_word(draw), BY, AT, REF, E1_REF),
    AuthorisationGiven: lambda draw: AuthorisationGiven(_word(draw), BY, AT, REF, E1_REF),
    AuthorisationOver: lambda draw: AuthorisationOver(_word(draw)),
    AuthorisationRefused: lambda draw: AuthorisationRefused(_word(draw), BY, AT, REF, E1_REF),
    AuthorisationWithdrawn: lambda draw: AuthorisationWithdrawn(_word(draw), BY, AT, REF, E1_REF),
    CrewDeclared: lambda draw: CrewDeclared(
        CrewEngaged(camera(draw.one((3, 6))), AT, Pseudonym(draw.one(("p-chef", "p-police-director")))),
        draw.yes(),
        BY,
        AT,
        REF,
    ),
    LookAnswered: lambda draw: LookAnswered(
        _look(draw, state=draw.one(tuple(LookState)), note=draw.one((None, "vu"))), BY, AT, REF, E1_REF, ()
    ),
    LookAsked: lambda draw: LookAsked(_look(draw), BY, AT, REF, E1_REF, ()),
    DeputyEnded: lambda draw: DeputyEnded(_deputy(draw), BY, AT, REF),
    DeputyNamed: lambda draw: DeputyNamed(_deputy(draw), BY, AT, REF),
    CameraReturned: lambda draw: CameraReturned(camera(3), STATE, EventId("e-1"), AT, REF, E1_REF),
    CameraStays: lambda draw: CameraStays(camera(3), STATE, EventId("e-1"), BY, AT, REF, E1_REF),
    CataloguePublished: _published,
    CatalogueReceived: _received,
    MessageTaken: _message,
    Decided: lambda draw: decided(draw.login()),
    DisagreementFound: lambda draw: DisagreementFound(STATE, (ViewingId("v-1"),), 1, AT),
    DisclosureTaken: _taken,
    MotiveDisclosed: _disclosure,
    MotiveReceived: _motive,
    EventAmended: lambda draw: EventAmended(_event(draw), BY, AT, REF),
    EventClosed: lambda draw: EventClosed(_event(draw), BY, AT, REF),
    EventKept: lambda draw: EventKept(_event(draw)),
    EventOpened: lambda draw: EventOpened(_event(draw), BY, AT, REF),
    FaultLocated: lambda draw: FaultLocated(_fault(draw), CITY, AT),
    FaultRestored: lambda draw: FaultRestored(_fault(draw), CITY, AT, AT),
    FaultTold: lambda draw: FaultTold(_fault(draw), CITY, AT),
    HabilitationEnded: lambda draw: HabilitationEnded(_account(draw), Pseudonym("p"), "acte", AT),
    HabilitationRenewed: lambda draw: HabilitationRenewed(_account(draw), False, AT),
    HoursAnnounced: _hours,
    JointActProposed: _proposed,
    JournalConsulted: lambda draw: JournalConsulted(JournalQuestion(), "viewings", BY, AT),
    KeysInstalled: lambda draw: KeysInstalled(draw.one(_KEYS), REF, (), AT),
    KeysReplaced: _replaced_keys,
    LinkFaultLocated: lambda draw: LinkFaultLocated(_link_fault(draw), None, AT),
    LinkFaultClosed: lambda draw: LinkFaultClosed(_link_fault(draw), None, AT),
    LinkFaultRestored: lambda draw: LinkFaultRestored(_link_fault(draw), None, AT, AT),
    LinkFaultTold: lambda draw: LinkFaultTold(_link_fault(draw), None, AT),
    LayoutKept: lambda draw: LayoutKept(
        Layout(
            station(draw.one(("csu-operator", "cic-second"))).id,
            draw.one((Role.CIC_OPERATOR, Role.CSU_OPERATOR)),
            draw.one(("[]", "[1]")),
        )
    ),
    LeaseAsked: lambda draw: LeaseAsked(_lease(draw), draw.one((None, _word(draw))), (), REF, E1_REF),
    LeaseContinued: _lease_continued,
    LeaseEnded: lambda draw: LeaseEnded(_lease(draw), GIVEN_BACK, AT, REF, E1_REF),
    LeaseGranted: _lease_granted,
    LeaseMoved: lambda draw: LeaseMoved(_lease(draw), AT, AT, 1, AT, REF),
    LeaseProlonged: lambda draw: LeaseProlonged(_lease(draw)),
    LeaseRelieved: lambda draw: LeaseRelieved(_lease(draw), None, BY, AT, REF),
    LedgerRestored: lambda draw: LedgerRestored(RecordedAct.RESTORED, (), {}, AT),
    NodeStarted: lambda draw: NodeStarted(2, AT),
    NoteRead: _note_read,
    NoteWritten: _note_written,
    OrderConfirmed: lambda draw: OrderConfirmed(camera(draw.one((5, 6))), "arrêté", BY, AT, REF),
    OwnerReplied: lambda draw: OwnerReplied(requester("cic-operator"), REF, OPEN_ASKED, None, AT, ()),
    OwnRoomUnrecorded: lambda draw: OwnRoomUnrecorded(AT, 1, 0, AT),
    PartyLeft: _left,
    ResolutionMade: lambda draw: ResolutionMade(
        (owed_to(draw.one((CITY, STATE)), _resolved(draw)),), _resolved(draw), BY
    ),
    ResolutionReceived: lambda draw: ResolutionReceived(draw.one((CITY, STATE)), _resolved(draw), AT, ("jws",)),
    ResolutionSettled: lambda draw: ResolutionSettled(draw.one((CITY, STATE)), draw.one(("r-1", "r-2"))),
    RoomDeclared: lambda draw: RoomDeclared(_centre(draw), "évacuation", BY, AT, REF),
    SessionClosed: lambda draw: SessionClosed(_session(draw).cookie_sha256),
    SessionOpened: lambda draw: SessionOpened(_session(draw), CITY),
    SessionRelieved: _relieved_session,
    SessionSeen: lambda draw: SessionSeen(_session(draw)),
    StationEnded: lambda draw: StationEnded(_station(draw), BY, AT),
    StationEnrolled: lambda draw: StationEnrolled(_station(draw), None, AT),
    StationRegistered: lambda draw: StationRegistered(_station(draw), BY, AT),
    StreamSuspended: _suspended,
    SuspensionLifted: _lifted,
    TermAnnounced: _told,
    TextInstalled: lambda draw: TextInstalled(text(_text(draw)), draw.one((None, _before(draw))), AT),
    TextReplaced: lambda draw: TextReplaced(text(_text(draw)), _before(draw), BY, AT),
    ViewingEnded: _ended,
    ViewingOpened: _opened,
    ViewingProlonged: _prolonged,
    ViewingRelieved: _relieved,
    LogConfirmed: lambda draw: LogConfirmed("vu", BY, AT),
    LogContradicted: lambda draw: LogContradicted(RecordedAct.LOG_FORKED, PartyId("etat"), ("a", "b"), AT),
    TablesMended: lambda draw: TablesMended({"ledger_viewings": 1}, ("v-1",), AT),
    WritesRefused: lambda draw: WritesRefused(AT, "disk", 1, AT),
}
"""How one of each kind is drawn; None where none can follow what was drawn before."""
_KINDS = sorted(MAKERS, key=lambda kind: kind.__name__)
_SUBJECTS = (
    (ViewingOpened, ViewingProlonged, ViewingRelieved, ViewingEnded),
    (LeaseAsked, LeaseGranted, LeaseContinued, LeaseProlonged, LeaseRelieved, LeaseEnded),
    (AuthorisationGiven, AuthorisationRefused, AuthorisationWithdrawn, AuthorisationOver, LeaseAsked),
    (StreamSuspended, SuspensionLifted),
    (EventOpened, EventAmended, EventClosed, EventKept),
    (TextInstalled, TextReplaced, TermAnnounced, PartyLeft),
    (KeysInstalled, JointActProposed, KeysReplaced, PartyLeft),
    (AccountOpened, AccountChanged, HabilitationRenewed, HabilitationEnded),
    (StationEnrolled, StationRegistered, StationEnded),
    (SessionOpened, SessionSeen, SessionRelieved, SessionClosed),
    (FaultTold, FaultLocated, FaultRestored),
    (LinkFaultTold, LinkFaultLocated, LinkFaultRestored, LinkFaultClosed),
    (CataloguePublished, CatalogueReceived, MessageTaken),
    (ResolutionMade, ResolutionReceived, ResolutionSettled),
    (MotiveDisclosed, DisclosureTaken, MotiveReceived, ViewingOpened),
    (NoteWritten, NoteRead, HoursAnnounced, RoomDeclared, AuthorisationDeclared),
)
"""Those that change the same thing: drawn together more often than chance would have it."""


def any_changes(data: st.DataObject, first: type, *, most: int = CHANGES_MAX) -> list[Change]:
    """Draw one to `most` changes that follow the small city's own; one of the kind `first` begins."""
    draw = _Draw(data)
    alike = next((kinds for kinds in _SUBJECTS if first in kinds), _KINDS)
    among = data.draw(st.sampled_from((alike, alike, _KINDS)))
    kinds = data.draw(st.lists(st.sampled_from(among), max_size=most - 1))
    drawn = (MAKERS[kind](draw) for kind in (first, *kinds))
    return [change for change in drawn if change is not None]

"""Any changes, on few ids, so that they meet one another: a strategy for Hypothesis over the whole closed union.

They come in an order in which steps could make them: what is over is not taken up again, a flow is suspended once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from hypothesis import strategies as st

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
    Change,
    CrewDeclared,
    Decided,
    EventAmended,
    EventClosed,
    EventKept,
    EventOpened,
    HabilitationEnded,
    HabilitationRenewed,
    HoursAnnounced,
    JournalConsulted,
    LayoutKept,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseMoved,
    LeaseProlonged,
    LeaseRelieved,
    LedgerRestored,
    LogConfirmed,
    LogContradicted,
    NodeStarted,
    NoteRead,
    NoteWritten,
    OrderConfirmed,
    OwnRoomUnrecorded,
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
    OralWord,
)
from belvedere.domain.centre import CentreState
from belvedere.domain.events import Event
from belvedere.domain.ids import AuthorisationId, PartyId, Pseudonym, ServiceId, StationId, ViewingId
from belvedere.domain.journal import JournalQuestion
from belvedere.domain.leases import Awaits, Lease, OwedNotice
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Role
from tests.unit.changes.small_city import (
    AT,
    CITY,
    E1_REF,
    GIVEN_BACK,
    MARKDOWN,
    OPENERS,
    REF,
    RUNNING,
    SEVEN_STREAMS,
    SIGNED_IN,
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
    note,
    opened,
    owed_notice,
    requester,
    session,
    sha256,
    station,
    subject,
    suspended,
    suspension,
    text,
    told,
    viewing,
    words,
)

T = TypeVar("T")
BY = subject("police-director")
CHANGES_MAX = 8


@dataclass
class _Draw:
    """What was drawn so far, as far as what comes next depends on it."""

    data: st.DataObject
    over: set[ViewingId] = field(default_factory=set)
    suspended: set[int] = field(default_factory=lambda: {SUSPENDED_CAMERA})
    stopped: int = 0
    notes: set[str] = field(default_factory=lambda: {"h-1"})

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
    Decided: lambda draw: decided(draw.login()),
    EventAmended: lambda draw: EventAmended(_event(draw), BY, AT, REF),
    EventClosed: lambda draw: EventClosed(_event(draw), BY, AT, REF),
    EventKept: lambda draw: EventKept(_event(draw)),
    EventOpened: lambda draw: EventOpened(_event(draw), BY, AT, REF),
    HabilitationEnded: lambda draw: HabilitationEnded(_account(draw), Pseudonym("p"), "acte", AT),
    HabilitationRenewed: lambda draw: HabilitationRenewed(_account(draw), False, AT),
    HoursAnnounced: _hours,
    JournalConsulted: lambda draw: JournalConsulted(JournalQuestion(), "viewings", BY, AT),
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
    OwnRoomUnrecorded: lambda draw: OwnRoomUnrecorded(AT, 1, 0, AT),
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
    (TextInstalled, TextReplaced, TermAnnounced),
    (AccountOpened, AccountChanged, HabilitationRenewed, HabilitationEnded),
    (StationEnrolled, StationRegistered, StationEnded),
    (SessionOpened, SessionSeen, SessionRelieved, SessionClosed),
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

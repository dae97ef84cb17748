"""What live keeps, over the store's tables (implements the ports of `live`)."""

import itertools
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.agents.model import Session, standing_of
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
from belvedere.domain.record import Record
from belvedere.domain.request import Holder
from belvedere.domain.standing import Standing
from belvedere.domain.vocabulary import EventKind, SuspensionGround
from belvedere.live.model import (
    CentreState,
    ConventionText,
    Event,
    HandoverNote,
    HoursVaried,
    Suspension,
    TermTold,
    Viewing,
)
from belvedere.store.agents_rows import AgentsRows, AgentsWriting
from belvedere.store.agents_tables import accounts, sessions
from belvedere.store.database import Database, WriteTransaction
from belvedere.store.handover_rows import agent_labels, put_note, remove_note, unread_notes
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.live_tables import (
    centre,
    convention_texts,
    convention_texts_replaced,
    events,
    hours_varied,
    orders_confirmed,
    suspended_viewings,
    suspensions,
    terms_told,
    viewings,
    viewings_stamp,
)

T = TypeVar("T")
EVENTS_SHOWN_MAX = 200
BEGIN_WITHIN_S = 30.0


def _instant_or_none(at_us: int | None) -> Instant | None:
    return None if at_us is None else instant(at_us)


def _us_or_none(at: Instant | None) -> int | None:
    return None if at is None else microseconds(at)


def _event(row: Row[Any]) -> Event:
    return Event(
        id=EventId(row.id),
        party=PartyId(row.party),
        kind=EventKind(row.kind),
        opened_at=instant(row.opened_at_us),
        opened_by=AgentId(row.opened_by),
        opened_by_pseudonym=Pseudonym(row.opened_by_pseudonym),
        kept_by=AgentId(row.kept_by),
        kept_by_pseudonym=Pseudonym(row.kept_by_pseudonym),
        sector=row.sector,
        motive=row.motive,
        dispatch_number=row.dispatch_number,
        closed_at=_instant_or_none(row.closed_at_us),
    )


def _viewing(row: Row[Any]) -> Viewing:
    return Viewing(
        id=ViewingId(row.id),
        camera=CameraId(row.camera),
        party=PartyId(row.party),
        service=ServiceId(row.service),
        agent=AgentId(row.agent),
        pseudonym=Pseudonym(row.pseudonym),
        agent_label=row.agent_label,
        station=StationId(row.station),
        event=None if row.event is None else EventId(row.event),
        purpose=row.purpose,
        since=instant(row.since_us),
        valid_until=_instant_or_none(row.valid_until_us),
        session_sha256=row.session_sha256,
        articles=tuple(ArticleRef(article) for article in row.articles.split()),
        slot=row.slot,
    )


def _suspension(row: Row[Any]) -> Suspension:
    return Suspension(
        camera=CameraId(row.camera),
        party=PartyId(row.party),
        ground=SuspensionGround(row.ground),
        reason=row.reason,
        since=instant(row.since_us),
        by_role=row.by_role,
        by_label=row.by_label,
        viewing=ViewingId(row.viewing),
    )


def _hours(row: Row[Any]) -> HoursVaried:
    return HoursVaried(
        day=date.fromisoformat(row.day),
        open=time.fromisoformat(row.open),
        close=time.fromisoformat(row.close),
        reason=row.reason,
    )


class Running:
    """The running viewings as one committed or attempted state of the table holds them. Never changed once kept."""

    def __init__(self, viewings_by_id: dict[ViewingId, Viewing]) -> None:
        self.viewings = viewings_by_id
        self._slots: dict[PartyId, dict[CameraId, list[Viewing]]] = {}
        self._holders: dict[PartyId, tuple[Holder, ...]] = {}

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return each camera in flow to `party` with each service that watches it; worked out once."""
        found = self._holders.get(party)
        if found is None:
            found = tuple(
                Holder(camera=camera, service=service)
                for camera, watching in self.slots(party).items()
                for service in dict.fromkeys(viewing.service for viewing in watching)
            )
            self._holders[party] = found
        return found

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the cameras in flow to `party`, each with its viewings, oldest first; worked out once."""
        found = self._slots.get(party)
        if found is None:
            found = {}
            for viewing in self.viewings.values():
                if viewing.party == party:
                    found.setdefault(viewing.camera, []).append(viewing)
            self._slots[party] = found
        return found


class RunningKept:
    """The last few states of the running viewings, by the stamp that stands in the database beside the table.

    A stamp is used once in a process, whatever becomes of its transaction, so a stamp that is read back names exactly
    the state that was written with it. Shared by the writer's and the readers' threads.
    """

    _KEPT_MAX = 8

    def __init__(self) -> None:
        self._stamps = itertools.count(1)
        self._states: OrderedDict[int, Running] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, connection: Connection) -> None:
        """Forget what an earlier process stamped: its stamps mean nothing here."""
        connection.execute(
            upsert(viewings_stamp).values(id=1, stamp=0).on_conflict_do_update(index_elements=["id"], set_={"stamp": 0})
        )

    def read(self, connection: Connection) -> Running:
        """Return the state that this snapshot holds."""
        stamp = connection.scalar(select(viewings_stamp.c.stamp)) or 0
        with self._lock:
            kept = self._states.get(stamp)
        if kept is not None:
            return kept
        # SQLite's own row numbers follow the order of opening, even where two instants are equal.
        rows = connection.execute(select(viewings).order_by(literal_column("viewings.rowid")))
        state = Running({ViewingId(row.id): _viewing(row) for row in rows})
        if stamp:
            self._keep(stamp, state)
        return state

    def write(self, connection: Connection, state: Running) -> None:
        """Stamp the state that a transaction leaves behind."""
        stamp = next(self._stamps)
        connection.execute(update(viewings_stamp).values(stamp=stamp))
        self._keep(stamp, state)

    def _keep(self, stamp: int, state: Running) -> None:
        with self._lock:
            self._states[stamp] = state
            while len(self._states) > self._KEPT_MAX:
                self._states.popitem(last=False)


_LISTED = select(func.json_each(bindparam("ended")).table_valued("value").c.value)
_REMOVE_VIEWINGS = delete(viewings).where(viewings.c.id.in_(_LISTED))
_EVENTS_WATCHED = select(events).where(events.c.id.in_(select(viewings.c.event)))


class LiveRows:
    """A consistent view: one connection, one snapshot. What is read is kept, and kept up to date by writes."""

    def __init__(self, connection: Connection, *, zone: ZoneInfo, kept: RunningKept) -> None:
        self._connection = connection
        self._zone = zone
        self._kept = kept
        self._running: Running | None = None
        self._events: dict[EventId, Event | None] = {}
        self._all_asked = False
        self._standings: dict[tuple[AgentId, StationId, date], Standing] = {}
        self._suspended: dict[tuple[CameraId, PartyId], Suspension] | None = None
        self._centre: CentreState | None = None
        self._hours: dict[date, HoursVaried | None] = {}

    def event(self, event: EventId) -> Event | None:
        """Return the event, or None."""
        if event not in self._events and self._all_asked:
            # Who asked for every viewing asks for their events next: one query in the place of as many as there are.
            self._all_asked = False
            for watched in map(_event, self._connection.execute(_EVENTS_WATCHED)):
                self._events.setdefault(watched.id, watched)
        if event not in self._events:
            row = self._connection.execute(select(events).where(events.c.id == event)).one_or_none()
            self._events[event] = None if row is None else _event(row)
        return self._events[event]

    def events(self, party: PartyId | None) -> Sequence[Event]:
        """Return the party's newest events, open ones first."""
        query = select(events).order_by(events.c.closed_at_us.is_not(None), events.c.opened_at_us.desc())
        if party is not None:
            query = query.where(events.c.party == party)
        return [_event(row) for row in self._connection.execute(query.limit(EVENTS_SHOWN_MAX))]

    def events_kept_by(self, agent: AgentId) -> Sequence[Event]:
        """Return the open events whose keeper is `agent`, newest first."""
        query = select(events).where(events.c.closed_at_us.is_(None), events.c.kept_by == agent)
        return [_event(row) for row in self._connection.execute(query.order_by(events.c.opened_at_us.desc()))]

    def viewing(self, viewing: ViewingId) -> Viewing | None:
        """Return the running viewing, or None."""
        return self._state().viewings.get(viewing)

    def viewings(self) -> Sequence[Viewing]:
        """Return every running viewing, oldest first."""
        self._all_asked = True
        return list(self._state().viewings.values())

    def suspension(self, camera: CameraId, party: PartyId) -> Suspension | None:
        """Return the suspension of this camera's flow to this party, or None."""
        if self._suspended is None:
            self._suspended = {(each.camera, each.party): each for each in self.suspensions()}
        return self._suspended.get((camera, party))

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the cameras in flow to `party`, each with its viewings, oldest first."""
        return self._state().slots(party)

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return each camera in flow to `party` with each service that watches it, oldest first."""
        return self._state().holders(party)

    def hours_varied(self, day: date) -> HoursVaried | None:
        """Return the other hours announced for the opening of `day`, or None."""
        if day not in self._hours:
            row = self._connection.execute(
                select(hours_varied).where(hours_varied.c.day == day.isoformat())
            ).one_or_none()
            self._hours[day] = None if row is None else _hours(row)
        return self._hours[day]

    def hours_varied_from(self, day: date) -> Sequence[HoursVaried]:
        """Return every variation from `day` on, in order."""
        rows = self._connection.execute(
            select(hours_varied).where(hours_varied.c.day >= day.isoformat()).order_by(hours_varied.c.day)
        )
        return [_hours(row) for row in rows]

    def convention_text(self, convention: str) -> ConventionText | None:
        """Return the text in force as it is kept, or None before the first."""
        row = self._connection.execute(
            select(convention_texts).where(convention_texts.c.id == convention)
        ).one_or_none()
        if row is None:
            return None
        return ConventionText(row.id, row.sha256, row.markdown, row.signatures, instant(row.since_us))

    def convention_texts_replaced(self, convention: str) -> frozenset[str]:
        """Return the hashes of the texts that were in force before."""
        table = convention_texts_replaced
        return frozenset(self._connection.scalars(select(table.c.sha256).where(table.c.id == convention)))

    def terms_told(self, convention: str) -> Sequence[TermTold]:
        """Return what was told about a convention's term, in order."""
        rows = self._connection.execute(
            select(terms_told)
            .where(terms_told.c.convention == convention)
            .order_by(terms_told.c.told_on, literal_column("terms_told.rowid"))
        )
        return [TermTold(row.convention, row.kind, date.fromisoformat(row.told_on), row.act) for row in rows]

    def orders_confirmed(self) -> frozenset[CameraId]:
        """Return the cameras whose ended order the director confirmed for the own room."""
        return frozenset(CameraId(camera) for camera in self._connection.scalars(select(orders_confirmed.c.camera)))

    def handover_notes(self, party: PartyId, service: ServiceId) -> Sequence[HandoverNote]:
        """Return what a party's service has not read yet, oldest first."""
        return unread_notes(self._connection, party, service)

    def agent_labels(self, agents: Collection[AgentId]) -> Mapping[AgentId, str]:
        """Return how these agents are called in their own room."""
        return agent_labels(self._connection, agents)

    def suspension_by_viewing(self, viewing: ViewingId) -> Suspension | None:
        """Return the suspension in force that ended `viewing`, or None."""
        row = self._connection.execute(
            select(suspended_viewings).where(suspended_viewings.c.viewing == viewing)
        ).one_or_none()
        return None if row is None else self.suspension(CameraId(row.camera), PartyId(row.party))

    def suspensions(self) -> Sequence[Suspension]:
        """Return all suspensions in force, oldest first."""
        rows = self._connection.execute(select(suspensions).order_by(suspensions.c.since_us))
        return [_suspension(row) for row in rows]

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return whether the agent is habilitated on the day of `at`, and the station registered."""
        key = (agent, station, at.astimezone(self._zone).date())
        if key not in self._standings:
            self._standings[key] = self._standing(agent, station, at)
        return self._standings[key]

    def _standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        kept = AgentsRows(self._connection)
        return standing_of(kept.account(agent), kept.station(station), at=at, zone=self._zone)

    def signed_in(self, session_sha256: bytes) -> bool:
        """Return whether the session is open."""
        return AgentsRows(self._connection).session(session_sha256) is not None

    def sessions_open(self) -> frozenset[bytes]:
        """Return the digests of the sessions that are open."""
        return frozenset(self._connection.scalars(select(sessions.c.cookie_sha256)))

    def service_of(self, agent: AgentId) -> ServiceId | None:
        """Return the service of an agent, or None."""
        service = self._connection.scalar(select(accounts.c.service).where(accounts.c.agent == agent))
        return None if service is None else ServiceId(service)

    def centre(self) -> CentreState:
        """Return what was declared about the centre."""
        if self._centre is None:
            row = self._connection.execute(select(centre)).one_or_none()
            self._centre = (
                CentreState()
                if row is None
                else CentreState(inactive=row.inactive, authorisation_withdrawn=row.authorisation_withdrawn)
            )
        return self._centre

    def _state(self) -> Running:
        if self._running is None:
            self._running = self._kept.read(self._connection)
        return self._running


class LiveWriting(LiveRows):
    """One transaction of the single writer."""

    def __init__(self, transaction: WriteTransaction, *, zone: ZoneInfo, kept: RunningKept) -> None:
        super().__init__(transaction.connection, zone=zone, kept=kept)
        self._transaction = transaction
        self._changed = False

    def close(self) -> None:
        """Stamp what the transaction leaves of the running viewings."""
        if self._changed:
            self._kept.write(self._connection, self._state())

    def put_event(self, event: Event) -> None:
        """Insert or replace an event."""
        self._events[event.id] = event
        values = {
            "party": event.party,
            "kind": event.kind.value,
            "opened_at_us": microseconds(event.opened_at),
            "opened_by": event.opened_by,
            "opened_by_pseudonym": event.opened_by_pseudonym,
            "kept_by": event.kept_by,
            "kept_by_pseudonym": event.kept_by_pseudonym,
            "sector": event.sector,
            "motive": event.motive,
            "dispatch_number": event.dispatch_number,
            "closed_at_us": _us_or_none(event.closed_at),
        }
        self._connection.execute(
            upsert(events).values(id=event.id, **values).on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def put_viewing(self, viewing: Viewing) -> None:
        """Insert or replace a running viewing."""
        values = {
            "camera": viewing.camera,
            "party": viewing.party,
            "service": viewing.service,
            "agent": viewing.agent,
            "pseudonym": viewing.pseudonym,
            "agent_label": viewing.agent_label,
            "station": viewing.station,
            "event": viewing.event,
            "purpose": viewing.purpose,
            "since_us": microseconds(viewing.since),
            "valid_until_us": _us_or_none(viewing.valid_until),
            "session_sha256": viewing.session_sha256,
            "articles": " ".join(viewing.articles),
            "slot": viewing.slot,
        }
        self._connection.execute(
            upsert(viewings).values(id=viewing.id, **values).on_conflict_do_update(index_elements=["id"], set_=values)
        )
        self._running = Running(self._state().viewings | {viewing.id: viewing})
        self._changed = True

    def remove_viewings(self, ended: Sequence[ViewingId]) -> None:
        """Remove running viewings: they have ended."""
        if not ended:
            return
        self._connection.execute(_REMOVE_VIEWINGS, {"ended": json.dumps(ended)})
        gone = set(ended)
        self._running = Running({key: kept for key, kept in self._state().viewings.items() if key not in gone})
        self._changed = True

    def put_suspension(self, suspension: Suspension, *, ended: Sequence[ViewingId]) -> None:
        """Insert a suspension and the viewings that it ends."""
        self._suspended = None
        self._connection.execute(
            insert(suspensions).values(
                camera=suspension.camera,
                party=suspension.party,
                ground=suspension.ground.value,
                reason=suspension.reason,
                since_us=microseconds(suspension.since),
                by_role=suspension.by_role,
                by_label=suspension.by_label,
                viewing=suspension.viewing,
            )
        )
        for viewing in ended:
            self._connection.execute(
                insert(suspended_viewings).values(viewing=viewing, camera=suspension.camera, party=suspension.party)
            )

    def lift_suspension(self, camera: CameraId, party: PartyId) -> None:
        """Remove a suspension."""
        self._suspended = None
        for table in (suspensions, suspended_viewings):
            self._connection.execute(delete(table).where(table.c.camera == camera, table.c.party == party))

    def put_centre(self, state: CentreState) -> None:
        """Replace the centre's declared state."""
        self._centre = state
        values = {
            "inactive": state.inactive,
            "authorisation_withdrawn": state.authorisation_withdrawn,
        }
        self._connection.execute(
            upsert(centre).values(id=1, **values).on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def put_hours(self, varied: HoursVaried) -> None:
        """Insert or replace the hours of one day."""
        values = {
            "open": varied.open.isoformat("minutes"),
            "close": varied.close.isoformat("minutes"),
            "reason": varied.reason,
        }
        self._connection.execute(
            upsert(hours_varied)
            .values(day=varied.day.isoformat(), **values)
            .on_conflict_do_update(index_elements=["day"], set_=values)
        )
        self._hours.clear()

    def remove_hours(self, day: date) -> None:
        """Give a day its usual hours back."""
        self._connection.execute(delete(hours_varied).where(hours_varied.c.day == day.isoformat()))
        self._hours.clear()

    def put_convention(self, text: ConventionText) -> None:
        """Put a convention's text in force; the one before it is kept among those replaced, by its hash."""
        before = self.convention_text(text.id)
        if before is not None and before.sha256 != text.sha256:
            self._connection.execute(
                upsert(convention_texts_replaced).values(id=text.id, sha256=before.sha256).on_conflict_do_nothing()
            )
        values = {
            "sha256": text.sha256,
            "markdown": text.markdown,
            "signatures": text.signatures,
            "since_us": microseconds(text.since),
        }
        self._connection.execute(
            upsert(convention_texts)
            .values(id=text.id, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def put_handover_note(self, note: HandoverNote) -> None:
        """Keep a note of handover until it is read."""
        put_note(self._connection, note)

    def remove_handover_note(self, note: str) -> None:
        """Take away a note of handover that was read."""
        remove_note(self._connection, note)

    def put_term_told(self, told: TermTold) -> None:
        """Keep what was told about a term."""
        self._connection.execute(
            insert(terms_told).values(
                convention=told.convention, kind=told.kind, told_on=told.on.isoformat(), act=told.act
            )
        )

    def take_term_back(self, convention: str, on: date) -> bool:
        """Forget what was told about a term on a day; False where nothing was."""
        gone = self._connection.execute(
            delete(terms_told).where(terms_told.c.convention == convention, terms_told.c.told_on == on.isoformat())
        )
        return gone.rowcount > 0

    def confirm_order(self, camera: CameraId) -> None:
        """Keep the director's confirmation."""
        self._connection.execute(
            upsert(orders_confirmed).values(camera=camera).on_conflict_do_nothing(index_elements=["camera"])
        )

    def swap_session(
        self, former: bytes, relief: bytes, *, agent: AgentId, station: StationId, opened_at: Instant
    ) -> None:
        """Open the relief's session in the place of the former one (digests of their cookies)."""
        writing = AgentsWriting(self._transaction)
        writing.remove_session(former)
        writing.put_session(Session(relief, agent, station, opened_at=opened_at, seen_at=opened_at))

    def append(self, record: Record) -> int:
        """Append to the ledger in this transaction; return the index."""
        return self._transaction.append(record)


class SqlLiveStore:
    """Durable state of live (implements `live.ports.LiveStore`). `zone`: where habilitation days begin."""

    def __init__(self, database: Database, *, zone: ZoneInfo, record_within_s: float) -> None:
        self._database = database
        self._zone = zone
        self._record_within_s = record_within_s
        self._kept = RunningKept()

    async def begin(self) -> None:
        """Prepare for this process; before anything else is asked."""
        await self._database.write(
            lambda transaction: self._kept.begin(transaction.connection), timeout_s=BEGIN_WITHIN_S
        )

    async def transact(
        self,
        work: Callable[[LiveWriting], T],
        *,
        essential: bool = False,
        patient: bool = False,
        on_late: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` on the writer; return once durable; raises `NotRecorded`."""

        def work_and_stamp(transaction: WriteTransaction) -> T:
            writing = LiveWriting(transaction, zone=self._zone, kept=self._kept)
            value = work(writing)
            writing.close()
            return value

        return await self._database.write(
            work_and_stamp,
            timeout_s=None if patient else self._record_within_s,
            essential=essential,
            on_late=on_late,
        )

    async def read(self, work: Callable[[LiveRows], T], *, essential: bool = False) -> T:
        """Run `work` on a snapshot; raises `NotRead`."""
        return await self._database.read(
            lambda connection: work(LiveRows(connection, zone=self._zone, kept=self._kept)), essential=essential
        )

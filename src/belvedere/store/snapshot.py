"""One consistent state of the node, over the store's tables (implements `spine.snapshot.Snapshot`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from belvedere.changes.joining import JointProposal
from belvedere.domain.agents import Account, Layout, Session, Station
from belvedere.domain.authorisations import Authorisation, CrewEngaged, Deputy
from belvedere.domain.centre import CentreState, HoursVaried
from belvedere.domain.clock import Instant
from belvedere.domain.convention_texts import ConventionText, TermTold
from belvedere.domain.events import Event
from belvedere.domain.faults import Fault, FaultPlace, Lost
from belvedere.domain.handover_notes import HandoverNote
from belvedere.domain.ids import (
    AgentId,
    AuthorisationId,
    CameraId,
    EventId,
    LeaseId,
    LookId,
    PartyId,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.leases import Lease, LeaseOver, OwedNotice
from belvedere.domain.looks import Look
from belvedere.domain.request import Holder
from belvedere.domain.source_causes import SourceCause
from belvedere.domain.standing import Standing
from belvedere.domain.suspensions import Suspension
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Role
from belvedere.inventory.catalogue import Catalogue, Replica
from belvedere.ledger.pinned_keys import KeptKeys
from belvedere.policy import Convention
from belvedere.policy.standing import standing_of
from belvedere.spine.running import Running
from belvedere.spine.snapshot import Place
from belvedere.spine.texts import between, told_of
from belvedere.store import peer_rows
from belvedere.store.agents_tables import accounts, layouts, sessions, stations
from belvedere.store.handover_rows import agent_labels, unread_notes
from belvedere.store.joining_rows import read_keys_in_force, read_keys_replaced, read_proposals
from belvedere.store.kept_state import Declared, KeptStates, State
from belvedere.store.ledger_rows import instant
from belvedere.store.live_tables import (
    convention_texts,
    convention_texts_replaced,
    events,
    faults,
    orders_confirmed,
    suspended_viewings,
    viewings,
)
from belvedere.store.rows import account_of, event_of, session_of, station_of
from belvedere.store.steering_rows import (
    read_authorisation,
    read_authorisations,
    read_crews_engaged,
    read_deputies,
    read_fence,
    read_lease_over,
    read_leases,
    read_look,
    read_looks,
    read_owed_notices,
)

EVENTS_SHOWN_MAX = 200
_EVENTS_WATCHED = select(events).where(events.c.id.in_(select(viewings.c.event)))


class SqlSnapshot:
    """A consistent view: one connection, one snapshot. What is read once is not read again."""

    def __init__(self, connection: Connection, place: Place, *, kept: KeptStates) -> None:
        self._connection = connection
        self._place = place
        self._kept = kept
        self._state_read: State | None = None
        self._events: dict[EventId, Event | None] = {}
        self._all_asked = False
        self._standings: dict[tuple[AgentId, StationId, date], Standing] = {}
        self._conventions: Sequence[Convention] | None = None
        self._leases: Mapping[LeaseId, Lease] | None = None
        self._words: Sequence[Authorisation] | None = None

    @property
    def place(self) -> Place:
        """Where the step runs."""
        return self._place

    # Conventions.

    def conventions(self) -> Sequence[Convention]:
        """Return every convention in force, in the order of the settings."""
        if self._conventions is None:
            texts = self._place.texts
            kept = self._declared.texts
            found = (
                texts.unrecorded(each, kept.get(each)) or self._compiled(each, kept.get(each)) for each in texts.ids
            )
            self._conventions = [each for each in found if each is not None]
        return self._conventions

    def _compiled(self, convention: str, sha256: str | None) -> Convention | None:
        if sha256 is None:
            return None
        told = told_of(self.terms_told(convention))
        kept = self._place.texts.kept(convention, sha256, told)
        if kept is not None:
            return kept
        text = self.convention_text(convention)
        assert text is not None, "its row has just been read"
        return self._place.texts.of(text, told)

    def convention_between(self, owner: PartyId, party: PartyId) -> Convention | None:
        """Return the convention under which `party` asks for `owner`'s cameras, or None for a stranger."""
        return between(self.conventions(), self._place.party, owner, party)

    # Rights.

    def event(self, event: EventId) -> Event | None:
        """Return the event, or None."""
        if event not in self._events and self._all_asked:
            # Who asked for every viewing asks for their events next: one query in the place of as many as there are.
            self._all_asked = False
            for watched in map(event_of, self._connection.execute(_EVENTS_WATCHED)):
                self._events.setdefault(watched.id, watched)
        if event not in self._events:
            row = self._connection.execute(select(events).where(events.c.id == event)).one_or_none()
            self._events[event] = None if row is None else event_of(row)
        return self._events[event]

    def events(self, party: PartyId | None) -> Sequence[Event]:
        """Return the party's newest events, open ones first."""
        query = select(events).order_by(events.c.closed_at_us.is_not(None), events.c.opened_at_us.desc())
        if party is not None:
            query = query.where(events.c.party == party)
        return [event_of(row) for row in self._connection.execute(query.limit(EVENTS_SHOWN_MAX))]

    def events_kept_by(self, agent: AgentId) -> Sequence[Event]:
        """Return the open events whose keeper is `agent`, newest first."""
        query = select(events).where(events.c.closed_at_us.is_(None), events.c.kept_by == agent)
        return [event_of(row) for row in self._connection.execute(query.order_by(events.c.opened_at_us.desc()))]

    def running(self) -> Running:
        """Return the viewings that hold slots."""
        return self.state.the_running(self._connection)

    @property
    def state(self) -> State:
        """The state that this snapshot holds, as far as it is kept."""
        if self._state_read is None:
            self._state_read = self._kept.of(self._connection)
        return self._state_read

    @property
    def _declared(self) -> Declared:
        return self.state.the_declared(self._connection)

    def ending(self) -> frozenset[ViewingId]:
        """Return none: what is ending waits in the tail."""
        return frozenset()

    def viewing(self, viewing: ViewingId) -> Viewing | None:
        """Return the running viewing, or None."""
        return self.running().by_id.get(viewing)

    def viewings(self) -> Sequence[Viewing]:
        """Return every running viewing, oldest first."""
        self._all_asked = True
        return list(self.running().by_id.values())

    def suspension(self, camera: CameraId, party: PartyId) -> Suspension | None:
        """Return the suspension of this camera's flow to this party, or None."""
        return self._declared.suspensions.get((camera, party))

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the cameras in flow to `party`, each with its viewings, oldest first."""
        return self.running().slots(party)

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return each camera in flow to `party` with each service that watches it, oldest first."""
        return self.running().holders(party)

    # Who steers.

    def leases(self) -> Sequence[Lease]:
        """Return every lease that is held or asked for, by when it was asked for."""
        return list(self._leases_by_id.values())

    def lease(self, lease: LeaseId) -> Lease | None:
        """Return the lease that is held or asked for, or None."""
        return self._leases_by_id.get(lease)

    @property
    def _leases_by_id(self) -> Mapping[LeaseId, Lease]:
        if self._leases is None:
            self._leases = {each.id: each for each in read_leases(self._connection)}
        return self._leases

    def lease_over(self, lease: LeaseId) -> LeaseOver | None:
        """Return what is kept of a lease that is over, or None."""
        return read_lease_over(self._connection, lease)

    def fence(self, camera: CameraId) -> int:
        """Return the newest fence of a camera, 0 for one that was never steered."""
        return read_fence(self._connection, camera)

    def authorisation(self, authorisation: AuthorisationId) -> Authorisation | None:
        """Return the authorisation, whatever became of it, or None."""
        return read_authorisation(self._connection, authorisation)

    def authorisations(self) -> Sequence[Authorisation]:
        """Return those that are asked for or given, oldest first."""
        if self._words is None:
            self._words = read_authorisations(self._connection)
        return self._words

    def owed_notices(self) -> Sequence[OwedNotice]:
        """Return every notice that is owed, oldest first."""
        return read_owed_notices(self._connection)

    def crews_engaged(self) -> Sequence[CrewEngaged]:
        """Return the cameras at which a crew is engaged, by camera."""
        return read_crews_engaged(self._connection)

    def deputies(self) -> Sequence[Deputy]:
        """Return whom the director named, their terms past or not, by agent."""
        return read_deputies(self._connection)

    def look(self, look: LookId) -> Look | None:
        """Return the look that was asked for, whatever became of it, or None."""
        return read_look(self._connection, look)

    def looks(self) -> Sequence[Look]:
        """Return every look that was asked for, oldest first."""
        return read_looks(self._connection)

    # What is declared.

    def hours_varied(self, day: date) -> HoursVaried | None:
        """Return the other hours announced for the opening of `day`, or None."""
        return self._declared.hours.get(day)

    def hours_varied_from(self, day: date) -> Sequence[HoursVaried]:
        """Return every variation from `day` on, in order."""
        return [each for at, each in sorted(self._declared.hours.items()) if at >= day]

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

    def convention_keys(self, convention: str) -> KeptKeys | None:
        """Return the keys that a convention pins, or None."""
        return read_keys_in_force(self._connection, convention)

    def convention_keys_replaced(self, convention: str) -> Sequence[KeptKeys]:
        """Return the keys that were in force before, oldest first."""
        return read_keys_replaced(self._connection, convention)

    def joint_proposals(self) -> Sequence[JointProposal]:
        """Return what waits for a second person, by convention."""
        return read_proposals(self._connection)

    def terms_told(self, convention: str) -> Sequence[TermTold]:
        """Return what was told about a convention's term, in order."""
        return self._declared.terms.get(convention, ())

    def faults(self) -> Mapping[CameraId, Fault]:
        """Return the faults that are told and not restored, by camera."""
        rows = self._connection.execute(select(faults).order_by(faults.c.camera))
        return {
            CameraId(row.camera): Fault(
                CameraId(row.camera), Lost(SourceCause(row.cause), FaultPlace(row.place), instant(row.since_us))
            )
            for row in rows
        }

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
        return list(self._declared.suspensions.values())

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return whether the agent is habilitated on the day of `at`, and the station registered."""
        key = (agent, station, at.astimezone(self._place.zone).date())
        if key not in self._standings:
            self._standings[key] = standing_of(self.account(agent), self.station(station), at=at, zone=self._place.zone)
        return self._standings[key]

    def signed_in(self, session_sha256: bytes) -> bool:
        """Return whether the session is open."""
        return self.session(session_sha256) is not None

    def sessions_open(self) -> frozenset[bytes]:
        """Return the digests of the sessions that are open."""
        return frozenset(self._connection.scalars(select(sessions.c.cookie_sha256)))

    def centre(self) -> CentreState:
        """Return what was declared about the centre."""
        return self._declared.centre

    # Agents.

    def account(self, agent: AgentId) -> Account | None:
        """Return the agent's account, or None."""
        row = self._connection.execute(select(accounts).where(accounts.c.agent == agent)).one_or_none()
        return None if row is None else account_of(row)

    def account_by_login(self, login: str) -> Account | None:
        """Return the account of this login, or None."""
        row = self._connection.execute(select(accounts).where(accounts.c.login == login)).one_or_none()
        return None if row is None else account_of(row)

    def accounts(self, party: PartyId) -> Sequence[Account]:
        """Return a party's accounts, by label."""
        rows = self._connection.execute(select(accounts).where(accounts.c.party == party).order_by(accounts.c.label))
        return [account_of(row) for row in rows]

    def station(self, station: StationId) -> Station | None:
        """Return the station, ended or not, or None."""
        row = self._connection.execute(select(stations).where(stations.c.id == station)).one_or_none()
        return None if row is None else station_of(row)

    def station_by_secret(self, secret_sha256: bytes) -> Station | None:
        """Return the station of this enrolment secret, or None."""
        row = self._connection.execute(select(stations).where(stations.c.secret_sha256 == secret_sha256)).one_or_none()
        return None if row is None else station_of(row)

    def stations(self, party: PartyId) -> Sequence[Station]:
        """Return a party's stations, ended ones too, by id."""
        rows = self._connection.execute(select(stations).where(stations.c.party == party).order_by(stations.c.id))
        return [station_of(row) for row in rows]

    def every_station(self) -> Sequence[Station]:
        """Return the stations of every party, ended ones too, by id."""
        return [station_of(row) for row in self._connection.execute(select(stations).order_by(stations.c.id))]

    def layout(self, station: StationId, role: Role) -> Layout | None:
        """Return the layout of a station in a role, or None."""
        document = self._connection.scalar(
            select(layouts.c.document).where(layouts.c.station == station, layouts.c.role == role.value)
        )
        return None if document is None else Layout(station, role, document)

    # Peers.

    def catalogue(self, reader: PartyId) -> Catalogue:
        """Return what a party is told of this node's cameras."""
        return peer_rows.read_catalogue(self._connection, reader)

    def replica(self, owner: PartyId) -> Replica:
        """Return what an owner told of its cameras."""
        return peer_rows.read_replica(self._connection, owner)

    def viewing_made_by(self, viewing: ViewingId) -> PartyId | None:
        """Return whose node made the id of a viewing, running or over; None where no other node did."""
        return peer_rows.viewing_made_by(self._connection, viewing)

    def taken_until_s(self, party: PartyId, jti: str) -> int | None:
        """Return until when a message that did something is kept, or None."""
        return peer_rows.taken_until_s(self._connection, party, jti)

    def session(self, cookie_sha256: bytes) -> Session | None:
        """Return the session of this cookie, or None."""
        row = self._connection.execute(select(sessions).where(sessions.c.cookie_sha256 == cookie_sha256)).one_or_none()
        return None if row is None else session_of(row)

    def open_sessions(self) -> Sequence[Session]:
        """Return every session that is kept."""
        return [session_of(row) for row in self._connection.execute(select(sessions))]

"""A state in memory: what a snapshot would be once changes are made. `store.apply` is its twin in SQL.

What no decision, list or session check reads needs no overlay; one property over the closed union holds the twins equal.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from belvedere.changes import (
    AccountChanged,
    AccountOpened,
    AuthorisationDeclared,
    CataloguePublished,
    CatalogueReceived,
    Change,
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
    KeysInstalled,
    KeysReplaced,
    LayoutKept,
    LinkFaultClosed,
    LinkFaultLocated,
    LinkFaultRestored,
    LinkFaultTold,
    MessageTaken,
    MotiveDisclosed,
    MotiveReceived,
    NoteRead,
    NoteWritten,
    OrderConfirmed,
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
    TermAnnounced,
    TextInstalled,
    TextReplaced,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
)
from belvedere.changes.joining import JointProposal
from belvedere.domain.agents import Account, Layout, Session, Station
from belvedere.domain.authorisations import Authorisation, CrewEngaged, Deputy
from belvedere.domain.centre import CentreState, HoursVaried
from belvedere.domain.clock import Instant
from belvedere.domain.convention_texts import ConventionText, TermTold
from belvedere.domain.disclosures import Disclosure, ToldEvent, named_by
from belvedere.domain.events import Event
from belvedere.domain.faults import Fault
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
from belvedere.domain.link_state import LinkFault
from belvedere.domain.looks import Look
from belvedere.domain.request import Holder
from belvedere.domain.resolutions import Resolution
from belvedere.domain.standing import Standing
from belvedere.domain.suspensions import Suspension
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Role
from belvedere.inventory.catalogue import Catalogue, Replica
from belvedere.ledger.pinned_keys import KeptKeys
from belvedere.policy import Convention
from belvedere.policy.standing import standing_of
from belvedere.spine.running import Running
from belvedere.spine.snapshot import Place, Snapshot
from belvedere.spine.steering_after import SteeringAfter
from belvedere.spine.texts import between, told_of, told_with

T = TypeVar("T")
_Flow = tuple[CameraId, PartyId]


class After:
    """The state that `before` becomes by `changes` (implements `Snapshot`).

    `waiting`: the changes are those of the tail, so a viewing of `before` that they end is *ending*: it is shown to
    nobody, and keeps its slot.
    """

    def __init__(self, before: Snapshot, changes: Sequence[Change], *, waiting: bool = False) -> None:
        self._before = before
        self._waiting = waiting
        self._events: dict[EventId, Event] = {}
        self._put: dict[ViewingId, Viewing] = {}
        self._gone: set[ViewingId] = set()
        self._ending: set[ViewingId] = set()
        self._running: Running | None = None
        self._suspensions: dict[_Flow, Suspension | None] = {}
        self._suspended: dict[ViewingId, _Flow] = {}
        self._lifted: set[_Flow] = set()
        self._centre: CentreState | None = None
        self._hours: dict[date, HoursVaried | None] = {}
        self._texts: dict[str, ConventionText] = {}
        self._replaced: dict[str, frozenset[str]] = {}
        self._terms: dict[str, list[TermTold]] = {}
        self._keys: dict[str, KeptKeys] = {}
        self._keys_replaced: dict[str, Sequence[KeptKeys]] = {}
        self._proposals: dict[str, JointProposal | None] = {}
        self._orders: frozenset[CameraId] = frozenset()
        self._faults: dict[CameraId, Fault | None] = {}
        self._link_faults: dict[PartyId, LinkFault | None] = {}
        self._notes: dict[str, HandoverNote | None] = {}
        self._accounts: dict[AgentId, Account] = {}
        self._stations: dict[StationId, Station] = {}
        self._sessions: dict[bytes, Session | None] = {}
        self._layouts: dict[tuple[StationId, Role], Layout] = {}
        self._steering = SteeringAfter(before)
        self._catalogues: dict[PartyId, Catalogue] = {}
        self._replicas: dict[PartyId, Replica] = {}
        self._messages: dict[tuple[PartyId, str], int] = {}
        self._messages_kept_after_s = 0
        self._made_by: dict[ViewingId, PartyId] = {}
        self._disclosures: dict[tuple[PartyId, EventId, int], Disclosure] = {}
        self._resolutions: dict[tuple[PartyId, str], Resolution | None] = {}
        self._resolved: set[tuple[PartyId, str]] = set()
        self._told_events: dict[EventId, ToldEvent] = {}
        for change in changes:
            self._take(change)

    @property
    def place(self) -> Place:
        """Where the step runs."""
        return self._before.place

    # What each change makes of the state.

    def _take(self, change: Change) -> None:
        match change:
            case ViewingEnded(viewing):
                self._end(viewing.id)
            case ViewingOpened(viewing) if viewing.attested is not None:
                self._made_by.setdefault(viewing.id, viewing.party)
                event = named_by(viewing)
                if event is not None and self.told_event(event.event) is None:
                    self._told_events[event.event] = event
                self._gone.discard(viewing.id)
                self._put[viewing.id] = viewing
            case ViewingOpened(viewing) | ViewingProlonged(viewing) | ViewingRelieved(viewing):
                self._gone.discard(viewing.id)
                self._put[viewing.id] = viewing
            case EventOpened(event) | EventAmended(event) | EventClosed(event):
                self._events[event.id] = event
            case EventKept(event):
                self._keep(event)
            case _:
                self._take_declared(change)
                self._take_joint(change)
                self._take_of_agents(change)
                self._steering.take(change)
                self._take_fault(change)
                self._take_of_peers(change)
                self._take_disclosed(change)

    def _take_fault(self, change: Change) -> None:
        match change:
            case FaultTold(fault) | FaultLocated(fault):
                self._faults[fault.camera] = fault
            case FaultRestored(fault):
                self._faults[fault.camera] = None
            case LinkFaultTold(link_fault) | LinkFaultLocated(link_fault):
                self._link_faults[link_fault.party] = link_fault
            case LinkFaultRestored(link_fault) | LinkFaultClosed(link_fault):
                self._link_faults[link_fault.party] = None

    def _take_declared(self, change: Change) -> None:
        match change:
            case StreamSuspended(suspension, ended):
                flow = (suspension.camera, suspension.party)
                self._suspensions[flow] = suspension
                self._suspended |= dict.fromkeys(ended, flow)
            case SuspensionLifted(suspension):
                self._lift((suspension.camera, suspension.party))
            case RoomDeclared(centre) | AuthorisationDeclared(centre):
                self._centre = centre
            case HoursAnnounced(day, varied):
                self._hours[day] = varied
            case OrderConfirmed(camera):
                self._orders |= {camera}
            case TextInstalled(text, before) | TextReplaced(text, before):
                if before is not None and before != text.sha256:
                    self._replaced[text.id] = self.convention_texts_replaced(text.id) | {before}
                self._texts[text.id] = text
            case TermAnnounced(told):
                self._terms[told.convention] = told_with(self.terms_told(told.convention), told)
            case NoteWritten(note) | NoteRead(note):
                self._notes[note.id] = note if isinstance(change, NoteWritten) else None

    def _take_joint(self, change: Change) -> None:
        match change:
            case KeysInstalled(keys):
                self._keys[keys.convention] = keys
            case JointActProposed(proposal):
                self._proposals[proposal.convention] = proposal
            case KeysReplaced(keys, before, text):
                if before.keys.sha256 != keys.keys.sha256:
                    earlier = {each.keys.sha256: each for each in self.convention_keys_replaced(keys.convention)}
                    known = {before.keys.sha256: before} | earlier
                    in_order = sorted(known.values(), key=lambda each: (each.since, each.keys.sha256))
                    self._keys_replaced[keys.convention] = tuple(in_order)
                self._keys[keys.convention] = keys
                if text is not None:
                    self._texts[text.id] = text
                self._proposals[keys.convention] = None
            case PartyLeft(told):
                self._terms[told.convention] = told_with(self.terms_told(told.convention), told)
                self._proposals[told.convention] = None

    def _take_of_agents(self, change: Change) -> None:
        match change:
            case AccountOpened() | HabilitationRenewed() | AccountChanged() | HabilitationEnded():
                self._accounts[change.account.agent] = change.account
            case StationEnrolled(station) | StationRegistered(station) | StationEnded(station):
                self._stations[station.id] = station
            case SessionOpened(session):
                self._sessions[session.cookie_sha256] = session
            case SessionSeen(session):
                # One that was closed meanwhile stays so.
                if self.signed_in(session.cookie_sha256):
                    self._sessions[session.cookie_sha256] = session
            case SessionRelieved(former, session):
                self._sessions[former] = None
                self._sessions[session.cookie_sha256] = session
            case SessionClosed(session_sha256):
                self._sessions[session_sha256] = None
            case LayoutKept(layout):
                self._layouts[layout.station, layout.role] = layout

    def _keep(self, event: Event) -> None:
        """Give an event its keeper, and leave the rest of it as it stands: its words may have changed meanwhile."""
        known = self.event(event.id)
        if known is not None:
            self._events[event.id] = replace(known, kept_by=event.kept_by, kept_by_pseudonym=event.kept_by_pseudonym)

    def _lift(self, flow: _Flow) -> None:
        self._suspensions[flow] = None
        self._suspended = {viewing: each for viewing, each in self._suspended.items() if each != flow}
        self._lifted.add(flow)

    def _end(self, viewing: ViewingId) -> None:
        if self._waiting and viewing not in self._put:
            self._ending.add(viewing)
            return
        self._put.pop(viewing, None)
        self._gone.add(viewing)

    # Rights.

    def event(self, event: EventId) -> Event | None:
        """Return the event, or None."""
        return self._events.get(event) or self._before.event(event)

    def events(self, party: PartyId | None) -> Sequence[Event]:
        """Return open events and those closed lately, newest first."""
        if not self._events:
            return self._before.events(party)
        known = {each.id: each for each in self._before.events(party)}
        known |= {key: each for key, each in self._events.items() if party is None or each.party == party}
        newest = sorted(known.values(), key=lambda each: each.opened_at, reverse=True)
        return sorted(newest, key=lambda each: each.closed_at is not None)

    def events_kept_by(self, agent: AgentId) -> Sequence[Event]:
        """Return the open events whose keeper is `agent`, newest first."""
        known = {each.id: each for each in self._before.events_kept_by(agent)} | self._events
        kept = [each for each in known.values() if each.is_open and each.kept_by == agent]
        return sorted(kept, key=lambda each: each.opened_at, reverse=True)

    def running(self) -> Running:
        """Return the viewings that hold slots, those that are ending among them."""
        if not self._put and not self._gone:
            return self._before.running()
        if self._running is None:
            self._running = self._before.running().after(self._put, self._gone)
        return self._running

    def ending(self) -> frozenset[ViewingId]:
        """Return the viewings whose end is carried out and waits to be recorded."""
        return (self._before.ending() | self._ending) - self._gone

    def viewing(self, viewing: ViewingId) -> Viewing | None:
        """Return the running viewing, or None."""
        return None if viewing in self.ending() else self.running().by_id.get(viewing)

    def viewings(self) -> Sequence[Viewing]:
        """Return every running viewing, oldest first; not one that is ending."""
        ending = self.ending()
        return [viewing for key, viewing in self.running().by_id.items() if key not in ending]

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the cameras in flow to `party`, each with its viewings, oldest first."""
        return self.running().slots(party)

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return each camera in flow to `party` with each service that watches it, oldest first."""
        return self.running().holders(party)

    # Who steers.

    def leases(self) -> Sequence[Lease]:
        """Return every lease that is held or asked for, by when it was asked for."""
        return self._steering.leases()

    def lease(self, lease: LeaseId) -> Lease | None:
        """Return the lease that is held or asked for, or None."""
        return self._steering.lease(lease)

    def lease_over(self, lease: LeaseId) -> LeaseOver | None:
        """Return what is kept of a lease that is over, or None."""
        return self._steering.lease_over(lease)

    def fence(self, camera: CameraId) -> int:
        """Return the newest fence of a camera, 0 for one that was never steered."""
        return self._steering.fence(camera)

    def authorisation(self, authorisation: AuthorisationId) -> Authorisation | None:
        """Return the authorisation, whatever became of it, or None."""
        return self._steering.authorisation(authorisation)

    def authorisations(self) -> Sequence[Authorisation]:
        """Return those that are asked for or given, oldest first."""
        return self._steering.authorisations()

    def owed_notices(self) -> Sequence[OwedNotice]:
        """Return every notice that is owed, oldest first."""
        return self._steering.owed_notices()

    def crews_engaged(self) -> Sequence[CrewEngaged]:
        """Return the cameras at which a crew is engaged, by camera."""
        return self._steering.crews_engaged()

    def deputies(self) -> Sequence[Deputy]:
        """Return whom the director named, their terms past or not, by agent."""
        return self._steering.deputies()

    def look(self, look: LookId) -> Look | None:
        """Return the look that was asked for, whatever became of it, or None."""
        return self._steering.look(look)

    def looks(self) -> Sequence[Look]:
        """Return every look that was asked for, oldest first."""
        return self._steering.looks()

    # What is declared.

    def suspension(self, camera: CameraId, party: PartyId) -> Suspension | None:
        """Return the suspension of this camera's flow to this party, or None."""
        flow = (camera, party)
        return self._suspensions[flow] if flow in self._suspensions else self._before.suspension(camera, party)

    def suspensions(self) -> Sequence[Suspension]:
        """Return every suspension in force, oldest first."""
        known: dict[_Flow, Suspension | None] = {(each.camera, each.party): each for each in self._before.suspensions()}
        known |= self._suspensions
        return sorted((each for each in known.values() if each is not None), key=lambda each: each.since)

    def suspension_by_viewing(self, viewing: ViewingId) -> Suspension | None:
        """Return the suspension in force that ended `viewing`, or None."""
        if viewing in self._suspended:
            return self._suspensions[self._suspended[viewing]]
        found = self._before.suspension_by_viewing(viewing)
        # Once lifted, a later suspension of the flow is not the one that ended it.
        return None if found is None or (found.camera, found.party) in self._lifted else found

    def centre(self) -> CentreState:
        """Return what was declared about the centre."""
        return self._centre or self._before.centre()

    def hours_varied(self, day: date) -> HoursVaried | None:
        """Return the other hours announced for the opening of `day`, or None."""
        return self._hours[day] if day in self._hours else self._before.hours_varied(day)

    def hours_varied_from(self, day: date) -> Sequence[HoursVaried]:
        """Return every variation from `day` on, in order."""
        known: dict[date, HoursVaried | None] = {each.day: each for each in self._before.hours_varied_from(day)}
        known |= self._hours
        return [each for at, each in sorted(known.items()) if each is not None and at >= day]

    def faults(self) -> Mapping[CameraId, Fault]:
        """Return the faults that are told and not restored, by camera."""
        known: dict[CameraId, Fault | None] = {**self._before.faults(), **self._faults}
        return {camera: fault for camera, fault in sorted(known.items()) if fault is not None}

    def link_faults(self) -> Mapping[PartyId, LinkFault]:
        """Return the faults of links that are told and not restored, by the party at the other end."""
        known: dict[PartyId, LinkFault | None] = {**self._before.link_faults(), **self._link_faults}
        return {party: fault for party, fault in sorted(known.items()) if fault is not None}

    def orders_confirmed(self) -> frozenset[CameraId]:
        """Return the cameras whose ended order the director confirmed for the own room."""
        return self._before.orders_confirmed() | self._orders

    def handover_notes(self, party: PartyId, service: ServiceId) -> Sequence[HandoverNote]:
        """Return what a party's service has not read yet, oldest first."""
        known: dict[str, HandoverNote | None] = {each.id: each for each in self._before.handover_notes(party, service)}
        mine = {
            key: each
            for key, each in self._notes.items()
            if each is None or (each.party, each.service) == (party, service)
        }
        notes = [each for each in (known | mine).values() if each is not None]
        return sorted(notes, key=lambda each: (each.at, each.id))

    # Conventions.

    def convention_text(self, convention: str) -> ConventionText | None:
        """Return the text in force as it is kept, or None before the first."""
        return self._texts.get(convention) or self._before.convention_text(convention)

    def convention_texts_replaced(self, convention: str) -> frozenset[str]:
        """Return the hashes of the texts that were in force before."""
        found = self._replaced.get(convention)
        return self._before.convention_texts_replaced(convention) if found is None else found

    def convention_keys(self, convention: str) -> KeptKeys | None:
        """Return the keys that a convention pins, or None."""
        return self._keys.get(convention) or self._before.convention_keys(convention)

    def convention_keys_replaced(self, convention: str) -> Sequence[KeptKeys]:
        """Return the keys that were in force before, oldest first."""
        found = self._keys_replaced.get(convention)
        return self._before.convention_keys_replaced(convention) if found is None else found

    def joint_proposals(self) -> Sequence[JointProposal]:
        """Return what waits for a second person, by convention."""
        if not self._proposals:
            return self._before.joint_proposals()
        known: dict[str, JointProposal | None] = {each.convention: each for each in self._before.joint_proposals()}
        known |= self._proposals
        return [each for _, each in sorted(known.items()) if each is not None]

    def terms_told(self, convention: str) -> Sequence[TermTold]:
        """Return what was told about a convention's term, in order."""
        found = self._terms.get(convention)
        return self._before.terms_told(convention) if found is None else found

    def conventions(self) -> Sequence[Convention]:
        """Return every convention in force, in the order of the settings."""
        before = self._before.conventions()
        if not self._texts and not self._terms:
            return before
        changed = {each.id: each for each in before}
        for convention in self._texts.keys() | self._terms.keys():
            text = self.convention_text(convention)
            if text is not None:
                changed[convention] = self.place.texts.of(text, told_of(self.terms_told(convention)))
        return [changed[each] for each in self.place.texts.ids if each in changed]

    def convention_between(self, owner: PartyId, party: PartyId) -> Convention | None:
        """Return the convention under which `party` asks for `owner`'s cameras, or None for a stranger."""
        if not self._texts and not self._terms:
            return self._before.convention_between(owner, party)
        return between(self.conventions(), self.place.party, owner, party)

    # Agents.

    def account(self, agent: AgentId) -> Account | None:
        """Return the account, or None."""
        return self._accounts.get(agent) or self._before.account(agent)

    def account_by_login(self, login: str) -> Account | None:
        """Return the account of this login, or None."""
        found = next((each for each in self._accounts.values() if each.login == login), None)
        if found is not None:
            return found
        before = self._before.account_by_login(login)
        return None if before is not None and before.agent in self._accounts else before

    def accounts(self, party: PartyId) -> Sequence[Account]:
        """Return a party's accounts, by label."""
        known = {each.agent: each for each in self._before.accounts(party)}
        known |= {key: each for key, each in self._accounts.items() if each.party == party}
        return sorted(known.values(), key=lambda each: each.label)

    def station(self, station: StationId) -> Station | None:
        """Return the station, ended or not, or None."""
        return self._stations.get(station) or self._before.station(station)

    def station_by_secret(self, secret_sha256: bytes) -> Station | None:
        """Return the station of this enrolment secret, or None."""
        found = next((each for each in self._stations.values() if each.secret_sha256 == secret_sha256), None)
        if found is not None:
            return found
        before = self._before.station_by_secret(secret_sha256)
        return None if before is not None and before.id in self._stations else before

    def stations(self, party: PartyId) -> Sequence[Station]:
        """Return a party's stations, ended ones too, by id."""
        return [each for each in self.every_station() if each.party == party]

    def every_station(self) -> Sequence[Station]:
        """Return the stations of every party, ended ones too, by id."""
        known = {each.id: each for each in self._before.every_station()} | self._stations
        return sorted(known.values(), key=lambda each: each.id)

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return whether the agent is habilitated and the station registered at `at`."""
        if agent not in self._accounts and station not in self._stations:
            return self._before.standing(agent, station, at)
        return standing_of(self.account(agent), self.station(station), at=at, zone=self.place.zone)

    def session(self, cookie_sha256: bytes) -> Session | None:
        """Return the session of this cookie, or None."""
        if cookie_sha256 in self._sessions:
            return self._sessions[cookie_sha256]
        return self._before.session(cookie_sha256)

    def signed_in(self, session_sha256: bytes) -> bool:
        """Return whether the session is open; one that was left or relieved is not."""
        if session_sha256 in self._sessions:
            return self._sessions[session_sha256] is not None
        return self._before.signed_in(session_sha256)

    def open_sessions(self) -> Sequence[Session]:
        """Return every session that is kept."""
        known: dict[bytes, Session | None] = {each.cookie_sha256: each for each in self._before.open_sessions()}
        known |= self._sessions
        return [each for each in known.values() if each is not None]

    def sessions_open(self) -> frozenset[bytes]:
        """Return the digests of the sessions that are open."""
        opened = {digest for digest, each in self._sessions.items() if each is not None}
        return (self._before.sessions_open() | opened) - (self._sessions.keys() - opened)

    def agent_labels(self, agents: Collection[AgentId]) -> Mapping[AgentId, str]:
        """Return how these agents are called in their own room."""
        labels = {key: each.label for key, each in self._accounts.items() if key in agents}
        return {**self._before.agent_labels(agents), **labels}

    # Peers.

    def _take_of_peers(self, change: Change) -> None:
        match change:
            case CataloguePublished(reader, entries):
                self._catalogues[reader] = self.catalogue(reader).after(entries)
            case CatalogueReceived(owner, told):
                self._replicas[owner] = self.replica(owner).after(told)
            case MessageTaken(party, jti, kept_until_s, at_s):
                self._messages[party, jti] = kept_until_s
                self._messages_kept_after_s = max(self._messages_kept_after_s, at_s)

    def _take_disclosed(self, change: Change) -> None:
        match change:
            case MotiveDisclosed(disclosure):
                self._disclosures[_key(disclosure)] = disclosure
            case DisclosureTaken(owner, event, number):
                for each in self.disclosures(event):
                    if (each.owner, each.number) == (owner, number):
                        self._disclosures[_key(each)] = replace(each, taken=True, motive=None, sector=None)
            case MotiveReceived(told):
                self._told_events[told.event] = told
            case ResolutionMade(owed):
                self._resolutions |= {(each.owner, each.id): each for each in owed}
            case ResolutionSettled(owner, id_):
                self._resolutions[owner, id_] = None
            case ResolutionReceived(party, resolved):
                self._resolved.add((party, resolved.id))

    def disclosures(self, event: EventId) -> Sequence[Disclosure]:
        """Return every version of an event's words that was or is owed to owners, by owner and number."""
        known = {_key(each): each for each in self._before.disclosures(event)}
        known |= {key: each for key, each in self._disclosures.items() if each.event == event}
        return [each for _, each in sorted(known.items())]

    def disclosures_due(self, owner: PartyId) -> Sequence[Disclosure]:
        """Return what an owner has not taken yet, by event and number."""
        known = {_key(each): each for each in self._before.disclosures_due(owner)}
        known |= {key: each for key, each in self._disclosures.items() if each.owner == owner}
        return [each for _, each in sorted(known.items()) if not each.taken]

    def resolutions_due(self, owner: PartyId) -> Sequence[Resolution]:
        """Return what a party's node has not recorded yet of pseudonyms that were resolved, oldest first."""
        known: dict[tuple[PartyId, str], Resolution | None] = {
            (owner, each.id): each for each in self._before.resolutions_due(owner)
        }
        known |= {key: each for key, each in self._resolutions.items() if key[0] == owner}
        return sorted((each for each in known.values() if each is not None), key=lambda each: (each.at, each.id))

    def is_resolution_known(self, party: PartyId, id_: str) -> bool:
        """Return whether what a party told of a resolution is recorded."""
        return (party, id_) in self._resolved or self._before.is_resolution_known(party, id_)

    def told_event(self, event: EventId) -> ToldEvent | None:
        """Return the event of another node that opened a camera here, or None."""
        return self._told_events.get(event) or self._before.told_event(event)

    def catalogue(self, reader: PartyId) -> Catalogue:
        """Return what a party is told of this node's cameras."""
        return self._catalogues.get(reader) or self._before.catalogue(reader)

    def replica(self, owner: PartyId) -> Replica:
        """Return what an owner told of its cameras."""
        return self._replicas.get(owner) or self._before.replica(owner)

    def viewing_made_by(self, viewing: ViewingId) -> PartyId | None:
        """Return whose node made the id of a viewing, running or over; None where no other node did."""
        return self._before.viewing_made_by(viewing) or self._made_by.get(viewing)

    def taken_until_s(self, party: PartyId, jti: str) -> int | None:
        """Return until when a message that did something is kept, or None."""
        found = self._messages.get((party, jti)) or self._before.taken_until_s(party, jti)
        return None if found is None or found <= self._messages_kept_after_s else found

    def layout(self, station: StationId, role: Role) -> Layout | None:
        """Return the layout of a station in a role, or None."""
        return self._layouts.get((station, role)) or self._before.layout(station, role)


def _key(each: Disclosure) -> tuple[PartyId, EventId, int]:
    return each.owner, each.event, each.number

"""What a step reads: one consistent state, with what a pure step cannot know of the node beside it.

Each act names the narrow view that it reads; the whole, `Snapshot`, is what a store gives and what `after` overlays.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from belvedere.changes.joining import JointProposal
from belvedere.domain.agents import Account, Layout, Session, Station
from belvedere.domain.authorisations import Authorisation, CrewEngaged, Deputy
from belvedere.domain.centre import CentreState, HoursVaried
from belvedere.domain.clock import Instant
from belvedere.domain.convention_texts import ConventionText, TermTold
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
from belvedere.domain.looks import Look
from belvedere.domain.request import Holder
from belvedere.domain.standing import Standing
from belvedere.domain.suspensions import Suspension
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Role
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.inventory.catalogue import Catalogue, Replica
from belvedere.ledger.pinned_keys import KeptKeys
from belvedere.policy import Convention
from belvedere.spine.running import Running
from belvedere.spine.texts import CompiledTexts


class Cameras(Protocol):
    """The inventory, by id."""

    def watched(self, camera: CameraId) -> WatchedCamera | None:
        """Return the camera, or None."""

    def is_here(self, camera: CameraId) -> bool:
        """Return whether it is in this node's own inventory; another owner tells of the others."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step runs: the node's party, where its days begin, its inventory, and its conventions, compiled."""

    party: PartyId
    zone: ZoneInfo
    cameras: Cameras
    texts: CompiledTexts

    def is_own_room(self, party: PartyId, camera: CameraId) -> bool:
        """Return whether it is the node's party watching a camera of its own: that room is never blinded."""
        watched = self.cameras.watched(camera)
        return party == self.party and watched is not None and watched.owner == self.party


class InForce(Protocol):
    """The conventions as this state has them in force."""

    @property
    def place(self) -> Place:
        """Where the step runs."""

    def conventions(self) -> Sequence[Convention]:
        """Return every convention in force, in the order of the settings."""

    def convention_between(self, owner: PartyId, party: PartyId) -> Convention | None:
        """Return the convention under which `party` asks for `owner`'s cameras, or None for a stranger.

        The own room (the node's party at its own cameras) decides under the first convention of the settings.
        """


class Steering(Protocol):
    """Who steers, and on what that rests."""

    def leases(self) -> Sequence[Lease]:
        """Return every lease that is held or asked for, by when it was asked for."""

    def lease(self, lease: LeaseId) -> Lease | None:
        """Return the lease that is held or asked for, or None."""

    def lease_over(self, lease: LeaseId) -> LeaseOver | None:
        """Return what is kept of a lease that is over, or None."""

    def fence(self, camera: CameraId) -> int:
        """Return the newest fence of a camera, 0 for one that was never steered."""

    def authorisation(self, authorisation: AuthorisationId) -> Authorisation | None:
        """Return the authorisation, whatever became of it, or None."""

    def authorisations(self) -> Sequence[Authorisation]:
        """Return those that are asked for or given, oldest first."""

    def owed_notices(self) -> Sequence[OwedNotice]:
        """Return every notice that is owed, oldest first."""

    def crews_engaged(self) -> Sequence[CrewEngaged]:
        """Return the cameras at which a crew is engaged, by camera."""

    def deputies(self) -> Sequence[Deputy]:
        """Return whom the director named, their terms past or not, by agent."""

    def look(self, look: LookId) -> Look | None:
        """Return the look that was asked for, whatever became of it, or None."""

    def looks(self) -> Sequence[Look]:
        """Return every look that was asked for, oldest first."""


class Facts(InForce, Steering, Protocol):
    """The facts on which running rights are decided."""

    def event(self, event: EventId) -> Event | None:
        """Return the event, or None."""

    def viewings(self) -> Sequence[Viewing]:
        """Return every running viewing, oldest first; not one that is ending."""

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the cameras in flow to `party`, each with its viewings, oldest first.

        A slot is a camera, whatever the number of its viewers (vda-etat, article 3). A viewing that is ending keeps its
        slot until its end is recorded (decision 0015).
        """

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return each camera in flow to `party` with each service that watches it, oldest first."""

    def suspension(self, camera: CameraId, party: PartyId) -> Suspension | None:
        """Return the suspension of this camera's flow to this party, or None."""

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return whether the agent is habilitated and the station registered at `at`."""

    def signed_in(self, session_sha256: bytes) -> bool:
        """Return whether the session is open; one that was left or relieved is not."""

    def centre(self) -> CentreState:
        """Return what was declared about the centre."""

    def hours_varied(self, day: date) -> HoursVaried | None:
        """Return the other hours announced for the opening of `day`, or None."""


class Agents(Protocol):
    """Accounts, stations and sessions."""

    def account(self, agent: AgentId) -> Account | None:
        """Return the account, or None."""

    def account_by_login(self, login: str) -> Account | None:
        """Return the account of this login, or None."""

    def accounts(self, party: PartyId) -> Sequence[Account]:
        """Return a party's accounts, by label."""

    def station(self, station: StationId) -> Station | None:
        """Return the station, ended or not, or None."""

    def station_by_secret(self, secret_sha256: bytes) -> Station | None:
        """Return the station of this enrolment secret, or None."""

    def stations(self, party: PartyId) -> Sequence[Station]:
        """Return a party's stations, ended ones too, by id."""

    def every_station(self) -> Sequence[Station]:
        """Return the stations of every party, ended ones too, by id."""

    def session(self, cookie_sha256: bytes) -> Session | None:
        """Return the session of this cookie, or None."""

    def open_sessions(self) -> Sequence[Session]:
        """Return every session that is kept."""

    def layout(self, station: StationId, role: Role) -> Layout | None:
        """Return the layout of a station in a role, or None."""


class Told(Protocol):
    """What nodes told each other."""

    def catalogue(self, reader: PartyId) -> Catalogue:
        """Return what a party is told of this node's cameras."""

    def replica(self, owner: PartyId) -> Replica:
        """Return what an owner told of its cameras."""

    def viewing_made_by(self, viewing: ViewingId) -> PartyId | None:
        """Return whose node made the id of a viewing, running or over; None where no other node did."""

    def taken_until_s(self, party: PartyId, jti: str) -> int | None:
        """Return until when a message that did something is kept (seconds since the Unix epoch); None: it did nothing yet."""


class Snapshot(Facts, Agents, Told, Protocol):
    """Everything that a step may read."""

    def running(self) -> Running:
        """Return the viewings that hold slots, those that are ending among them."""

    def ending(self) -> frozenset[ViewingId]:
        """Return the viewings whose end is carried out and waits to be recorded: nobody is shown them."""

    def events(self, party: PartyId | None) -> Sequence[Event]:
        """Return open events and those closed lately, newest first; of every party where `party` is None."""

    def events_kept_by(self, agent: AgentId) -> Sequence[Event]:
        """Return the open events whose keeper is `agent`, newest first."""

    def viewing(self, viewing: ViewingId) -> Viewing | None:
        """Return the running viewing, or None."""

    def suspensions(self) -> Sequence[Suspension]:
        """Return every suspension in force, oldest first."""

    def suspension_by_viewing(self, viewing: ViewingId) -> Suspension | None:
        """Return the suspension in force that ended `viewing`, or None."""

    def hours_varied_from(self, day: date) -> Sequence[HoursVaried]:
        """Return every variation from `day` on, in order."""

    def convention_text(self, convention: str) -> ConventionText | None:
        """Return the text in force as it is kept, or None before the first."""

    def convention_texts_replaced(self, convention: str) -> frozenset[str]:
        """Return the hashes of the texts that were in force before."""

    def convention_keys(self, convention: str) -> KeptKeys | None:
        """Return the keys that a convention pins, or None."""

    def convention_keys_replaced(self, convention: str) -> Sequence[KeptKeys]:
        """Return the keys that were in force before, oldest first."""

    def joint_proposals(self) -> Sequence[JointProposal]:
        """Return what waits for a second person, by convention."""

    def terms_told(self, convention: str) -> Sequence[TermTold]:
        """Return what was told about a convention's term, in order."""

    def faults(self) -> Mapping[CameraId, Fault]:
        """Return the faults that are told and not restored, by camera."""

    def orders_confirmed(self) -> frozenset[CameraId]:
        """Return the cameras whose ended order the director confirmed for the own room."""

    def handover_notes(self, party: PartyId, service: ServiceId) -> Sequence[HandoverNote]:
        """Return what a party's service has not read yet, oldest first."""

    def sessions_open(self) -> frozenset[bytes]:
        """Return the digests of the sessions that are open."""

    def agent_labels(self, agents: Collection[AgentId]) -> Mapping[AgentId, str]:
        """Return how these agents are called in their own room."""

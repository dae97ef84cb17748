"""The narrow ports that live needs; node.py passes the implementations."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from belvedere.domain.asker import Asker
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import (
    AgentId,
    CameraId,
    EventId,
    IdSource,
    PartyId,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.record import Record
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.request import Holder
from belvedere.domain.standing import Needs, Standing, act_refused
from belvedere.live.in_force import InForce
from belvedere.live.model import (
    CentreState,
    ConventionText,
    Ending,
    Event,
    HandoverNote,
    HoursVaried,
    Suspension,
    TermTold,
    Viewing,
    WatchedCamera,
)
from belvedere.policy import Convention

T = TypeVar("T")


class DecisionReading(Protocol):
    """The facts on which running viewings are decided."""

    def event(self, event: EventId) -> Event | None:
        """Return the event, or None."""

    def viewings(self) -> Sequence[Viewing]:
        """Return every running viewing, oldest first."""

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the cameras in flow to `party`, each with its viewings, oldest first.

        A slot is a camera, whatever the number of its viewers (vda-etat, article 3).
        """

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return each camera in flow to `party` with each service that watches it, oldest first."""

    def suspension(self, camera: CameraId, party: PartyId) -> Suspension | None:
        """Return the suspension of this camera's flow to this party, or None."""

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return whether the agent is habilitated and the station registered at `at`."""

    def centre(self) -> CentreState:
        """Return what was declared about the centre."""

    def hours_varied(self, day: date) -> HoursVaried | None:
        """Return the other hours announced for the opening of `day`, or None."""


class LiveReading(DecisionReading, Protocol):
    """A consistent view of what live keeps."""

    def events(self, party: PartyId | None) -> Sequence[Event]:
        """Return open events and those closed lately, newest first; of every party where `party` is None."""

    def events_kept_by(self, agent: AgentId) -> Sequence[Event]:
        """Return the open events whose keeper is `agent`, newest first."""

    def viewing(self, viewing: ViewingId) -> Viewing | None:
        """Return the running viewing, or None."""

    def suspension_by_viewing(self, viewing: ViewingId) -> Suspension | None:
        """Return the suspension that ended `viewing`, while it is in force."""

    def suspensions(self) -> Sequence[Suspension]:
        """Return every suspension in force, oldest first."""

    def hours_varied_from(self, day: date) -> Sequence[HoursVaried]:
        """Return every variation from `day` on, in order."""

    def convention_text(self, convention: str) -> ConventionText | None:
        """Return the text in force as it is kept, or None before the first."""

    def convention_texts_replaced(self, convention: str) -> frozenset[str]:
        """Return the hashes of the texts that were in force before."""

    def terms_told(self, convention: str) -> Sequence[TermTold]:
        """Return what was told about a convention's term, in order."""

    def orders_confirmed(self) -> frozenset[CameraId]:
        """Return the cameras whose ended order the director confirmed for the own room."""

    def handover_notes(self, party: PartyId, service: ServiceId) -> Sequence[HandoverNote]:
        """Return what a party's service has not read yet, oldest first."""

    def signed_in(self, session_sha256: bytes) -> bool:
        """Return whether the session is open; one that was left or relieved is not."""

    def sessions_open(self) -> frozenset[bytes]:
        """Return the digests of the sessions that are open."""

    def service_of(self, agent: AgentId) -> ServiceId | None:
        """Return the service of an agent, None where there is no such agent any more."""

    def agent_labels(self, agents: Collection[AgentId]) -> Mapping[AgentId, str]:
        """Return how these agents are called in their own room."""


class LiveTransaction(LiveReading, Protocol):
    """One transaction of the single writer: check, change and record are one thing, or nothing."""

    def put_event(self, event: Event) -> None:
        """Insert or replace an event."""

    def put_viewing(self, viewing: Viewing) -> None:
        """Insert or replace a running viewing."""

    def remove_viewings(self, viewings: Sequence[ViewingId]) -> None:
        """Remove viewings: they have ended."""

    def put_suspension(self, suspension: Suspension, *, ended: Sequence[ViewingId]) -> None:
        """Insert a suspension and the viewings that it ends."""

    def lift_suspension(self, camera: CameraId, party: PartyId) -> None:
        """Remove a suspension."""

    def put_centre(self, centre: CentreState) -> None:
        """Replace the centre's declared state."""

    def put_hours(self, varied: HoursVaried) -> None:
        """Insert or replace the hours of one day."""

    def remove_hours(self, day: date) -> None:
        """Give a day its usual hours back."""

    def put_convention(self, text: ConventionText) -> None:
        """Put a convention's text in force; the one before it is kept among those replaced, by its hash."""

    def put_handover_note(self, note: HandoverNote) -> None:
        """Keep a note of handover until it is read."""

    def remove_handover_note(self, note: str) -> None:
        """Take away a note of handover that was read."""

    def put_term_told(self, told: TermTold) -> None:
        """Keep what was told about a term."""

    def take_term_back(self, convention: str, on: date) -> bool:
        """Forget what was told about a term on a day; False where nothing was."""

    def confirm_order(self, camera: CameraId) -> None:
        """Keep the director's confirmation."""

    def swap_session(
        self, former: bytes, relief: bytes, *, agent: AgentId, station: StationId, opened_at: Instant
    ) -> None:
        """Open the relief's session in the place of the former one (digests of their cookies)."""

    def append(self, record: Record) -> int:
        """Append to the ledger in this transaction; return the index."""


class LiveStore(Protocol):
    """Durable state. `transact` returns only once the work is durable; else raises `NotRecorded`.

    `essential` work (ends, suspensions) still passes while the disk is short of space; `essential` reads (the watch's)
    wait behind no others. `on_late` gets the value of work that became durable after its caller was told
    `NotRecorded`. `patient` work waits for its outcome however long it takes, and so has no late one.
    """

    async def transact(
        self,
        work: Callable[[LiveTransaction], T],
        *,
        essential: bool = False,
        patient: bool = False,
        on_late: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` on the writer; return its value once durable."""

    async def read(self, work: Callable[[LiveReading], T], *, essential: bool = False) -> T:
        """Run `work` on one snapshot; raises `NotRead`."""


class Sessions(Protocol):
    """The sessions of signed-in agents, by the digests of their cookies."""

    def over(self, sessions: frozenset[bytes]) -> frozenset[bytes]:
        """Return those of these sessions that have gone on for as long as one may."""


class Cameras(Protocol):
    """The inventory, by id."""

    def watched(self, camera: CameraId) -> WatchedCamera | None:
        """Return the camera, or None."""


class Relay(Protocol):
    """The part of the media relay that live commands. All calls return at once."""

    def admit(self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None) -> None:
        """Let a viewing exist in the relay; None means no short deadline."""

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        """Return the media path with a single-use ticket for this session."""

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        """Put the deadline `hold_ms` from now."""

    def void_tickets(self, session_sha256: bytes) -> None:
        """Take a session's unused tickets away: it ended, or another agent took it over."""

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """Close the viewing's sockets with a code and a cause."""


class Announcer(Protocol):
    """Tells the screens that something changed; never blocks, never fails."""

    def streams_changed(self) -> None:
        """The list of streams changed."""

    def events_changed(self) -> None:
        """The list of events changed."""

    def centre_changed(self) -> None:
        """The room opened or closed, or what was declared about it changed."""

    def standings_changed(self) -> None:
        """Some standing ended, or a session did: every screen that follows asks anew whether it may."""

    def viewing_ended(self, viewing: Viewing, ending: Ending) -> None:
        """A viewing ended, and how."""


@dataclass(frozen=True, slots=True)
class LivePorts:
    """Everything that a use case of live reaches, passed once by the composition root.

    `owner` is the party whose node this is.
    """

    owner: PartyId
    in_force: InForce
    store: LiveStore
    cameras: Cameras
    sessions: Sessions
    relay: Relay
    announcer: Announcer
    clock: Clock
    ids: IdSource

    def is_own_room(self, party: PartyId, camera: CameraId) -> bool:
        """Return whether it is the owner watching a camera of its own: that room is never blinded (RELIABILITY 9)."""
        watched = self.cameras.watched(camera)
        return party == self.owner and watched is not None and watched.owner == self.owner

    def act_refused(self, reading: LiveReading, asker: Asker, needs: Needs) -> ActRefused | None:
        """Return why `asker` does not do what `needs` is needed for; asked in the act's own transaction."""
        return act_refused(reading, asker, needs, owner=self.owner, at=self.clock.now())

    def convention_for(self, party: PartyId) -> Convention | None:
        """Return the convention under which that party's agents ask here now, or None for a stranger."""
        return self.in_force.convention_for(party)

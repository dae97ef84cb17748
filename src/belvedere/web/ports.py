"""What the routes reach: a small group for each resource, made once by the composition root.

A route takes the group of its resource, or a single desk where that is all it needs, and no route sees another's. What is
read of streams, events and the centre is read through `StoreReader`: nothing here writes but a use case.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Protocol, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends
from starlette.requests import HTTPConnection

from belvedere.acts.centre import CentreDesk
from belvedere.acts.close_stream import StreamCloser
from belvedere.acts.conventions import ConventionDesk
from belvedere.acts.could_watch import WhoCouldWatch
from belvedere.acts.deputies import DeputyDesk
from belvedere.acts.events import EventDesk
from belvedere.acts.handover import HandoverDesk
from belvedere.acts.joining import JoiningDesk
from belvedere.acts.journal import JournalDesk
from belvedere.acts.look import LookDesk
from belvedere.acts.preview import Previewer
from belvedere.acts.read_inventory import InventoryReader
from belvedere.acts.relief import ReliefDesk
from belvedere.acts.resolutions import ResolutionDesk
from belvedere.acts.steering_desk import SteeringDesk
from belvedere.acts.suspend import SuspensionDesk
from belvedere.acts.terms import TermDesk
from belvedere.acts.witness import ConfirmationDesk
from belvedere.agents.habilitations import HabilitationDesk
from belvedere.agents.log_in import SignIn
from belvedere.agents.stations import StationDesk
from belvedere.domain.clock import Clock, Instant, MovableClock
from belvedere.domain.decision import Pending, Refused
from belvedere.domain.faults import OverFault, OverLinkFault
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.journal import Compared
from belvedere.domain.link_state import LinkState
from belvedere.domain.partner_waits import PartnerStands, PartnerWaits
from belvedere.domain.reconciliation import Reconciled
from belvedere.domain.requester import Requester
from belvedere.domain.source_causes import SourceCause
from belvedere.domain.text import Text
from belvedere.followers.steering import SteeringFollower
from belvedere.inventory.cameras import Inventory
from belvedere.ledger.cosigned import Contradicted, NoWitness, Taken
from belvedere.ledger.witness import OtherSize, Refusal, UnknownLog
from belvedere.policy import Convention
from belvedere.spine.in_force import KeysInForce
from belvedere.spine.snapshot import Snapshot
from belvedere.web.changes import Changes
from belvedere.web.readiness import Readiness
from belvedere.web.request_log import AnswerCounts
from belvedere.web.tally import Opener

T = TypeVar("T")


class StoreReader(Protocol):
    """Reads what the screens show."""

    async def read(self, work: Callable[[Snapshot], T]) -> T:
        """Run `work` on one snapshot; raises `NotRead`."""


class TextsInForce(Protocol):
    """The conventions in force, as the routes cite and show them."""

    @property
    def conventions(self) -> Sequence[Convention]:
        """Every convention in force, in the order of the settings."""

    def convention_for(self, party: PartyId) -> Convention | None:
        """Return the convention under which that party's agents ask here now, or None for a stranger."""


class LedgerView(Protocol):
    """What the web shows of the ledger."""

    async def checkpoint(self) -> str:
        """Return the newest signed checkpoint (C2SP tlog-checkpoint)."""

    async def tile(self, path: str) -> bytes | None:
        """Return one tile (C2SP tlog-tiles) by its path below `tile/`, or None where there is none."""


class Cosignatures(Protocol):
    """Takes the heads of this node's log that its witnesses bring."""

    async def take(self, note: str) -> Taken | Contradicted | Refusal | NoWitness:
        """Keep a co-signed head, or learn that this log lost it; raises `NotRead`, `NotRecorded`."""


class WitnessOfOthers(Protocol):
    """Co-signs the heads of other nodes' logs."""

    async def add(self, body: str) -> str | OtherSize | Refusal | UnknownLog:
        """Return the line with the co-signature; raises `BadNote`, `NotRead`, `NotRecorded`."""

    async def held(self, origin: str) -> str | None:
        """Return the newest head of a log that was co-signed here, or None."""


@dataclass(frozen=True, slots=True)
class WitnessPorts:
    """What witnesses bring of this node's log, and what this node witnesses of others."""

    own_log: Cosignatures
    of_others: WitnessOfOthers


@dataclass(frozen=True, slots=True)
class PartnerPorts:
    """How the partners that have a node stand, their links and ledgers too, and the director's word for this node's journal."""

    owner: PartyId
    stand: Callable[[], Sequence[PartnerStands]]
    may_be_confirmed: Callable[[], bool]
    confirmations: ConfirmationDesk
    reconciled: Callable[[], Mapping[PartyId, Reconciled | Text]]
    links: Callable[[], Mapping[PartyId, LinkState]]


@dataclass(frozen=True, slots=True)
class AskingPorts:
    """Who asks, which articles a refusal of standing or role cites, whether partners wait for the journal or a witness."""

    owner: PartyId
    in_force: TextsInForce
    sign_in: SignIn
    compared: Callable[[], Compared]
    partner_waits: Callable[[PartyId], PartnerWaits | None]


@dataclass(frozen=True, slots=True)
class SessionPorts:
    """Signing in, out and over."""

    owner: PartyId
    in_force: TextsInForce
    sign_in: SignIn
    closer: StreamCloser
    relief: ReliefDesk
    app_origin: Callable[[], str]


@dataclass(frozen=True, slots=True)
class AgentPorts:
    """Agents and stations of the requester's party."""

    in_force: TextsInForce
    habilitations: HabilitationDesk
    stations: StationDesk


@dataclass(frozen=True, slots=True)
class InventoryPorts:
    """Cameras and the map's ground. `note` counts an answer other than yes."""

    inventory: Inventory
    reader: InventoryReader
    lost_cause: Callable[[CameraId], SourceCause | None]
    ground: bytes
    note: Callable[[Refused | Pending], None]


@dataclass(frozen=True, slots=True)
class EventPorts:
    """Operational events."""

    in_force: TextsInForce
    store: StoreReader
    desk: EventDesk


@dataclass(frozen=True, slots=True)
class StreamPorts:
    """What is watched, and its suspensions."""

    store: StoreReader
    opener: Opener
    closer: StreamCloser
    suspensions: SuspensionDesk
    media_origin: Callable[[], str]
    slots_told: Callable[[], int]
    """How many cameras flow to the node's own party, as other owners count."""


@dataclass(frozen=True, slots=True)
class SteeringPorts:
    """Steering. `note` counts an answer other than yes; `hands` is None where this node commands no camera."""

    owner: PartyId
    store: StoreReader
    clock: Clock
    desk: SteeringDesk
    looks: LookDesk
    deputies: DeputyDesk
    hands: SteeringFollower | None
    sector_of: Callable[[CameraId], str]
    note: Callable[[Refused | Pending], None]


@dataclass(frozen=True, slots=True)
class DirectionPorts:
    """What a director declares or tells, and what that would end."""

    in_force: TextsInForce
    centre: CentreDesk
    texts: ConventionDesk
    terms: TermDesk
    joining: JoiningDesk
    keys: KeysInForce


@dataclass(frozen=True, slots=True)
class ConventionPorts:
    """The convention under which the requester asks: its page, what comes, the question before the click.

    `steers` says whether a camera is steered from here at all.
    """

    owner: PartyId
    in_force: TextsInForce
    store: StoreReader
    clock: Clock
    inventory: Inventory
    preview: Previewer
    who_could_watch: WhoCouldWatch
    keys: KeysInForce
    steers: Callable[[CameraId], bool]


class OverFaults(Protocol):
    """What was lost and is back."""

    async def links_over_since(self, since: Instant) -> Sequence[OverLinkFault]:
        """Return the faults of links that ended at `since` or later; raises `NotRead`."""

    async def over_since(self, since: Instant) -> Sequence[OverFault]:
        """Return the faults that ended at `since` or later, oldest first; raises `NotRead`."""


@dataclass(frozen=True, slots=True)
class FaultPorts:
    """Cameras' faults, now and in a month of `zone`."""

    owner: PartyId
    store: StoreReader
    over: OverFaults
    links: Callable[[], Mapping[PartyId, LinkState]]
    inventory: Inventory
    clock: Clock
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class JournalPorts:
    """The ledger from outside, and who saw a camera."""

    ledger: LedgerView
    desk: JournalDesk
    inventory: Inventory
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class ReconciliationPorts:
    """Two ledgers compared: who asks is written down (`note`), then `compare` asks every peer."""

    note: Callable[[Requester], Awaitable[None]]
    compare: Callable[[], Awaitable[Mapping[PartyId, Reconciled | Text]]]


@dataclass(frozen=True, slots=True)
class ScreenPorts:
    """What open screens are told of. `ahead_s` tells by how much the demo has moved the clock."""

    owner: PartyId
    sign_in: SignIn
    changes: Changes
    inventory: Inventory
    reader: InventoryReader
    lost_cause: Callable[[CameraId], SourceCause | None]
    clock: Clock
    ahead_s: Callable[[], float]
    started_at: Instant


@dataclass(frozen=True, slots=True)
class NodePorts:
    """Whose node this is, and how it does. `monitoring`: the networks from which it is looked after."""

    owner: PartyId
    in_force: TextsInForce
    zone: ZoneInfo
    contact: str | None
    readiness: Readiness
    lost_cameras: Callable[[], Mapping[SourceCause, int]]
    metrics: Callable[[], Awaitable[bytes]]
    monitoring: tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class DemoPorts:
    """The clock that the demo's page moves; `moved` returns once what follows from a move has followed."""

    in_force: TextsInForce
    clock: MovableClock
    moved: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SitePorts:
    """What the application itself is built on. The origins are known once bound."""

    clock: Clock
    answers: AnswerCounts
    app_origin: Callable[[], str]
    media_origin: Callable[[], str]
    static_dir: Path


@dataclass(frozen=True, slots=True)
class WebPorts:
    """A group for each resource; `demo` only where the node runs on a clock that can be moved."""

    site: SitePorts
    asking: AskingPorts
    session: SessionPorts
    agents: AgentPorts
    inventory: InventoryPorts
    events: EventPorts
    streams: StreamPorts
    steering: SteeringPorts
    direction: DirectionPorts
    convention: ConventionPorts
    handover: HandoverDesk
    journal: JournalPorts
    faults: FaultPorts
    witnesses: WitnessPorts
    partners: PartnerPorts
    reconciliation: ReconciliationPorts
    resolutions: ResolutionDesk
    screens: ScreenPorts
    node: NodePorts
    demo: DemoPorts | None


async def ports_of(request: HTTPConnection) -> WebPorts:
    """Return every group of the node behind the application."""
    ports: WebPorts = request.app.state.ports
    return ports


def _group(of: Callable[[WebPorts], T]) -> Callable[[WebPorts], Awaitable[T]]:
    async def group(ports: Annotated[WebPorts, Depends(ports_of)]) -> T:
        return of(ports)

    return group


def _demo(ports: WebPorts) -> DemoPorts:
    assert ports.demo is not None, "the demo's routes are there in a demo only"
    return ports.demo


Asking = Annotated[AskingPorts, Depends(_group(lambda ports: ports.asking))]
Sessions = Annotated[SessionPorts, Depends(_group(lambda ports: ports.session))]
Agents = Annotated[AgentPorts, Depends(_group(lambda ports: ports.agents))]
Cameras = Annotated[InventoryPorts, Depends(_group(lambda ports: ports.inventory))]
Events = Annotated[EventPorts, Depends(_group(lambda ports: ports.events))]
Streams = Annotated[StreamPorts, Depends(_group(lambda ports: ports.streams))]
Steering = Annotated[SteeringPorts, Depends(_group(lambda ports: ports.steering))]
Direction = Annotated[DirectionPorts, Depends(_group(lambda ports: ports.direction))]
Conventions = Annotated[ConventionPorts, Depends(_group(lambda ports: ports.convention))]
Handover = Annotated[HandoverDesk, Depends(_group(lambda ports: ports.handover))]
Witnesses = Annotated[WitnessPorts, Depends(_group(lambda ports: ports.witnesses))]
Faults = Annotated[FaultPorts, Depends(_group(lambda ports: ports.faults))]
Partners = Annotated[PartnerPorts, Depends(_group(lambda ports: ports.partners))]
Reconciliation = Annotated[ReconciliationPorts, Depends(_group(lambda ports: ports.reconciliation))]
Resolutions = Annotated[ResolutionDesk, Depends(_group(lambda ports: ports.resolutions))]
Journal = Annotated[JournalPorts, Depends(_group(lambda ports: ports.journal))]
Screens = Annotated[ScreenPorts, Depends(_group(lambda ports: ports.screens))]
Node = Annotated[NodePorts, Depends(_group(lambda ports: ports.node))]
Demo = Annotated[DemoPorts, Depends(_group(_demo))]

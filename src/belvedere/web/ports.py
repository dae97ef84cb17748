"""What the routes reach: use cases and a few narrow views, passed once by the composition root."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from belvedere.agents.habilitations import HabilitationDesk
from belvedere.agents.log_in import SignIn
from belvedere.agents.stations import StationDesk
from belvedere.domain.clock import Clock, Instant, MovableClock
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.source_causes import SourceCause
from belvedere.inventory.cameras import Inventory
from belvedere.live.centre import CentreDesk
from belvedere.live.close_stream import StreamCloser
from belvedere.live.conventions import ConventionDesk
from belvedere.live.events import EventDesk
from belvedere.live.handover import HandoverDesk
from belvedere.live.journal import JournalDesk
from belvedere.live.ports import LivePorts
from belvedere.live.preview import Previewer
from belvedere.live.read_inventory import InventoryReader
from belvedere.live.relief import ReliefDesk
from belvedere.live.review import ViewingReview
from belvedere.live.steering import SteeringDesk
from belvedere.live.suspend import SuspensionDesk
from belvedere.live.terms import TermDesk
from belvedere.web.changes import Changes
from belvedere.web.metrics import Metrics
from belvedere.web.readiness import Readiness
from belvedere.web.request_log import AnswerCounts
from belvedere.web.tally import Opener, Tally


class LedgerView(Protocol):
    """What the web shows of the ledger."""

    async def checkpoint(self) -> str:
        """Return the newest signed checkpoint (C2SP tlog-checkpoint)."""

    async def tile(self, path: str) -> bytes | None:
        """Return one tile (C2SP tlog-tiles) by its path below `tile/`, or None where there is none."""

    async def records(
        self, *, camera: str | None, since: Instant | None, until: Instant | None, most: int
    ) -> Sequence[Mapping[str, object]]:
        """Return at most `most` records, newest first."""


@dataclass(frozen=True, slots=True)
class WebPorts:
    """The use cases behind the routes. `app_origin` and `media_origin` are known once bound."""

    owner: PartyId
    zone: ZoneInfo
    clock: Clock
    sign_in: SignIn
    habilitations: HabilitationDesk
    stations: StationDesk
    relief: ReliefDesk
    live: LivePorts
    opener: Opener
    closer: StreamCloser
    events: EventDesk
    review: ViewingReview
    suspensions: SuspensionDesk
    steering: SteeringDesk
    centre: CentreDesk
    preview: Previewer
    inventory: Inventory
    inventory_reader: InventoryReader
    lost_cause: Callable[[CameraId], SourceCause | None]
    lost_cameras: Callable[[], Mapping[SourceCause, int]]
    ground: bytes
    ledger: LedgerView
    journal: JournalDesk
    handover: HandoverDesk
    conventions: ConventionDesk
    terms: TermDesk
    changes: Changes
    readiness: Readiness
    metrics: Metrics
    tally: Tally
    answers: AnswerCounts
    app_origin: Callable[[], str]
    media_origin: Callable[[], str]
    static_dir: Path
    contact: str | None
    demo_clock: MovableClock | None

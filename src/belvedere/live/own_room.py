"""The owner's own room is never blinded: while nothing can be recorded it goes on watching (RELIABILITY 9).

Its records wait here, bounded; when the ledger takes records again they are appended in their order, in small groups,
after a record of the gap that says since when, and how many were lost. Used on the event loop only.
"""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import anyio
import structlog

from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import ViewingId
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.live.model import Ending, Viewing
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import ended_record
from belvedere.live.review import Ended

QUEUED_MAX = 10_000
VIEWINGS_MAX = 256
GROUP_MAX = 200
"""How many records one transaction takes: others are written in between."""
CATCH_UP_EVERY_S = 1.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A record, and what the table of running viewings becomes with it."""

    record: Record
    opened: Viewing | None = None
    ended: ViewingId | None = None


@dataclass
class OwnRoomQueue:
    """Records of the owner's own room that wait for the ledger, and the viewings that they opened."""

    ports: LivePorts
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _viewings: dict[ViewingId, Viewing] = field(default_factory=dict)
    _since: Instant | None = None
    _lost: int = 0
    _catching_up: bool = False

    @property
    def queued(self) -> int:
        """How many records wait."""
        return len(self._waiting)

    @property
    def viewings(self) -> Collection[Viewing]:
        """The running viewings that no table holds yet."""
        return self._viewings.values()

    def opened(self, viewing: Viewing, records: tuple[Record, ...]) -> None:
        """Keep an opened viewing and its records, the last of which opens it; raises `NotRecorded` at the bound."""
        if len(self._viewings) >= VIEWINGS_MAX:
            raise NotRecorded(f"{VIEWINGS_MAX} unrecorded viewings of the own room already run")
        self._viewings[viewing.id] = viewing
        *before, last = records
        for record in before:
            self._keep(_Waiting(record))
        self._keep(_Waiting(last, opened=viewing))

    def refused(self, record: Record) -> None:
        """Keep the record of a refusal."""
        self._keep(_Waiting(record))

    def end(self, which: Callable[[Viewing], bool], ending: Ending) -> list[Ended]:
        """End the unrecorded viewings that `which` picks, and keep their records; the caller stops them."""
        ended = [Ended(viewing, ending) for viewing in self._viewings.values() if which(viewing)]
        for each in ended:
            viewing = self._viewings.pop(each.viewing.id)
            record = ended_record(
                viewing,
                at=self.ports.clock.now(),
                convention=self.ports.convention_for(viewing.party),
                event=None,
                ending=ending,
            )
            self._keep(_Waiting(record, ended=viewing.id))
        return ended

    def _keep(self, waiting: _Waiting) -> None:
        if self._since is None:
            self._since = self.ports.clock.now()
            log.error("own_room_unrecorded", since=self._since.isoformat())
        if len(self._waiting) >= QUEUED_MAX:
            self._lost += 1
        else:
            self._waiting.append(waiting)

    async def catch_up_forever(self) -> None:
        """Try every second until cancelled. A task of its own: a disk that hangs must not hold up the watch."""
        while True:
            await anyio.sleep(CATCH_UP_EVERY_S)
            try:
                await self.catch_up()
            except NotRecorded as failure:
                log.warning("own_room_not_recorded", waiting=self.queued, error=str(failure))

    async def catch_up(self) -> None:
        """Append what waits, a group at a time, if anything does; raises `NotRecorded` where nothing is taken.

        Waits for each group's outcome however long the disk takes: a group given up could land all the same, and be
        written twice. One catches up at a time.
        """
        if self._since is None or self._catching_up:
            return
        self._catching_up = True
        try:
            await self._append_all(self._since)
        finally:
            self._catching_up = False

    async def _append_all(self, since: Instant) -> None:
        late, lost = self.queued, self._lost
        gap: dict[str, FactValue] | None = {"since": since.isoformat(), "late": late, "lost": lost}
        while self._waiting or self._lost or self._viewings:
            group, told = list(islice(self._waiting, GROUP_MAX)), self._lost
            # In the last group also those viewings whose own record found no place any more.
            known = dict(self._viewings) if len(group) == self.queued else {}
            await self.ports.store.transact(
                partial(self._append, group=group, known=known, gap=gap), essential=True, patient=True
            )
            gap = None
            for waiting in group:
                self._waiting.popleft()
                if waiting.opened is not None:
                    self._viewings.pop(waiting.opened.id, None)
            for viewing in known:
                self._viewings.pop(viewing, None)
            self._lost -= told
        self._since = None
        log.warning("own_room_recorded_late", records=late, lost=lost)

    def _append(
        self,
        tx: LiveTransaction,
        *,
        group: list[_Waiting],
        known: dict[ViewingId, Viewing],
        gap: dict[str, FactValue] | None,
    ) -> None:
        if gap is not None:
            tx.append(
                Record(
                    kind=RecordKind.GAP, at=self.ports.clock.now(), cause=RecordedAct.OWN_ROOM_UNRECORDED, detail=gap
                )
            )
        for waiting in group:
            tx.append(waiting.record)
            if waiting.opened is not None:
                tx.put_viewing(waiting.opened)
            if waiting.ended is not None:
                tx.remove_viewings([waiting.ended])
        for viewing in known.values():
            tx.put_viewing(viewing)

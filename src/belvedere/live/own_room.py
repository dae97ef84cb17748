"""The owner's own room is never blinded: while nothing can be recorded it goes on watching (RELIABILITY 9).

Its records wait here, bounded; when the ledger takes records again they are appended in their order, after a
record of the gap that says since when, and how many were lost. Used on the event loop only.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

import structlog

from belvedere.domain.clock import Instant
from belvedere.domain.ids import ViewingId
from belvedere.domain.record import Record, RecordKind
from belvedere.live.model import Viewing
from belvedere.live.ports import LivePorts, LiveTransaction

QUEUED_MAX = 10_000
log = structlog.get_logger(__name__)


@dataclass
class OwnRoomQueue:
    """Records of the owner's own room that wait for the ledger, and the viewings that they opened."""

    ports: LivePorts
    _records: deque[Record] = field(default_factory=deque)
    _viewings: dict[ViewingId, Viewing] = field(default_factory=dict)
    _since: Instant | None = None
    _lost: int = 0

    @property
    def queued(self) -> int:
        """How many records wait."""
        return len(self._records)

    @property
    def viewings(self) -> Collection[Viewing]:
        """The running viewings that no table holds yet."""
        return self._viewings.values()

    def opened(self, viewing: Viewing, records: tuple[Record, ...]) -> None:
        """Keep an opened viewing and its records."""
        self._viewings[viewing.id] = viewing
        self._keep(records)

    def held(self, viewing: ViewingId) -> Viewing | None:
        """Return the unrecorded viewing, or None."""
        return self._viewings.get(viewing)

    def ended(self, viewing: ViewingId, record: Record) -> None:
        """Keep the end of an unrecorded viewing."""
        self._viewings.pop(viewing, None)
        self._keep((record,))

    def _keep(self, records: tuple[Record, ...]) -> None:
        if self._since is None:
            self._since = self.ports.clock.now()
            log.error("own_room_unrecorded", since=self._since.isoformat())
        for record in records:
            if len(self._records) >= QUEUED_MAX:
                self._lost += 1
            else:
                self._records.append(record)

    async def catch_up(self) -> None:
        """Append what waits, if anything does; raises `NotRecorded` while the ledger still takes nothing."""
        since = self._since
        if since is None:
            return
        waiting, viewings, lost = list(self._records), list(self._viewings.values()), self._lost

        def work(tx: LiveTransaction) -> None:
            tx.append(
                Record(
                    kind=RecordKind.GAP,
                    at=self.ports.clock.now(),
                    cause="own-room-unrecorded",
                    detail={"since": since.isoformat(), "late": len(waiting), "lost": lost},
                )
            )
            for record in waiting:
                tx.append(record)
            for viewing in viewings:
                tx.put_viewing(viewing)

        await self.ports.store.transact(work, essential=True)
        for _ in waiting:
            self._records.popleft()
        for viewing in viewings:
            self._viewings.pop(viewing.id, None)
        self._lost -= lost
        if not self._records and not self._viewings:
            self._since = None
        log.warning("own_room_recorded_late", records=len(waiting), lost=lost)

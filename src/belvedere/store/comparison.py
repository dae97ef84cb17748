"""Whether the journal's tables say what its records say: compared at the start and nightly, mended where they do not.

Owns what is known of that, which pages, readiness and the doors ask. Used on the event loop only. Reads a piece at a
time, a snapshot each, and rests between: nobody waits for it, and no erasure either. Source: reliability 7.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import anyio
import structlog
from sqlalchemy import Connection

from belvedere.changes import TablesMended
from belvedere.changes.records import record_of_ledger
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.failures import NotRead, NotRecorded, TooManyAtOnce
from belvedere.domain.journal import Compared, JournalState, Mended
from belvedere.store.database import Database
from belvedere.store.derived_rows import PIECE, Piece, compare_piece, first_piece, mend
from belvedere.store.sound_records import Findings, RowDifference, SoundRecords, differing_keys
from belvedere.store.writer import WriteTransaction

NIGHTLY_AT: Final = time(3, 30)
"""Wall-clock time of the node's zone: few watch then."""
NIGHTS_APART_S_MAX = 26 * 3600.0
LOOK_EVERY_S = 60.0
TRY_AGAIN_S = 2.0
REST_S_MIN = 0.005
NAMED_MAX = 20
"""So many differing rows are named in the log and in the record; all are counted."""
log = structlog.get_logger(__name__)


class RecordsUnsound(Exception):
    """A record or an entry is not what was entered: the tables cannot be mended from it."""


class JournalComparison:
    """Compares, alarms, mends, and tells how it stands."""

    def __init__(self, database: Database, *, clock: Clock, zone: ZoneInfo) -> None:
        self.sound = SoundRecords(database.known_tree)
        self.differences_total = 0
        self._database = database
        self._clock = clock
        self._zone = zone
        self._state = Compared(JournalState.COMPARING)
        self._compared_s = 0.0
        self._wanted = anyio.Event()

    @property
    def compared(self) -> Compared:
        """Return how the tables stand to the records."""
        if not self._database.ledger_check.sound:
            return replace(self._state, state=JournalState.UNSOUND)
        return self._state

    async def begun(self) -> "JournalComparison":
        """Compare a ledger of one piece now; any longer one is compared behind the open doors. Return itself."""
        if self._database.ledger_check.sound and self.sound.known.size <= PIECE:
            await self._compare(rest=False)
        return self

    async def keep_forever(self) -> None:
        """Compare what was not compared, where a page found a difference, and every night; until cancelled."""
        while True:
            if self._is_due() and not await self._compare(rest=True):
                await anyio.sleep(TRY_AGAIN_S)
                continue
            with anyio.move_on_after(LOOK_EVERY_S):
                await self._wanted.wait()

    async def mend(self) -> int:
        """Mend every row that is not what its record says; return how many. For a node that does not run.

        Raises `RecordsUnsound`, `NotRecorded`, `NotRead`.
        """
        if not self._database.ledger_check.sound:
            raise RecordsUnsound(str(self._database.ledger_check.finding))
        differences = await self._pass(mending=True, rest=False)
        await self._settle(differences)
        return len(differences)

    def found(self, findings: Findings) -> None:
        """Take what a page found wrong: alarm, and have it settled."""
        if findings.unsound is not None:
            self._records_unsound(findings.unsound)
        elif findings.differences and self._database.ledger_check.sound:
            self._alarm(findings.differences)
            self._wanted.set()

    def doubt(self) -> None:
        """Have everything compared: a page could not be read."""
        if self._state.state is JournalState.COMPARED:
            self._state = replace(self._state, state=JournalState.COMPARING)
        self._wanted.set()

    def _is_due(self) -> bool:
        if not self._database.ledger_check.sound:
            return False
        compared_at = self._state.at
        if compared_at is None or self._state.partners_wait:
            return True
        # A clock that was set back makes no night longer than a day.
        is_long_ago = self._clock.monotonic_s() - self._compared_s >= NIGHTS_APART_S_MAX
        return is_long_ago or self._clock.now() >= _next_night(compared_at, self._zone)

    async def _compare(self, *, rest: bool) -> bool:
        """Compare everything, mending where it differs; False where it could not be done to its end."""
        self._wanted = anyio.Event()
        try:
            differences: Sequence[RowDifference] = ()
            if self._state.state is not JournalState.DIFFERS:
                differences = await self._pass(mending=False, rest=rest)
            if differences:
                self._alarm(differences)
            if self._state.state is JournalState.DIFFERS:
                differences = await self._pass(mending=True, rest=rest)
            await self._settle(differences)
        except RecordsUnsound as failure:
            self._records_unsound(str(failure))
        except (NotRead, NotRecorded) as failure:
            log.warning("journal_not_compared", cause=str(failure))
            if not isinstance(failure, TooManyAtOnce):
                self.doubt()
            return False
        return True

    async def _pass(self, *, mending: bool, rest: bool) -> list[RowDifference]:
        """Go through every piece; return what differed, mended where `mending`, else up to the first piece that does.

        Raises `RecordsUnsound`.
        """
        differences: list[RowDifference] = []
        piece: Piece | None = first_piece()
        while piece is not None:
            begun_s = self._clock.monotonic_s()
            found, following = await self._read(piece)
            if found:
                if not mending:
                    return found
                differences += await self._mend(piece)
            piece = following
            if rest:
                await anyio.sleep(max(REST_S_MIN, self._clock.monotonic_s() - begun_s))
        return differences

    async def _read(self, piece: Piece) -> tuple[list[RowDifference], Piece | None]:
        findings = Findings()
        following = await self._database.read(lambda connection: compare_piece(connection, piece, self.sound, findings))
        if findings.unsound is not None:
            raise RecordsUnsound(findings.unsound)
        return findings.differences, following

    async def _mend(self, piece: Piece) -> list[RowDifference]:
        """Compare the piece again where nobody else writes, and mend what differs."""

        def work(transaction: WriteTransaction) -> list[RowDifference]:
            return mended_piece(transaction.connection, piece, self.sound)

        return await self._database.write(work, timeout_s=None, essential=True)

    async def _settle(self, mended: Sequence[RowDifference]) -> None:
        """Write down what was mended; from then on other parties are served."""
        now = self._clock.now()
        if mended:
            tables = Counter(each.table for each in mended)
            told = TablesMended(tables, tuple(differing_keys(mended, most=NAMED_MAX)), now)
            record = record_of_ledger(told)
            await self._database.write(lambda transaction: transaction.append(record), timeout_s=None, essential=True)
            log.warning("journal_mended", rows=len(mended), named=differing_keys(mended, most=NAMED_MAX))
        done = Mended(now, len(mended)) if mended else self._state.mended
        self._state = Compared(JournalState.COMPARED, at=now, mended=done)
        self._compared_s = self._clock.monotonic_s()
        log.info("journal_compared", records=self.sound.known.size)

    def _alarm(self, differences: Sequence[RowDifference]) -> None:
        if self._state.state is JournalState.DIFFERS:
            return
        self._state = replace(self._state, state=JournalState.DIFFERS)
        self.differences_total += 1
        log.error("journal_differs", rows=len(differences), named=differing_keys(differences, most=NAMED_MAX))

    def _records_unsound(self, finding: str) -> None:
        if self._database.ledger_check.sound:
            log.error("ledger_unsound", finding=finding)
            self._database.distrust(finding)


def mended_piece(connection: Connection, piece: Piece, sound: SoundRecords) -> list[RowDifference]:
    """Compare one piece and mend what differs, in the transaction that `connection` holds; raises `RecordsUnsound`."""
    findings = Findings()
    compare_piece(connection, piece, sound, findings)
    if findings.unsound is not None:
        raise RecordsUnsound(findings.unsound)
    mend(connection, findings.differences)
    return findings.differences


def _next_night(after: Instant, zone: ZoneInfo) -> Instant:
    """Return the first `NIGHTLY_AT` of the zone's wall clock after an instant."""
    local = after.astimezone(zone)
    day = local.date() if local.time() < NIGHTLY_AT else local.date() + timedelta(days=1)
    return datetime.combine(day, NIGHTLY_AT, zone)

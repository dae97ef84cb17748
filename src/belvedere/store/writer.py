"""The one thread that writes: jobs in, groups of them committed together, outcomes out.

Promises: a job's success is delivered only after its commit is durable; a job that fails leaves the others
of its group untouched; after an error of the disk the group is given up, the connection is opened anew and
the ledger's head compared before anything else is written; no sync is ever repeated over the same bytes.
Does not know what jobs do. Source: reliability 9, 10; reliability, The database.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from belvedere.changes import WritesRefused
from belvedere.changes.party_words import PartyWords
from belvedere.changes.records import record_of_ledger
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.failures import NotRecorded
from belvedere.domain.record import Record
from belvedere.store.connections import BUSY_TIMEOUT_MS, driver_of, in_transaction
from belvedere.store.ledger_log import NOTHING_SAID, LedgerLog
from belvedere.store.ledger_rows import StoredHead
from belvedere.store.space import SpaceReserve, SpaceState

T = TypeVar("T")
log = structlog.get_logger(__name__)

CHECKPOINT_AFTER_BYTES = 8 * 1024 * 1024
_IDLE_LOOK_S = 1.0
_GROUP_WORK_S_MAX = 0.05
_RECOVERY_DELAY_S_MIN, _RECOVERY_DELAY_S_MAX = 0.25, 5.0
_DISK_ERRORS = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}


class WriterState(StrEnum):
    """Whether the writer writes."""

    RECORDING = "recording"
    STOPPED = "stopped"
    """A write failed; recovery is tried again, at most every 5 s. Every write is refused meanwhile."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WriteTransaction:
    """What a job writes with: tables through `connection`, records through `append`, one fate for both."""

    connection: Connection
    _ledger: LedgerLog

    def append(self, record: Record, said: Mapping[str, PartyWords] = NOTHING_SAID) -> int:
        """Append `record` to the ledger in this transaction, and beside it what it names of `said`; return its index.

        Its rows are inserted when the group closes, so they can't be read back through `connection` here.
        Raises `NotRecorded` while the ledger is unsound, `NotCanonical` for a value JSON cannot carry.
        """
        return self._ledger.append(record, said)


class _JobState(Enum):
    WAITING = auto()
    CLAIMED = auto()
    WITHDRAWN = auto()


@dataclass(frozen=True, slots=True)
class Success(Generic[T]):
    """The job's value; durable."""

    value: T


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the job has no effect."""

    failure: Exception


Outcome = Success[Any] | Failure


class Job(Generic[T]):
    """A piece of work with the place its outcome goes to."""

    def __init__(
        self,
        work: Callable[[WriteTransaction], T],
        *,
        settle: Callable[["Success[T] | Failure"], None],
        loop: asyncio.AbstractEventLoop | None,
        essential: bool = False,
    ) -> None:
        self.work = work
        self.settle = settle
        self.loop = loop
        self.essential = essential
        self._state = _JobState.WAITING
        self._lock = threading.Lock()

    def claim(self) -> bool:
        """Take the job for execution; False if its caller withdrew it."""
        return self._leave_waiting(_JobState.CLAIMED)

    def withdraw(self) -> bool:
        """Take the job back; False if it has already been claimed, and may thus take effect."""
        return self._leave_waiting(_JobState.WITHDRAWN)

    def _leave_waiting(self, state: _JobState) -> bool:
        with self._lock:
            if self._state is not _JobState.WAITING:
                return False
            self._state = state
            return True


@dataclass(slots=True)
class WriterFigures:
    """Counters since the start."""

    groups: int = 0
    jobs: int = 0
    refused: int = 0
    recoveries: int = 0
    group_jobs_max: int = 0


@dataclass(slots=True)
class _Gap:
    """What could not be written, until it can be said in the ledger."""

    since: Instant
    cause: str
    writes_refused: int = 0


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """A group whose commit failed, until a fresh connection tells what became of it."""

    outcomes: list[tuple[Job[Any], Outcome]]
    attempted: StoredHead | None


class _GroupLost(Exception):
    """The transaction of the whole group is gone."""


class Writer:
    """The thread, its queue (bounded) and its connection."""

    def __init__(
        self,
        *,
        path: Path,
        engine: Engine,
        ledger: LedgerLog,
        space: SpaceReserve,
        clock: Clock,
        queue_max: int,
        group_max: int,
    ) -> None:
        self.state = WriterState.RECORDING
        self.cause: str | None = None
        self.figures = WriterFigures()
        self._wal = path.with_name(path.name + "-wal")
        self._engine = engine
        self._ledger = ledger
        self._space = space
        self._clock = clock
        self._queue_max = queue_max
        self._group_max = group_max
        self._queue: deque[Job[Any]] = deque()
        self._scrubs: deque[Job[bool]] = deque()
        self._condition = threading.Condition()
        self._closing = False
        self._connection: Connection | None = None
        self._committing = False
        self._gap: _Gap | None = None
        self._unsettled: _Unsettled | None = None
        self._recovery_delay_s = _RECOVERY_DELAY_S_MIN
        self._recover_at_s = 0.0
        self._checkpoint_at_bytes = CHECKPOINT_AFTER_BYTES
        self._thread = threading.Thread(target=self._run, name="belvedere-writer", daemon=True)
        event.listen(engine, "commit", self._refuse_foreign_commit)

    # From any thread

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, job: Job[Any]) -> None:
        """Queue `job`; raises `NotRecorded` at once where the writer stands still or the queue is full."""
        with self._condition:
            refusal = self._refusal(job)
            if refusal is not None:
                self.figures.refused += 1
                self._note_gap(refusal)
                raise NotRecorded(refusal)
            self._queue.append(job)
            self._condition.notify()

    def submit_scrub(self, job: Job[bool]) -> None:
        """Empty the write-ahead log between groups; `job` carries whether it could be."""
        with self._condition:
            if self._closing or self.state is not WriterState.RECORDING:
                raise NotRecorded(self.cause or "the store is closed")
            self._scrubs.append(job)
            self._condition.notify()

    @property
    def queued(self) -> int:
        """Return how many jobs wait."""
        return len(self._queue)

    def close(self, timeout_s: float) -> bool:
        """Write what is queued, then end the thread; False if it hangs in the disk."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _refusal(self, job: Job[Any]) -> str | None:
        if self._closing or self.state is WriterState.CLOSED:
            return self.cause or "the store is closed"
        if self.state is WriterState.STOPPED:
            return f"nothing can be recorded now: {self.cause}"
        # Endings have room of their own: what refuses new openings must not keep old ones from closing.
        places = self._queue_max + (self._queue_max // 4 if job.essential else 0)
        if len(self._queue) >= places:
            return f"{places} writes are already waiting"
        if self._space.state is SpaceState.SHORT and not job.essential:
            return "the disk is almost full: only endings are recorded"
        return None

    def _note_gap(self, cause: str) -> None:
        if self._closing:
            return
        if self._gap is None:
            self._gap = _Gap(self._clock.now(), cause)
        self._gap.writes_refused += 1

    # The writer's thread

    def _run(self) -> None:
        try:
            while True:
                jobs, scrubs, closing = self._take()
                self._space.look()
                if self.state is WriterState.STOPPED and self._clock.monotonic_s() >= self._recover_at_s:
                    self._recover()
                self._write(jobs)
                self._scrub(scrubs)
                if closing and not jobs and not scrubs:
                    break
        except Exception as failure:
            log.exception("writer_died")
            self._give_up_all(f"the writer failed: {failure}")
        finally:
            self.state = WriterState.CLOSED
            self._give_up_all("the store is closed")
            self._disconnect()

    def _take(self) -> tuple[list[Job[Any]], list[Job[bool]], bool]:
        with self._condition:
            if not self._queue and not self._scrubs and not self._closing:
                self._condition.wait(self._idle_s())
            jobs = [self._queue.popleft() for _ in range(min(len(self._queue), self._group_max))]
            scrubs = list(self._scrubs)
            self._scrubs.clear()
            return jobs, scrubs, self._closing

    def _idle_s(self) -> float:
        if self.state is WriterState.STOPPED:
            return min(_IDLE_LOOK_S, max(0.01, self._recover_at_s - self._clock.monotonic_s()))
        return _IDLE_LOOK_S

    def _write(self, jobs: list[Job[Any]]) -> None:
        if self.state is WriterState.STOPPED:
            self._deliver([(job, self._not_recorded()) for job in jobs if job.claim()])
            return
        gap_job = self._gap_job()
        if gap_job is not None:
            jobs = [gap_job, *jobs]
        if jobs:
            self._write_group(jobs)
            self._checkpoint_if_due()

    def _write_group(self, jobs: list[Job[Any]]) -> None:
        outcomes: list[tuple[Job[Any], Outcome]] = []
        attempted: StoredHead | None = None
        try:
            connection = self._connected()
            transaction = connection.begin()
            self._run_jobs(connection, jobs, outcomes)
            attempted = self._ledger.write_group(connection)
            self._committing = True
            transaction.commit()
        except (SQLAlchemyError, sqlite3.Error, OSError, _GroupLost) as failure:
            self._stop(failure, _Unsettled(outcomes, attempted), [job for job in jobs if job.claim()])
            return
        finally:
            self._committing = False
        self._ledger.became_durable(attempted)
        self.figures.groups += 1
        self.figures.jobs += len(outcomes)
        self.figures.group_jobs_max = max(self.figures.group_jobs_max, len(outcomes))
        self._deliver(outcomes)

    def _run_jobs(self, connection: Connection, jobs: list[Job[Any]], outcomes: list[tuple[Job[Any], Outcome]]) -> None:
        """Run each job in a savepoint of its own; what does not fit the group's time goes back in front."""
        until_s = self._clock.monotonic_s() + _GROUP_WORK_S_MAX
        for position, job in enumerate(jobs):
            if outcomes and self._clock.monotonic_s() > until_s:
                with self._condition:
                    self._queue.extendleft(reversed(jobs[position:]))
                return
            if job.claim():
                # Listed before it runs, so that its caller hears of it if the group is lost midway.
                outcomes.append((job, self._not_recorded()))
                outcomes[-1] = (job, self._run_job(connection, job))

    def _run_job(self, connection: Connection, job: Job[Any]) -> Outcome:
        mark = self._ledger.mark()
        driver = driver_of(connection)
        driver.execute("SAVEPOINT job")
        try:
            value = job.work(WriteTransaction(connection, self._ledger))
        except Exception as failure:
            self._ledger.take_back(mark)
            if _is_disk_error(failure) or not in_transaction(connection):
                raise _GroupLost(_said(failure)) from failure
            driver.execute("ROLLBACK TO job")
            driver.execute("RELEASE job")
            return Failure(failure)
        driver.execute("RELEASE job")
        return Success(value)

    def _refuse_foreign_commit(self, _connection: Connection) -> None:
        if not self._committing and threading.current_thread() is self._thread:
            raise RuntimeError("a job must not commit: its group's commit is the writer's")

    def _deliver(self, outcomes: list[tuple[Job[Any], Outcome]]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Job[Any], Outcome]]] = {}
        for job, outcome in outcomes:
            if job.loop is None:
                job.settle(outcome)
            else:
                by_loop.setdefault(job.loop, []).append((job, outcome))
        for loop, settled in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle_all, settled)
            except RuntimeError:
                log.warning("writer_outcomes_unclaimed", count=len(settled))

    # Stopping and recovering

    def _stop(self, failure: Exception, unsettled: _Unsettled, unrun: list[Job[Any]]) -> None:
        self.cause = f"a write failed ({_said(failure)})"
        self.state = WriterState.STOPPED
        log.error("writer_stopped", cause=_said(failure), jobs=len(unsettled.outcomes) + len(unrun))
        self._disconnect()
        if self._is_full(failure):
            self._space.look(hit_the_end=True)
        with self._condition:
            waiting = list(self._queue)
            self._queue.clear()
        lost = unrun + [job for job in waiting if job.claim()]
        self._deliver([(job, self._not_recorded()) for job in lost])
        self._unsettled = unsettled
        with self._condition:
            for _ in range(len(lost) + len(unsettled.outcomes)):
                self._note_gap(self.cause)
        self._recovery_delay_s = _RECOVERY_DELAY_S_MIN
        self._recover()

    def _recover(self) -> None:
        """Open anew, learn what became of the last group, and put all of the log through another sync.

        Bytes whose sync failed are never synced again as they are: the log's frames are copied to the main
        file, which is synced instead, and the log is started over.
        """
        self.figures.recoveries += 1
        unsettled = self._unsettled
        try:
            connection = self._connected()
            with _read_only(connection):
                outcome = self._ledger.outcome_of(connection, unsettled.attempted if unsettled else None)
            self._empty_the_log(connection)
        except (SQLAlchemyError, sqlite3.Error, OSError) as failure:
            self._disconnect()
            self._recover_at_s = self._clock.monotonic_s() + self._recovery_delay_s
            self._recovery_delay_s = min(2 * self._recovery_delay_s, _RECOVERY_DELAY_S_MAX)
            log.warning("writer_not_recovered", cause=_said(failure))
            return
        if outcome.finding is not None:
            self._ledger.distrust(outcome.finding)
        log.info("writer_recovered", landed=outcome.landed, finding=outcome.finding)
        cause, self.cause, self.state = self.cause, None, WriterState.RECORDING
        # Told last, so that who hears of a failure can write again at once.
        if unsettled is not None:
            self._settle_group(unsettled, landed=outcome.landed, cause=cause)

    def _settle_group(self, unsettled: _Unsettled, *, landed: bool, cause: str | None) -> None:
        if landed:
            self._ledger.became_durable(unsettled.attempted)
            self._deliver(unsettled.outcomes)
        else:
            self._ledger.was_lost()
            self._deliver(
                [
                    (job, self._not_recorded(cause) if isinstance(outcome, Success) else outcome)
                    for job, outcome in unsettled.outcomes
                ]
            )
        self._unsettled = None

    def _gap_job(self) -> Job[Any] | None:
        """Return the job that records what could not be written, once it can be."""
        if self._space.state is SpaceState.SHORT or not self._ledger.check.sound:
            return None
        # Whoever is refused meanwhile counts in this gap or in the next one, never in neither.
        with self._condition:
            gap, self._gap = self._gap, None
        if gap is None:
            return None

        def tell(transaction: WriteTransaction) -> int:
            told = WritesRefused(gap.since, gap.cause, gap.writes_refused, self._clock.now())
            return transaction.append(record_of_ledger(told))

        def settle(outcome: Outcome) -> None:
            if isinstance(outcome, Failure):
                with self._condition:
                    if self._gap is not None:
                        gap.writes_refused += self._gap.writes_refused
                    self._gap = gap

        return Job(tell, settle=settle, loop=None, essential=True)

    def _give_up_all(self, reason: str) -> None:
        self.cause = reason
        with self._condition:
            self._closing = True
            waiting = [*self._queue, *self._scrubs]
            self._queue.clear()
            self._scrubs.clear()
        if self._unsettled is not None:
            self._settle_group(self._unsettled, landed=False, cause=reason)
        self._deliver([(job, Failure(NotRecorded(reason))) for job in waiting if job.claim()])

    def _not_recorded(self, cause: str | None = None) -> Failure:
        return Failure(NotRecorded(cause or self.cause or "the group that this write was in was not committed"))

    def _is_full(self, failure: Exception) -> bool:
        return _sqlite_code(failure) == sqlite3.SQLITE_FULL

    # Connection and write-ahead log

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.invalidate()
            connection.close()
        except (SQLAlchemyError, sqlite3.Error) as failure:
            log.warning("writer_disconnect_failed", cause=_said(failure))

    def _checkpoint_if_due(self) -> None:
        """Empty the log once it has grown; if a read prevents that, wait until it has grown as much again."""
        size_bytes = self._wal.stat().st_size if self._wal.exists() else 0
        if size_bytes < self._checkpoint_at_bytes or self._connection is None:
            return
        try:
            emptied = self._empty_the_log(self._connection)
        except (SQLAlchemyError, sqlite3.Error) as failure:
            # The log still holds everything, synced: nothing is lost, yet this disk must be looked at anew.
            self._stop(failure, _Unsettled([], None), [])
        else:
            self._checkpoint_at_bytes = CHECKPOINT_AFTER_BYTES + (0 if emptied else size_bytes)

    def _empty_the_log(self, connection: Connection) -> bool:
        """Copy the write-ahead log into the main file and cut it to nothing; False where a read prevents that."""
        driver = driver_of(connection)
        # Writes must not wait behind a long read: its end is awaited by trying again later.
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            busy, _frames, _copied = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        return not busy

    def _scrub(self, jobs: list[Job[bool]]) -> None:
        for job in jobs:
            try:
                outcome: Outcome = Success(self._empty_the_log(self._connected()))
            except (SQLAlchemyError, sqlite3.Error) as failure:
                outcome = Failure(NotRecorded(_said(failure)))
            self._deliver([(job, outcome)])


@contextmanager
def _read_only(connection: Connection) -> Iterator[None]:
    """Hold a transaction that is rolled back at its end."""
    transaction = connection.begin()
    try:
        yield
    finally:
        transaction.rollback()


def _settle_all(outcomes: list[tuple[Job[Any], Outcome]]) -> None:
    for job, outcome in outcomes:
        try:
            job.settle(outcome)
        except Exception:
            # One caller's hook must not keep the others from hearing.
            log.exception("write_outcome_hook_failed")


def _said(failure: BaseException) -> str:
    """Return the failure in the driver's own words, without SQLAlchemy's statement and link."""
    return str(failure.orig) if isinstance(failure, DBAPIError) else str(failure)


def _sqlite_code(failure: BaseException | None) -> int | None:
    """Return SQLite's primary result code behind `failure`, None where it isn't SQLite's."""
    while failure is not None:
        driver = failure.orig if isinstance(failure, DBAPIError) else failure
        if isinstance(driver, sqlite3.Error) and hasattr(driver, "sqlite_errorcode"):
            return int(driver.sqlite_errorcode) & 0xFF
        failure = failure.__cause__
    return None


def _is_disk_error(failure: Exception) -> bool:
    return _sqlite_code(failure) in _DISK_ERRORS

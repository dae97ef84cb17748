"""A node's database: opened once a process, read by many, written by one.

Owns the lock on the file, the writer, the pool of readers, and what is said of them on /readyz.
Does not know any use case's tables.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from belvedere.changes import NodeStarted
from belvedere.changes.records import record_of_ledger
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.failures import NotRead, NotRecorded, TooManyAtOnce
from belvedere.domain.ids import IdSource
from belvedere.ledger.known_tree import KnownTree
from belvedere.store.connections import reading_engine, sqlite_caveat, writing_engine
from belvedere.store.ledger_log import LedgerCheck, LedgerIdentity, LedgerLog
from belvedere.store.ledger_rows import StoredHead, microseconds
from belvedere.store.ledger_tables import ledger_erasures, ledger_event_records, ledger_records, ledger_viewings
from belvedere.store.migrate import upgrade
from belvedere.store.party_words import erase_words
from belvedere.store.space import SpaceLimits, SpaceReserve, SpaceState
from belvedere.store.steering_rows import forget_steering
from belvedere.store.writer import (
    Failure,
    Job,
    Success,
    Writer,
    WriterFigures,
    WriterState,
    WriteTransaction,
)

__all__ = ["DATABASE_FILE", "Database", "NotOpened", "StoreHealth", "StoreLimits", "TooManyReads", "WriteTransaction"]

T = TypeVar("T")
log = structlog.get_logger(__name__)

DATABASE_FILE = "belvedere.sqlite3"
"""The name of the database in a node's data directory."""
_CLOSE_S_MAX = 5.0
_SCRUB_TRIES = 20
_SCRUB_WAIT_S = 0.05


class NotOpened(Exception):
    """The database can't be used; the message states the fact and the remedy."""


class TooManyReads(TooManyAtOnce, NotRead):
    """The bounded queue of reads is full; the caller should answer 503."""


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Bounds of the store's queues and of the disk."""

    queue_max: int = 2048
    group_max: int = 256
    readers: int = 4
    reads_waiting_max: int = 1024
    """Twice as many as there may be screens (`web.changes`): all of them may ask at once."""
    essential_reads_waiting_max: int = 64
    space: SpaceLimits = field(default_factory=SpaceLimits)


@dataclass(slots=True)
class _ReadingRoom:
    """Threads that read, and how many reads are with them or wait for them. Counted on the event loop only."""

    threads: ThreadPoolExecutor
    reads: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What /readyz says of the store. Unless `records`, no image may go to another party."""

    records: bool
    """Whether a decision could be made durable now."""
    ledger_sound: bool
    """Whether the start-up check held; without it the node must serve no other party."""
    writer: WriterState
    space: SpaceState
    free_bytes: int
    queued: int
    cause: str | None
    """Why not, in English, for the operator; None where all is well."""


class Database:
    """The store of one node. Make it with `open`."""

    def __init__(
        self,
        path: Path,
        *,
        lock: int,
        ledger: LedgerLog,
        space: SpaceReserve,
        clock: Clock,
        limits: StoreLimits,
    ) -> None:
        self._path = path
        self._lock = lock
        self._ledger = ledger
        self._space = space
        self._clock = clock
        self._limits = limits
        self._size_at_start = 0
        self._writing = writing_engine(path)
        self._reading = reading_engine(path, connections_max=limits.readers + 1)
        self._readers = _ReadingRoom(ThreadPoolExecutor(limits.readers, thread_name_prefix="belvedere-reader"))
        # Whoever reads so that a picture may go on waits behind nobody who merely asks (reliability 11b, 25).
        self._essential_reader = _ReadingRoom(ThreadPoolExecutor(1, thread_name_prefix="belvedere-essential-reader"))
        self._writer = Writer(
            path=path,
            engine=self._writing,
            ledger=ledger,
            space=space,
            clock=clock,
            queue_max=limits.queue_max,
            group_max=limits.group_max,
        )

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        identity: LedgerIdentity,
        clock: Clock,
        ids: IdSource,
        limits: StoreLimits | None = None,
    ) -> "Database":
        """Open (or make) the database, migrate it, check its ledger, begin an epoch and record the start.

        Raises `NotOpened` if another process holds it or it can't be read, `ForeignLedger` if it is another
        node's. An unsound ledger is no exception: see `ledger_check`.
        """
        return await asyncio.to_thread(cls._open, path, identity, clock, ids, limits or StoreLimits())

    @classmethod
    def _open(
        cls, path: Path, identity: LedgerIdentity, clock: Clock, ids: IdSource, limits: StoreLimits
    ) -> "Database":
        caveat = sqlite_caveat()
        if caveat is not None:
            log.warning("sqlite_version", version=sqlite3.sqlite_version, caveat=caveat)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_database(path)
        space = SpaceReserve(path.parent, limits.space)
        database = None
        try:
            space.look()
            # Made before SQLite makes it: its own mode would let others read, and the log takes the file's mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            ledger = LedgerLog(identity, ids)
            database = cls(path, lock=lock, ledger=ledger, space=space, clock=clock, limits=limits)
            database._prepare()
        except BaseException as failure:
            if database is not None:
                database._dispose()
            os.close(lock)
            if isinstance(failure, (SQLAlchemyError, sqlite3.Error, OSError)):
                raise NotOpened(f"{path} cannot be opened: {failure}") from failure
            raise
        database._writer.start()
        log.info(
            "store_opened",
            epoch=ledger.epoch,
            entries=ledger.check.size,
            ledger_sound=ledger.check.sound,
            finding=ledger.check.finding,
        )
        return database

    def _prepare(self) -> None:
        """Migrate, check and begin the epoch, before the writer's thread exists."""
        now = self._clock.now()
        ledger = self._ledger
        with self._writing.connect() as connection:
            with connection.begin():
                upgrade(connection)
            with connection.begin():
                ledger.open(connection)
                epoch = ledger.begin_epoch(connection, started_at_us=microseconds(now))
                if ledger.check.sound:
                    ledger.append(record_of_ledger(NodeStarted(epoch, now)))
                head = ledger.write_group(connection)
            ledger.became_durable(head)
        self._size_at_start = 0 if ledger.durable_head is None else ledger.durable_head.size

    @property
    def epoch(self) -> int:
        """Return the number of this start of the node."""
        return self._ledger.epoch

    @property
    def size_at_start(self) -> int:
        """Return how many entries the ledger had once this start was recorded."""
        return self._size_at_start

    @property
    def ledger_check(self) -> LedgerCheck:
        """Return whether the ledger can be relied on; unless sound, serve no other party (reliability 7)."""
        return self._ledger.check

    @property
    def known_tree(self) -> KnownTree:
        """Return the tree as this process knows it, whatever the file says."""
        return self._ledger.known

    def distrust(self, finding: str) -> None:
        """Take no more records: a record, or an entry, is not what was entered (reliability 7)."""
        self._ledger.distrust(finding)

    @property
    def head(self) -> StoredHead | None:
        """Return the newest durable checkpoint."""
        return self._ledger.durable_head

    @property
    def figures(self) -> WriterFigures:
        """Return the writer's counters."""
        return self._writer.figures

    async def write(
        self,
        work: Callable[[WriteTransaction], T],
        *,
        timeout_s: float | None = 0.5,
        essential: bool = False,
        durable: Callable[[T], None] = lambda _: None,
        on_late: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` on the writer's thread in a savepoint of the current group; return once durable.

        What `work` raises is raised here, and leaves nothing behind. `NotRecorded` is raised at once where
        nothing can be written, and after `timeout_s` at the latest (None waits however long it takes). A job not
        begun by then never runs. One
        already begun may still be committed: `on_late` is then called with its value, on this event loop,
        once it is durable, and has to undo what nobody waits for any more (the same after a cancellation).
        So exactly one of these holds while the process lives: `write` returned, `on_late` was called, or
        the job left no trace. `durable` is called before either, in the order of commits. After a crash in between a record may stand without its image, never the
        reverse. `essential` writes (endings, suspensions) still pass while the disk is short of space.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        abandoned = False

        def settle(outcome: Success[T] | Failure) -> None:
            if isinstance(outcome, Success):
                durable(outcome.value)
            if not abandoned:
                match outcome:
                    case Success(value):
                        future.set_result(value)
                    case Failure(failure):
                        future.set_exception(failure)
            elif isinstance(outcome, Success) and on_late is not None:
                on_late(outcome.value)

        job = Job(work, settle=settle, loop=loop, essential=essential)
        self._writer.submit(job)
        try:
            await asyncio.wait((future,), timeout=timeout_s)
        except asyncio.CancelledError:
            abandoned = True
            job.withdraw()
            if future.done() and future.exception() is None and on_late is not None:
                on_late(future.result())
            raise
        if future.done():
            return future.result()
        assert timeout_s is not None, "without a deadline the wait ends with the outcome"
        abandoned = True
        begun = not job.withdraw()
        log.warning("write_timed_out", begun=begun, timeout_s=timeout_s)
        raise NotRecorded(f"the record was not durable within {timeout_s * 1000:.0f} ms")

    @property
    def reads_waiting(self) -> int:
        """How many reads run or wait to."""
        return self._readers.reads + self._essential_reader.reads

    @property
    def reads_refused(self) -> int:
        """How many reads were refused because too many waited, since the start."""
        return self._readers.refused + self._essential_reader.refused

    async def read(self, work: Callable[[Connection], T], *, essential: bool = False) -> T:
        """Run `work` on a reader's thread, in one snapshot that holds all that `write` has returned.

        Raises `TooManyReads` rather than queue without bound, `NotRead` where the file can't be read. `essential`
        reads (the watch's) have a thread and places of their own: no crowd delays them.
        """
        limits = self._limits
        room, reads_max = (
            (self._essential_reader, limits.essential_reads_waiting_max)
            if essential
            else (self._readers, limits.reads_waiting_max)
        )
        if room.reads >= reads_max:
            room.refused += 1
            raise TooManyReads(f"{reads_max} reads are already waiting")
        room.reads += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(room.threads, self._read, work)
        finally:
            room.reads -= 1

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reading.connect() as connection:
                return work(connection)
        except DBAPIError as failure:
            raise NotRead(str(failure.orig)) from failure

    async def erase_records(self, indexes: Sequence[int], *, reason: str) -> bool:
        """Erase these records and their salts for good; their entries stay, and so does every proof.

        Returns True once neither the file nor its write-ahead log holds them any more, False where a long
        read kept the log from being cut (`scrub` tries again). Backups are the operator's. Source: CSI
        L252-5, R253-5; reliability, Erasure.
        """
        at_us = microseconds(self._clock.now())
        wanted = sorted(set(indexes))

        def erase(transaction: WriteTransaction) -> None:
            erased = transaction.connection.scalars(
                delete(ledger_records).where(ledger_records.c.idx.in_(wanted)).returning(ledger_records.c.idx)
            ).all()
            transaction.connection.execute(delete(ledger_viewings).where(ledger_viewings.c.opened_idx.in_(erased)))
            # Only where the clock was set back is an end erased before its opening: it is told no more.
            transaction.connection.execute(
                update(ledger_viewings)
                .where(ledger_viewings.c.ended_idx.in_(erased))
                .values(ended_us=None, ended_idx=None, lasting=True)
            )
            erase_words(transaction.connection, erased)
            transaction.connection.execute(delete(ledger_event_records).where(ledger_event_records.c.idx.in_(erased)))
            if erased:
                transaction.connection.execute(
                    insert(ledger_erasures), [{"idx": idx, "at_us": at_us, "reason": reason} for idx in erased]
                )

        await self.write(erase, timeout_s=5.0)
        return await self.scrub()

    async def erase_before(self, at: Instant, *, reason: str, most: int) -> int:
        """Erase at most `most` of the oldest records made before `at`; return how many. Raises `NotRecorded`.

        What is kept of leases and authorisations that are over goes with them: it repeats what their records told.
        """
        made_us = microseconds(at)
        oldest = (
            select(ledger_records.c.idx)
            .where(ledger_records.c.at_us < made_us)
            .order_by(ledger_records.c.at_us, ledger_records.c.idx)
        )
        indexes = await self.read(lambda connection: list(connection.scalars(oldest.limit(most))))
        if indexes:
            await self.write(lambda transaction: forget_steering(transaction.connection, made_us), timeout_s=5.0)
            await self.erase_records(indexes, reason=reason)
        return len(indexes)

    async def scrub(self) -> bool:
        """Cut the write-ahead log to nothing, so that no erased byte stays in it; False if a read prevents it."""
        for _ in range(_SCRUB_TRIES):
            if await self._scrub_once():
                return True
            await asyncio.sleep(_SCRUB_WAIT_S)
        return False

    async def _scrub_once(self) -> bool:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()

        def settle(outcome: Success[bool] | Failure) -> None:
            if future.cancelled():
                return
            match outcome:
                case Success(emptied):
                    future.set_result(emptied)
                case Failure(failure):
                    future.set_exception(failure)

        self._writer.submit_scrub(Job(lambda _: False, settle=settle, loop=loop))
        return await future

    def health(self) -> StoreHealth:
        """Return the store's state; cheap, and safe at any time."""
        check, writer = self._ledger.check, self._writer
        records = check.sound and writer.state is WriterState.RECORDING and self._space.state is not SpaceState.SHORT
        cause = writer.cause or check.finding
        if cause is None and self._space.state is not SpaceState.ROOM:
            cause = f"{self._space.free_bytes} bytes are left on the disk"
        return StoreHealth(
            records=records,
            ledger_sound=check.sound,
            writer=writer.state,
            space=self._space.state,
            free_bytes=self._space.free_bytes,
            queued=writer.queued,
            cause=cause,
        )

    async def aclose(self) -> None:
        """Write what is queued, close everything and release the file. Harmless the second time."""
        if self._lock < 0:
            return
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        for room in (self._readers, self._essential_reader):
            room.threads.shutdown(wait=True, cancel_futures=True)
        self._reading.dispose()
        ended = self._writer.close(_CLOSE_S_MAX)
        lock, self._lock = self._lock, -1
        if not ended:
            # The file stays locked for as long as this process lives: the thread may yet come back and write.
            log.error("writer_hangs_in_the_disk")
            return
        self._dispose()
        os.close(lock)

    def _dispose(self) -> None:
        for room in (self._readers, self._essential_reader):
            room.threads.shutdown(wait=False)
        self._reading.dispose()
        self._writing.dispose()


def lock_database(path: Path) -> int:
    """Take the file for this process alone; raises `NotOpened` naming who has it."""
    lock_path = path.with_name(path.name + ".lock")
    descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise NotOpened(
            f"{path} is in use by process {holder}; stop that node first: one process alone may write it"
        ) from None
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor

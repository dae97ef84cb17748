"""The store's promises to its callers, on a healthy disk."""

import asyncio
import os
import sqlite3
import stat
import threading
from collections.abc import Coroutine
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.ledger.canonical import NotCanonical
from belvedere.store.connections import sqlite_caveat
from belvedere.store.database import Database, NotOpened, StoreLimits, TooManyReads
from belvedere.store.ledger_rows import count_entries
from belvedere.store.writer import WriterState, WriteTransaction
from tests.stored import stored_records
from tests.unit.store.opening import (
    CLOCK,
    IDENTITY,
    SMALL_SPACE,
    append,
    database_in,
    open_store,
    patient,
    record,
    store_in,
)

pytestmark = pytest.mark.anyio


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


async def test_a_write_is_seen_by_the_next_read_and_after_a_restart(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        index = await append(database, "vda-003")
        assert [each["index"] for each in await stored_records(database, camera="vda-003")] == [index]
    async with store_in(tmp_path) as database:
        assert [each["index"] for each in await stored_records(database, camera="vda-003")] == [index]


async def test_the_writer_syncs_every_commit_and_a_reader_cannot_write(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        assert await patient(
            database, lambda t: (pragma(t.connection, "synchronous"), pragma(t.connection, "journal_mode"))
        ) == (2, "wal")
        assert await patient(
            database, lambda t: (pragma(t.connection, "secure_delete"), pragma(t.connection, "foreign_keys"))
        ) == (1, 1)
        assert await patient(database, lambda t: pragma(t.connection, "wal_autocheckpoint")) == 0
        assert await database.read(lambda c: (pragma(c, "query_only"), pragma(c, "wal_autocheckpoint"))) == (1, 0)
        with pytest.raises(NotRead, match="readonly"):
            await database.read(lambda c: c.execute(text("DELETE FROM ledger_records")))


async def test_what_others_may_not_read_is_for_the_owner_alone(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await append(database)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in sorted(tmp_path.iterdir())}  # noqa: ASYNC240 - a test's own folder
    assert len(modes) >= 4
    assert set(modes.values()) == {0}


async def test_ddl_in_a_failed_job_does_not_escape_its_rollback(tmp_path: Path) -> None:
    def work(transaction: WriteTransaction) -> None:
        transaction.connection.execute(text("CREATE TABLE escaped (id INTEGER)"))
        raise LookupError("no")

    async with store_in(tmp_path) as database:
        with pytest.raises(LookupError):
            await patient(database, work)
        names = await database.read(lambda c: c.execute(text("SELECT name FROM sqlite_master")).scalars().all())
        assert "escaped" not in names


async def test_a_failing_job_takes_back_its_own_rows_and_records_and_no_others(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await patient(
            database, lambda t: t.connection.execute(text("CREATE TABLE slots (camera TEXT PRIMARY KEY)")).close()
        )

        def take(camera: str, *, fail: bool) -> Coroutine[None, None, int]:
            def work(transaction: WriteTransaction) -> int:
                transaction.connection.execute(text("INSERT INTO slots VALUES (:camera)"), {"camera": camera})
                index = transaction.append(record(camera))
                if fail:
                    raise LookupError(camera)
                return index

            return patient(database, work)

        outcomes = await asyncio.gather(
            *(take(f"vda-{n:03}", fail=n % 3 == 0) for n in range(30)), return_exceptions=True
        )
        failed = {n for n, outcome in enumerate(outcomes) if isinstance(outcome, LookupError)}
        assert failed == {n for n in range(30) if n % 3 == 0}
        kept = {f"vda-{n:03}" for n in range(30)} - {f"vda-{n:03}" for n in failed}
        slots = await database.read(lambda c: set(c.execute(text("SELECT camera FROM slots")).scalars()))
        journal = await stored_records(database)
        assert slots == kept
        assert len(journal) == len(kept) + 1
        assert sorted(o for o in outcomes if isinstance(o, int)) == list(range(1, len(kept) + 1))
        assert database.figures.groups < 12, "concurrent writes share commits"
    async with store_in(tmp_path) as database:
        assert database.ledger_check.sound


async def test_a_constraint_that_fails_reaches_its_caller_as_it_is(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        with pytest.raises(IntegrityError, match="append-only"):
            await patient(database, lambda t: t.connection.execute(text("DELETE FROM ledger_entries")))
        with pytest.raises(IntegrityError, match="append-only"):
            await patient(database, lambda t: t.connection.execute(text("UPDATE ledger_records SET kind = 'x'")))
        assert await append(database) == 1


async def test_a_value_without_a_spelling_fails_its_own_job_only(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        motives = ("a", "\ud800", "c")
        results = await asyncio.gather(*(append(database, motive=m) for m in motives), return_exceptions=True)
        assert isinstance(results[1], NotCanonical)
        assert [results[0], results[2]] == [1, 2]


@pytest.mark.parametrize("call", ["commit", "rollback"])
async def test_a_job_that_ends_the_groups_transaction_is_refused_and_leaves_nothing(tmp_path: Path, call: str) -> None:
    def work(transaction: WriteTransaction) -> None:
        transaction.append(record("vda-666"))
        getattr(transaction.connection, call)()

    async with store_in(tmp_path) as database:
        with pytest.raises((RuntimeError, NotRecorded)):
            await patient(database, work)
        await append(database, "vda-001")
        assert await stored_records(database, camera="vda-666") == []
        assert database.health().records


async def test_a_second_process_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    async with store_in(tmp_path):
        with pytest.raises(NotOpened, match=f"in use by process {os.getpid()}; stop that node first"):
            await open_store(tmp_path)
    async with store_in(tmp_path) as database:
        assert database.epoch == 2


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    database_in(tmp_path).write_bytes(b"not a database" * 500)
    with pytest.raises(NotOpened, match="cannot be opened"):
        await open_store(tmp_path)
    assert database_in(tmp_path).read_bytes() == b"not a database" * 500


async def test_a_slow_write_is_given_up_in_time_and_one_not_begun_never_runs(tmp_path: Path) -> None:
    release, ran = threading.Event(), []
    async with store_in(tmp_path) as database:
        late: list[int] = []
        started = CLOCK.monotonic_s()

        def slow(transaction: WriteTransaction) -> int:
            release.wait(5)
            return transaction.append(record("vda-001"))

        def never(_transaction: WriteTransaction) -> None:
            ran.append(True)

        first = asyncio.ensure_future(database.write(slow, timeout_s=0.1, on_late=late.append))
        await asyncio.sleep(0.02)
        second = asyncio.ensure_future(database.write(never, timeout_s=0.1))
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [NotRecorded, NotRecorded]
        assert CLOCK.monotonic_s() - started < 0.5
        assert late == []
        release.set()
        assert await append(database, "vda-002") == 2
        assert late == [1], "the write that landed after its caller had gone is handed to on_late"
        assert ran == []


async def test_a_late_write_that_fails_has_no_late_outcome(tmp_path: Path) -> None:
    release = threading.Event()
    async with store_in(tmp_path) as database:
        late: list[None] = []

        def slow(_transaction: WriteTransaction) -> None:
            release.wait(5)
            raise LookupError("no")

        with pytest.raises(NotRecorded):
            await database.write(slow, timeout_s=0.05, on_late=late.append)
        release.set()
        await append(database)
        assert late == []


async def test_a_cancelled_caller_is_told_late_if_its_write_had_begun(tmp_path: Path) -> None:
    begun, release = threading.Event(), threading.Event()
    async with store_in(tmp_path) as database:
        late: list[int] = []

        def slow(transaction: WriteTransaction) -> int:
            begun.set()
            release.wait(5)
            return transaction.append(record())

        task = asyncio.ensure_future(database.write(slow, timeout_s=5, on_late=late.append))
        await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        release.set()
        await append(database)
        assert late == [1]


async def test_a_full_queue_refuses_at_once_and_recovers(tmp_path: Path) -> None:
    release, begun = threading.Event(), threading.Event()

    def block(_transaction: WriteTransaction) -> None:
        begun.set()
        release.wait(5)

    async with store_in(tmp_path, limits=StoreLimits(queue_max=3, space=SMALL_SPACE)) as database:
        blocker = asyncio.ensure_future(database.write(block, timeout_s=30))
        await asyncio.to_thread(begun.wait, 5)
        waiting = [asyncio.ensure_future(append(database)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(NotRecorded, match="3 writes are already waiting"):
            await append(database)
        release.set()
        await asyncio.gather(blocker, *waiting)
        await append(database)
        (gap,) = await stored_records(database, kind="gap")
        assert gap["detail"]["writes_refused"] == 1, "what was refused is told in the ledger"


async def test_endings_have_room_in_the_queue_that_openings_have_not(tmp_path: Path) -> None:
    release, begun = threading.Event(), threading.Event()

    def block(_transaction: WriteTransaction) -> None:
        begun.set()
        release.wait(5)

    async with store_in(tmp_path, limits=StoreLimits(queue_max=4, space=SMALL_SPACE)) as database:
        blocker = asyncio.ensure_future(database.write(block, timeout_s=30))
        await asyncio.to_thread(begun.wait, 5)
        waiting = [asyncio.ensure_future(append(database)) for _ in range(4)]
        await asyncio.sleep(0)
        ending = asyncio.ensure_future(database.write(lambda t: t.append(record()), timeout_s=30, essential=True))
        await asyncio.sleep(0)
        with pytest.raises(NotRecorded, match="5 writes are already waiting"):
            await database.write(lambda t: t.append(record()), timeout_s=30, essential=True)
        release.set()
        await asyncio.gather(blocker, *waiting)
        assert await ending == 6, "after the start, the told gap, and the four openings"


async def test_a_late_hook_that_fails_keeps_no_other_caller_waiting(tmp_path: Path) -> None:
    release, begun = threading.Event(), threading.Event()
    failures: list[object] = []
    async with store_in(tmp_path) as database:

        def slow(transaction: WriteTransaction) -> int:
            begun.set()
            release.wait(5)
            return transaction.append(record())

        def hook(index: int) -> None:
            failures.append(index)
            raise LookupError("the hook's own fault")

        with pytest.raises(NotRecorded):
            await database.write(slow, timeout_s=0.1, on_late=hook)
        other = asyncio.ensure_future(append(database))
        release.set()
        assert await other == 2
        assert failures == [1]


async def test_reads_beyond_the_bound_are_refused(tmp_path: Path) -> None:
    release = threading.Event()
    async with store_in(tmp_path, limits=StoreLimits(readers=1, reads_waiting_max=2, space=SMALL_SPACE)) as database:
        waiting = [asyncio.ensure_future(database.read(lambda _: release.wait(5))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyReads):
            await database.read(count_entries)
        release.set()
        await asyncio.gather(*waiting)
        assert await database.read(count_entries) == 1


async def test_an_essential_read_waits_behind_no_crowd_and_has_a_bound_of_its_own(tmp_path: Path) -> None:
    release = threading.Event()
    limits = StoreLimits(readers=1, reads_waiting_max=2, essential_reads_waiting_max=1, space=SMALL_SPACE)
    async with store_in(tmp_path, limits=limits) as database:
        crowd = [asyncio.ensure_future(database.read(lambda _: release.wait(30))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyReads):
            await database.read(count_entries)
        assert await database.read(count_entries, essential=True) == 1, "served while the crowd still waits"
        watching = asyncio.ensure_future(database.read(lambda _: release.wait(30), essential=True))
        await asyncio.sleep(0)
        with pytest.raises(TooManyReads):
            await database.read(count_entries, essential=True)
        assert (database.reads_waiting, database.reads_refused) == (3, 2)
        release.set()
        await asyncio.gather(*crowd, watching)
        assert database.reads_waiting == 0


async def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:

        def broken(connection: Connection) -> None:
            connection.exec_driver_sql("SELECT * FROM pages_that_are_gone")

        with pytest.raises(NotRead, match="pages_that_are_gone"):
            await database.read(broken)
        assert await database.read(count_entries) == 1


async def test_a_read_is_one_snapshot(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        started, go_on = threading.Event(), threading.Event()

        def twice(connection: Connection) -> tuple[int, int]:
            first = count_entries(connection)
            started.set()
            go_on.wait(5)
            return first, count_entries(connection)

        reading = asyncio.ensure_future(database.read(twice))
        await asyncio.to_thread(started.wait, 5)
        await append(database)
        go_on.set()
        assert await reading == (1, 1)


async def test_closing_writes_what_is_queued_and_refuses_the_rest(tmp_path: Path) -> None:
    database = await open_store(tmp_path)
    writes = [asyncio.ensure_future(append(database)) for _ in range(20)]
    await asyncio.sleep(0)
    await database.aclose()
    await database.aclose()
    assert sorted(await asyncio.gather(*writes)) == list(range(1, 21))
    assert database.health().writer is WriterState.CLOSED
    with pytest.raises(NotRecorded):
        await append(database)


async def test_the_log_is_checkpointed_by_the_writer_before_it_grows_without_bound(tmp_path: Path) -> None:
    wal = tmp_path / (database_in(tmp_path).name + "-wal")
    async with store_in(tmp_path) as database:
        for _ in range(12):
            await asyncio.gather(*(append(database, motive="x" * 20_000) for _ in range(50)))
        assert wal.stat().st_size < 12_000_000, "600 records of 20 kB would be over 12 MB"
        assert await database.scrub()
        assert wal.stat().st_size == 0


def test_the_version_of_sqlite_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    caveat = sqlite_caveat()
    assert caveat is not None
    assert "WAL-reset" in caveat
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert sqlite_caveat() is None


def test_no_private_key_shows_in_a_repr() -> None:
    assert IDENTITY.key.private_bytes_raw().hex() not in repr(IDENTITY)
    assert "Ed25519" not in repr(IDENTITY)


async def test_an_abandoned_database_file_is_released(tmp_path: Path) -> None:
    for _ in range(3):
        database: Database = await open_store(tmp_path)
        await database.aclose()
    with sqlite3.connect(database_in(tmp_path)) as driver:
        assert driver.execute("SELECT count(*) FROM ledger_epochs").fetchone() == (3,)
    driver.close()

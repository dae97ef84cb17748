"""A node killed while it brings its database to the newest revision: at any step, and it recovers. Reliability 23.

Three kinds of step: a statement of a migration, a write to the file, a sync (as a power cut, which loses what was not
synced). Each kill is in a forked process and real; after it a node starts on what is there.
"""

import asyncio
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, event, text

from belvedere.clock import SystemIds
from belvedere.domain.record import Record, RecordKind
from belvedere.ledger.verify import verify_ledger
from belvedere.store import migrate
from belvedere.store.connections import writing_engine
from belvedere.store.database import Database
from belvedere.store.ledger_log import LedgerLog
from belvedere.store.ledger_rows import microseconds
from belvedere.store.migrate import migrations
from belvedere.store.offline import exported_ledger
from tests.unit.store.next_release import two_migrations
from tests.unit.store.opening import CLOCK, IDENTITY, VKEY, append, database_in, open_store

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("next_release")]
RECORDS = 40


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and its forks run a program with two migrations."""
    monkeypatch.setattr(migrate, "_MIGRATIONS", two_migrations(tmp_path / "migrations"))


def old_database(directory: Path) -> None:
    """Make a database as the first revision had it, with records in it."""
    directory.mkdir()
    engine = writing_engine(database_in(directory))
    with engine.connect() as connection:
        with connection.begin():
            config = migrations()
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
        with connection.begin():
            ledger = LedgerLog(IDENTITY, SystemIds())
            ledger.open(connection)
            ledger.begin_epoch(connection, started_at_us=microseconds(CLOCK.now()))
            for number in range(RECORDS):
                ledger.append(
                    Record(kind=RecordKind.DECISION, at=CLOCK.now(), camera="vda-001", detail={"number": number})
                )
            ledger.became_durable(ledger.write_group(connection))
    engine.dispose()


def revision(directory: Path) -> tuple[str, set[str]]:
    engine = writing_engine(database_in(directory))
    with engine.connect() as connection:
        number = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        tables = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    engine.dispose()
    return number, tables


async def hold(directory: Path) -> None:
    """Start a node on what the kill left, and hold it to its promises."""
    database = await open_store(directory)
    assert database.ledger_check.sound, database.ledger_check.finding
    await append(database)
    await database.aclose()
    content = b"".join(exported_ledger(database_in(directory)))
    verify_ledger(lambda: io.BytesIO(content), vkeys=[VKEY])
    numbers = [json.loads(line)["record"].get("detail", {}).get("number") for line in content.splitlines()[1:-1]]
    assert [number for number in numbers if number is not None] == list(range(RECORDS)), "no record is lost"


def in_child(work: Callable[[], int]) -> tuple[int, int]:
    """Run `work` in a forked process; return (the signal that ended it, what it returned)."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.write(writable, str(work()).encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), int(said or b"-1")


def opened_with_statements(directory: Path, die_at: int) -> int:
    """Open the store, killed before its `die_at`-th statement; return how many there were."""
    count = 0

    def before(*_: object) -> None:
        nonlocal count
        count += 1
        if count == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", before)
    asyncio.run(open_and_close(directory))
    return count


async def open_and_close(directory: Path) -> None:
    database: Database = await open_store(directory)
    await database.aclose()


def test_a_kill_before_any_statement_of_the_migrations_leaves_one_revision_whole(tmp_path: Path) -> None:
    old_database(tmp_path / "old")
    newest = newest_revision(tmp_path)
    shutil.copytree(tmp_path / "old", tmp_path / "counted")
    ended_by, statements = in_child(lambda: opened_with_statements(tmp_path / "counted", 0))
    assert ended_by == 0
    assert statements > 30
    found = set()
    for die_at in range(1, statements + 1):
        directory = tmp_path / f"killed-{die_at}"
        shutil.copytree(tmp_path / "old", directory)
        ended_by, _ = in_child(lambda: opened_with_statements(directory, die_at))  # noqa: B023 (run at once)
        assert ended_by == signal.SIGKILL, f"statement {die_at} was reached"
        number, tables = revision(directory)
        assert number in {"0001", "0002"}, "all the migrations or none"
        assert (tables == newest[1]) == (number == "0002")
        found.add(number)
        if die_at % 5 == 0:
            asyncio.run(hold(directory))
        shutil.rmtree(directory)
    assert found == {"0001", "0002"}, "kills fell on both sides of the commit"


def newest_revision(tmp_path: Path) -> tuple[str, set[str]]:
    (tmp_path / "new").mkdir()
    asyncio.run(open_and_close(tmp_path / "new"))
    return revision(tmp_path / "new")


@pytest.mark.parametrize("step", ["write", "sync"])
def test_an_upgrade_killed_in_any_of_twenty_writes_or_cut_at_any_sync_recovers(
    tmp_path: Path, failing_disk: Path, step: str
) -> None:
    upgrade_stopped_at(tmp_path, failing_disk, step, points_max=20)


@pytest.mark.sweep
@pytest.mark.timeout(900)
@pytest.mark.parametrize("step", ["write", "sync"])
def test_an_upgrade_killed_in_every_write_or_cut_at_every_sync_recovers(
    tmp_path: Path, failing_disk: Path, step: str
) -> None:
    upgrade_stopped_at(tmp_path, failing_disk, step, points_max=10_000)


def upgrade_stopped_at(tmp_path: Path, failing_disk: Path, step: str, *, points_max: int) -> None:
    old_database(tmp_path / "old")
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.operation.upgrades", str(tmp_path), step, str(points_max)],
        env={**os.environ, "LD_PRELOAD": str(failing_disk)},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    points = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(points) >= (5 if step == "sync" else 15)
    assert all(point["signal"] == signal.SIGKILL for point in points)
    found = set()
    for point in points:
        directory = Path(point["directory"])
        number, _ = revision(directory)
        found.add(number)
        asyncio.run(hold(directory))
    assert len(found) == 2, "kills fell on both sides of the commit"

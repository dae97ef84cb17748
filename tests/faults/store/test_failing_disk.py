"""Reliability 9: whatever the disk does, no acknowledged record is lost, and none is half there.

Each test proves that its fault fired. The power cuts lose what had not been synced, not only the process.
"""

import asyncio
import io
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from belvedere.ledger.verify import verify_ledger
from belvedere.store.ledger_rows import read_entries
from belvedere.store.offline import exported_ledger
from tests.unit.store.opening import VKEY, append, database_in, store_in

pytestmark = pytest.mark.processes

SYNCS_OF_THE_STORY = 45
"""About how many syncs the whole story makes, migrations and first record included."""


@dataclass
class Told:
    """What the story said before it ended."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)


def told_in(text_of_it: str) -> Told:
    told = Told(words=text_of_it.splitlines())
    for line in told.words:
        match line.split():
            case ["ACK", index, motive]:
                told.acknowledged[motive] = int(index)
            case ["LATE", index, motive]:
                told.late[motive] = int(index)
            case ["REFUSED", motive]:
                told.refused.add(motive)
    return told


def run_points(failing_disk: Path, orders: list[dict[str, object]]) -> list[tuple[int, Told, str]]:
    """Tell the story once an order; return each one's ending signal, words and standard error."""
    answers = subprocess.run(
        [sys.executable, "-m", "tests.faults.store.points"],
        input="".join(json.dumps(order) + "\n" for order in orders),
        env={**os.environ, "LD_PRELOAD": str(failing_disk)},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    ).stdout.splitlines()
    outcomes = []
    for order, answer in zip(orders, answers, strict=True):
        directory = Path(str(order["directory"]))
        words, log = directory.with_suffix(".words").read_text(), directory.with_suffix(".log").read_text()
        outcomes.append((int(json.loads(answer)["signal"]), told_in(words), log))
    return outcomes


def kept_in(connection: Connection) -> tuple[dict[str, int], dict[str, int], set[int]]:
    """Return motive → index by the ledger's records, the same by the slots, and the erased indexes."""
    records, erased = {}, set()
    for entry in read_entries(connection):
        if entry.record is None:
            erased.add(entry.index)
        elif (motive := json.loads(entry.record).get("detail", {}).get("motive")) is not None:
            records[motive] = entry.index
    tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    slots: dict[str, int] = {}
    if "story_slots" in tables:
        slots = {row.motive: row.idx for row in connection.execute(text("SELECT motive, idx FROM story_slots"))}
    return records, slots, erased


async def hold(directory: Path, told: Told) -> None:
    """Start the node again and hold every promise against what was told."""
    async with store_in(directory) as database:
        assert database.ledger_check.sound, database.ledger_check.finding
        records, slots, erased = await database.read(kept_in)
        lost = {motive for motive, index in told.acknowledged.items() if slots.get(motive) != index}
        assert lost == set(), "an acknowledged write is gone"
        unrecorded = {motive for motive, index in slots.items() if records.get(motive) != index and index not in erased}
        assert unrecorded == set(), "a slot without its record"
        slotless = records.keys() - slots.keys()
        assert slotless == set(), "a record without its slot: they are one transaction"
        assert await append(database) >= len(slots)
    content = b"".join(exported_ledger(database_in(directory)))
    verify_ledger(lambda: io.BytesIO(content), vkeys=[VKEY])


def test_a_power_cut_at_any_of_thirty_syncs_loses_no_acknowledged_record(tmp_path: Path, failing_disk: Path) -> None:
    source = random.Random(20261122)
    at = source.sample(range(1, SYNCS_OF_THE_STORY), 30)
    cut_at_points(tmp_path, failing_disk, [(n, 0 if n % 3 == 0 else n) for n in at])


@pytest.mark.sweep
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4])
def test_a_power_cut_at_every_sync_loses_no_acknowledged_record(tmp_path: Path, failing_disk: Path, seed: int) -> None:
    cut_at_points(tmp_path, failing_disk, [(n, seed * n) for n in range(1, SYNCS_OF_THE_STORY)])


def cut_at_points(tmp_path: Path, failing_disk: Path, points: list[tuple[int, int]]) -> None:
    orders: list[dict[str, object]] = [
        {"directory": str(tmp_path / f"cut-{n}"), "fault": "cut", "at": n, "with": seed} for n, seed in points
    ]
    acknowledged = 0
    for order, (ended_by, told, log) in zip(orders, run_points(failing_disk, orders), strict=True):
        assert ended_by == signal.SIGKILL
        assert f"CUT {order['at']}\n" in log, "the fault fired"
        acknowledged += len(told.acknowledged)
        asyncio.run(hold(Path(str(order["directory"])), told))
    assert acknowledged > 10 * len(points), "the cuts came while records were being acknowledged"


def test_a_sync_that_fails_refuses_its_group_and_the_node_goes_on(tmp_path: Path, failing_disk: Path) -> None:
    orders: list[dict[str, object]] = [
        {"directory": str(tmp_path / f"fail-{n}-{times}"), "fault": "fail", "at": n, "with": times}
        for n, times in ((14, 1), (19, 1), (23, 3), (30, 2), (26, 6))
    ]
    refused = 0
    for order, (ended_by, told, log) in zip(orders, run_points(failing_disk, orders), strict=True):
        assert (ended_by, told.words[-3]) == (0, "DONE"), log
        assert told.words[-2] == f"FIRED {order['with']}", "every failure was injected"
        recoveries = int(next(word for word in told.words if word.startswith("FIGURES")).split()[1])
        assert recoveries >= 1
        refused += len(told.refused)
        asyncio.run(hold_refusals(Path(str(order["directory"])), told))
    assert refused > 0


async def hold_refusals(directory: Path, told: Told) -> None:
    """A refused write left no trace, unless it was told late; the gap stands in the ledger."""
    async with store_in(directory) as database:
        records, slots, _ = await database.read(kept_in)
        assert {motive for motive in told.refused if motive in slots or motive in records} <= told.late.keys()
        gaps = await database.read(
            lambda c: c.execute(text("SELECT count(*) FROM ledger_records WHERE kind = 'gap'")).scalar_one()
        )
        assert gaps >= (1 if told.refused else 0)
    await hold(directory, told)


def strace_works() -> bool:
    try:
        probe = subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return probe.returncode == 0


@pytest.mark.skipif(not strace_works(), reason="strace is absent or ptrace forbidden here; disk.c covers the same")
@pytest.mark.parametrize(("fault", "at"), [("error=EIO", 12), ("signal=KILL", 17)])
def test_the_kernels_own_failures_are_survived_as_the_preloaded_ones(tmp_path: Path, fault: str, at: int) -> None:
    directory, trace = tmp_path / "node", tmp_path / "trace"
    directory.mkdir()
    inject = f"inject=fdatasync:{fault}:when={at}"
    story = [sys.executable, "-m", "tests.faults.store.story", str(directory)]
    command = ["strace", "-f", "-e", "trace=fdatasync", "-e", inject, "-o", str(trace), *story]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    traced = trace.read_text()
    assert "(INJECTED)" in traced if fault == "error=EIO" else "killed by SIGKILL" in traced, "the fault fired"
    told = told_in(ended.stdout)
    assert told.acknowledged
    assert ("DONE" in told.words) == (fault == "error=EIO")
    asyncio.run(hold(directory, told))

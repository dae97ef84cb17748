"""Reliability 9, 9b and 10: a disk that fills up, and one that answers late."""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from belvedere.domain.failures import NotRecorded
from belvedere.store.ledger_rows import StoredHead
from tests.faults.store.test_failing_disk import hold, run_points
from tests.promises import allowed_s
from tests.unit.store.opening import CLOCK, append, record, store_in


def small_disk(directory: Path, *command: str) -> list[str]:
    """Return the command that runs `command` with a tmpfs of 6 MiB at `directory`, in namespaces of its own."""
    mount = 'mount -t tmpfs -o size=6m,mode=700 none "$0" && exec "$@"'
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(directory), *command]


def namespaces_work(probe: Path = Path("/mnt")) -> bool:
    try:
        return subprocess.run(small_disk(probe, "true"), capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.processes
@pytest.mark.skipif(not namespaces_work(), reason="mount namespaces are forbidden here: no small disk can be made")
def test_a_full_disk_is_announced_early_refused_cleanly_and_told_afterwards(tmp_path: Path) -> None:
    script = [sys.executable, "-m", "tests.faults.store.full_disk", str(tmp_path)]
    ended = subprocess.run(small_disk(tmp_path, *script), capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    seen = json.loads(ended.stdout.splitlines()[-1])
    assert seen["enospc"], "the fault fired"
    assert seen["room"] == ["room", True]
    assert seen["low"] == ["low", True], "the alarm comes while everything still works"
    assert seen["short"][:2] == ["short", False]
    assert "bytes are left on the disk" in seen["short"][2]
    assert seen["short_refusal"] == "the disk is almost full: only endings are recorded"
    assert seen["full_refusals"], "at last nothing fits, and that is a refusal too"
    assert seen["readable"] > 8
    assert seen["after"] == ["room", True], "room comes back by itself"
    assert all(isinstance(index, int) for index in seen["acknowledged"])
    assert len(seen["acknowledged"]) >= 10
    assert seen["sound"]
    assert seen["kept"] == sorted(seen["acknowledged"] + seen["late"]), (
        "each acknowledged record is there, and no refused one"
    )
    assert seen["gaps"] >= 1


@pytest.mark.processes
def test_a_disk_that_syncs_slowly_refuses_in_time_and_hands_over_what_landed_late(
    tmp_path: Path, failing_disk: Path
) -> None:
    order: dict[str, object] = {"directory": str(tmp_path / "slow"), "fault": "slow", "at": 1, "with": 40_000}
    [(ended_by, told, log)] = run_points(failing_disk, [order])
    assert (ended_by, told.refused) == (0, set()), log
    syncs = int(told.words[-1].split()[1])
    assert syncs < 70, "40 ms a sync are shared by the writes that wait"
    asyncio.run(hold(tmp_path / "slow", told))


@pytest.mark.anyio
async def test_while_the_ledger_is_stuck_a_decision_is_refused_within_half_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, stuck = threading.Event(), threading.Event()
    async with store_in(tmp_path) as database:
        write_group = database._ledger.write_group

        def hang(connection: Connection) -> StoredHead | None:
            stuck.set()
            release.wait(20)
            return write_group(connection)

        monkeypatch.setattr(database._ledger, "write_group", hang)
        late: list[int] = []
        started_s = CLOCK.monotonic_s()
        with pytest.raises(NotRecorded, match="not durable within 500 ms"):
            await database.write(lambda t: t.append(record("vda-001")), on_late=late.append)
        waited_s = CLOCK.monotonic_s() - started_s
        assert stuck.is_set(), "the fault fired"
        assert 0.45 < waited_s < allowed_s(0.75), "500 ms, and what a loaded machine adds"
        with pytest.raises(NotRecorded):
            await database.write(lambda t: t.append(record("vda-002")), timeout_s=0.1, on_late=late.append)
        release.set()
        assert await append(database, "vda-003") == 2
        assert late == [1], "the one in flight landed and was handed over; the one that waited never ran"

"""Reliability 9, on a real node: SIGKILL at the n-th write, sync or send of a scripted evening; EIO at its syncs.

After a new start no acknowledged record is missing, no slot is lost, nothing flowed without a record.
"""

import random
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from belvedere.demo.signing import sign_for_all
from belvedere.domain.ids import PartyId
from tests.faults.served import ServedSite, strace_works
from tests.faults.served_story import Promised, Story, broken_promises
from tests.faults.warm import ForkedNode, Warm, warm
from tests.flows.conftest import CONVENTIONS, STATE, _settings

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
traced_by_the_kernel = pytest.mark.skipif(
    not strace_works(), reason="strace is absent or ptrace forbidden; disk.c, preloaded, kills at the same syncs"
)

SEED = 20261122
QUICK_POINTS = 13
QUICK_SYNCS = 2
"""Of their own: of a thousand acts some forty are syncs, and so few points may miss them all."""
SYNCS_OF_THE_STORY = range(6, 30)
TRACED_POINTS = 1
SWEPT_TRACED_POINTS = 10
STORY_SHARE = 0.8
"""Up to where of a whole run's acts a kill surely falls into the story, not into the orderly end after it."""
STRACE = ("strace", "-f", "-e", "trace=fdatasync")


def site_in(folder: Path, enrolled: Path) -> ServedSite:
    folder.mkdir()
    settings = _settings(folder)
    shutil.copytree(enrolled, settings.node.data_dir)
    (convention,) = settings.conventions
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", convention.directory)
    return ServedSite(folder, settings)


def traced(trace: Path, *inject: str) -> Sequence[str]:
    return (*STRACE, *(word for fault in inject for word in ("-e", f"inject={fault}")), "-o", str(trace))


def syncs_of_the_writer(trace: Path) -> int:
    """Return how many times the thread that syncs most did so."""
    by_thread: dict[str, int] = {}
    for thread in re.findall(r"(?m)^(\d+) +fdatasync\(", trace.read_text()):
        by_thread[thread] = by_thread.get(thread, 0) + 1
    return max(by_thread.values())


async def hold(site: ServedSite, promised: Promised) -> None:
    """Start the node again over what was left and hold every promise."""
    async with site.started_again() as node:
        assert node.database.ledger_check.sound, node.database.ledger_check.finding
        running = await node.spine.read(lambda reading: dict(reading.slots(PartyId(STATE))))
        assert running == {}, "a slot is lost: nobody watches, and it is taken"
    records = site.records()
    assert broken_promises(promised, records) == []
    opened = [each["viewing"] for each in records if each["kind"] == "opened"]
    ended = [each["viewing"] for each in records if each["kind"] == "ended"]
    assert sorted(opened) == sorted(ended), "each viewing that began has ended, once"


def hold_whole(promised: Promised, site: ServedSite) -> None:
    assert promised.ended
    assert promised.unrecorded == 0
    assert len(promised.granted) > 12
    assert len(promised.refused) >= 2
    assert broken_promises(promised, site.records()) == []


def acts_of_the_story(tmp_path: Path, enrolled: Path, warm_node: Warm) -> int:
    """Tell the story undisturbed; return how many writes, truncations, syncs and sends the node came to."""
    site = site_in(tmp_path / "whole", enrolled)
    with site.forked(warm_node, kill_at=0) as served:
        promised = Story(served).tell()
    hold_whole(promised, site)
    assert isinstance(served.process, ForkedNode)
    ending = served.process.ending()
    assert ending is not None
    assert ending.acts is not None
    return ending.acts


@dataclass(frozen=True)
class Killed:
    """What a killed node had promised, and at which act it was killed; "" where the story ended before."""

    promised: Promised
    at: str


def killed_at_act(tmp_path: Path, enrolled: Path, warm_node: Warm, n: int, *, at_sync: bool = False) -> Killed:
    site = site_in(tmp_path / f"act-{n}-{at_sync}", enrolled)
    with site.forked(warm_node, kill_at=n, at_sync=at_sync) as served:
        promised = Story(served).tell() if served.app_url else Promised()
    fired = re.search(rf"(?m)^KILLED at (\w+) {n}$", site.log.read_text())
    anyio.run(hold, site, promised)
    shutil.rmtree(site.folder)
    return Killed(promised, fired[1] if fired else "")


def test_a_node_killed_at_any_of_fifteen_writes_syncs_and_sends_keeps_every_promise(
    tmp_path: Path, enrolled_data: Path, failing_disk: Path
) -> None:
    with warm(failing_disk, {"BELVEDERE_RELAY": "fake"}) as warm_node:
        acts = acts_of_the_story(tmp_path, enrolled_data, warm_node)
        points = sorted(random.Random(SEED).sample(range(1, int(acts * STORY_SHARE)), QUICK_POINTS))
        killed = [killed_at_act(tmp_path, enrolled_data, warm_node, n) for n in points]
        syncs = sorted(random.Random(SEED).sample(SYNCS_OF_THE_STORY, QUICK_SYNCS))
        killed += [killed_at_act(tmp_path, enrolled_data, warm_node, n, at_sync=True) for n in syncs]
    assert all(each.at for each in killed), "every fault fired"
    assert not any(each.promised.ended for each in killed), "each kill came before the story's end"
    assert {each.at for each in killed} >= {"write", "sync", "send"}
    acknowledged = [len(each.promised.granted) for each in killed]
    assert max(acknowledged) > 8, (points, acknowledged)
    assert len(set(acknowledged)) > 5, "the kills came at different places of the story"


@pytest.mark.sweep
@pytest.mark.timeout(7200)
def test_a_node_killed_at_every_write_sync_and_send_keeps_every_promise(
    tmp_path: Path, enrolled_data: Path, failing_disk: Path
) -> None:
    began_s, fired = time.perf_counter(), Counter[str]()
    with warm(failing_disk, {"BELVEDERE_RELAY": "fake"}) as warm_node:
        acts = acts_of_the_story(tmp_path, enrolled_data, warm_node)
        for n in range(1, acts + 1):
            killed = killed_at_act(tmp_path, enrolled_data, warm_node, n)
            fired[killed.at] += 1
            if n <= acts * STORY_SHARE:
                assert killed.at, f"act {n}: the fault never fired"
    print(f"{acts} acts, killed at {dict(fired)}, {time.perf_counter() - began_s:.0f} s")
    assert min(fired[each] for each in ("write", "sync", "send")) > 20


@traced_by_the_kernel
def test_a_node_killed_by_the_kernel_at_a_sync_keeps_every_promise(tmp_path: Path, enrolled_data: Path) -> None:
    kill_by_the_kernel(tmp_path, enrolled_data, points=TRACED_POINTS)


@pytest.mark.sweep
@pytest.mark.timeout(7200)
@traced_by_the_kernel
def test_a_node_killed_by_the_kernel_at_ten_syncs_keeps_every_promise(tmp_path: Path, enrolled_data: Path) -> None:
    began_s = time.perf_counter()
    kill_by_the_kernel(tmp_path, enrolled_data, points=SWEPT_TRACED_POINTS)
    print(f"{SWEPT_TRACED_POINTS} syncs, {time.perf_counter() - began_s:.0f} s")


def kill_by_the_kernel(tmp_path: Path, enrolled_data: Path, *, points: int) -> None:
    site, trace = site_in(tmp_path / "whole", enrolled_data), tmp_path / "whole.trace"
    with site.serving(under=traced(trace)) as served:
        promised = Story(served).tell()
        assert served.alive()
    hold_whole(promised, site)
    syncs = syncs_of_the_writer(trace)
    for n in sorted(random.Random(SEED).sample(range(6, syncs), points)):
        killed_at_sync(tmp_path, enrolled_data, n)


def killed_at_sync(tmp_path: Path, enrolled: Path, n: int) -> None:
    site, trace = site_in(tmp_path / f"sync-{n}", enrolled), tmp_path / f"{n}.trace"
    with site.serving(under=traced(trace, f"fdatasync:signal=KILL:when={n}")) as served:
        promised = Story(served).tell() if served.app_url else Promised()
        served.process.wait(60)
    assert "killed by SIGKILL" in trace.read_text(), f"sync {n}: the fault never fired"
    assert not promised.ended, f"sync {n}: the story came to its end"
    anyio.run(hold, site, promised)


@traced_by_the_kernel
def test_when_syncs_fail_the_own_room_goes_on_the_partner_is_refused_and_the_node_recovers(
    tmp_path: Path, enrolled_data: Path
) -> None:
    site, trace = site_in(tmp_path / "eio", enrolled_data), tmp_path / "eio.trace"
    promised = Promised()
    with site.serving(under=traced(trace, "fdatasync:error=EIO:when=12..15")) as served:
        story = Story(served, promised)
        officer, own = served.sign_in("cic-operator"), served.sign_in("csu-operator")
        event = story.event(officer, "intervention")
        camera, until_s = 0, time.monotonic() + 300
        while not promised.unrecorded:
            assert time.monotonic() < until_s, "no sync failed"
            camera = camera % 8 + 1
            story.open(officer, camera, event)
        # Nothing can be recorded: the partner was refused, the own room goes on.
        answer = own.post("/api/v1/streams", json={"camera": "vda-012", "event": None})
        assert answer.status_code == 201, answer.text
        assert served.alive()
        assert own.get("/healthz").status_code == 200
        while own.get("/readyz").status_code != 200:
            assert time.monotonic() < until_s, "the node did not recover"
            time.sleep(0.1)
        refused = promised.unrecorded
        while story.open(officer, 9, event) is None and promised.unrecorded > refused:
            refused = promised.unrecorded
            assert time.monotonic() < until_s
            time.sleep(0.2)
        metrics = own.get("/metrics").text
        recoveries = re.search(r"(?m)^belvedere_store_recoveries_total ([0-9.]+)$", metrics)
        assert recoveries is not None, "the alarm has its metric"
        assert float(recoveries[1]) >= 1
        own_viewing = str(answer.json()["id"])
        time.sleep(2)
    assert "EIO (Input/output error) (INJECTED)" in trace.read_text(), "the fault never fired"
    anyio.run(hold, site, promised)
    records = site.records()
    assert any(each["kind"] == "gap" for each in records), "the gap is told"
    assert own_viewing in {each["viewing"] for each in records if each["kind"] == "opened"}, "recorded late"
    log = subprocess.run(["grep", "-c", "writer_stopped", str(site.log)], capture_output=True, text=True, check=False)
    assert int(log.stdout) >= 1

"""Durable ledger appends a second, with 5 ms injected into every sync (bench, "durable appends, 5 ms a sync").

`python -m bench.durable_records [--seconds 10] [--writers 64] [--sync-ms 5]`. Disks here sync in 0.1 ms, which
proves nothing; so the failing disk of the fault tests is preloaded and makes each sync as slow as told.
Each writer awaits its record's durability before it appends the next, as an officer's request does.
"""

import argparse
import asyncio
import ctypes
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.ids import ArticleRef
from belvedere.domain.record import ConventionRef, EventRef, Record, RecordKind, Subject
from belvedere.domain.vocabulary import Verdict
from belvedere.store.database import DATABASE_FILE, Database
from belvedere.store.ledger_log import LedgerIdentity

_DISK = Path(__file__).parent.parent / "tests/faults/disk.c"
_RESULTS = Path(__file__).parent / "results" / "durable_records.jsonl"


def decision(clock: SystemClock, number: int) -> Record:
    """Return a decision of the size that a real one has (about 700 bytes)."""
    return Record(
        kind=RecordKind.DECISION,
        at=clock.now(),
        convention=ConventionRef("vda-etat", "6f7d947e4e7e348be9640f6c4b093b405c9232e381cc83d8e38b6405eb830367"),
        action="view",
        subject=Subject("etat", "cic", "cic-7Q2M", "cic-mur-1"),
        camera=f"vda-{number % 252:03}",
        event=EventRef("e-1", "levee-de-doute"),
        verdict=Verdict.GRANTED,
        articles=(ArticleRef("vda-etat:art-3"), ArticleRef("vda-etat:art-6")),
        facts={"agent.habilitated": True, "agent.station_registered": True, "state.streams_in_use": number % 8},
    )


async def measure(*, seconds: float, writers: int) -> dict[str, object]:
    """Append from `writers` tasks for `seconds`; return rate and waits in ms."""
    clock = SystemClock()
    identity = LedgerIdentity("bench", "belvedere.example/bench", Ed25519PrivateKey.generate())
    waits_ms: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        database = await Database.open(Path(directory) / DATABASE_FILE, identity=identity, clock=clock, ids=SystemIds())
        until_s = time.perf_counter() + seconds

        async def append(number: int) -> None:
            while time.perf_counter() < until_s:
                asked_s = time.perf_counter()
                await database.write(lambda t: t.append(decision(clock, number)), timeout_s=10)
                waits_ms.append((time.perf_counter() - asked_s) * 1000)

        cpu_s, started_s = time.process_time(), time.perf_counter()
        await asyncio.gather(*(append(number) for number in range(writers)))
        elapsed_s, cpu_s = time.perf_counter() - started_s, time.process_time() - cpu_s
        figures = database.figures
        await database.aclose()
    cuts = statistics.quantiles(waits_ms, n=100)
    return {
        "appends_per_s": round(len(waits_ms) / elapsed_s),
        "wait_p50_ms": round(cuts[49], 1),
        "wait_p99_ms": round(cuts[98], 1),
        "records_per_commit": round(len(waits_ms) / figures.groups, 1),
        "commits": figures.groups,
        "cpu_us_per_append": round(cpu_s / len(waits_ms) * 1e6),
    }


def main() -> None:
    """Measure, print, and append the raw figures to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--sync-ms", type=float, default=5)
    parser.add_argument("--preloaded", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not asked.preloaded:
        with tempfile.TemporaryDirectory() as built:
            library = Path(built) / "disk.so"
            subprocess.run(
                ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(_DISK), "-ldl", "-lpthread"], check=True
            )
            again = [sys.executable, "-m", "bench.durable_records", *sys.argv[1:], "--preloaded"]
            raise SystemExit(
                subprocess.run(again, env={**os.environ, "LD_PRELOAD": str(library)}, check=False).returncode
            )
    disk = ctypes.CDLL(None)
    disk.disk_slow(int(asked.sync_ms * 1000))
    syncs = disk.disk_syncs()
    result = asyncio.run(measure(seconds=asked.seconds, writers=asked.writers))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "sync_ms": asked.sync_ms,
        "syncs": disk.disk_syncs() - syncs,
        "writers": asked.writers,
        "seconds": asked.seconds,
        **result,
    }
    print(json.dumps(line))
    _RESULTS.parent.mkdir(exist_ok=True)
    with _RESULTS.open("a") as results:
        results.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()

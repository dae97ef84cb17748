"""Fills the disk under a node, then frees it: `python -m tests.faults.store.full_disk DIRECTORY` on a small tmpfs.

Prints one line of JSON: what each stage saw. The promises are held by the test that starts it.
"""

import asyncio
import errno
import json
import os
import sys
from pathlib import Path

from belvedere.domain.failures import NotRecorded
from belvedere.store.database import Database, StoreLimits
from belvedere.store.ledger_rows import count_entries
from belvedere.store.space import SpaceLimits
from tests.unit.store.opening import open_store, record

KIB = 1024
SPACE = SpaceLimits(ballast_bytes=512 * KIB, floor_bytes=512 * KIB, alarm_below_bytes=2048 * KIB)


late: list[int] = []


async def attempt(database: Database, *, essential: bool) -> int | str:
    try:
        return await database.write(
            lambda t: t.append(record("vda-001", motive="x" * 2000)),
            timeout_s=1,
            essential=essential,
            on_late=late.append,
        )
    except NotRecorded as refusal:
        return str(refusal)


def fill(filler: Path, directory: Path, *, leave_bytes: int) -> bool:
    """Take the disk's room but for `leave_bytes`; return whether the disk itself said that it is full."""
    usage = os.statvfs(directory)
    wanted = usage.f_bavail * usage.f_frsize - leave_bytes
    with filler.open("ab", buffering=0) as file:
        try:
            for _ in range(max(0, wanted) // 4096 + (leave_bytes == 0)):
                file.write(bytes(4096))
        except OSError as failure:
            return failure.errno == errno.ENOSPC
    return False


async def main(directory: Path) -> None:
    filler = directory / "filler"
    seen: dict[str, object] = {}
    database = await open_store(directory, limits=StoreLimits(space=SPACE))
    acknowledged = [await attempt(database, essential=False) for _ in range(3)]
    seen["room"] = [database.health().space, database.health().records]

    fill(filler, directory, leave_bytes=1400 * KIB)
    await asyncio.sleep(1.2)
    acknowledged.append(await attempt(database, essential=False))
    seen["low"] = [database.health().space, database.health().records]

    fill(filler, directory, leave_bytes=300 * KIB)
    await asyncio.sleep(1.2)
    seen["short"] = [database.health().space, database.health().records, database.health().cause]
    seen["short_refusal"] = await attempt(database, essential=False)
    acknowledged += [await attempt(database, essential=True) for _ in range(5)]

    seen["enospc"] = fill(filler, directory, leave_bytes=0)
    refusals: list[str] = []
    for _ in range(1000):
        outcome = await attempt(database, essential=True)
        if isinstance(outcome, int):
            acknowledged.append(outcome)
        else:
            refusals.append(outcome)
        if len(refusals) == 5:
            break
    seen["full_refusals"] = refusals
    seen["readable"] = await database.read(count_entries)

    filler.unlink()
    for _ in range(100):
        await asyncio.sleep(0.1)
        if database.health().records:
            break
    seen["after"] = [database.health().space, database.health().records]
    acknowledged.append(await attempt(database, essential=False))
    seen["acknowledged"], seen["late"] = acknowledged, late
    await database.aclose()

    database = await open_store(directory, limits=StoreLimits(space=SPACE))
    seen["sound"] = database.ledger_check.sound
    kept = await database.read(lambda c: c.exec_driver_sql("SELECT idx, kind FROM ledger_records ORDER BY idx").all())
    await database.aclose()
    seen["kept"] = [row.idx for row in kept if row.kind == "decision"]
    seen["gaps"] = sum(row.kind == "gap" for row in kept)
    print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

"""A headless node's writes, told to whoever started it: `python story.py DIRECTORY [SEED]`.

Prints one line for each event, as soon as it is true: `ACK <index> <motive>`, `REFUSED <motive>`, `LATE <index>`.
A parent that reads `ACK` holds the promise against the database afterwards.
"""

import asyncio
import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from belvedere.domain.failures import NotRecorded
from belvedere.domain.record import Record, RecordKind
from belvedere.store.database import Database
from belvedere.store.writer import WriterState, WriteTransaction
from tests.unit.store.opening import CLOCK, open_store

STEPS = 24
AT_ONCE = 5


def say(*words: object) -> None:
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def opening(motive: str, camera: str) -> Callable[[WriteTransaction], int]:
    """Take a slot and record it, in one transaction, as opening a stream does."""

    def work(transaction: WriteTransaction) -> int:
        index = transaction.append(
            Record(kind=RecordKind.OPENED, at=CLOCK.now(), camera=camera, detail={"motive": motive})
        )
        transaction.connection.execute(
            text("INSERT INTO story_slots (motive, idx) VALUES (:motive, :idx)"), {"motive": motive, "idx": index}
        )
        return index

    return work


async def write(database: Database, motive: str, camera: str) -> None:
    try:
        index = await database.write(
            opening(motive, camera), timeout_s=5, on_late=lambda index: say("LATE", index, motive)
        )
    except NotRecorded:
        say("REFUSED", motive)
    else:
        say("ACK", index, motive)


async def furnish(database: Database) -> None:
    """Make the story's own table, however often the disk refuses."""
    statement = "CREATE TABLE IF NOT EXISTS story_slots (motive TEXT PRIMARY KEY, idx INTEGER UNIQUE NOT NULL)"
    for _ in range(50):
        try:
            return await database.write(lambda t: t.connection.execute(text(statement)).close(), timeout_s=5)
        except NotRecorded:
            await asyncio.sleep(0.05)
    say("UNFURNISHED")
    return None


async def tell(directory: Path, seed: int, *, pause_s: float = 0) -> None:
    source = random.Random(seed)
    database = await open_store(directory)
    say("OPENED", database.epoch)
    await furnish(database)
    for step in range(STEPS):
        motives = [f"m-{database.epoch}-{step}-{n}" for n in range(source.randint(1, AT_ONCE))]
        await asyncio.gather(*(write(database, motive, f"vda-{step:03}") for motive in motives))
        await asyncio.sleep(pause_s)
        if step % 8 == 7:
            with suppress(NotRecorded):
                await database.erase_records([source.randrange(1, step)], reason="retention")
    for _ in range(200):
        if database.health().writer is WriterState.RECORDING:
            break
        await asyncio.sleep(0.05)
    say("FIGURES", database.figures.recoveries, database.health().writer)
    await database.aclose()
    say("DONE")


if __name__ == "__main__":
    asyncio.run(tell(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))

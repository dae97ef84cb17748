"""Upgrades a copy of DIRECTORY/old by DIRECTORY/migrations once for each step at which it is stopped: `python -m … DIRECTORY write|sync POINTS`.

Runs with the failing disk preloaded. Each point is a fork of one warm process. Prints one line of
JSON a point: {"directory", "at", "signal"}. Of more steps than POINTS it takes that many, drawn from a fixed seed.
"""

import asyncio
import ctypes
import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from belvedere.store import migrate
from tests.unit.store.opening import open_store

loaded = ctypes.CDLL(None)


async def open_and_close(directory: Path) -> None:
    database = await open_store(directory)
    await database.aclose()


def stopped(directory: Path, arm: Callable[[int], object], seen: Callable[[], int], at: int) -> tuple[int, int]:
    """Open `directory` in a child stopped at step `at`; return (the signal that ended it, steps made)."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        with suppress(BaseException):
            before = seen()
            arm(at)
            asyncio.run(open_and_close(directory))
            os.write(writable, str(seen() - before).encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), int(said or b"-1")


def main(folder: Path, step: str, points_max: int) -> None:
    def cut(at: int) -> None:
        loaded.disk_cut(at, at * 7919)  # what had not been synced is lost by halves

    migrate._MIGRATIONS = folder / "migrations"
    arm, seen = (loaded.disk_kill, loaded.disk_acts) if step == "write" else (cut, loaded.disk_syncs)
    shutil.copytree(folder / "old", folder / "whole")
    ended_by, steps = stopped(folder / "whole", arm, seen, 0)
    assert ended_by == 0, "nothing was armed"
    every = range(1, steps + 1)
    for at in every if steps <= points_max else sorted(random.Random(23).sample(every, points_max)):
        directory = folder / f"{step}-{at}"
        shutil.copytree(folder / "old", directory)
        ended_by, _ = stopped(directory, arm, seen, at)
        print(json.dumps({"directory": str(directory), "at": at, "signal": ended_by}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

"""Tells the story once for each point at which the disk fails: `python -m tests.faults.store.points < orders`.

Runs with the failing disk preloaded. An order is one line of JSON: {"directory", "fault": "cut"|"fail"|"slow",
"at", "with"}; the story's words go to `<directory>.words`, and one line of JSON answers: {"signal", "fired"}.
Each point is a fork of one warm process, since importing everything costs more than the story.
"""

import asyncio
import ctypes
import json
import os
import sys
from pathlib import Path

from tests.faults.store.story import tell

disk = ctypes.CDLL(None)


def child(order: dict[str, object]) -> None:
    directory = Path(str(order["directory"]))
    directory.mkdir()
    words = os.open(directory.with_suffix(".words"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    log = os.open(directory.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(words, 1)
    os.dup2(log, 2)
    sys.stdout = sys.stderr
    at, detail = int(str(order["at"])), int(str(order["with"]))
    match order["fault"]:
        case "cut":
            disk.disk_cut(at, detail)
        case "fail":
            disk.disk_fail(at, detail)
        case "slow":
            disk.disk_slow(detail)
    asyncio.run(tell(directory, seed=at, pause_s=0.02 if order["fault"] == "fail" else 0))
    os.write(1, f"FIRED {disk.disk_fired()}\nSYNCS {disk.disk_syncs()}\n".encode())


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                child(order)
            finally:
                os._exit(0)
        _, status = os.waitpid(pid, 0)
        answer = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, "directory": order["directory"]}
        os.write(1, (json.dumps(answer) + "\n").encode())


if __name__ == "__main__":
    main()

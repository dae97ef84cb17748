"""Nodes forked from one warm process with the failing disk preloaded: `python -m tests.faults.warm`, an order a line.

An order is JSON: {"arguments", "out", "err", "ended", "kill_at", "at_sync"}. The child runs `belvedere` with these arguments and
dies at that act of its disk or sockets (0: none); its process id is answered at once, and how it ended is written to
the file `ended` as {"signal", "code", "acts"}. Importing a node costs more than the story that is told to it.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Ending:
    """How a forked node ended; `acts` are the writes, truncations, syncs and sends it came to, where it could say."""

    signal: int
    code: int
    acts: int | None


@dataclass
class ForkedNode:
    """One child of the warm process, with the part of Popen's face that a site needs."""

    pid: int
    ended: Path

    def ending(self) -> Ending | None:
        """Return how it ended, None while it runs."""
        return Ending(**json.loads(self.ended.read_text())) if self.ended.exists() else None

    def poll(self) -> int | None:
        """Return the code it ended with, negative for a signal; None while it runs."""
        ending = self.ending()
        return None if ending is None else (-ending.signal if ending.signal else ending.code)

    def wait(self, timeout: float) -> int:
        """Return the code it ended with; raises `subprocess.TimeoutExpired`."""
        until_s = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until_s:
                raise subprocess.TimeoutExpired(f"node {self.pid}", timeout)
            time.sleep(0.01)
        return code


@dataclass
class Warm:
    """The warm process. One child at a time."""

    process: subprocess.Popen[str]

    def fork(self, arguments: Sequence[str], *, out: Path, err: Path, kill_at: int, at_sync: bool) -> ForkedNode:
        """Run `belvedere` with `arguments` in a child that dies at act `kill_at`, or at that sync."""
        ended = err.with_suffix(".ended")
        ended.unlink(missing_ok=True)
        order = {
            "arguments": arguments, "out": str(out), "err": str(err), "ended": str(ended),
            "kill_at": kill_at, "at_sync": at_sync,
        }  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return ForkedNode(int(self.process.stdout.readline()), ended)


@contextmanager
def warm(preloaded: Path, environment: Mapping[str, str]) -> Iterator[Warm]:
    """Run the warm process until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment, "LD_PRELOAD": str(preloaded)},
    ) as process:
        yield Warm(process)
        assert process.stdin is not None
        process.stdin.close()


def _child(order: Mapping[str, Any], disk: ctypes.CDLL) -> int:
    from belvedere.cli.main import app  # noqa: PLC0415 (warm already)

    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), stream)
    (disk.disk_kill_sync if order["at_sync"] else disk.disk_kill)(int(order["kill_at"]))
    try:
        app(order["arguments"], standalone_mode=False)
    finally:
        acts = Path(order["ended"]).with_suffix(".acts")
        acts.write_text(str(disk.disk_acts()))
    return 0


def main() -> None:
    """Fork a child an order, and write down how each ended."""
    import belvedere.cli.serve  # noqa: PLC0415
    import belvedere.node.compose  # noqa: F401, PLC0415

    disk = ctypes.CDLL(None)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = _child(order, disk)
            finally:
                os._exit(code)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        ended = Path(order["ended"])
        acts = ended.with_suffix(".acts")
        told = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "acts": int(acts.read_text()) if acts.exists() else None,
        }
        draft = ended.with_suffix(".new")
        draft.write_text(json.dumps(told))
        draft.rename(ended)


if __name__ == "__main__":
    main()

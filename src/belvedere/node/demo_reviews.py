"""The demo's nodes review their rights when its clock is moved: each says so, and whoever moved it waits for all.

A file for each node beside the clock's, locked by it for as long as it runs, with the offset under which it reviewed last.
A process that ended lets go of its lock, and is not waited for.
"""

import fcntl
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import structlog

from belvedere.clock import MovedClock
from belvedere.domain.failures import NotRead, NotRecorded

LOOK_EVERY_S = 0.05
WAIT_S_MAX = 15.0
"""Longer than a review takes on a busy machine; a node that stands still answers nobody either."""
log = structlog.get_logger(__name__)


class DemoReviews:
    """What this node does when the clock moved, and what it knows of the others' doing it."""

    def __init__(self, clock: MovedClock, party: str, review: Callable[[], Awaitable[None]]) -> None:
        self.clock = clock
        self._own = None if clock.file is None else Path(f"{clock.file}.reviewed-by-{party}")
        self._review = review
        self._descriptor: int | None = None
        self._reviewed_ahead_s: float | None = None
        self._turn = anyio.Lock()

    async def follow_forever(self) -> None:
        """Count among the demo's nodes, and review whenever another one moved the clock, until cancelled."""
        if self._own is None:
            return
        descriptor = self._descriptor = os.open(self._own, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._note(self.clock.ahead_s)
            while True:
                await anyio.sleep(LOOK_EVERY_S)
                if self.clock.ahead_s != self._reviewed_ahead_s:
                    await self._review_once_more()
        finally:
            self._descriptor = None
            os.close(descriptor)

    async def moved(self) -> None:
        """Review, and return once every node of the demo has reviewed under this hour; raises `NotRead`, `NotRecorded`."""
        await self._once()
        with anyio.move_on_after(WAIT_S_MAX):
            for each in self._others():
                while not self._has_reviewed(each):  # noqa: ASYNC110 (another process says it, by a file)
                    await anyio.sleep(LOOK_EVERY_S)

    async def _review_once_more(self) -> None:
        try:
            await self._once()
        except (NotRead, NotRecorded) as failure:
            log.warning("demo_review_not_done", error=str(failure))
        except Exception:
            # Looked at again; the node goes on.
            log.exception("demo_review_failed")

    async def _once(self) -> None:
        async with self._turn:
            ahead_s = self.clock.ahead_s
            await self._review()
            self._note(ahead_s)

    def _note(self, ahead_s: float) -> None:
        self._reviewed_ahead_s = ahead_s
        if self._descriptor is not None:
            os.pwrite(self._descriptor, f"{ahead_s:<32}".encode(), 0)

    def _others(self) -> list[Path]:
        if self._own is None or self.clock.file is None:
            return []
        return [each for each in self._own.parent.glob(f"{self.clock.file.name}.reviewed-by-*") if each != self._own]

    def _has_reviewed(self, node: Path) -> bool:
        """Return whether a node reviewed under this hour, or does not run any more."""
        with node.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                said = file.read().decode("ascii", errors="replace").strip()
                return said == f"{self.clock.ahead_s}"
            return True

"""The dead-man timer: a camera is stopped once no sign of its operator came for half a second (reliability 15).

Pure: time comes in, and whether a stop is due goes out. `DeadMan` runs it beside the requests, so that it holds when they end.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import anyio

from belvedere.domain.clock import Clock

HOLD_S = 0.5
"""From the last sign of the operator to the stop."""


@dataclass(frozen=True, slots=True)
class DeadManTimer:
    """When the operator last gave a sign; None while nothing moves. Times are of a monotonic clock."""

    hold_s: float = HOLD_S
    arrived_s: float | None = None

    def arrived(self, now_s: float) -> "DeadManTimer":
        """Return the timer after a movement was asked; a sign from before the last one changes nothing."""
        newest_s = now_s if self.arrived_s is None else max(now_s, self.arrived_s)
        return replace(self, arrived_s=newest_s)

    def released(self) -> "DeadManTimer":
        """Return the timer after the operator stopped, or a stop went out."""
        return replace(self, arrived_s=None)

    def due_in_s(self, now_s: float) -> float | None:
        """Return in how many seconds a stop is due, 0 where it is due now; None while nothing moves."""
        if self.arrived_s is None:
            return None
        return max(0.0, self.arrived_s + self.hold_s - now_s)


class DeadMan:
    """One camera's timer, running: `run` in a task of its own, which outlives every request."""

    def __init__(self, clock: Clock, stop: Callable[[], Awaitable[object]], *, hold_s: float = HOLD_S) -> None:
        self._clock, self._stop = clock, stop
        self._timer = DeadManTimer(hold_s)
        self._armed = anyio.Event()

    def arrived(self) -> None:
        """Note that the operator asks for a movement."""
        self._timer = self._timer.arrived(self._clock.monotonic_s())
        self._armed.set()

    def released(self) -> None:
        """Note that the operator stopped, or that somebody stops the camera."""
        self._timer = self._timer.released()

    async def run(self) -> None:
        """Stop the camera each time that its operator is silent for too long; until cancelled."""
        while True:
            await self._armed.wait()
            self._armed = anyio.Event()
            while (due_s := self._timer.due_in_s(self._clock.monotonic_s())) is not None:
                if due_s > 0:
                    await anyio.sleep(due_s)
                    continue
                self._timer = self._timer.released()
                await self._stop()

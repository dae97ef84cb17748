"""The Clock port. Wall-clock time decides rules; monotonic time measures waits."""

from datetime import datetime
from typing import Protocol

Instant = datetime
"""An aware `datetime`. Naive ones are refused where they enter."""


class Clock(Protocol):
    """Where time comes from; tests and the demo pass a clock that they move."""

    def now(self) -> Instant:
        """Return the present instant, aware, in UTC."""

    def monotonic_s(self) -> float:
        """Return seconds from an arbitrary origin, never running backwards."""


class MovableClock(Clock, Protocol):
    """A clock that the demo's page moves forward."""

    def move_to(self, at: Instant) -> bool:
        """Move to `at`; False, and nothing moves, where that would be backwards."""

    @property
    def ahead_s(self) -> float:
        """By how many seconds it was moved from the machine's own."""

"""The system's clock and the system's randomness: the only module that may ask for either."""

import base64
import secrets
import time
from datetime import UTC, datetime, timedelta

from belvedere.domain.clock import Instant


class SystemClock:
    """The machine's own clock (implements `domain.clock.Clock`)."""

    def now(self) -> Instant:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds of the monotonic clock."""
        return time.monotonic()


class MovedClock:
    """The machine's clock, moved forward by hand: for the demo alone. Monotonic time is not moved."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> Instant:
        """Return the moved instant in UTC."""
        return datetime.now(UTC) + self._ahead

    def monotonic_s(self) -> float:
        """Return seconds of the machine's monotonic clock."""
        return time.monotonic()

    def move_to(self, at: Instant) -> bool:
        """Move to `at`; False, and nothing moves, where that would be backwards: a journal never runs back."""
        by = at - self.now()
        if by < timedelta():
            return False
        self._ahead += by
        return True

    @property
    def ahead_s(self) -> float:
        """By how many seconds it was moved from the machine's own."""
        return self._ahead.total_seconds()


class SystemIds:
    """Identifiers and secrets from the system's generator (implements `domain.ids.IdSource`)."""

    def fresh(self, prefix: str) -> str:
        """Return `<prefix>-` and 80 random bits in base 32, lower case."""
        return f"{prefix}-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"

    def secret(self, size_bytes: int) -> bytes:
        """Return `size_bytes` random bytes."""
        return secrets.token_bytes(size_bytes)

"""The system's clock and the system's randomness: the only module that may ask for either."""

import base64
import fcntl
import mmap
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from belvedere.domain.clock import Instant

_OFFSET_BYTES = 8


class SystemClock:
    """The machine's own clock (implements `domain.clock.Clock`)."""

    def now(self) -> Instant:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds of the monotonic clock."""
        return time.monotonic()


class MovedClock:
    """The demo's clock: the machine's, and an offset that all processes of the demo read from one file at each `now()`.

    Monotonic time is not moved: tickets, holds and retries never know of it. The file holds microseconds, a signed integer
    of eight bytes, little-endian, mapped into memory; whoever moves it locks it.
    """

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._offset = mmap.mmap(opened.fileno(), _OFFSET_BYTES)
        self._file = file

    @property
    def file(self) -> Path | None:
        """Where the offset stands that all processes of the demo share; None where it is one process's own."""
        return self._file

    @classmethod
    def starting_at(cls, file: Path, at: Instant | None) -> "MovedClock":
        """Make the file of a demo that starts at `at`, which may be long past; now, where None."""
        ahead = timedelta() if at is None else at - datetime.now(UTC)
        file.write_bytes(_spelt(ahead))
        return cls(file)

    def now(self) -> Instant:
        """Return the moved instant in UTC."""
        return datetime.now(UTC) + self._ahead()

    def monotonic_s(self) -> float:
        """Return seconds of the machine's monotonic clock."""
        return time.monotonic()

    def move_to(self, at: Instant) -> bool:
        """Move every process to `at`; False, and nothing moves, where that would be backwards: a journal never runs back."""
        with self._file.open("rb") as locked:
            fcntl.flock(locked, fcntl.LOCK_EX)
            by = at - self.now()
            if by < timedelta():
                return False
            self._offset[:] = _spelt(self._ahead() + by)
            return True

    @property
    def ahead_s(self) -> float:
        """By how many seconds it was moved from the machine's own; negative where it was moved back at its start."""
        return self._ahead().total_seconds()

    def _ahead(self) -> timedelta:
        return timedelta(microseconds=int.from_bytes(self._offset[:], "little", signed=True))


def _spelt(ahead: timedelta) -> bytes:
    return (ahead // timedelta(microseconds=1)).to_bytes(_OFFSET_BYTES, "little", signed=True)


class SystemIds:
    """Identifiers and secrets from the system's generator (implements `domain.ids.IdSource`)."""

    def fresh(self, prefix: str) -> str:
        """Return `<prefix>-` and 80 random bits in base 32, lower case."""
        return f"{prefix}-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"

    def secret(self, size_bytes: int) -> bytes:
        """Return `size_bytes` random bytes."""
        return secrets.token_bytes(size_bytes)

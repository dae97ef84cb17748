"""Argon2id, bounded: at most two at a time, off the event loop, and the same cost for an unknown login."""

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_CONCURRENT_MAX = 2
_LENGTH_MAX = 1024


class Passwords:
    """Hashes and verifies passwords (RFC 9106, low-memory profile)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=2)
        self._limit = anyio.CapacityLimiter(_CONCURRENT_MAX)
        self._nobody = self._hasher.hash("nobody")

    def hash(self, password: str) -> str:
        """Return the encoded hash; blocks for about 50 ms."""
        return self._hasher.hash(password)

    async def matches(self, password: str, encoded: str | None) -> bool:
        """Return whether `password` is the one that `encoded` keeps; None takes as long and is False."""
        if len(password) > _LENGTH_MAX:
            return False
        found = await anyio.to_thread.run_sync(self._verify, password, encoded or self._nobody, limiter=self._limit)
        return found and encoded is not None

    def _verify(self, password: str, encoded: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

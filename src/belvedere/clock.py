"""The system's clock and the system's randomness: the only module that may ask for either."""

import base64
import secrets
import time
from datetime import UTC, datetime

from belvedere.domain.clock import Instant


class SystemClock:
    """The machine's own clock (implements `domain.clock.Clock`)."""

    def now(self) -> Instant:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds of the monotonic clock."""
        return time.monotonic()


class SystemIds:
    """Identifiers and secrets from the system's generator (implements `domain.ids.IdSource`)."""

    def fresh(self, prefix: str) -> str:
        """Return `<prefix>-` and 80 random bits in base 32, lower case."""
        return f"{prefix}-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"

    def secret(self, size_bytes: int) -> bytes:
        """Return `size_bytes` random bytes."""
        return secrets.token_bytes(size_bytes)

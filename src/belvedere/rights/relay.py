"""What the media relay does for a right: it lets a viewing exist, confirms it, stops it, and hands out its ticket.

Changes reach it through `followers.relay`; what repeats while a right runs (ticket, confirmation) through the same port.
"""

from typing import Protocol

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.viewings import Viewing

TICKET_TTL_MS = 30_000
HOLD_MS = 10_000
"""How long a partner's viewing lives in the relay without being confirmed (reliability 11b)."""


class Tickets(Protocol):
    """Lets a socket show a viewing, once."""

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        """Return the media path with a single-use ticket for this session; raises `NoPicture`."""


class Relay(Tickets, Protocol):
    """The part of the media relay that rights command. All calls return at once."""

    def admit(
        self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None, to_node_of: PartyId | None = None
    ) -> None:
        """Let a viewing exist in the relay; without `hold_ms` it has no short deadline. Raises `NoPicture`.

        With `to_node_of` that party's node takes the pictures, once for all its viewings of the camera, and serves them.
        """

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        """Put the deadline `hold_ms` from now."""

    def void_tickets(self, session_sha256: bytes) -> None:
        """Take a session's unused tickets away: it ended, or another agent took it over."""

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """Close the viewing's sockets with a code and a cause."""


def hold_ms(viewing: Viewing, *, own_room: bool, now: Instant) -> int | None:
    """Return for how long the relay may go on by itself: never past `valid_until`; None in the own room."""
    if own_room:
        return None
    if viewing.valid_until is None:
        return HOLD_MS
    left_ms = int((viewing.valid_until - now).total_seconds() * 1000)
    return max(0, min(HOLD_MS, left_ms))

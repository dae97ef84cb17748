"""How the link to another party's node stands."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.record import ConventionRef
from belvedere.domain.text import Text


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the link to a peer stands: since when by the wall clock and by the monotonic one, and, while it is down, why."""

    up: bool
    since: Instant
    said: Text
    since_s: float
    other_text: ConventionRef | None = None
    """The text that the other side has in force, where it is not the one in force here."""

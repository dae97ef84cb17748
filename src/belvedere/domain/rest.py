"""A camera that a partner turned goes back to its rest position, once nobody watches it for that event any more."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, EventId, PartyId

RETURNS_AFTER_S = 30.0
"""How long whoever was there is shown that it goes, and may have it stay."""


@dataclass(frozen=True, slots=True)
class AwayCamera:
    """A camera that looks where a partner's lease left it. `at` is when it goes back; None while it is watched for that event."""

    camera: CameraId
    party: PartyId
    event: EventId
    at: Instant | None

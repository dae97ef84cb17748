"""A slot that is taken, as the own room, a partner and another node are told of it."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, ServiceId


@dataclass(frozen=True, slots=True)
class SlotHolder:
    """One slot: a camera in flow to the party, who watches it, and since when."""

    camera: CameraId
    services: tuple[ServiceId, ...]
    since: Instant

"""A camera, as far as a right to it rests on it."""

from dataclasses import dataclass
from datetime import date

from belvedere.domain.ids import CameraId, PartyId


@dataclass(frozen=True, slots=True)
class WatchedCamera:
    """What a decision needs of a camera; the inventory keeps the rest."""

    id: CameraId
    owner: PartyId
    commune: str
    zone: str
    camera_class: str
    authorised_until: date | None
    ptz: bool

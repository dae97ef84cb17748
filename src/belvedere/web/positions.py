"""Where cameras look that somebody steers, for the screens whose maps turn their cones.

Told to who watches the camera; of the owner's own cameras, to whoever works in its room.
"""

from collections.abc import Collection, Mapping

from belvedere.domain.ids import AgentId, CameraId, PartyId
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.steering import Position
from belvedere.inventory.cameras import Inventory
from belvedere.rights.sight import Sight
from belvedere.web.schemas import Out

HALF_TURN_DEG = 180.0


class PositionOut(Out):
    """Where one camera looks. `heading_deg` clockwise from north; `tilt` -1 … 1, `zoom` 0 … 1; null where it does not tell."""

    camera: str
    heading_deg: float | None
    tilt: float | None
    zoom: float | None


class PositionsOut(Out):
    """Where the cameras look that somebody steers, or left turned; the others are not known to have moved."""

    items: list[PositionOut]


def positions_seen(
    requester: Requester,
    owner: PartyId,
    positions: Mapping[CameraId, Position],
    watched: Collection[tuple[CameraId, AgentId]],
    inventory: Inventory,
) -> PositionsOut:
    """Return the positions that the requester may know; `watched` tells who of its party watches what."""
    own = Sight(requester.party, owner).cameras_are_own
    shown = {
        camera: position
        for camera, position in positions.items()
        if (requester.role in ROOM_ROLES if own else (camera, requester.agent) in watched)
    }
    return PositionsOut(items=[_body(camera, shown[camera], inventory) for camera in sorted(shown)])


def _body(camera: CameraId, position: Position, inventory: Inventory) -> PositionOut:
    known = inventory.camera(camera)
    turned = None if known is None or position.pan is None else known.heading_deg + HALF_TURN_DEG * position.pan
    return PositionOut(
        camera=camera,
        heading_deg=None if turned is None else round(turned % 360, 1),
        tilt=position.tilt,
        zoom=position.zoom,
    )

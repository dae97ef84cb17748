"""All around a camera that turns: its own street ahead, other streets beside it, and the view of any direction.

Owns the drawing's geometry: degrees to columns and rows. Does not know what moves, words, bands nor time; pictures write into
`ahead` what moves in the camera's own street, then take the view.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.band import Position
from simulator.canvas import Planes
from simulator.city import Camera
from simulator.head import field_deg
from simulator.scene import Scene, draw_scene, plan_street

_Plane = NDArray[np.uint8]
_KEPT_MAX = 4
_CORNER_PX, _CORNER_LUMA = 3, 40
"""Half a house's corner between two streets."""
_STRIPE_ROWS = 12
_SEED_STEP = 7_919


def streets_around(fov_deg: float) -> int:
    """Return of how many streets the turn is made, each as wide as the view at its widest."""
    return max(3, round(360 / fov_deg))


def widest_deg(fov_deg: float) -> float:
    """Return the view at its widest: a whole share of the turn."""
    return 360 / streets_around(fov_deg)


class Panorama:
    """One picture's surroundings, to be painted in and looked at."""

    def __init__(self, camera: Camera, *, width_px: int, height_px: int, light_percent: int) -> None:
        drawn, self.scene = _drawn(camera, width_px, height_px, light_percent)
        self._planes = Planes(drawn.luma.copy(), drawn.blue.copy(), drawn.red.copy())
        self._width_px, self._widest_deg = width_px, widest_deg(camera.fov_deg)
        self._height_px = height_px
        left = streets_around(camera.fov_deg) // 2 * width_px
        self._ahead_px = left + width_px / 2
        self.ahead = Planes(
            self._planes.luma[:, left : left + width_px],
            self._planes.blue[:, left // 2 : (left + width_px) // 2],
            self._planes.red[:, left // 2 : (left + width_px) // 2],
        )
        """The camera's own street, as it is seen at home."""

    def view(self, into: Planes, position: Position, home: Position) -> None:
        """Paint what is seen from `position` over all of `into`; `home` is where the own street is straight ahead."""
        px_per_deg = self._width_px / self._widest_deg
        across = self._ahead_px + (position.pan_deg - home.pan_deg) * px_per_deg
        down = self._height_px / 2 - (position.tilt_deg - home.tilt_deg) * px_per_deg
        scale = field_deg(self._widest_deg, position.zoom) / self._widest_deg
        _look(self._planes.luma, into.luma, across, down, scale, striped=True)
        for plane, seen in ((self._planes.blue, into.blue), (self._planes.red, into.red)):
            _look(plane, seen, across / 2, down / 2, scale, striped=False)


def _look(plane: _Plane, seen: _Plane, across: float, down: float, scale: float, *, striped: bool) -> None:
    """Sample `plane`, endless to both sides and repeated above and below, around a point."""
    height, width = seen.shape
    rows = down + (np.arange(height) + 0.5 - height / 2) * scale - 0.5
    columns = across + (np.arange(width) + 0.5 - width / 2) * scale - 0.5
    if scale == 1:
        top, left = np.rint(rows).astype(np.intp), np.rint(columns).astype(np.intp)
        seen[:] = plane[np.clip(top, 0, plane.shape[0] - 1)][:, left % plane.shape[1]]
    else:
        seen[:] = _between(_between(plane, rows, axis=0), columns, axis=1)
    if striped:
        # Sky and ground beyond the street repeat its edges: stripes show how far one looks up or down.
        beyond = (rows < -0.5) | (rows > plane.shape[0] - 0.5)
        dark = beyond & (np.floor(rows / _STRIPE_ROWS).astype(np.intp) % 2 == 0)
        seen[dark] -= seen[dark] // 12


def _between(plane: _Plane, at: NDArray[np.float64], *, axis: int) -> _Plane:
    """Sample along one axis, straight between two neighbours; rows end at the edges, columns go on around."""
    low = np.floor(at).astype(np.intp)
    share = np.rint((at - low) * 256).astype(np.uint16)
    if axis == 0:
        near, far = (plane[np.clip(each, 0, plane.shape[0] - 1)] for each in (low, low + 1))
        share = share[:, None]
    else:
        near, far = (plane[:, each % plane.shape[1]] for each in (low, low + 1))
    mixed: _Plane = ((near * (256 - share) + far * share) >> 8).astype(np.uint8)
    return mixed


@lru_cache(maxsize=_KEPT_MAX)
def _drawn(camera: Camera, width_px: int, height_px: int, light_percent: int) -> tuple[Planes, Scene]:
    """Draw every street around a camera; not to be written to."""
    count = streets_around(camera.fov_deg)
    own = count // 2
    scenes = [
        draw_scene(
            plan_street(camera.zone, camera.name, camera.seed)
            if turn == own
            else plan_street(camera.zone, "", camera.seed + (turn + 1) * _SEED_STEP),
            width_px=width_px,
            height_px=height_px,
            light=light_percent / 100,
        )
        for turn in range(count)
    ]
    for scene in scenes:
        for side in (scene.still.luma[:, :_CORNER_PX], scene.still.luma[:, -_CORNER_PX:]):
            side[:] = np.minimum(side, _CORNER_LUMA)
        for chroma in (scene.still.blue, scene.still.red):
            chroma[:, : _CORNER_PX // 2 + 1] = chroma[:, -(_CORNER_PX // 2 + 1) :] = 128
    planes = Planes(
        luma=np.concatenate([scene.still.luma for scene in scenes], axis=1),
        blue=np.concatenate([scene.still.blue for scene in scenes], axis=1),
        red=np.concatenate([scene.still.red for scene in scenes], axis=1),
    )
    return planes, scenes[own]

"""What of a simulated camera turns: pan, tilt and zoom, moving or still, read by the picture and told by ONVIF.

Owns the movement, a pure function of time between two commands: nobody has to tick it, and any thread may read it. Does
not know who commands it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.band import Position

PAN_DEG_S, TILT_DEG_S, ZOOM_S = 60.0, 30.0, 0.5
"""Greatest speeds."""
TILT_DEG = (-90.0, 20.0)
ZOOM_TIMES_MAX = 8.0
_FOREVER_S = float("inf")


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis since its last command: straight from `value` at `speed` until `ends_s`, between its stops."""

    value: float
    low: float = -_FOREVER_S
    high: float = _FOREVER_S
    speed: float = 0.0
    begins_s: float = 0.0
    ends_s: float = 0.0

    def at(self, now_s: float) -> float:
        moved = self.value + self.speed * max(0.0, min(now_s, self.ends_s) - self.begins_s)
        return min(max(moved, self.low), self.high)

    def moves_at(self, now_s: float) -> bool:
        value = self.at(now_s)
        held = (self.speed > 0 and value >= self.high) or (self.speed < 0 and value <= self.low)
        return self.speed != 0 and now_s < self.ends_s and not held

    def turned(self, now_s: float, speed: float, lasts_s: float | None) -> "_Axis":
        if speed == 0 and not self.moves_at(now_s):
            return self  # at rest since before
        ends_s = _FOREVER_S if lasts_s is None else now_s + lasts_s
        return replace(self, value=self.at(now_s), speed=speed, begins_s=now_s, ends_s=ends_s)

    def sent(self, now_s: float, target: float, speed_max: float) -> "_Axis":
        value = self.at(now_s)
        target = min(max(target, self.low), self.high)
        lasts_s = abs(target - value) / speed_max
        speed = 0.0 if lasts_s == 0 else (target - value) / lasts_s
        return replace(self, value=value, speed=speed, begins_s=now_s, ends_s=now_s + lasts_s)


class Head:
    """One camera's pan, tilt and zoom; `home` is where it looks while nobody steers it."""

    def __init__(self, home: Position, now_s: Callable[[], float]) -> None:
        self.home = home
        self._now_s = now_s
        self._pan = _Axis(home.pan_deg)
        self._tilt = _Axis(home.tilt_deg, *TILT_DEG)
        self._zoom = _Axis(home.zoom, 0.0, 1.0)

    @property
    def position(self) -> Position:
        """Return where it looks now."""
        now_s = self._now_s()
        return Position(self._pan.at(now_s) % 360, self._tilt.at(now_s), self._zoom.at(now_s))

    @property
    def turns(self) -> bool:
        """Tell whether pan or tilt moves."""
        now_s = self._now_s()
        return self._pan.moves_at(now_s) or self._tilt.moves_at(now_s)

    @property
    def zooms(self) -> bool:
        """Tell whether zoom moves."""
        return self._zoom.moves_at(self._now_s())

    @property
    def moves(self) -> bool:
        """Tell whether anything moves."""
        return self.turns or self.zooms

    @property
    def rested_s(self) -> float:
        """Return since when nothing moves; for one that moves, when it will have ended."""
        axes = (self._pan, self._tilt, self._zoom)
        return max(axis.begins_s if axis.speed == 0 else axis.ends_s for axis in axes)

    def turn(self, pan: float, tilt: float, lasts_s: float | None = None) -> None:
        """Turn, in shares of the greatest speeds, for so long or until told otherwise."""
        now_s = self._now_s()
        self._pan = self._pan.turned(now_s, pan * PAN_DEG_S, lasts_s)
        self._tilt = self._tilt.turned(now_s, tilt * TILT_DEG_S, lasts_s)

    def zoom(self, zoom: float, lasts_s: float | None = None) -> None:
        """Zoom, in shares of the greatest speed, for so long or until told otherwise."""
        self._zoom = self._zoom.turned(self._now_s(), zoom * ZOOM_S, lasts_s)

    def look(self, *, pan_deg: float | None = None, tilt_deg: float | None = None, zoom: float | None = None) -> None:
        """Go to a place at the greatest speed, by the shorter way; an axis of None stays."""
        now_s = self._now_s()
        if pan_deg is not None:
            here = self._pan.at(now_s)
            self._pan = self._pan.sent(now_s, here + (pan_deg - here + 180) % 360 - 180, PAN_DEG_S)
        if tilt_deg is not None:
            self._tilt = self._tilt.sent(now_s, tilt_deg, TILT_DEG_S)
        if zoom is not None:
            self._zoom = self._zoom.sent(now_s, zoom, ZOOM_S)

    def halt(self, *, pan_tilt: bool = True, zoom: bool = True) -> None:
        """Stop at once."""
        if pan_tilt:
            self.turn(0.0, 0.0)
        if zoom:
            self.zoom(0.0)


def field_deg(widest_deg: float, zoom: float) -> float:
    """Return the width of the view at a zoom of 0 … 1."""
    return widest_deg / (1 + (ZOOM_TIMES_MAX - 1) * zoom)

"""A camera's picture at an instant: its street, what moves in it, the words and the bands.

Owns the movements, which are pure functions of the camera's seed and the time: nothing is kept from
one frame to the next but drawings. Writes into planes that it is lent.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator import band
from simulator.band import Position
from simulator.canvas import Planes
from simulator.city import Camera
from simulator.daylight import CITY_ZONE, light_at
from simulator.head import Head
from simulator.lettering import written
from simulator.panorama import Panorama
from simulator.scene import ROAD_HALF_M, Scene, draw_scene, plan_street
from simulator.sprites import LOOKS, PHASES, SIZES_M, Kind, sprite, step_of

_LIGHT_STEPS = 20
_TRACK_M = 230.0
"""Length of the stretch that a vehicle runs over and over, seen and unseen."""
_WALK_M = 95.0
_WORDS, _SHADE, _GREY = 225, 0.35, 128
_STILLS_KEPT_MAX = 32
"""Streets already drawn, kept for the next viewer: under 1 MB each at 640×360."""


@dataclass(frozen=True, slots=True)
class _Vehicle:
    kind: Kind
    look: int
    leaving: bool
    start_m: float


@dataclass(frozen=True, slots=True)
class _Walker:
    look: int
    x_m: float
    start_m: float
    speed_m_s: float
    """Negative towards the camera."""


@dataclass(frozen=True, slots=True, eq=False)
class _Still:
    """What of a picture stays from frame to frame; not to be written to."""

    scene: Scene
    clock_from_px: int
    """Where the time begins, after the camera's name."""


def _not_moved() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Showing:
    """How all pictures of a site are drawn.

    `light` fixes the daylight (0 night … 1 day); None takes the sun's over the city. `bands` are for machines to read: a
    person's picture has none. `ahead_s` tells by how much the demo moved its clock: the hour that is written and the
    daylight follow it, capture times and bands never do.
    """

    light: float | None = None
    bands: bool = False
    ahead_s: Callable[[], float] = _not_moved


SHOWN = Showing()


class Picture:
    """The picture of one camera, painted again for every frame, from where its `head` looks."""

    def __init__(
        self, camera: Camera, *, width_px: int, height_px: int, showing: Showing = SHOWN, head: Head | None = None
    ) -> None:
        self.camera, self.width_px, self.height_px = camera, width_px, height_px
        self._showing, self._head = showing, head
        self._home = home_of(camera) if camera.ptz else None
        self._around: tuple[int, Panorama] | None = None
        """What is around a camera that was turned, and by which light; none before."""
        rows = band.height_px(height_px) * (2 if camera.ptz else 1) if showing.bands else 0
        self._grey_rows = (rows + 1) // 2
        rng = np.random.default_rng([camera.seed, 11])
        self._speeds_m_s = (float(rng.uniform(7, 12)), float(rng.uniform(7, 12)))
        self._vehicles = tuple(self._drawn_vehicles(rng))
        self._walkers = tuple(self._drawn_walkers(rng))
        self._shown: _Still | None = None
        self._written_second = -1
        self._written: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)

    def paint(self, planes: Planes, captured_us: int, *, stamp: int | None = None) -> None:
        """Paint the instant `captured_us` (µs since the Unix epoch) over all of `planes`.

        The band carries that time, or `stamp` in its place (a clip's frame number).
        """
        at = self._shown_at(captured_us)
        light_percent = self._light_percent(at)
        position = self._home if self._head is None else self._head.position
        if position == self._home or position is None or self._home is None:
            still = self._still(light_percent)
            self._walk_street(still.scene, planes, captured_us / 1e6, light_percent)
            self._write(still, planes, at)
        else:
            around = self._surroundings(light_percent)
            self._walk_street(around.scene, around.ahead, captured_us / 1e6, light_percent)
            around.view(planes, position, self._home)
            self._write_over(planes, at)
        # What moves is cut off by the bands, in colour too.
        for chroma in (planes.blue, planes.red) if self._grey_rows else ():
            chroma[-self._grey_rows :] = _GREY
        if self._showing.bands:
            number = band.stamp_of(captured_us) if stamp is None else stamp
            band.draw(planes.luma, number=self.camera.number, stamp=number, position=position)

    def prepare(self, at_us: int) -> None:
        """Draw the still street if the light asks for it, so that `paint` is quick."""
        self._still(self._light_percent(self._shown_at(at_us)))

    def _shown_at(self, at_us: int) -> datetime:
        return datetime.fromtimestamp(at_us / 1e6, UTC) + timedelta(seconds=self._showing.ahead_s())

    def _light_percent(self, at: datetime) -> int:
        light = light_at(at) if self._showing.light is None else self._showing.light
        return round(light * _LIGHT_STEPS) * (100 // _LIGHT_STEPS)

    def _still(self, light_percent: int) -> _Still:
        still = _drawn_still(self.camera, self.width_px, self.height_px, light_percent)
        if still is not self._shown:
            self._shown, self._written_second = still, -1
        return still

    def _surroundings(self, light_percent: int) -> Panorama:
        if self._around is None or self._around[0] != light_percent:
            drawn = Panorama(self.camera, width_px=self.width_px, height_px=self.height_px, light_percent=light_percent)
            self._around = (light_percent, drawn)
        return self._around[1]

    def _walk_street(self, scene: Scene, planes: Planes, at_s: float, light_percent: int) -> None:
        """Paint the street and what moves in it, as it is seen straight ahead."""
        np.copyto(planes.luma, scene.still.luma)
        np.copyto(planes.blue, scene.still.blue)
        np.copyto(planes.red, scene.still.red)
        self._move(scene, planes, at_s, light_percent)

    def _move(self, scene: Scene, planes: Planes, at_s: float, light_percent: int) -> None:
        """Lay what moves, and the poles between, from far to near."""
        laid: list[tuple[float, float, Kind, int, int]] = []
        near, far = scene.eye.nearest_m * 0.62, 140.0
        for vehicle in self._vehicles:
            speed = self._speeds_m_s[vehicle.leaving]
            run = (vehicle.start_m + at_s * speed) % _TRACK_M
            z = near + (run if vehicle.leaving else _TRACK_M - run)
            if z < far:
                x = ROAD_HALF_M / 2 if vehicle.leaving else -ROAD_HALF_M / 2
                laid.append((z, x, vehicle.kind, vehicle.look, int(vehicle.leaving)))
        for walker in self._walkers:
            z = near + (walker.start_m + at_s * walker.speed_m_s) % _WALK_M
            phase = int(at_s * abs(walker.speed_m_s) * PHASES / 1.4) % PHASES
            laid.append((z, walker.x_m, Kind.WALKER, walker.look, phase))
        laid.sort(reverse=True)
        props = iter(scene.props)
        prop = next(props, None)
        for z, x, kind, look, phase in laid:
            while prop is not None and prop.z_m > z:
                prop.sprite.lay(planes, prop.left_px, prop.top_px)
                prop = next(props, None)
            foot_x, foot_y = scene.eye.at(x, 0, z)
            width = scene.eye.px_per_m(z) * SIZES_M[kind][0]
            drawn, at_x, at_y = sprite(kind, look, phase, step_of(width), light_percent)
            drawn.lay(planes, 2 * round((foot_x - at_x) / 2), 2 * round((foot_y - at_y) / 2))
        while prop is not None:
            prop.sprite.lay(planes, prop.left_px, prop.top_px)
            prop = next(props, None)

    def _write(self, still: _Still, planes: Planes, at: datetime) -> None:
        second = int(at.timestamp())
        if second != self._written_second:
            dots = written(at.astimezone(CITY_ZONE).strftime("%d/%m/%Y %H:%M:%S"), _dot_px(self.width_px))
            under = still.scene.still.luma[: dots.shape[0], still.clock_from_px : still.clock_from_px + dots.shape[1]]
            dots = dots[: under.shape[0], : under.shape[1]]
            self._written = np.where(dots, np.uint8(_WORDS), under).astype(np.uint8)
            self._written_second = second
        rows, columns = self._written.shape
        planes.luma[:rows, still.clock_from_px : still.clock_from_px + columns] = self._written

    def _write_over(self, planes: Planes, at: datetime) -> None:
        """Write name and time over a street that is never twice the same."""
        time = at.astimezone(CITY_ZONE).strftime("%d/%m/%Y %H:%M:%S")
        words = written(f"{self.camera.number} {self.camera.name}  {time}", _dot_px(self.width_px))
        corner = planes.luma[: words.shape[0], : words.shape[1]]
        corner[:] = (16 + (corner.astype(np.float32) - 16) * _SHADE).astype(np.uint8)
        corner[words[: corner.shape[0], : corner.shape[1]]] = _WORDS

    @staticmethod
    def _drawn_vehicles(rng: np.random.Generator) -> Iterator[_Vehicle]:
        for leaving in (False, True):
            count = int(rng.integers(2, 5))
            gap = _TRACK_M / count
            for index in range(count):
                kind = Kind(rng.choice([Kind.CAR, Kind.CAR, Kind.CAR, Kind.CAR, Kind.VAN, Kind.BUS]))
                start = index * gap + float(rng.uniform(0, gap - 14))
                yield _Vehicle(kind=kind, look=int(rng.integers(LOOKS[kind])), leaving=leaving, start_m=start)

    @staticmethod
    def _drawn_walkers(rng: np.random.Generator) -> Iterator[_Walker]:
        for _ in range(int(rng.integers(3, 7))):
            side = float(rng.choice([-1.0, 1.0]))
            yield _Walker(
                look=int(rng.integers(LOOKS[Kind.WALKER])),
                x_m=side * float(rng.uniform(ROAD_HALF_M + 1.0, ROAD_HALF_M + 3.2)),
                start_m=float(rng.uniform(0, _WALK_M)),
                speed_m_s=float(rng.uniform(0.9, 1.6)) * float(rng.choice([-1.0, 1.0])),
            )


def home_of(camera: Camera) -> Position:
    """Return where a camera that turns looks while nobody steers it."""
    return Position(pan_deg=float(camera.heading_deg), tilt_deg=-12.0, zoom=0.0)


def _dot_px(width_px: int) -> int:
    return max(1, width_px // 320)


@lru_cache(maxsize=_STILLS_KEPT_MAX)
def _drawn_still(camera: Camera, width_px: int, height_px: int, light_percent: int) -> _Still:
    """Draw a camera's street, write its number and name, and leave room for time and bands."""
    plan = plan_street(camera.zone, camera.name, camera.seed)
    scene = draw_scene(plan, width_px=width_px, height_px=height_px, light=light_percent / 100)
    words = written(f"{camera.number} {camera.name}  ", _dot_px(width_px))
    clock = written("00/00/0000 00:00:00", _dot_px(width_px))
    height, width = min(words.shape[0], height_px), min(words.shape[1] + clock.shape[1], width_px)
    corner = scene.still.luma[:height, :width]
    corner[:] = (16 + (corner.astype(np.float32) - 16) * _SHADE).astype(np.uint8)
    seen = words[:height, :width]
    corner[:, : seen.shape[1]][seen] = _WORDS
    return _Still(scene=scene, clock_from_px=seen.shape[1])

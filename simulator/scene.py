"""The street that one camera sees: its still part, drawn once, and the lamps that stand before what moves.

Owns what a street looks like in each sector. Does not know time, numbers or encoders: daylight comes
as a share, and everything else from the camera's own seed, so a street is the same at every start.
"""

import itertools
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulator.canvas import Canvas, Colour, Planes, Sprite
from simulator.perspective import Eye
from simulator.sprites import shaded

ROAD_HALF_M = 4.4
FLANK_M = 8.2
"""From the road's middle to what stands beside it."""
FAR_M = 150.0
_NEAR_M = 5.0
_POLES_BEFORE_M = 48.0
"""Lamps beyond are too thin to hide anything."""


class Flank(StrEnum):
    """What stands along one side of a street."""

    BLOCKS = "blocks"
    HOUSES = "houses"
    TREES = "trees"
    WATER = "water"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class Prop:
    """Something that stands still before what moves behind it."""

    z_m: float
    sprite: Sprite
    left_px: int
    top_px: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A street ready to be walked through."""

    eye: Eye
    still: Planes
    props: tuple[Prop, ...]


@dataclass(frozen=True, slots=True)
class StreetPlan:
    """How one camera's street is made: drawn from its seed, sector and name."""

    seed: int
    left: Flank
    right: Flank
    skyline: str | None
    landmark: str | None


_FLANKS: dict[str, tuple[tuple[Flank, Flank], ...]] = {
    "centre": ((Flank.BLOCKS, Flank.BLOCKS), (Flank.BLOCKS, Flank.SQUARE), (Flank.SQUARE, Flank.BLOCKS)),
    "pont-de-bois": ((Flank.BLOCKS, Flank.BLOCKS), (Flank.BLOCKS, Flank.TREES)),
    "cousinerie": ((Flank.BLOCKS, Flank.TREES), (Flank.HOUSES, Flank.BLOCKS)),
    "triolo": ((Flank.BLOCKS, Flank.BLOCKS), (Flank.HOUSES, Flank.BLOCKS)),
    "cite-scientifique": ((Flank.BLOCKS, Flank.TREES), (Flank.TREES, Flank.BLOCKS), (Flank.BLOCKS, Flank.SQUARE)),
    "stade": ((Flank.SQUARE, Flank.TREES), (Flank.SQUARE, Flank.BLOCKS), (Flank.TREES, Flank.SQUARE)),
    "lac": ((Flank.WATER, Flank.TREES), (Flank.TREES, Flank.WATER)),
    "haute-borne": ((Flank.TREES, Flank.BLOCKS), (Flank.BLOCKS, Flank.TREES)),
    "brigode": ((Flank.TREES, Flank.HOUSES), (Flank.TREES, Flank.TREES)),
}
_VILLAGE = ((Flank.HOUSES, Flank.HOUSES), (Flank.HOUSES, Flank.TREES), (Flank.TREES, Flank.HOUSES))
_LANDMARKS = ("métro", "marché", "fontaine", "église", "gare", "parking")


def plan_street(zone: str, name: str, seed: int) -> StreetPlan:
    """Choose what a camera of this sector and name looks at."""
    choices = _FLANKS.get(zone, _VILLAGE)
    left, right = choices[seed % len(choices)]
    spoken = name.lower()
    landmark = next((word for word in _LANDMARKS if word in spoken), None)
    skyline = "stade" if zone == "stade" else "église" if landmark == "église" else None
    return StreetPlan(seed=seed, left=left, right=right, skyline=skyline, landmark=landmark)


def draw_scene(plan: StreetPlan, *, width_px: int, height_px: int, light: float) -> Scene:
    """Draw the street of `plan` under daylight `light` (0 night … 1 day)."""
    drawing = _Drawing(plan, width_px, height_px, light)
    return drawing.scene()


class _Drawing:
    """One street being drawn, from the sky down and from far to near."""

    def __init__(self, plan: StreetPlan, width_px: int, height_px: int, light: float) -> None:
        self.plan, self.light = plan, light
        self.rng = np.random.default_rng([plan.seed, 3])
        rng = self.rng
        self.eye = Eye(
            width_px=width_px,
            height_px=height_px,
            vanishing_x_px=width_px * rng.uniform(0.4, 0.6),
            horizon_px=height_px * rng.uniform(0.36, 0.46),
            focal_px=width_px * rng.uniform(0.66, 0.86),
            height_m=rng.uniform(5.2, 7.2),
        )
        self.canvas = Canvas(width_px, height_px, (0, 0, 0))

    def scene(self) -> Scene:
        self._sky()
        self._skyline()
        self._floor()
        for side, flank in ((-1, self.plan.left), (1, self.plan.right)):
            self._flank(side, flank)
        self._landmark()
        props = self._lamps()
        return Scene(eye=self.eye, still=self.canvas.planes(), props=props)

    def _shade(self, colour: Colour, floor: float = 0.2) -> Colour:
        return shaded(colour, self.light, floor)

    def _sky(self) -> None:
        dusk = 4 * self.light * (1 - self.light)
        upper = self._blend((12, 16, 23), (142, 166, 192))
        lower = self._blend((30, 37, 46), (206, 214, 220))
        glow = (lower[0] + 48 * dusk, lower[1] + 14 * dusk, lower[2] - 8 * dusk)
        self.canvas.fade(0, self.eye.at(0, 0, FAR_M)[1] + 1, upper, glow)

    def _blend(self, night: Colour, day: Colour) -> Colour:
        light = self.light
        return (
            night[0] + (day[0] - night[0]) * light,
            night[1] + (day[1] - night[1]) * light,
            night[2] + (day[2] - night[2]) * light,
        )

    def _skyline(self) -> None:
        """Houses beyond the street's end, and what rises above them."""
        eye, rng = self.eye, self.rng
        ground = eye.at(0, 0, FAR_M)[1]
        unit = eye.width_px / 640
        if self.plan.skyline == "stade":
            self._stadium(ground, unit)
        if self.plan.skyline == "église":
            x = eye.vanishing_x_px + rng.uniform(-60, 60) * unit
            stone = self._shade((112, 96, 88))
            self.canvas.rect((x - 9 * unit, ground - 62 * unit, x + 9 * unit, ground), stone)
            self.canvas.polygon(
                ((x - 10 * unit, ground - 61 * unit), (x + 10 * unit, ground - 61 * unit), (x, ground - 104 * unit)),
                self._shade((70, 76, 84)),
            )
        x = -20.0 * unit
        while x < eye.width_px:
            width, height = rng.uniform(26, 60) * unit, rng.uniform(12, 44) * unit
            grey = rng.uniform(120, 164)
            self.canvas.rect((x, ground - height, x + width, ground + 2), self._shade((grey, grey + 3, grey + 8), 0.17))
            self._far_windows((x, ground - height, x + width, ground), unit)
            x += width + rng.uniform(-2, 9) * unit

    def _far_windows(self, sides: tuple[float, float, float, float], unit: float) -> None:
        left, top, right, bottom = sides
        rows = np.arange(top + 4 * unit, bottom - 5 * unit, 8 * unit)
        for row in rows:
            for column in np.arange(left + 4 * unit, right - 5 * unit, 8 * unit):
                if self.rng.random() < 0.4:
                    self._window(
                        (
                            (column, row),
                            (column + 3 * unit, row),
                            (column + 3 * unit, row + 4 * unit),
                            (column, row + 4 * unit),
                        ),
                        0.4,
                    )

    def _stadium(self, ground: float, unit: float) -> None:
        x, wide, high = self.eye.vanishing_x_px + self.rng.uniform(-120, 120) * unit, 250 * unit, 74 * unit
        shell = self._shade((188, 192, 198), 0.24)
        self.canvas.disc(x, ground, wide, shell, flat=high / wide)
        self.canvas.disc(
            x, ground - high * 0.12, wide * 0.94, self._shade((128, 134, 142), 0.3), flat=high * 0.78 / wide
        )
        for step in range(-8, 9):
            lit = (236, 240, 255) if self.light < 0.5 else self._shade((170, 176, 184))
            at = x + step * wide * 0.105
            rise = high * (1 - (step / 9.6) ** 2) ** 0.5
            self.canvas.rect((at - unit, ground - rise * 0.86, at + unit, ground), lit, 0.34)

    def _floor(self) -> None:
        """Pavements or grass, then the carriageway and its paint."""
        eye = self.eye
        top = eye.at(0, 0, FAR_M)[1]
        pavement = self._shade((138, 138, 134), 0.24)
        self.canvas.fade(top, eye.height_px, self._shade((120, 122, 122), 0.2), pavement)
        for side, flank in ((-1, self.plan.left), (1, self.plan.right)):
            beyond = {Flank.TREES: (92, 112, 70), Flank.WATER: (96, 118, 70), Flank.SQUARE: (156, 150, 140)}.get(flank)
            if beyond is not None:
                self._strip(side * FLANK_M, side * 90, self._shade(beyond, 0.2))
            if flank is Flank.WATER:
                self._strip(side * (FLANK_M + 5), side * 140, self._blend((22, 34, 46), (112, 140, 158)))
        self._strip(-ROAD_HALF_M, ROAD_HALF_M, self._shade((84, 86, 90), 0.36))
        for side in (-1, 1):
            self._strip(side * ROAD_HALF_M, side * (ROAD_HALF_M + 0.22), self._shade((172, 172, 168), 0.3))
        z = eye.nearest_m * 0.8
        while z < 90:
            self._strip(-0.08, 0.08, self._shade((222, 222, 216), 0.5), z, z + 3)
            z += 9
        zebra = eye.nearest_m + self.rng.uniform(6, 16)
        for lane in np.arange(-ROAD_HALF_M + 0.4, ROAD_HALF_M - 0.4, 1.1):
            self._strip(lane, lane + 0.55, self._shade((222, 222, 216), 0.5), zebra, zebra + 3.2)

    def _strip(
        self, left_m: float, right_m: float, colour: Colour, near_m: float | None = None, far_m: float = FAR_M
    ) -> None:
        """Lay a band of ground along the street."""
        near = self.eye.nearest_m * 0.7 if near_m is None else near_m
        corners = ((left_m, far_m), (right_m, far_m), (right_m, near), (left_m, near))
        self.canvas.polygon([self.eye.at(x, 0, z) for x, z in corners], colour)

    def _flank(self, side: int, flank: Flank) -> None:
        match flank:
            case Flank.BLOCKS | Flank.HOUSES:
                self._buildings(side, low=flank is Flank.HOUSES)
            case Flank.TREES:
                self._trees(side, near_m=self.eye.nearest_m * 1.1, every_m=9.5)
            case Flank.WATER:
                self._trees(side, near_m=60, every_m=22)
            case Flank.SQUARE:
                self._trees(side, near_m=26, every_m=16)

    def _buildings(self, side: int, *, low: bool) -> None:
        rng = self.rng
        ends = [_NEAR_M]
        while ends[-1] < 120:
            ends.append(ends[-1] + rng.uniform(7, 13) if low else ends[-1] + rng.uniform(14, 30))
        for near, far in reversed(list(itertools.pairwise(ends))):
            if rng.random() < (0.12 if low else 0.2):
                self._trees(side, near_m=near, every_m=8, far_m=far)
                continue
            height = rng.uniform(5, 7.4) if low else rng.choice([9.2, 12.2, 15.2, 21.2])
            brick = ((150, 92, 76), (164, 108, 84), (176, 168, 156), (134, 84, 72))
            plain = ((168, 166, 160), (186, 178, 164), (146, 150, 156), (158, 112, 92))
            wall = (brick if low else plain)[int(rng.integers(4))]
            self._building(side, near, far, float(height), wall, low=low)

    def _building(self, side: int, near: float, far: float, height: float, wall: Colour, *, low: bool) -> None:
        eye, x = self.eye, side * FLANK_M
        deep = x + side * 14
        front = self._shade((wall[0] * 0.78, wall[1] * 0.78, wall[2] * 0.78), 0.15)
        self.canvas.polygon(
            [eye.at(x, 0, near), eye.at(deep, 0, near), eye.at(deep, height, near), eye.at(x, height, near)], front
        )
        if low:
            roof = self._shade((116, 70, 58) if wall[0] < 170 else (84, 88, 94), 0.16)
            ridge = height + 2.6
            self.canvas.polygon(
                [eye.at(x, height, near), eye.at(x + side * 5, ridge, near), eye.at(deep, height, near)], front
            )
            self.canvas.polygon(
                [
                    eye.at(x, height, near),
                    eye.at(x, height, far),
                    eye.at(x + side * 5, ridge, far),
                    eye.at(x + side * 5, ridge, near),
                ],
                roof,
            )
        self.canvas.polygon(
            [eye.at(x, 0, near), eye.at(x, 0, far), eye.at(x, height, far), eye.at(x, height, near)],
            self._shade(wall, 0.18),
        )
        floors = np.arange(1.0, height - 1.4, 2.9)
        for z in np.arange(near + 1.1, far - 1.5, 2.8):
            if eye.px_per_m(z) * FLANK_M / z < eye.width_px / 640 * 1.0:
                break
            for floor, sill in enumerate(floors):
                shop = floor == 0 and not low
                self._pane(x, z, (0.2 if shop else sill, 2.5 if shop else sill + 1.4), shop=shop)

    def _pane(self, x: float, z: float, rise: tuple[float, float], *, shop: bool) -> None:
        eye, far = self.eye, z + (2.2 if shop else 1.3)
        low, high = rise
        corners = (eye.at(x, low, z), eye.at(x, low, far), eye.at(x, high, far), eye.at(x, high, z))
        if max(px for px, _ in corners) > 0 and min(px for px, _ in corners) < eye.width_px:
            self._window(corners, 0.16 if shop else 0.34)

    def _window(self, corners: tuple[tuple[float, float], ...], lit_share: float) -> None:
        """Lay one window: glass by day; by night dark, or with somebody at home."""
        home, warmth = self.rng.random() < lit_share, self.rng.uniform(0.5, 1.0)
        glass = self._blend((15, 18, 23), (88, 102, 116))
        if home:
            evening = (1 - self.light) * warmth
            glass = (
                glass[0] + (222 - glass[0]) * evening,
                glass[1] + (182 - glass[1]) * evening,
                glass[2] + (108 - glass[2]) * evening,
            )
        self.canvas.polygon(corners, glass, 0.94)

    def _trees(self, side: int, *, near_m: float, every_m: float, far_m: float = 110) -> None:
        spots = [z + self.rng.uniform(-2, 2) for z in np.arange(near_m, far_m, every_m)]
        for z in reversed(spots):
            self._tree(side * (FLANK_M + self.rng.uniform(0.4, 5)), max(z, _NEAR_M + 1))

    def _tree(self, x: float, z: float) -> None:
        eye, rng = self.eye, self.rng
        size, scale = rng.uniform(5.5, 9), eye.px_per_m(z)
        foot_x, foot_y = eye.at(x, 0, z)
        if not -3 * scale < foot_x < eye.width_px + 3 * scale:
            return
        self.canvas.disc(foot_x, foot_y, 1.6 * scale, (8, 10, 9), 0.3, flat=0.25)
        self.canvas.rect(
            (foot_x - 0.16 * scale, foot_y - size * 0.5 * scale, foot_x + 0.16 * scale, foot_y),
            self._shade((84, 70, 56)),
        )
        green = rng.uniform(0.8, 1.15)
        for lean, rise, radius, tone in (
            (-0.16, 0.55, 0.2, 0.86),
            (0.17, 0.58, 0.2, 0.94),
            (0, 0.74, 0.24, 1.0),
            (-0.05, 0.8, 0.14, 1.12),
        ):
            leaf = self._shade((76 * green * tone, 106 * green * tone, 58 * green * tone), 0.22)
            self.canvas.disc(
                foot_x + lean * size * scale, foot_y - rise * size * scale, radius * size * scale, leaf, 0.97
            )

    def _landmark(self) -> None:
        """What the camera's name promises: a metro's totem, market stalls, a fountain, parked cars."""
        match self.plan.landmark:
            case "métro" | "gare":
                self._totem()
            case "marché":
                for index, z in enumerate(np.arange(44.0, 18.0, -5.0)):
                    self._stall(FLANK_M - 2.2, float(z), index)
            case "fontaine":
                self._fountain()
            case _:
                pass

    def _totem(self) -> None:
        x, y = self.eye.at(FLANK_M - 1.4, 0, self.eye.nearest_m + 9)
        unit = self.eye.px_per_m(self.eye.nearest_m + 9)
        self.canvas.rect((x - 0.1 * unit, y - 3.4 * unit, x + 0.1 * unit, y), self._shade((90, 94, 100), 0.4))
        self.canvas.rect(
            (x - 0.6 * unit, y - 4.5 * unit, x + 0.6 * unit, y - 3.3 * unit),
            self._blend((190, 160, 40), (226, 190, 40)),
        )
        stroke = self._shade((24, 30, 60), 0.9)
        for points in (
            ((-0.42, -3.5), (-0.26, -3.5), (-0.26, -4.3), (-0.42, -4.3)),
            ((0.26, -3.5), (0.42, -3.5), (0.42, -4.3), (0.26, -4.3)),
            ((-0.42, -4.3), (-0.2, -4.3), (0.08, -3.8), (-0.08, -3.8)),
            ((0.2, -4.3), (0.42, -4.3), (0.08, -3.8), (-0.08, -3.8)),
        ):
            self.canvas.polygon([(x + px * unit, y + py * unit) for px, py in points], stroke)

    def _stall(self, x_m: float, z: float, index: int) -> None:
        x, y = self.eye.at(x_m, 0, z)
        unit = self.eye.px_per_m(z)
        cloth: Colour = ((176, 62, 54), (62, 96, 140), (200, 164, 70), (78, 122, 84))[index % 4]
        self.canvas.rect((x - 1.2 * unit, y - 0.9 * unit, x + 1.2 * unit, y), self._shade((140, 116, 84), 0.26))
        self.canvas.polygon(
            (
                (x - 1.4 * unit, y - 2.1 * unit),
                (x + 1.4 * unit, y - 2.1 * unit),
                (x + 1.1 * unit, y - 2.7 * unit),
                (x - 1.1 * unit, y - 2.7 * unit),
            ),
            self._shade(cloth, 0.3),
        )

    def _fountain(self) -> None:
        z = self.eye.nearest_m + 11
        x, y = self.eye.at(-FLANK_M + 2.2, 0, z)
        unit = self.eye.px_per_m(z)
        self.canvas.disc(x, y, 2.2 * unit, self._shade((150, 146, 138), 0.3), flat=0.3)
        self.canvas.disc(x, y - 0.3 * unit, 1.95 * unit, self._blend((40, 62, 78), (132, 164, 180)), flat=0.28)
        self.canvas.rect(
            (x - 0.14 * unit, y - 1.7 * unit, x + 0.14 * unit, y - 0.3 * unit), self._shade((150, 146, 138), 0.3)
        )
        self.canvas.glow(x, y - 1.7 * unit, 1.2 * unit, (214, 228, 236), 0.5, flat=0.9)

    def _lamps(self) -> tuple[Prop, ...]:
        """Street lamps, far to near; the poles also stand before what moves."""
        props = []
        near = self.eye.nearest_m + self.rng.uniform(3, 9)
        spots = [(near + 21 * step, 1 if step % 2 == 0 else -1) for step in range(6)]
        for z, side in reversed(spots):
            prop = self._lamp(side * (ROAD_HALF_M + 0.7), z, -side)
            if prop is not None:
                props.append(prop)
        return tuple(props)

    def _lamp(self, x_m: float, z: float, towards: int) -> Prop | None:
        eye, scale, night = self.eye, self.eye.px_per_m(z), 1 - self.light
        foot_x, foot_y = eye.at(x_m, 0, z)
        head_x, head_y = eye.at(x_m + towards * 1.1, 7.0, z)
        steel = self._shade((128, 132, 138), 0.44)
        half = max(0.6, 0.075 * scale)
        self.canvas.rect((foot_x - half, head_y, foot_x + half, foot_y), steel)
        self.canvas.rect((min(foot_x, head_x), head_y - half, max(foot_x, head_x), head_y + half), steel)
        if night > 0.1:
            self.canvas.glow(head_x, foot_y, 5.5 * scale, (255, 214, 150), 0.3 * night, flat=eye.height_m / z * 1.4)
            self.canvas.glow(head_x, head_y, 2.4 * scale, (255, 226, 170), 0.36 * night)
        bulb = self._blend((255, 238, 190), (214, 218, 220))
        self.canvas.disc(head_x, head_y + half, max(1.4, 0.24 * scale), bulb)
        return self._pole((foot_x, head_y, foot_y), half, z, steel) if z < _POLES_BEFORE_M else None

    def _pole(self, line: tuple[float, float, float], half: float, z: float, steel: Colour) -> Prop | None:
        x, head_y, foot_y = line
        left, top = int(x - half) // 2 * 2, max(0, int(head_y) // 2 * 2)
        width, height = 2 * int(half + 1.5) + 2, (int(foot_y) - top) // 2 * 2
        if not 0 <= left < self.eye.width_px - width or height < 4:
            return None
        pole = Canvas(width, height)
        pole.rect((x - half - left, max(0.0, head_y - top), x + half - left, foot_y - top), steel)
        return Prop(z_m=z, sprite=pole.sprite(), left_px=left, top_px=top)

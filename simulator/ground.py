"""The ground of the simulated city: streets, waters, greens and buildings, drawn from `places`.

Pure and seeded. Owns the plane (metres to the east and north of `ORIGIN`) and its GeoJSON. Does not
know cameras. It is a drawing: simple enough to be loaded at once (under 1 MB).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator import places
from simulator.places import AreaPlan, LatLon, SectorPlan

Points: TypeAlias = NDArray[np.float64]
"""n × 2: metres to the east and to the north of `ORIGIN`."""
Json: TypeAlias = dict[str, object]

ORIGIN: LatLon = (50.628, 3.145)
_M_PER_DEG_LAT = 111_200.0
_M_PER_DEG_LON = 70_620.0
_STEP_M = 8.0
_CELL_M = 4.0
_HALF_SIZE_M = (2_700.0, 3_400.0)
_ALONG = np.tile(np.linspace(0, 1, 9), 5)[:, None]
_ACROSS = np.repeat(np.linspace(0, 1, 5), 9)[:, None]
"""Points all over a building, to see whether its ground is free."""


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """One street: its axis, sampled every few metres."""

    name: str
    sector: str | None
    """Zone of the sector it belongs to; None for a main road."""
    axis: Points

    @property
    def major(self) -> bool:
        """Whether it is a main road."""
        return self.sector is None


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Everything that does not move."""

    streets: tuple[Street, ...]
    waters: tuple[tuple[str, Points], ...]
    greens: tuple[tuple[str, Points], ...]
    buildings: tuple[tuple[str, tuple[Points, ...]], ...]
    """By zone."""

    def geojson(self) -> Json:
        """Return the FeatureCollection that the map draws; `properties.kind` says what each is."""
        features: list[Json] = []
        for name, ring in self.greens:
            features.append(_feature("Polygon", [_ring(ring)], kind="green", name=name))
        for name, ring in self.waters:
            features.append(_feature("Polygon", [_ring(ring)], kind="water", name=name))
        for zone, blocks in self.buildings:
            features.append(
                _feature("MultiPolygon", [[_ring(block)] for block in blocks], kind="building", sector=zone)
            )
        for street in self.streets:
            line = _positions(street.axis[:: 6 if street.major else 4], last=street.axis[-1])
            kind = "major" if street.major else "minor"
            features.append(_feature("LineString", line, kind="road", name=street.name, **{"class": kind}))
        for sector in places.SECTORS:
            lat, lon = sector.centre
            features.append(_feature("Point", [lon, lat], kind="sector", name=sector.name, zone=sector.zone))
        return {"type": "FeatureCollection", "features": features}


def plane(at: LatLon) -> tuple[float, float]:
    """Return metres to the east and north of `ORIGIN`."""
    return (at[1] - ORIGIN[1]) * _M_PER_DEG_LON, (at[0] - ORIGIN[0]) * _M_PER_DEG_LAT


def geographic(east_m: float, north_m: float) -> LatLon:
    """Return latitude and longitude in degrees."""
    return ORIGIN[0] + north_m / _M_PER_DEG_LAT, ORIGIN[1] + east_m / _M_PER_DEG_LON


def draw_ground(rng: np.random.Generator) -> Ground:
    """Draw the ground; the same generator state draws the same ground."""
    waters = tuple((plan.name, _smooth_ring(plan)) for plan in places.WATERS)
    greens = tuple((plan.name, _smooth_ring(plan)) for plan in places.GREENS)
    main = [Street(plan.name, None, _smooth_line(_plane_points(plan.line))) for plan in places.ROADS]
    spare = iter([*(f"Rue {n}" for n in places.SPARE_NAMES), *(f"Allée {n}" for n in places.SPARE_NAMES)])
    rings = [ring for _, ring in waters]
    stadium = _ellipse(plane(places.STADIUM), places.STADIUM_HALF_AXES_M)
    minor = [s for plan in places.SECTORS for s in _sector_streets(plan, rng, spare, [*rings, stadium])]
    streets = (*main, *minor)
    buildings = _Builder(streets, [*rings, *(ring for _, ring in greens), stadium], rng).build()
    stade = tuple((zone, (*blocks, stadium) if zone == "stade" else blocks) for zone, blocks in buildings)
    return Ground(streets=streets, waters=waters, greens=greens, buildings=stade)


def _sector_streets(
    plan: SectorPlan, rng: np.random.Generator, spare: Iterator[str], holes: Sequence[Points]
) -> list[Street]:
    """Lay two families of slightly bent streets across a sector, cut where water lies."""
    centre = np.array(plane(plan.centre))
    laid: list[Points] = []
    for family in range(2):
        turned = np.deg2rad(plan.turned_deg + 90 * family)
        along = np.array([np.sin(turned), np.cos(turned)])
        across = np.array([along[1], -along[0]])
        count = int(plan.radius_m / plan.spacing_m)
        for index in range(-count, count + 1):
            offset = index * plan.spacing_m + rng.uniform(-0.22, 0.22) * plan.spacing_m
            half = (max(plan.radius_m**2 - offset**2, 0)) ** 0.5 * rng.uniform(0.72, 1.0)
            if half < 120:
                continue
            t = np.arange(-half, half, _STEP_M)
            bend = rng.uniform(4, 22) * np.sin(t / rng.uniform(160, 320) + rng.uniform(0, 6.3))
            axis = centre + t[:, None] * along + (offset + bend)[:, None] * across
            axis = _longest_outside(axis, holes)
            if len(axis) * _STEP_M < 110:
                continue
            laid.append(axis)
    # The sector's own names go to its middle, where people name things.
    laid.sort(key=lambda axis: float(np.linalg.norm(axis - centre, axis=1).min()))
    names = [*plan.streets, *(next(spare, "Rue Neuve") for _ in laid[len(plan.streets) :])]
    return [Street(name, plan.zone, axis) for name, axis in zip(names, laid, strict=False)]


def _longest_outside(axis: Points, holes: Sequence[Points]) -> Points:
    outside = ~np.logical_or.reduce([_inside(axis, hole) for hole in holes])
    best, begin = (0, 0), 0
    for index, free in enumerate([*outside, False]):
        if free:
            continue
        if index - begin > best[1] - best[0]:
            best = (begin, index)
        begin = index + 1
    return axis[best[0] : best[1]]


def _inside(points: Points, ring: Points) -> NDArray[np.bool_]:
    """Return which points lie in a closed ring (even-odd rule)."""
    if (points.max(axis=0) < ring.min(axis=0)).any() or (points.min(axis=0) > ring.max(axis=0)).any():
        return np.zeros(len(points), np.bool_)
    x, y = points[:, 0][:, None], points[:, 1][:, None]
    x0, y0 = ring[:, 0][None, :], ring[:, 1][None, :]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    straddles = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crosses = straddles & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    inside: NDArray[np.bool_] = crosses.sum(axis=1) % 2 == 1
    return inside


class _Builder:
    """Sets buildings along streets wherever the ground is free."""

    def __init__(self, streets: Sequence[Street], holes: Sequence[Points], rng: np.random.Generator) -> None:
        self._streets, self._rng = streets, rng
        width, height = (int(2 * half / _CELL_M) for half in _HALF_SIZE_M)
        self._taken = np.zeros((height, width), np.bool_)
        for hole in holes:
            self._fill(hole)
        for street in streets:
            self._take(street.axis, 16.0 if street.major else 9.0)

    def build(self) -> list[tuple[str, tuple[Points, ...]]]:
        """Return each zone's buildings."""
        blocks: dict[str, list[Points]] = {plan.zone: [] for plan in places.SECTORS}
        for street in self._streets:
            if street.sector is not None:
                blocks[street.sector].extend(self._beside(street))
        return [(zone, tuple(of_zone)) for zone, of_zone in blocks.items()]

    def _beside(self, street: Street) -> Iterator[Points]:
        along = np.gradient(street.axis, axis=0)
        along /= np.linalg.norm(along, axis=1)[:, None]
        for side in (-1.0, 1.0):
            at = 1
            while at < len(street.axis) - 2:
                length, depth = self._rng.uniform(16, 44), self._rng.uniform(10, 18)
                at_next = at + 1 + int((length + self._rng.uniform(3, 22)) / _STEP_M)
                forward = along[at]
                outward = side * np.array([forward[1], -forward[0]])
                near = street.axis[at] + outward * self._rng.uniform(13, 17)
                block = np.array(
                    [near, near + forward * length, near + forward * length + outward * depth, near + outward * depth]
                )
                if self._free(block):
                    yield block
                at = at_next

    def _free(self, block: Points) -> bool:
        inside = block[0] + _ALONG * (block[1] - block[0]) + _ACROSS * (block[3] - block[0])
        cells = self._cells(inside)
        if cells is None or self._taken[cells].any():
            return False
        self._taken[cells] = True
        return True

    def _fill(self, ring: Points) -> None:
        """Take the cells whose middle lies in a closed ring: each edge flips what is to its right."""
        height, width = self._taken.shape
        on_cells = (ring + np.array(_HALF_SIZE_M)) / _CELL_M - 0.5
        x0, y0 = on_cells[:, 0][None, :], on_cells[:, 1][None, :]
        x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
        first, last = (int(edge.clip(0, height - 1)) for edge in (y0.min(), y0.max() + 1))
        y = np.arange(first, last + 1)[:, None]
        row, edge = np.nonzero((y0 > y) != (y1 > y))
        share = (first + row - y0[0, edge]) / (y1[0, edge] - y0[0, edge])
        column = np.ceil(x0[0, edge] + share * (x1[0, edge] - x0[0, edge])).astype(np.intp)
        flips = np.zeros((last + 1 - first, width + 1), np.int8)
        np.add.at(flips, (row, column.clip(0, width)), 1)
        self._taken[first : last + 1] |= flips.cumsum(axis=1)[:, :width] % 2 == 1

    def _take(self, line: Points, reach_m: float) -> None:
        steps = np.arange(-reach_m, reach_m + 1, _CELL_M)
        spread = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        dense = np.concatenate([line, (line[1:] + line[:-1]) / 2])
        around = (dense[:, None, :] + spread[None, :, :]).reshape(-1, 2)
        cells = self._cells(around, cut=True)
        if cells is not None:
            self._taken[cells] = True

    def _cells(self, points: Points, *, cut: bool = False) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        cells = ((points + np.array(_HALF_SIZE_M)) / _CELL_M).astype(np.intp)
        height, width = self._taken.shape
        on_map = (cells >= 0).all(axis=1) & (cells[:, 0] < width) & (cells[:, 1] < height)
        if cut:
            cells = cells[on_map]
        elif not on_map.all():
            return None
        return cells[:, 1], cells[:, 0]


def _plane_points(line: Sequence[LatLon]) -> Points:
    return np.array([plane(at) for at in line])


def _smooth_line(points: Points) -> Points:
    """Round a polyline's corners (Catmull-Rom) and sample it every few metres."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    return _catmull_rom(padded)


def _smooth_ring(plan: AreaPlan) -> Points:
    points = _plane_points(plan.ring)
    ring = _catmull_rom(np.concatenate([points[-1:], points, points[:2]]))
    return ring[::3]


def _catmull_rom(padded: Points) -> Points:
    pieces = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        count = max(2, int(np.linalg.norm(end - start) / _STEP_M))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        pieces.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return np.concatenate(pieces)


def _ellipse(centre: tuple[float, float], half_axes_m: tuple[float, float]) -> Points:
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return np.array(centre) + np.stack([np.cos(turn) * half_axes_m[0], np.sin(turn) * half_axes_m[1]], axis=1)


def _positions(points: Points, *, last: Points | None = None) -> list[list[float]]:
    kept = points if last is None else np.concatenate([points, last[None, :]])
    lat = np.round(ORIGIN[0] + kept[:, 1] / _M_PER_DEG_LAT, 5)
    lon = np.round(ORIGIN[1] + kept[:, 0] / _M_PER_DEG_LON, 5)
    return [list(at) for at in zip(lon.tolist(), lat.tolist(), strict=True)]


def _ring(points: Points) -> list[list[float]]:
    positions = _positions(points)
    return [*positions, positions[0]]


def _feature(geometry: str, coordinates: object, **properties: object) -> Json:
    return {"type": "Feature", "geometry": {"type": geometry, "coordinates": coordinates}, "properties": properties}

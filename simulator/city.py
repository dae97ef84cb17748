"""The simulated city: its cameras, by name, number and place, on the ground that `ground` draws.

Pure and seeded: the same seed and count give the same city. Knows no video, network or clock.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator import places
from simulator.ground import Ground, Json, Points, Street, draw_ground, geographic, plane
from simulator.places import SectorPlan

CAMERAS_DEFAULT = 252
CAMERAS_MAX = 25_200
PTZ_SHARE = 1 / 3
_APART_M = 25.0
_ASIDE_M = 105.0
_SIDES = (("nord", 0.0), ("sud", 180.0), ("est", 90.0), ("ouest", 270.0))


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of the city; angles are degrees clockwise from north."""

    id: str
    number: int
    name: str
    zone: str
    sector: str
    street: str
    latitude: float
    longitude: float
    heading_deg: int
    fov_deg: int
    range_m: int
    ptz: bool
    seed: int
    """Draws this camera's own street."""

    def feature(self) -> Json:
        """Return the camera as a GeoJSON feature."""
        return {
            "type": "Feature",
            "id": self.id,
            "geometry": {"type": "Point", "coordinates": [self.longitude, self.latitude]},
            "properties": {
                "id": self.id,
                "number": self.number,
                "name": self.name,
                "sector": self.sector,
                "zone": self.zone,
                "street": self.street,
                "class": places.CAMERA_CLASS,
                "commune": places.COMMUNE,
                "owner": places.OWNER,
                "ptz": self.ptz,
                "heading_deg": self.heading_deg,
                "fov_deg": self.fov_deg,
                "range_m": self.range_m,
                "width_px": places.WIDTH_PX,
                "authorised_until": places.AUTHORISED_UNTIL,
            },
        }


@dataclass(frozen=True, slots=True)
class City:
    """Cameras by rising number, and the ground they stand on."""

    cameras: tuple[Camera, ...]
    ground: Ground

    def inventory(self) -> Json:
        """Return every camera as a GeoJSON FeatureCollection (RFC 7946)."""
        return {"type": "FeatureCollection", "features": [camera.feature() for camera in self.cameras]}


def build_city(seed: int, cameras: int = CAMERAS_DEFAULT) -> City:
    """Return the city of `seed` with `cameras` cameras, numbered from 1.

    Raises `ValueError` unless there are between 1 and `CAMERAS_MAX`.
    """
    if not 1 <= cameras <= CAMERAS_MAX:
        raise ValueError(f"a city has between 1 and {CAMERAS_MAX} cameras, not {cameras}")
    # The ground is the town's: the same for every seed and count, so that maps can be compared.
    ground = draw_ground(np.random.default_rng(59_009))
    rng = np.random.default_rng([seed, 7])
    spots = _told_apart([spot for plan, share in _shares(cameras) for spot in _spots(plan, ground, share, rng)])
    numbers = _numbers([name for _, name, _ in spots], rng)
    built = [_camera(number, *spot, rng) for number, spot in zip(numbers, spots, strict=True)]
    return City(cameras=tuple(sorted(built, key=lambda camera: camera.number)), ground=ground)


def lone_camera(number: int, seed: int, *, ptz: bool = False) -> Camera:
    """Return a camera that stands in no inventory, for one that is simulated by itself."""
    latitude, longitude = places.SECTORS[0].centre
    return Camera(
        id=f"vda-{number:03d}", number=number, name="Caméra simulée", zone="centre", sector="Centre",
        street="Rue simulée", latitude=latitude, longitude=longitude, heading_deg=0, fov_deg=70, range_m=60,
        ptz=ptz, seed=seed,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """A point beside a street: metres on the plane, and the street's direction there."""

    street: str
    east_m: float
    north_m: float
    along_deg: float


_Spot = tuple[SectorPlan, str, _Place]


def _shares(cameras: int) -> Iterator[tuple[SectorPlan, int]]:
    """Share the cameras out by the sectors' weights, to the last one."""
    total = sum(plan.weight for plan in places.SECTORS)
    given, owed = 0, 0.0
    for plan in places.SECTORS:
        owed += plan.weight / total * cameras
        share = round(owed) - given
        given += share
        yield plan, share


def _spots(plan: SectorPlan, ground: Ground, count: int, rng: np.random.Generator) -> list[_Spot]:
    """Choose `count` places of a sector: its landmarks, their sides, then its streets."""
    walk = _Walk(plan, ground)
    landmarks = list(_at_landmarks(plan, walk))
    around = itertools.islice(_around_landmarks(plan, walk), max(1, count * 3 // 4 - len(landmarks)))
    named = [*landmarks, *around][:count]
    spots: list[_Spot] = [(plan, name, place) for name, place in named]
    spots.extend((plan, name, place) for name, place in walk.along_streets(count - len(spots), rng))
    return spots


def _told_apart(spots: list[_Spot]) -> list[_Spot]:
    """Add a letter to a name that another camera already bears (a main road crosses many sectors)."""
    borne: dict[str, int] = {}
    apart: list[_Spot] = []
    for plan, name, place in spots:
        times = borne[name] = borne.get(name, 0) + 1
        apart.append((plan, name if times == 1 else f"{name} {chr(ord('a') + times - 1)}", place))
    return apart


class _Walk:
    """The points of a sector's streets, to find the nearest or the next."""

    def __init__(self, plan: SectorPlan, ground: Ground) -> None:
        centre = np.array(plane(plan.centre))
        streets = [street for street in ground.streets if street.sector == plan.zone]
        main = [_cut(street, plan) for street in ground.streets if street.major]
        self._streets = [*streets, *(street for street in main if len(street.axis) > 3)]
        self._centre = centre
        self._points = np.concatenate([street.axis for street in self._streets])
        self._owner = np.concatenate([np.full(len(s.axis), i) for i, s in enumerate(self._streets)])
        self._along = np.concatenate([_directions(street.axis) for street in self._streets])
        self._held = np.zeros(len(self._points), np.bool_)
        self._first = np.searchsorted(self._owner, np.arange(len(self._streets)))

    def nearest(self, east_m: float, north_m: float) -> _Place:
        """Take the free street point nearest to an offset from the sector's centre."""
        distance = np.linalg.norm(self._points - self._centre - np.array([east_m, north_m]), axis=1)
        point = int(np.where(self._held, np.inf, distance).argmin())
        self._held |= np.linalg.norm(self._points - self._points[point], axis=1) < _APART_M
        return self._place(point, side=1.0)

    def along_streets(self, count: int, rng: np.random.Generator) -> Iterator[tuple[str, _Place]]:
        """Give `count` places spread over the sector's streets, named by street and house number."""
        numbered: set[tuple[int, int]] = set()
        order = rng.permutation(len(self._points))
        # Where no landmark's camera stands, first on one side of the streets, then on the other.
        order = np.concatenate([order[~self._held[order]], order[self._held[order]]])
        for turn in range(count):
            point = int(order[turn % len(order)])
            side = 1.0 if (turn // len(order)) % 2 == 0 else -1.0
            place = self._place(point, side)
            owner = int(self._owner[point])
            house = 2 * (point - int(self._first[owner])) + (1 if side > 0 else 2)
            while (owner, house) in numbered:
                house += 2
            numbered.add((owner, house))
            yield f"{_spoken(place.street)} {house}", place

    def _place(self, point: int, side: float) -> _Place:
        along = float(self._along[point])
        right = np.deg2rad(along + 90)
        east, north = self._points[point] + side * 6 * np.array([np.sin(right), np.cos(right)])
        street = self._streets[int(self._owner[point])].name
        return _Place(street=street, east_m=float(east), north_m=float(north), along_deg=along)


def _at_landmarks(plan: SectorPlan, walk: _Walk) -> Iterator[tuple[str, _Place]]:
    for landmark in plan.landmarks:
        # The drawings know « Fontaine nord » and no plain « Fontaine ».
        if landmark.name != "Fontaine":
            yield landmark.name, walk.nearest(landmark.east_m, landmark.north_m)


def _around_landmarks(plan: SectorPlan, walk: _Walk) -> Iterator[tuple[str, _Place]]:
    for side, towards_deg in _SIDES:
        reach = np.deg2rad(towards_deg)
        for landmark in plan.landmarks:
            if landmark.name.endswith(tuple(side for side, _ in _SIDES)):
                continue
            east = landmark.east_m + _ASIDE_M * float(np.sin(reach))
            yield f"{landmark.name} {side}", walk.nearest(east, landmark.north_m + _ASIDE_M * float(np.cos(reach)))


def _cut(street: Street, plan: SectorPlan) -> Street:
    """Keep what of a main road is in a sector: within its radius, and nearer to it than to any other."""
    apart = [np.linalg.norm(street.axis - np.array(plane(other.centre)), axis=1) for other in places.SECTORS]
    own = apart[places.SECTORS.index(plan)]
    return Street(street.name, street.sector, street.axis[(own < plan.radius_m) & (own <= np.min(apart, axis=0))])


def _directions(axis: Points) -> Points:
    along = np.gradient(axis, axis=0)
    degrees: Points = np.rad2deg(np.arctan2(along[:, 0], along[:, 1])) % 360
    return degrees


def _spoken(street: str) -> str:
    """Return a street as people say it: « Rue Trémière » is « Trémière », a boulevard stays one."""
    for kind in ("Rue ", "Allée ", "Avenue ", "Chemin "):
        if street.startswith(kind):
            rest = street.removeprefix(kind)
            return rest if rest[0].isupper() else street
    return street


def _numbers(names: list[str], rng: np.random.Generator) -> list[int]:
    """Number the cameras from 1 without order, the drawings' ones as drawn."""
    pinned = {name: number for number, name in places.PINNED if number <= len(names)}
    kept = [pinned.get(name) for name in names]
    held = set(kept)
    free = [number for number in range(1, len(names) + 1) if number not in held]
    drawn = iter(rng.permutation(np.array(free, dtype=np.intp)).tolist())
    return [next(drawn) if number is None else number for number in kept]


def _camera(number: int, plan: SectorPlan, name: str, place: _Place, rng: np.random.Generator) -> Camera:
    latitude, longitude = geographic(place.east_m, place.north_m)
    backwards = 180 if rng.random() < 0.5 else 0
    ptz = bool(rng.random() < PTZ_SHARE) or number in places.TURNING
    return Camera(
        id=f"vda-{number:03d}",
        number=number,
        name=name,
        zone=plan.zone,
        sector=plan.name,
        street=place.street,
        latitude=round(latitude, 6),
        longitude=round(longitude, 6),
        heading_deg=round(place.along_deg + backwards + rng.uniform(-12, 12)) % 360,
        fov_deg=int(rng.integers(56, 66)) if ptz else int(rng.integers(62, 92)),
        range_m=int(rng.integers(90, 181)) if ptz else int(rng.integers(35, 91)),
        ptz=ptz,
        seed=int(rng.integers(0, 2**31)),
    )

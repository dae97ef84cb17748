"""The inventory of cameras: read once from GeoJSON (RFC 7946), kept whole in memory, frozen."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.untrusted_text import YEARS, BadText, read_file, read_json, shown
from belvedere.inventory.sealed import CAMERA_SOURCES, SecretKey, is_sealed, open_sealed

log = structlog.get_logger(__name__)
FILE_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Camera:
    """One public-space camera. Angles in degrees (heading clockwise from north), range in metres."""

    id: CameraId
    number: int
    name: str
    owner: PartyId
    commune: str
    sector: str
    zone: str
    street: str
    camera_class: str
    ptz: bool
    lon_deg: float
    lat_deg: float
    heading_deg: float
    fov_deg: float
    range_m: float
    authorised_until: date | None
    width_px: int | None = None
    """How many pixels across at its finest; with it the map says how near a face is recognised (EN 62676-4)."""


@dataclass(frozen=True, slots=True)
class SteeringSource:
    """Where a camera that turns is steered, and as whom; never shown or answered."""

    url: str
    """http or https, up to the ONVIF device service."""
    username: str | None
    password: str | None

    def __repr__(self) -> str:
        """Hide the address and its secrets."""
        return "SteeringSource(…)"


@dataclass(frozen=True, slots=True)
class CameraSource:
    """Where a camera's stream is; never shown or answered. Of it, the log has the `address` alone."""

    url: str
    username: str | None
    password: str | None
    steering: SteeringSource | None = None
    """None for a camera that is not steered from here."""

    @property
    def address(self) -> str:
        """Return host and port alone: a path or query may hold credentials as well as what stands before an `@`."""
        parts = urlsplit(self.url)
        return "…" if "@" in parts.path else parts.netloc.rpartition("@")[2]  # a password may hold a bare slash

    def __repr__(self) -> str:
        """Hide the address and its secrets."""
        return "CameraSource(…)"


class Inventory:
    """All cameras that are known here, by id: those of this node's file, and what other owners told of theirs."""

    def __init__(self, cameras: Mapping[CameraId, Camera]) -> None:
        self.here = tuple(cameras.values())
        """Those of the file."""
        self._told: dict[PartyId, Mapping[CameraId, Camera]] = {}
        self._cameras = dict(cameras)

    def show_told(self, owner: PartyId, cameras: Mapping[CameraId, Camera]) -> None:
        """Know these cameras of another owner, and no other of it; none takes the place of one of the file."""
        self._told[owner] = cameras
        here = {camera.id: camera for camera in self.here}
        # Replaced as a whole: whoever iterates goes on over the old one.
        self._cameras = here | {
            key: camera for told in self._told.values() for key, camera in told.items() if key not in here
        }

    def __iter__(self) -> Iterator[Camera]:
        """Iterate in the file's order, then over what was told."""
        return iter(self._cameras.values())

    def __len__(self) -> int:
        """Return the number of cameras."""
        return len(self._cameras)

    def sector_of(self, camera: CameraId) -> str:
        """Return a camera's sector; the empty one for a camera that there is not."""
        found = self._cameras.get(camera)
        return "" if found is None else found.sector

    def camera(self, camera: CameraId) -> Camera | None:
        """Return the camera, or None where there is none of this id."""
        return self._cameras.get(camera)


class _Point(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["Point"]
    coordinates: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]


class CameraProperties(BaseModel):
    """What a camera is, within bounds; its place stands beside it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    number: Annotated[int, Field(ge=1, le=65535)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    owner: Annotated[str, Field(min_length=1, max_length=64)]
    commune: Annotated[str, Field(max_length=200)]
    sector: Annotated[str, Field(max_length=200)]
    zone: Annotated[str, Field(max_length=64)]
    street: Annotated[str, Field(max_length=200)] = ""
    camera_class: Annotated[str, Field(alias="class", max_length=64)]
    ptz: bool
    heading_deg: Annotated[float, Field(ge=0, lt=360)] = 0.0
    fov_deg: Annotated[float, Field(gt=0, le=360)] = 60.0
    range_m: Annotated[float, Field(gt=0, le=5000)] = 60.0
    authorised_until: Annotated[date, Field(ge=date(YEARS[0], 1, 1), le=date(YEARS[-1], 12, 31))] | None = None
    width_px: Annotated[int, Field(ge=16, le=32768)] | None = None

    def camera(self, *, lon_deg: float, lat_deg: float) -> Camera:
        """Return the camera that stands there."""
        return Camera(
            id=CameraId(self.id),
            number=self.number,
            name=self.name,
            owner=PartyId(self.owner),
            commune=self.commune,
            sector=self.sector,
            zone=self.zone,
            street=self.street,
            camera_class=self.camera_class,
            ptz=self.ptz,
            lon_deg=lon_deg,
            lat_deg=lat_deg,
            heading_deg=self.heading_deg,
            fov_deg=self.fov_deg,
            range_m=self.range_m,
            width_px=self.width_px,
            authorised_until=self.authorised_until,
        )


class _Feature(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    type: Literal["Feature"]
    geometry: _Point
    properties: CameraProperties


class _Collection(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    type: Literal["FeatureCollection"]
    features: Annotated[list[_Feature], Field(max_length=100_000)]


def _a_port(url: str) -> str:
    urlsplit(url).port  # noqa: B018  (raises ValueError where the port is none)
    return url


class _Steering(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    url: Annotated[
        str,
        Field(
            pattern=r"^https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?(?:[/?][!-~]*)?$", max_length=2048
        ),
        AfterValidator(_a_port),
    ]
    username: Annotated[str, Field(max_length=256)] | None = None
    password: Annotated[str, Field(max_length=256)] | None = None


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    url: Annotated[str, Field(pattern=r"^rtsps?://", max_length=2048)]
    username: Annotated[str, Field(max_length=256)] | None = None
    password: Annotated[str, Field(max_length=256)] | None = None
    steering: _Steering | None = None

    def told(self) -> CameraSource:
        """Return the source; a steering account that is not given is the stream's."""
        steering = self.steering
        if steering is None:
            return CameraSource(self.url, self.username, self.password)
        own = steering.username is not None
        account = (steering.username, steering.password) if own else (self.username, self.password)
        return CameraSource(self.url, self.username, self.password, SteeringSource(steering.url, *account))


class _Sources(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    cameras: Annotated[dict[str, _Source], Field(max_length=100_000)]


def _read(path: Path) -> bytes:
    try:
        return read_file(path, bytes_max=FILE_BYTES_MAX)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}; node.toml's [inventory] says where it is") from None


def _diagnosis(path: Path, error: ValidationError) -> Unreadable:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    return Unreadable(
        f"{path}: {shown(place)}: {first['msg']} ({error.error_count()} fault(s) in all); mend it and start again"
    )


def read_inventory(path: Path) -> Inventory:
    """Return the cameras of a GeoJSON file; raises `Unreadable` naming file, feature and member."""
    try:
        collection = _Collection.model_validate(read_json(_read(path)))
    except BadText as error:
        raise Unreadable(f"{path}: the file: {error}; export it again as GeoJSON") from None
    except ValidationError as error:
        raise _diagnosis(path, error) from None
    cameras: dict[CameraId, Camera] = {}
    for feature in collection.features:
        given = feature.properties
        if given.id in cameras:
            raise Unreadable(f"{path}: camera `{given.id}` stands twice; give each an id of its own")
        lon_deg, lat_deg = feature.geometry.coordinates
        cameras[CameraId(given.id)] = given.camera(lon_deg=lon_deg, lat_deg=lat_deg)
    return Inventory(cameras)


def read_sources(path: Path, key: SecretKey | None = None) -> dict[CameraId, CameraSource]:
    """Return where each camera's stream is, from a sealed file or from a plain one that nobody else may read.

    Raises `Unreadable` without repeating an address.
    """
    content = _read(path)
    if is_sealed(content):
        if key is None:
            raise Unreadable(f"{path}: sealed, and node.toml names no [secrets] key_file to open it with")
        try:
            content = open_sealed(content, key, what=CAMERA_SOURCES)
        except Unreadable as failure:
            raise Unreadable(f"{path}: {failure}") from None
    else:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Unreadable(f"{path}: credentials in clear that others may read (mode {mode:04o}); chmod 600, or seal")
        log.warning("sources_in_clear", remedy="belvedere sources seal")
    return parse_sources(content, name=str(path))


def parse_sources(content: bytes, *, name: str) -> dict[CameraId, CameraSource]:
    """Return where each camera's stream is; raises `Unreadable`, naming `name`, without repeating an address."""
    try:
        sources = _Sources.model_validate(read_json(content))
    except BadText as error:
        raise Unreadable(f"{name}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = shown(".".join(str(part) for part in first["loc"]))
        raise Unreadable(f"{name}: {place}: {first['msg']}") from None
    return {CameraId(camera): source.told() for camera, source in sources.cameras.items()}


def read_ground(path: Path) -> bytes:
    """Return the map's ground, GeoJSON as it stands in the file; raises `Unreadable`."""
    ground = _read(path)
    try:
        collection = read_json(ground)
    except BadText as error:
        raise Unreadable(f"{path}: not GeoJSON: {error}; export the ground as GeoJSON") from None
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise Unreadable(f"{path}: not a FeatureCollection; export the ground as GeoJSON")
    return ground

"""A camera's facts as one party tells them to another: one spelling, numbered in the order in which they changed.

Owns the spelling, and what becomes of a list as it changes. Knows no store and no convention: whoever calls it has already
left out what the other party may not see, so no number here counts it. Source: rules A4; reliability 27, 28.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any

import rfc8785
from pydantic import ConfigDict, Field, ValidationError

from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.text import Text
from belvedere.inventory.cameras import Camera, CameraProperties

CAMERAS_MAX = 20_000
"""How many cameras one party tells another of: a party that lies fills no more."""
ENTRIES_MAX = 500
PAGE_BYTES_MAX = 40_000
"""How many bytes of facts a page has: a signed message is at most 64 KiB, of which base64 takes a quarter."""
ENTRY_BYTES_ABOUT = 100
"""What an entry takes beside its facts."""


class BadCameraFacts(ValueError):
    """No facts of a camera; the message names the member and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What last changed about one camera, by its number in the sequence; `facts` is None once it is told no more."""

    number: int
    camera: CameraId
    facts: Camera | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one party was told of another's cameras: the newest change of each camera, by number; `newest` is the last."""

    newest: int = 0
    entries: tuple[CatalogueEntry, ...] = ()

    def cameras(self) -> Iterator[Camera]:
        """Yield the cameras that are told."""
        return (each.facts for each in self.entries if each.facts is not None)

    def after(self, changed: Sequence[CatalogueEntry]) -> "Catalogue":
        """Return what was told once `changed`, which follow it, are told too."""
        if not changed:
            return self
        gone = {each.camera for each in changed}
        return Catalogue(changed[-1].number, (*(each for each in self.entries if each.camera not in gone), *changed))


class _Facts(CameraProperties):
    model_config = ConfigDict(extra="forbid", frozen=True)
    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    lat_deg: Annotated[float, Field(ge=-90, le=90)]


def facts_of(camera: Camera) -> dict[str, Any]:
    """Return a camera's facts as plain JSON, every member given."""
    facts = asdict(camera)
    facts["class"] = facts.pop("camera_class")
    until = camera.authorised_until
    return facts | {"authorised_until": None if until is None else until.isoformat()}


def read_facts(value: Any) -> Camera:
    """Return the camera of plain JSON as `facts_of` spells it; raises `BadCameraFacts` for any other spelling too."""
    try:
        given = _Facts.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BadCameraFacts(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:300]) from None
    camera = given.camera(lon_deg=given.lon_deg, lat_deg=given.lat_deg)
    # Compared as bytes: for Python, true is 1.
    if spelt(camera) != rfc8785.dumps(value):
        raise BadCameraFacts("not spelt as a camera's facts are")
    return camera


@lru_cache(maxsize=2 * CAMERAS_MAX)
def spelt(camera: Camera) -> bytes:
    """Return a camera's facts in their one spelling (RFC 8785)."""
    return rfc8785.dumps(facts_of(camera))


def exported(cameras: Iterable[Camera]) -> bytes:
    """Return a list of cameras as a file: one line a camera, by id. Two parties that know the same have the same bytes."""
    return b"".join(spelt(each) + b"\n" for each in sorted(cameras, key=lambda each: each.id))


def export_sha256(cameras: Iterable[Camera]) -> str:
    """Return the SHA-256 (hex) of `exported`."""
    return hashlib.sha256(exported(cameras)).hexdigest()


def changes_to(told: Catalogue, visible: Mapping[CameraId, Camera]) -> tuple[CatalogueEntry, ...]:
    """Return what has to be told so that the other party knows `visible`, and no more; by id, numbered on."""
    known = {each.camera: each.facts for each in told.entries}
    changed = [
        (camera, visible.get(camera))
        for camera in sorted(known.keys() | visible.keys())
        if known.get(camera) != visible.get(camera)
    ]
    return tuple(
        CatalogueEntry(number, camera, facts) for number, (camera, facts) in enumerate(changed, told.newest + 1)
    )


@dataclass(frozen=True, slots=True)
class CatalogueTold:
    """The changes after a number, oldest first; complete up to `upto`, of `newest`.

    `after` is 0 where the one who tells begins anew: then nothing told before holds. `sha256` is that of the whole list as
    it stands at `newest`, so that whoever keeps a replica can tell whether it is the same.
    """

    after: int
    upto: int
    newest: int
    sha256: str
    entries: tuple[CatalogueEntry, ...]


def page(catalogue: Catalogue, *, after: int, sha256: str) -> CatalogueTold:
    """Return the changes after a number, as many as one message holds; after one that was never told, all of them anew.

    `sha256` is that of the whole list. Somebody who knows more than was ever told here was told it by a node that has been
    set back since.
    """
    if after > catalogue.newest:
        after = 0
    found: list[CatalogueEntry] = []
    left = PAGE_BYTES_MAX
    for each in catalogue.entries[bisect_right(catalogue.entries, after, key=lambda entry: entry.number) :]:
        left -= ENTRY_BYTES_ABOUT + (0 if each.facts is None else len(spelt(each.facts)))
        if found and (left < 0 or len(found) == ENTRIES_MAX):
            return CatalogueTold(after, found[-1].number, catalogue.newest, sha256, tuple(found))
        found.append(each)
    return CatalogueTold(after, catalogue.newest, catalogue.newest, sha256, tuple(found))


@dataclass(frozen=True, slots=True)
class Replica:
    """Another party's cameras as it told them, up to a number."""

    upto: int = 0
    cameras: Mapping[CameraId, Camera] = field(default_factory=dict)

    def after(self, told: CatalogueTold) -> "Replica":
        """Return the replica once a page is taken; `fault_of` says beforehand whether it may be."""
        cameras = {} if told.after == 0 else dict(self.cameras)
        for each in told.entries:
            if each.facts is None:
                cameras.pop(each.camera, None)
            else:
                cameras[each.camera] = each.facts
        return Replica(told.upto, cameras)

    @property
    def sha256(self) -> str:
        """That of the whole list, as its owner tells it beside each page."""
        return export_sha256(self.cameras.values())

    def is_next(self, told: CatalogueTold) -> bool:
        """Tell whether a page follows what is known; one that was asked for twice does not."""
        return told.after in (0, self.upto)


def fault_of(
    replica: Replica, told: CatalogueTold, *, owner: PartyId, taken: Callable[[CameraId], bool]
) -> Text | None:
    """Return what is wrong with a page that follows `replica`; None where nothing is.

    `taken` tells of an id whether it is another owner's camera. A list that does not come out as its owner says is told so
    by `differs`.
    """
    numbers = [told.after, *(each.number for each in told.entries)]
    if any(later <= sooner for sooner, later in pairwise(numbers)) or not numbers[-1] <= told.upto <= told.newest:
        return _NOT_IN_ORDER
    if told.upto == told.after < told.newest:
        return _NOT_IN_ORDER
    for each in told.entries:
        if each.facts is not None and (each.facts.id, each.facts.owner) != (each.camera, owner):
            return _NOT_ITS_OWN
        if taken(each.camera):
            return Text(
                f"la caméra « {each.camera} » est déjà celle d'une autre organisation",
                f"camera `{each.camera}` is another party's already",
            )
    if len(replica.cameras) + len(told.entries) > CAMERAS_MAX:
        return _TOO_MANY
    return None


def differs(replica: Replica, told: CatalogueTold) -> bool:
    """Tell whether a replica that was told everything is not the list that its owner has."""
    return replica.upto == told.newest and replica.sha256 != told.sha256


def to_ask(replica: Replica, *, newest: int, sha256: str) -> int | None:
    """Return the number after which a replica lacks something of the list of this newest number; None where it is the same."""
    if replica.upto != newest:
        return replica.upto
    return None if replica.sha256 == sha256 else 0


_NOT_IN_ORDER = Text(
    "la liste des caméras arrive dans le désordre ou incomplète", "the list of cameras comes out of order, or not whole"
)
_NOT_ITS_OWN = Text(
    "la liste des caméras parle d'une caméra d'une autre organisation, ou sous un autre identifiant",
    "the list of cameras tells of another party's camera, or of one under another id",
)
_TOO_MANY = Text(f"plus de {CAMERAS_MAX} caméras", f"more than {CAMERAS_MAX} cameras")

"""A camera's fault: where it is and whose, from when it is lost until it is found again. Source: rules A19."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.source_causes import SourceCause

K = TypeVar("K", CameraId, PartyId)


class FaultPlace(StrEnum):
    """Where a fault is: of a camera, its own or its network's, both the owner's to restore; of a link, one of the last three."""

    CAMERA = "camera"
    """It answers, but not as it should; or it alone of its sector does not answer."""
    NETWORK = "network"
    """Several cameras of one sector do not answer at once."""
    NODE = "node"
    """The other party's node stopped, does not answer where its machine does, or takes nothing."""
    LINK = "link"
    """Nothing arrives from the other party's machine."""
    OWN_SIDE = "own-side"
    """This node, its machine or its network; or no other party's machine answers."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A camera that has no picture: why, where the fault is, and since when."""

    cause: SourceCause
    place: FaultPlace
    since: Instant


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is told, and not restored yet."""

    camera: CameraId
    lost: Lost


@dataclass(frozen=True, slots=True)
class OverFault:
    """A fault that is over: the camera had no picture from `since` to `back_at`."""

    camera: CameraId
    since: Instant
    back_at: Instant


@dataclass(frozen=True, slots=True)
class OverLinkFault:
    """A link's fault that is over: nothing crossed to the party's node from `since` to `back_at`."""

    party: PartyId
    since: Instant
    back_at: Instant


@dataclass(frozen=True, slots=True)
class LostTime:
    """How often a camera was lost within a time, and for how many seconds in all."""

    faults: int
    lost_s: float


def lost_times(over: Iterable[OverFault], *, starts: Instant, ends: Instant) -> Mapping[CameraId, LostTime]:
    """Return how long each camera was lost between two instants; what one camera's faults share counts once."""
    return _times(((each.camera, each.since, each.back_at) for each in over), starts=starts, ends=ends)


def link_times(over: Iterable[OverLinkFault], *, starts: Instant, ends: Instant) -> Mapping[PartyId, LostTime]:
    """Return how long each link was down between two instants."""
    return _times(((each.party, each.since, each.back_at) for each in over), starts=starts, ends=ends)


def _times(over: Iterable[tuple[K, Instant, Instant]], *, starts: Instant, ends: Instant) -> dict[K, LostTime]:
    spans: dict[K, list[tuple[Instant, Instant]]] = {}
    for what, since, back_at in over:
        begins, until = max(since, starts), min(back_at, ends)
        if begins < until:
            spans.setdefault(what, []).append((begins, until))
    return {what: LostTime(len(found), _covered_s(sorted(found))) for what, found in sorted(spans.items())}


def _covered_s(spans: Iterable[tuple[Instant, Instant]]) -> float:
    covered_s, seen_until = 0.0, None
    for since, until in spans:
        begins = since if seen_until is None else max(since, seen_until)
        covered_s += max(0.0, (until - begins).total_seconds())
        seen_until = until if seen_until is None else max(until, seen_until)
    return covered_s


NETWORK_CAMERAS_MIN = 3
"""So many of one sector that do not answer at once have their network in common, not their own faults."""
UNANSWERED = frozenset({SourceCause.UNREACHABLE, SourceCause.TIMED_OUT, SourceCause.SILENT, SourceCause.CLOSED})


def places_of(
    lost: Mapping[CameraId, SourceCause], sector_of: Callable[[CameraId], str]
) -> Mapping[CameraId, FaultPlace]:
    """Return where the fault of each lost camera is."""
    silent = Counter(sector_of(camera) for camera, cause in lost.items() if cause in UNANSWERED)
    return {
        camera: FaultPlace.NETWORK
        if cause in UNANSWERED and silent[sector_of(camera)] >= NETWORK_CAMERAS_MIN
        else FaultPlace.CAMERA
        for camera, cause in lost.items()
    }

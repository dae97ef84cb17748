"""A camera's fault: where it is and whose, from when it is lost until it is found again. Source: rules A19."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId
from belvedere.domain.source_causes import SourceCause


class FaultPlace(StrEnum):
    """Where a fault is; both are the owner's to restore."""

    CAMERA = "camera"
    """It answers, but not as it should; or it alone of its sector does not answer."""
    NETWORK = "network"
    """Several cameras of one sector do not answer at once."""


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
class LostTime:
    """How often a camera was lost within a time, and for how many seconds in all."""

    faults: int
    lost_s: float


def lost_times(over: Iterable[OverFault], *, starts: Instant, ends: Instant) -> Mapping[CameraId, LostTime]:
    """Return how long each camera was lost between two instants; what one camera's faults share counts once."""
    spans: dict[CameraId, list[tuple[Instant, Instant]]] = {}
    for each in over:
        since, until = max(each.since, starts), min(each.back_at, ends)
        if since < until:
            spans.setdefault(each.camera, []).append((since, until))
    return {camera: LostTime(len(found), _covered_s(sorted(found))) for camera, found in sorted(spans.items())}


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

"""Cameras' faults, told, located and restored in the ledger, as the relay sees them. Source: rules A19.

Only what lasts is a fault: a camera lost for a few seconds leaves no record, and one that comes and goes is one fault.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from belvedere.changes import Change, FaultLocated, FaultRestored, FaultTold
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.faults import Fault, Lost, places_of
from belvedere.domain.ids import CameraId
from belvedere.domain.source_causes import SourceCause
from belvedere.rights.looking import look_forever
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

LOOK_EVERY_S = 1.0
LOST_FOR_S = 5.0
BACK_FOR_S = 30.0
TOLD_AT_ONCE_MAX = 500
"""What one transaction tells at most; the rest follows a second later."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the relay says now: the cameras that are lost, and since when those are back whose faults may still be told."""

    lost: Mapping[CameraId, Lost]
    back_at: Mapping[CameraId, Instant]


def note_faults(snapshot: Snapshot, seen: Seen, now: Instant) -> Step[int]:
    """Tell what is lost and was not told, and what is restored; the answer counts what is left for the next step."""
    known, whose = snapshot.faults(), snapshot.place.party
    changes: list[Change] = []
    for camera, lost in seen.lost.items():
        before = known.get(camera)
        if before is None:
            changes.append(FaultTold(Fault(camera, lost), whose, now))
        elif (before.lost.cause, before.lost.place) != (lost.cause, lost.place):
            changes.append(FaultLocated(Fault(camera, Lost(lost.cause, lost.place, before.lost.since)), whose, now))
    changes += [
        FaultRestored(fault, whose, seen.back_at.get(camera, now), now)
        for camera, fault in known.items()
        if camera not in seen.lost
    ]
    return Step(max(0, len(changes) - TOLD_AT_ONCE_MAX), tuple(changes[:TOLD_AT_ONCE_MAX]))


@dataclass(slots=True)
class _Camera:
    """A camera that is lost, or was; monotonic seconds."""

    lost_at: Instant
    lost_s: float
    cause: SourceCause
    back_s: float | None = None
    back_at: Instant | None = None


class FaultWatch:
    """Looks each second at what the relay has lost."""

    def __init__(
        self,
        spine: Spine,
        lost: Callable[[], Mapping[CameraId, SourceCause]],
        sector_of: Callable[[CameraId], str],
        clock: Clock,
    ) -> None:
        self._spine = spine
        self._lost = lost
        self._sector_of = sector_of
        self._clock = clock
        self._cameras: dict[CameraId, _Camera] = {}
        self._told: Mapping[CameraId, tuple[object, ...]] | None = None

    async def look_forever(self) -> None:
        """Look every second until cancelled; what is lost is seen all the same while it cannot be told."""
        await look_forever(self.look, every_s=LOOK_EVERY_S, not_done="faults_not_told", failed="fault_watch_failed")

    async def look(self) -> None:
        """Compare once; what is told already costs no write. Raises `NotRecorded`, `NotRead`."""
        seen = self._seen()
        told = {camera: (lost.cause, lost.place) for camera, lost in seen.lost.items()}
        if told != self._told:
            left = await self._spine.commit(lambda snapshot, now: note_faults(snapshot, seen, now), essential=False)
            self._told = None if left else told
        self._cameras = {
            camera: each for camera, each in self._cameras.items() if each.back_s is None or camera in told
        }

    def _seen(self) -> Seen:
        now_s, now, lost = self._clock.monotonic_s(), self._clock.now(), self._lost()
        for camera, cause in lost.items():
            held = self._cameras.get(camera)
            if held is None or (held.back_s is not None and not _is_fault(held, now_s)):
                held = self._cameras[camera] = _Camera(now, now_s, cause)
            held.cause, held.back_s, held.back_at = cause, None, None
        for camera, held in self._cameras.items():
            if camera not in lost and held.back_s is None:
                held.back_s, held.back_at = now_s, now
        settled = {camera: held for camera, held in self._cameras.items() if _is_fault(held, now_s)}
        places = places_of({camera: held.cause for camera, held in settled.items()}, self._sector_of)
        return Seen(
            {camera: Lost(held.cause, places[camera], held.lost_at) for camera, held in settled.items()},
            {camera: held.back_at for camera, held in self._cameras.items() if held.back_at is not None},
        )


def _is_fault(held: _Camera, now_s: float) -> bool:
    if held.back_s is None:
        return now_s - held.lost_s >= LOST_FOR_S
    return held.back_s - held.lost_s >= LOST_FOR_S and now_s - held.back_s < BACK_FOR_S

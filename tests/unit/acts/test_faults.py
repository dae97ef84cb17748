"""A camera's fault: what is one, where it is, and what is told of it; and how long a camera was lost in a month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belvedere.acts.faults import BACK_FOR_S, LOST_FOR_S, TOLD_AT_ONCE_MAX, FaultWatch, Seen, note_faults
from belvedere.changes import Change, FaultLocated, FaultRestored, FaultTold
from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRecorded
from belvedere.domain.faults import Fault, FaultPlace, Lost, OverFault, lost_times, places_of
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.source_causes import SourceCause
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from tests.flows.conftest import WEDNESDAY_10H, MovedClock

pytestmark = pytest.mark.anyio
ONE, TWO, THREE = (CameraId(f"vda-00{number}") for number in (1, 2, 3))
NOW = WEDNESDAY_10H


@dataclass
class Known:
    """A state with faults in it, and nothing else."""

    kept: dict[CameraId, Fault] = field(default_factory=dict)

    @property
    def place(self) -> "Known":
        return self

    party = PartyId("villeneuve-dascq")

    def faults(self) -> Mapping[CameraId, Fault]:
        return self.kept


@dataclass
class Told:
    """A spine that carries steps out on the state of faults, and writes down what they told."""

    state: Known = field(default_factory=Known)
    changes: list[Change] = field(default_factory=list)
    commits: int = 0
    refuses: bool = False

    async def commit(self, step: object, *, essential: bool) -> int:
        assert not essential
        if self.refuses:
            raise NotRecorded("full")
        made = step(cast("Snapshot", self.state), NOW)  # type: ignore[operator]
        self.commits += 1
        for change in made.changes:
            if isinstance(change, FaultRestored):
                del self.state.kept[change.fault.camera]
            else:
                self.state.kept[change.fault.camera] = change.fault
            self.changes.append(change)
        return int(made.answer)

    @property
    def kinds(self) -> list[type[Change]]:
        return [type(change) for change in self.changes]


class Town:
    """What the relay has lost, and the watch that looks at it; time is moved by hand."""

    def __init__(self) -> None:
        self.lost: dict[CameraId, SourceCause] = {}
        self.clock, self.told = MovedClock(), Told()
        self.watch = FaultWatch(cast("Spine", self.told), lambda: self.lost, lambda _: "centre", self.clock)

    async def after(self, seconds: float, **lost: SourceCause) -> None:
        """Let time pass, then look; `lost` names what is lost from then on."""
        self.clock.move(timedelta(seconds=seconds))
        self.lost = {CameraId(camera.replace("_", "-")): cause for camera, cause in lost.items()}
        await self.watch.look()


async def test_what_is_lost_for_a_moment_leaves_no_record() -> None:
    town = Town()
    await town.after(1, vda_001=SourceCause.TIMED_OUT)
    await town.after(LOST_FOR_S - 1)
    await town.after(100, vda_001=SourceCause.TIMED_OUT)
    await town.after(1)
    await town.after(100)
    assert town.told.changes == []


async def test_what_lasts_is_told_once_with_since_when_and_restored_with_when_it_came_back() -> None:
    town = Town()
    await town.after(1, vda_001=SourceCause.WRONG_PASSWORD)
    lost_at = town.clock.now()
    for _ in range(10):
        await town.after(1, vda_001=SourceCause.WRONG_PASSWORD)
    (told,) = town.told.changes
    assert isinstance(told, FaultTold)
    assert told.fault == Fault(ONE, Lost(SourceCause.WRONG_PASSWORD, FaultPlace.CAMERA, lost_at))
    await town.after(1)
    back_at = town.clock.now()
    await town.after(BACK_FOR_S - 1)
    assert town.told.kinds == [FaultTold]
    await town.after(1)
    assert town.told.kinds == [FaultTold, FaultRestored]
    restored = town.told.changes[-1]
    assert isinstance(restored, FaultRestored)
    assert (restored.fault.lost.since, restored.back_at) == (lost_at, back_at)


async def test_a_camera_that_comes_and_goes_is_one_fault() -> None:
    town = Town()
    await town.after(0, vda_001=SourceCause.SILENT)
    for _ in range(20):
        await town.after(LOST_FOR_S, vda_001=SourceCause.SILENT)
        await town.after(LOST_FOR_S)
    assert town.told.kinds == [FaultTold]


async def test_a_fault_that_becomes_another_is_located_anew_and_keeps_its_beginning() -> None:
    town = Town()
    await town.after(0, vda_001=SourceCause.TIMED_OUT)
    lost_at = town.clock.now()
    await town.after(LOST_FOR_S, vda_001=SourceCause.TIMED_OUT)
    await town.after(1, vda_001=SourceCause.WRONG_PASSWORD)
    assert town.told.kinds == [FaultTold, FaultLocated]
    assert town.told.state.kept[ONE].lost == Lost(SourceCause.WRONG_PASSWORD, FaultPlace.CAMERA, lost_at)


async def test_while_nothing_can_be_recorded_nothing_is_forgotten() -> None:
    town = Town()
    await town.after(0, vda_001=SourceCause.TIMED_OUT)
    town.told.refuses = True
    with pytest.raises(NotRecorded):
        await town.after(LOST_FOR_S, vda_001=SourceCause.TIMED_OUT)
    town.told.refuses = False
    await town.after(1, vda_001=SourceCause.TIMED_OUT)
    assert town.told.kinds == [FaultTold]


async def test_what_a_former_run_told_is_restored_where_the_camera_is_well_and_nothing_is_written_twice() -> None:
    town = Town()
    town.told.state.kept[TWO] = Fault(TWO, Lost(SourceCause.SILENT, FaultPlace.CAMERA, NOW))
    await town.after(1)
    assert town.told.kinds == [FaultRestored]
    commits = town.told.commits
    for _ in range(5):
        await town.after(1)
    assert town.told.commits == commits


def test_three_of_a_sector_that_do_not_answer_have_their_network_in_common() -> None:
    lost = {ONE: SourceCause.TIMED_OUT, TWO: SourceCause.UNREACHABLE, THREE: SourceCause.SILENT}
    assert set(places_of(lost, lambda _: "centre").values()) == {FaultPlace.NETWORK}
    assert set(places_of(lost, lambda camera: camera).values()) == {FaultPlace.CAMERA}
    assert places_of(lost | {THREE: SourceCause.WRONG_PASSWORD}, lambda _: "centre") == dict.fromkeys(
        lost, FaultPlace.CAMERA
    )


def test_a_whole_city_is_told_in_pieces() -> None:
    lost = Lost(SourceCause.TIMED_OUT, FaultPlace.NETWORK, NOW)
    seen = Seen({CameraId(f"c-{number}"): lost for number in range(TOLD_AT_ONCE_MAX + 7)}, {})
    step = note_faults(cast("Snapshot", Known()), seen, NOW)
    assert (len(step.changes), step.answer) == (TOLD_AT_ONCE_MAX, 7)


MINUTES = st.integers(0, 600)


def at(minute: int) -> Instant:
    return NOW + timedelta(minutes=minute)


@given(st.lists(st.tuples(st.sampled_from((ONE, TWO)), MINUTES, MINUTES), max_size=8), MINUTES, MINUTES)
def test_lost_time_counts_each_minute_of_a_month_once(
    drawn: list[tuple[CameraId, int, int]], one: int, other: int
) -> None:
    starts, ends = sorted((one, other))
    over = [OverFault(camera, at(min(a, b)), at(max(a, b))) for camera, a, b in drawn]
    counted = {
        camera: {minute for each in over if each.camera == camera for minute in range(starts, ends)
                 if each.since <= at(minute) < each.back_at}
        for camera in (ONE, TWO)
    }  # fmt: skip
    told = lost_times(over, starts=at(starts), ends=at(ends))
    assert {camera: lost.lost_s for camera, lost in told.items()} == {
        camera: 60.0 * len(minutes) for camera, minutes in counted.items() if minutes
    }

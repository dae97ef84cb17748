"""The stop's ladder over a camera that the test plays: which rung comes next, and what counts as rest (reliability 15)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest

from belvedere.domain.steering import (
    DONE,
    AtRest,
    CommandRefused,
    CommandUnknown,
    NotAtRest,
    NotDone,
    Outcome,
    Position,
    RestUnseen,
    SteeringCause,
    StopOutcome,
    StopRung,
)
from belvedere.steering.stop_ladder import StopLadder

pytestmark = pytest.mark.anyio
FAULT = CommandRefused(SteeringCause.FAULT)
UNHEARD = CommandUnknown(SteeringCause.TIMED_OUT)
ALL = tuple(StopRung)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Played:
    """A camera that turns until one of `stops` is taken; its time passes with each pause and each message."""

    stops: frozenset[StopRung]
    answers: Callable[[StopRung], Outcome] = lambda _: DONE
    tells: bool = True
    slows_s: float = 0.0
    now_s: float = 0.0
    stopped_s: float | None = None
    taken: list[StopRung] = field(default_factory=list)

    def now(self) -> None: ...

    def monotonic_s(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    async def take(self, rung: StopRung, _last: Position | None) -> Outcome:
        self.now_s += 0.005
        self.taken.append(rung)
        answer = self.answers(rung)
        if rung in self.stops and self.stopped_s is None and not isinstance(answer, CommandRefused):
            self.stopped_s = self.now_s
        return answer

    async def look(self) -> Position | NotDone:
        self.now_s += 0.005
        if not self.tells:
            return CommandRefused(SteeringCause.NOT_SUPPORTED)
        if self.stopped_s is None:
            return Position(self.now_s / 100, 0.0, 0.0)
        run_out_s = min(self.now_s - self.stopped_s, self.slows_s)
        run_out_m = run_out_s - run_out_s**2 / (2 * self.slows_s) if self.slows_s else 0.0
        return Position((self.stopped_s + run_out_m) / 100, 0.0, 0.0)

    async def walked(self, worked: StopRung | None = None) -> StopOutcome:
        rungs = sorted(ALL, key=lambda rung: rung is not worked)
        ladder = StopLadder(self, take=self.take, look=self.look)  # type: ignore[arg-type]  # of a clock, monotonic time alone
        with patch("belvedere.steering.stop_ladder.anyio.sleep", self.sleep):
            await ladder.walk(rungs, worked=worked)
        return ladder.outcome


@pytest.mark.parametrize("rung", ALL)
async def test_the_ladder_goes_down_to_the_first_rung_that_stops_the_camera(rung: StopRung) -> None:
    played = Played(frozenset({rung}))
    stopped = await played.walked()
    assert isinstance(stopped, AtRest)
    assert stopped.rung is rung
    assert played.taken == list(ALL[: ALL.index(rung) + 1])


async def test_the_rung_that_worked_is_tried_first_and_no_other() -> None:
    played = Played(frozenset({StopRung.ZERO_VELOCITY}))
    stopped = await played.walked(worked=StopRung.ZERO_VELOCITY)
    assert isinstance(stopped, AtRest)
    assert played.taken == [StopRung.ZERO_VELOCITY]
    assert played.now_s < 0.2


async def test_a_rung_that_is_refused_is_followed_at_once() -> None:
    played = Played(frozenset(ALL), answers=lambda rung: FAULT if rung is StopRung.STOP else DONE)
    stopped = await played.walked()
    assert isinstance(stopped, AtRest)
    assert stopped.rung is StopRung.ADDRESSED_STOP


async def test_a_camera_that_slows_down_is_waited_for_and_sent_no_other_rung() -> None:
    played = Played(frozenset({StopRung.STOP}), slows_s=0.4)
    stopped = await played.walked()
    assert isinstance(stopped, AtRest)
    assert played.taken == [StopRung.STOP]


async def test_a_stop_whose_answer_is_lost_counts_if_the_camera_is_seen_at_rest() -> None:
    played = Played(frozenset({StopRung.STOP}), answers=lambda _: UNHEARD)
    stopped = await played.walked()
    assert isinstance(stopped, AtRest)
    assert stopped.rung is StopRung.STOP


async def test_a_camera_that_refuses_every_rung_and_rests_all_the_same_is_at_rest_by_itself() -> None:
    played = Played(frozenset(), answers=lambda _: FAULT, stopped_s=0.0)
    stopped = await played.walked()
    assert isinstance(stopped, AtRest)
    assert stopped.rung is None


async def test_what_turns_a_camera_is_never_sent_to_one_that_was_not_seen_turning() -> None:
    played = Played(frozenset(), tells=False)
    assert await played.walked() == RestUnseen((StopRung.STOP, StopRung.ADDRESSED_STOP, StopRung.ZERO_VELOCITY))
    assert not {StopRung.STAY, StopRung.PRESET} & set(played.taken)


async def test_a_camera_that_nothing_stops_is_an_alarm_within_ten_seconds() -> None:
    played = Played(frozenset())
    stopped = await played.walked()
    assert isinstance(stopped, NotAtRest)
    assert stopped.seen_moving
    assert set(stopped.tried) == set(ALL)
    assert played.now_s < 10


async def test_a_camera_that_hears_nothing_is_an_alarm_of_another_kind() -> None:
    gone = CommandRefused(SteeringCause.UNREACHABLE)
    played = Played(frozenset(), answers=lambda _: gone, tells=False)
    stopped = await played.walked()
    assert isinstance(stopped, NotAtRest)
    assert not stopped.seen_moving
    assert stopped.words != NotAtRest(tried={}, seen_moving=True).words
    assert len(played.taken) > 10, "it is tried over and over"

"""A simulated camera's head turns as it is told: at its speeds, between its stops, by the shorter way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.band import Position
from simulator.head import PAN_DEG_S, TILT_DEG, ZOOM_S, Head

HOME = Position(350.0, -12.0, 0.0)


class Passing:
    """Time that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def now() -> Passing:
    return Passing()


def test_it_turns_at_its_speed_past_north_until_it_is_halted(now: Passing) -> None:
    head = Head(HOME, now)
    head.turn(0.5, 0.0)
    now.now_s += 1.0
    assert head.position.pan_deg == pytest.approx((350 + PAN_DEG_S / 2) % 360)
    assert head.moves
    head.halt()
    resting = head.position
    now.now_s += 5.0
    assert head.position == resting
    assert not head.moves


def test_a_movement_ends_at_its_time(now: Passing) -> None:
    head = Head(HOME, now)
    head.turn(1.0, 0.0, lasts_s=0.5)
    head.zoom(1.0, lasts_s=0.5)
    now.now_s += 3.0
    assert head.position.pan_deg == pytest.approx((350 + PAN_DEG_S / 2) % 360)
    assert head.position.zoom == pytest.approx(ZOOM_S / 2)
    assert not head.moves


def test_it_goes_to_a_place_by_the_shorter_way_and_stays_there(now: Passing) -> None:
    head = Head(HOME, now)
    head.look(pan_deg=10.0, tilt_deg=-20.0, zoom=0.2)
    now.now_s += 10 / PAN_DEG_S
    assert head.position.pan_deg == pytest.approx(0.0, abs=1e-6)
    now.now_s += 5.0
    there = head.position
    assert (there.pan_deg, there.tilt_deg, there.zoom) == pytest.approx((10.0, -20.0, 0.2))
    assert not head.moves


def test_at_its_stop_it_no_longer_moves(now: Passing) -> None:
    head = Head(HOME, now)
    head.turn(0.0, 1.0)
    now.now_s += 60
    assert head.position.tilt_deg == TILT_DEG[1]
    assert not head.moves


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 9)), max_size=12))
def test_whatever_it_is_told_it_stays_within_its_range_and_never_jumps(
    commands: list[tuple[float, float, float, float]],
) -> None:
    now = Passing()
    head, before = Head(HOME, now), HOME
    for pan, tilt, zoom, passes_s in commands:
        head.turn(pan, tilt)
        head.zoom(zoom)
        assert head.position.pan_deg == pytest.approx(before.pan_deg)
        assert head.position.tilt_deg == pytest.approx(before.tilt_deg)
        now.now_s += passes_s
        before = head.position
        assert 0 <= before.pan_deg < 360
        assert TILT_DEG[0] <= before.tilt_deg <= TILT_DEG[1]
        assert 0 <= before.zoom <= 1

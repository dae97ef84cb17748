"""A camera is at rest once it was seen at one place twice, some time apart."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belvedere.domain.steering import Position
from belvedere.steering.rest import APART_S, Motion, Sighting, distance, motion


def seen(*at: tuple[float, float]) -> list[Sighting]:
    return [Sighting(at_s, Position(pan, 0.0, 0.0)) for at_s, pan in at]


@pytest.mark.parametrize(
    ("sightings", "says"),
    [
        ((), Motion.UNDECIDED),
        (((0, 0.1),), Motion.UNDECIDED),
        (((0, 0.1), (0.05, 0.1)), Motion.UNDECIDED),
        (((0, 0.1), (0.1, 0.1)), Motion.AT_REST),
        (((0, 0.1), (0.05, 0.1), (0.1, 0.1)), Motion.AT_REST),
        (((0, 0.1), (0.1, 0.2)), Motion.UNDECIDED),
        (((0, 0.1), (0.1, 0.2), (0.2, 0.3)), Motion.MOVING),
        (((0, 0.1), (0.1, 0.2), (0.2, 0.24)), Motion.UNDECIDED),
        (((0, 0.1), (0.1, 0.2), (0.2, 0.24), (0.3, 0.24)), Motion.AT_REST),
        (((0, 0.1), (0.1, 0.1), (0.2, 0.2)), Motion.MOVING),
        (((0, 0.1), (0.1, 0.2), (0.15, 0.2)), Motion.UNDECIDED),
        (((0, 0.9999), (0.1, -0.99999)), Motion.UNDECIDED),
        (((0, 1.0), (0.1, -1.0)), Motion.AT_REST),
    ],
)
def test_sightings_say_whether_the_camera_moves(sightings: tuple[tuple[float, float], ...], says: Motion) -> None:
    assert motion(seen(*sightings)) is says


@given(st.lists(st.floats(0.001, 0.5), min_size=2, max_size=20), st.floats(0.01, 1.0))
def test_a_camera_that_turns_evenly_is_never_called_at_rest(gaps_s: list[float], speed: float) -> None:
    at_s, sightings = 0.0, []
    for gap_s in gaps_s:
        at_s += gap_s
        sightings.append(Sighting(at_s, Position((at_s * speed + 1) % 2 - 1, 0.0, 0.0)))
        assert motion(sightings) is not Motion.AT_REST or any(
            distance(one.position, other.position) < 1e-4 for one, other in pairwise(sightings)
        )


@given(
    st.lists(st.floats(APART_S + 0.001, 0.5), min_size=2, max_size=8),
    st.floats(-1, 1),
    st.floats(-1, 1),
    st.floats(0, 1),
)
def test_a_camera_that_stays_is_at_rest_from_the_second_look_on(
    gaps_s: list[float], pan: float, tilt: float, zoom: float
) -> None:
    at_s, sightings = 0.0, []
    for gap_s in gaps_s:
        at_s += gap_s
        sightings.append(Sighting(at_s, Position(pan, tilt, zoom)))
    assert motion(sightings) is Motion.AT_REST


def test_an_axis_that_is_not_told_is_not_compared() -> None:
    assert distance(Position(None, None, 0.5), Position(0.5, 0.5, 0.5)) == 0
    assert distance(Position(0.1, None, None), Position(0.4, 0.5, 0.5)) == pytest.approx(0.3)

"""A camera is stopped half a second after the last sign of its operator (reliability 15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belvedere.steering.dead_man import HOLD_S, DeadManTimer


def test_nothing_is_due_while_nothing_moves() -> None:
    assert DeadManTimer().due_in_s(1e9) is None
    assert DeadManTimer().arrived(5.0).released().due_in_s(1e9) is None


def test_a_stop_is_due_half_a_second_after_the_last_sign() -> None:
    timer = DeadManTimer().arrived(10.0)
    assert timer.due_in_s(10.0) == HOLD_S == 0.5
    assert timer.due_in_s(10.4) is not None
    assert timer.arrived(10.4).due_in_s(10.5) == pytest.approx(0.4)
    assert timer.due_in_s(10.5) == 0.0
    assert timer.due_in_s(99.0) == 0.0


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_signs_that_arrive_out_of_order_never_bring_the_stop_forward(arrivals_s: list[float]) -> None:
    timer = DeadManTimer()
    for arrival_s in arrivals_s:
        timer = timer.arrived(arrival_s)
    assert timer == DeadManTimer().arrived(max(arrivals_s))

"""A camera that somebody else turns is told from one that rests, and from one that goes where it was sent."""

from hypothesis import given
from hypothesis import strategies as st

from belvedere.domain.steering import Position
from belvedere.steering.foreign_hand import ForeignHand


def at(pan: float, zoom: float = 0.0) -> Position:
    return Position(pan, 0.0, zoom)


def test_a_movement_that_nobody_here_commanded_is_somebody_elses() -> None:
    hand = ForeignHand().rested(at(0.1))
    assert not hand.seen(at(0.1)).turned_by_others
    assert hand.seen(at(0.12)).turned_by_others
    assert hand.seen(at(0.1, zoom=0.1)).turned_by_others
    assert ForeignHand().rested(at(0.999)).seen(at(-0.98)).turned_by_others


def test_a_camera_that_nobody_here_commanded_rests_where_it_is_first_seen() -> None:
    hand = ForeignHand().seen(at(0.3))
    assert not hand.turned_by_others
    assert hand.seen(at(0.32)).turned_by_others


def test_what_wind_does_is_nobodys_hand() -> None:
    hand = ForeignHand().rested(at(0.1))
    for pan in (0.101, 0.099, 0.1005, 0.103):
        hand = hand.seen(at(pan))
        assert not hand.turned_by_others


def test_while_it_goes_where_it_was_sent_nobody_else_is_seen() -> None:
    hand = ForeignHand().rested(at(0.1)).commanded()
    for pan in (0.2, 0.3, 0.4, 0.45, 0.45, 0.45):
        hand = hand.seen(at(pan))
        assert not hand.turned_by_others
    assert hand.resting == at(0.45)
    late = ForeignHand().rested(at(0.1)).commanded().seen(at(0.1)).seen(at(0.1)).seen(at(0.2))
    assert not late.turned_by_others, "it set out late"
    assert hand.seen(at(0.5)).turned_by_others


def test_a_slow_foreign_hand_is_seen_by_how_far_it_went() -> None:
    hand, pan = ForeignHand().rested(at(0.0)), 0.0
    for _ in range(3):
        pan += 0.002
        hand = hand.seen(at(pan))
    assert hand.turned_by_others


@given(st.lists(st.floats(-1, 1), max_size=20))
def test_after_a_command_nobody_else_is_blamed_before_it_rests(pans: list[float]) -> None:
    hand = ForeignHand().rested(at(0.0)).commanded()
    for pan in pans:
        rested = hand.resting is not None
        hand = hand.seen(at(pan))
        assert rested or not hand.turned_by_others

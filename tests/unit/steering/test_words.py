"""What is told to cameras is within bounds, and what came of it has its words."""

import pytest

from belvedere.domain.steering import PicturePoint, SteeringCause, Velocity


@pytest.mark.parametrize("share", [1.0001, -1.0001, float("nan"), float("inf")])
def test_a_velocity_out_of_range_or_no_number_is_never_made(share: float) -> None:
    for axes in ((share, 0, 0), (0, share, 0), (0, 0, share)):
        with pytest.raises(ValueError, match="velocity"):
            Velocity(*axes)
    with pytest.raises(ValueError, match="point"):
        PicturePoint(share, 0)


def test_every_cause_has_its_words_in_both_languages_and_no_two_the_same() -> None:
    words = [cause.words for cause in SteeringCause]
    assert len({text.fr for text in words}) == len({text.en for text in words}) == len(SteeringCause)

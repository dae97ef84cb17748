"""One room has one law: two texts that answer the owner's own room differently are not both put in force."""

from pathlib import Path

import pytest

from belvedere.policy import read_convention
from belvedere.policy.own_room import first_that_differs

TEXT = (Path(__file__).parents[3] / "conventions/villeneuve-dascq-etat/convention.md").read_text()
OWNER = "villeneuve-dascq"


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ('id = "vda-etat"', 'id = "vda-mel"', False),
        ('steering_cites = ["art-3"]', "", False),
        ('actions = ["view", "take_ptz", "record", "read_inventory"]', 'actions = ["view", "read_inventory"]', True),
        ("any_service = true", "any_service = false", True),
        ('open = "07:30"', 'open = "08:30"', True),
    ],
    ids=["another name", "another carrier", "fewer actions", "listed services alone", "other hours"],
)
def test_a_text_that_says_something_else_of_the_own_room_is_told_from_one_that_does_not(
    before: str, after: str, differs: bool
) -> None:
    assert before in TEXT
    first, other = read_convention(TEXT.encode()), read_convention(TEXT.replace(before, after, 1).encode())
    assert first_that_differs([first, other], OWNER) is (other if differs else None)


def test_a_single_text_and_none_differ_from_nothing() -> None:
    assert first_that_differs([], OWNER) is None
    assert first_that_differs([read_convention(TEXT.encode())], OWNER) is None

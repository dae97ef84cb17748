"""What a convention says of its owner's own room: two that say it differently cannot both be in force at one node."""

from collections.abc import Sequence

from belvedere.policy.clauses.access import OwnerRoom
from belvedere.policy.clauses.hours import OpeningHours
from belvedere.policy.convention import Convention


def own_room_said(convention: Convention, owner: str) -> frozenset[tuple[object, ...]]:
    """Return what the text says of `owner`'s room: who may do what there, and when it is open; not who carries it."""
    rooms = {
        (each.KIND, frozenset(each.actions), each.any_service)
        for each in convention.of(OwnerRoom)
        if each.owner == owner
    }
    hours = {(each.KIND, *each.rule) for each in convention.of(OpeningHours) if each.owner == owner}
    return frozenset(rooms | hours)


def first_that_differs(conventions: Sequence[Convention], owner: str) -> Convention | None:
    """Return the first convention that says something else of `owner`'s room than the first of all; None for none."""
    if not conventions:
        return None
    said = own_room_said(conventions[0], owner)
    return next((each for each in conventions[1:] if own_room_said(each, owner) != said), None)

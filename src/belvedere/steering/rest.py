"""How it is seen that a camera is at rest: two equal positions, some time apart. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from belvedere.domain.steering import Position

SAME = 1e-4
"""Shares of the range: 0.02° of a full turn, what positions jitter by."""
APART_S = 0.09
"""Two positions nearer in time prove nothing: cameras refresh what they tell about ten times a second."""
SLOWING_SHARE = 0.8
"""A camera that moves less than this share of what it did before is coming to rest by itself."""


class Motion(StrEnum):
    """What a row of sightings says."""

    UNDECIDED = "undecided"
    AT_REST = "at-rest"
    MOVING = "moving"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the camera said that it looked, and when (monotonic)."""

    at_s: float
    position: Position


def motion(sightings: Sequence[Sighting]) -> Motion:
    """Return whether the camera moves, by its sightings since it was told to stop, oldest first."""
    if len(sightings) < 2:
        return Motion.UNDECIDED
    newest = sightings[-1]
    for earlier in reversed(sightings[:-1]):
        if distance(earlier.position, newest.position) > SAME:
            break
        if newest.at_s - earlier.at_s >= APART_S:
            return Motion.AT_REST
    if len(sightings) < 3:
        return Motion.UNDECIDED
    before, after = _speed(sightings[-3], sightings[-2]), _speed(sightings[-2], newest)
    return Motion.MOVING if after > 0 and after >= SLOWING_SHARE * before else Motion.UNDECIDED


def distance(one: Position, other: Position) -> float:
    """Return the greatest distance of any axis that both tell."""
    apart = [
        abs(there - here)
        for here, there in ((one.tilt, other.tilt), (one.zoom, other.zoom))
        if here is not None and there is not None
    ]
    if one.pan is not None and other.pan is not None:
        pan = abs(one.pan - other.pan)
        apart.append(min(pan, abs(2 - pan)))  # -1 and 1 are one place of a camera that turns all around
    return max(apart, default=0.0)


def _speed(one: Sighting, other: Sighting) -> float:
    moved = distance(one.position, other.position)
    return 0.0 if moved <= SAME else moved / max(other.at_s - one.at_s, 1e-3)

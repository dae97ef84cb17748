"""Whether somebody else turns a camera: it is elsewhere than where it came to rest, and nobody here told it to go.

Pure: what is told and where it was seen come in. A camera may also be steered in its owner's own system, which knows no lease.
"""

from dataclasses import dataclass, replace

from belvedere.domain.steering import Position
from belvedere.steering.rest import distance

ELSEWHERE = 0.004
"""Shares of the range: 0.7° of a full turn. Beyond what wind and gears do, below any movement that is meant."""


@dataclass(frozen=True, slots=True)
class ForeignHand:
    """What is known of one camera between its movements."""

    resting: Position | None = None
    """Where it came to rest; None while it moves by a command of ours, or was not seen at all."""
    awaits_rest: bool = False
    """Whether a command of ours went out, after which it was not seen at rest."""
    last: Position | None = None
    still: int = 0
    """How many sightings in a row, since a command, were at the place of the one before."""
    turned_by_others: bool = False
    """Whether the newest sighting is one that no command of ours explains."""

    def commanded(self) -> "ForeignHand":
        """Return the state after a command of ours went out: wherever it looks until it rests is our doing."""
        return ForeignHand(awaits_rest=True)

    def rested(self, position: Position) -> "ForeignHand":
        """Return the state after a stop of ours, which saw the camera at rest."""
        return ForeignHand(resting=position, last=position)

    def seen(self, position: Position) -> "ForeignHand":
        """Return the state after a sighting; after a command, three at one place are its rest: some set out late.

        Where nothing was commanded, the first sighting is its rest: whatever moves it from there is not our doing.
        """
        if self.resting is None and not self.awaits_rest:
            return self.rested(position)
        if self.resting is None:
            stays = self.last is not None and distance(self.last, position) <= ELSEWHERE / 4
            still = self.still + 1 if stays else 0
            return self.rested(position) if still >= 2 else replace(self, last=position, still=still)
        return replace(self, last=position, turned_by_others=distance(self.resting, position) > ELSEWHERE)

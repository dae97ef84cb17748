"""How many cameras flow to each party: as this node counts at its own cameras, and as each peer tells of its own.

Owns both numbers, in memory. The owner's counts what its node hosts too, which the party's own node cannot know. What a peer
tells is shown and decides nothing. Follows changes (implements `spine.ports.Follower`). Source: rules A6; reliability 28.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from belvedere.changes import Change, ViewingEnded, ViewingOpened
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.viewings import Viewing


class SlotCounts:
    """One for all peers. Used on the event loop."""

    def __init__(self, is_here: Callable[[CameraId], bool]) -> None:
        """`is_here` tells whether a camera is one of this node's own."""
        self._is_here = is_here
        self._running: defaultdict[PartyId, dict[ViewingId, CameraId]] = defaultdict(dict)
        self._told: dict[PartyId, int] = {}
        self._news: Callable[[], None] = lambda: None

    def begin(self, running: Iterable[Viewing]) -> None:
        """Count what the tables say that runs."""
        for viewing in running:
            self._note(viewing)

    def tell_news(self, news: Callable[[], None]) -> None:
        """Have `news` told from now on that a peer told another number."""
        self._news = news

    def follow(self, changes: Sequence[Change]) -> None:
        """Count what begins and what ends."""
        for change in changes:
            match change:
                case ViewingOpened(viewing):
                    self._note(viewing)
                case ViewingEnded(viewing):
                    self._running[viewing.party].pop(viewing.id, None)

    def _note(self, viewing: Viewing) -> None:
        if self._is_here(viewing.camera):
            self._running[viewing.party][viewing.id] = viewing.camera

    def used_by(self, party: PartyId) -> int:
        """Return how many of this node's cameras flow to a party: one is one, whatever the number of viewers."""
        return len(set(self._running[party].values()))

    def told(self, owner: PartyId, used: int) -> None:
        """Note what an owner counts for this node's party."""
        if self._told.get(owner) != used:
            self._told[owner] = used
            self._news()

    def told_by(self, owners: Iterable[PartyId]) -> int:
        """Return how many cameras flow to this node's party, as these owners count."""
        return sum(self._told.get(owner, 0) for owner in owners)

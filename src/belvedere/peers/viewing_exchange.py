"""Viewings that run across a link: what this node's agents watch at a peer's cameras, and the peer's at this node's.

Owns which those are, in memory: each side lists them with every renewal, so that what only one of the two holds ends within
a second, whatever was lost on the way. Follows changes (implements `spine.ports.Follower`): an end is told at once.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from belvedere.acts.across_nodes import Brought, Replayed
from belvedere.acts.preview import OwnerHeard
from belvedere.changes import Change, ViewingEnded, ViewingOpened, ViewingRelieved
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId, Pseudonym, ViewingId
from belvedere.domain.peer_requests import (
    OpenAnswer,
    OpenAsked,
    OwnerAnswered,
    OwnerAsked,
    OwnerAway,
    OwnerTold,
    ViewingOver,
    Watching,
)
from belvedere.domain.text import Text
from belvedere.domain.viewings import CLOSED_BY_AGENT, Ending, Viewing
from belvedere.peers.messages import VIEWINGS_MAX, PeerMessage
from belvedere.peers.slot_counts import SlotCounts


class Desk(Protocol):
    """Does what a peer asks; raises `NotRecorded`, `NotRead`."""

    async def open(self, asked: OpenAsked, brought: Brought, sign: Callable[[OpenAnswer], str]) -> str | Replayed:
        """Decide, and return the signed answer."""

    async def over(self, over: ViewingOver, brought: Brought) -> None:
        """End what is over there."""

    async def relieved(self, watching: Sequence[Watching], brought: Brought) -> None:
        """Note who watches now."""

    async def not_held(self, party: PartyId, which: Collection[ViewingId]) -> None:
        """End what the other node no longer knows."""


class Linked(Protocol):
    """The link to one peer."""

    async def ask(self, asked: OpenAsked) -> OwnerAnswered | OwnerAway:
        """Ask for a camera, and return what is answered in time."""

    def say(self, message: PeerMessage) -> None:
        """Tell, if the link is up."""

    def join(self, joined: OpenAsked, settle: Callable[[OwnerAnswered], Awaitable[None]]) -> None:
        """Tell of a viewing that runs already, if the link is up; `settle` is awaited with the answer."""

    def is_near(self) -> bool:
        """Whether the peer answered within the last seconds."""

    def answered_at(self) -> Instant | None:
        """When the peer last answered."""

    def holds_ours(self) -> bool:
        """Whether the peer answered a renewal lately enough."""

    def holds_theirs(self) -> bool:
        """Whether the peer renewed lately enough."""


_Running = dict[ViewingId, Pseudonym]
"""Viewings, and who watches each."""


class ViewingExchange:
    """One for all peers (implements `acts.open_stream.Owners` and `rights.watch.Holds`). Used on the event loop."""

    def __init__(self, told_by: Callable[[CameraId], PartyId | None]) -> None:
        """`told_by` returns which other owner told of a camera; None for one of this node's own."""
        self._told_by = told_by
        self.slots = SlotCounts(lambda camera: told_by(camera) is None)
        self._desk: Desk | None = None
        self._links: Mapping[PartyId, Linked] = {}
        self._asked: defaultdict[PartyId, _Running] = defaultdict(dict)
        self._ours: defaultdict[PartyId, _Running] = defaultdict(dict)
        self._theirs: defaultdict[PartyId, _Running] = defaultdict(dict)

    def speak_over(self, links: Mapping[PartyId, Linked], desk: Desk) -> None:
        """Tell and ask over these links from now on, and have `desk` do what is asked."""
        self._links, self._desk = links, desk

    @property
    def desk(self) -> Desk:
        """Who does what a peer asks."""
        assert self._desk is not None, "nobody asks before there is a link"
        return self._desk

    def is_held(self, viewing: Viewing) -> bool:
        """Whether the other node that a viewing runs across to renewed it lately; True for one of this node alone."""
        peer = self._peer(viewing)
        if peer is None:
            return True
        link = self._links.get(peer)
        return link is not None and (link.holds_theirs() if viewing.attested is not None else link.holds_ours())

    # What runs.

    def follow(self, changes: Sequence[Change]) -> None:
        """Note what begins; tell the other node what ends here."""
        self.slots.follow(changes)
        for change in changes:
            match change:
                case ViewingOpened(viewing) | ViewingRelieved(viewing):
                    among = self._among(viewing)
                    if among is not None:
                        among[viewing.id] = viewing.pseudonym
                case ViewingEnded(viewing):
                    self._ended(change, viewing)

    def _ended(self, change: ViewingEnded, viewing: Viewing) -> None:
        peer = self._peer(viewing)
        if peer is None:
            return
        (self._ours if viewing.attested is None else self._theirs)[peer].pop(viewing.id, None)
        # What the other node told of needs no telling back.
        if not change.evidence:
            self._tell(peer, _over(viewing.id, change.ending))

    def _among(self, viewing: Viewing) -> _Running | None:
        if viewing.attested is not None:
            return self._theirs[viewing.party]
        owner = self._told_by(viewing.camera)
        return None if owner is None else self._ours[owner]

    def _peer(self, viewing: Viewing) -> PartyId | None:
        if viewing.attested is not None:
            return viewing.party
        # What runs is looked for first: its owner may tell no more of the camera.
        running = (owner for owner, ours in self._ours.items() if viewing.id in ours)
        return next(running, None) or self._told_by(viewing.camera)

    def wanted(self, owner: PartyId) -> tuple[Watching, ...]:
        """Return what this node's agents want at an owner's cameras: asked for, or running."""
        wanted = self._asked[owner] | self._ours[owner]
        return tuple(Watching(viewing, agent) for viewing, agent in sorted(wanted.items())[:VIEWINGS_MAX])

    def ours(self, owner: PartyId) -> frozenset[ViewingId]:
        """Return what runs for this node's agents at an owner's cameras."""
        return frozenset(self._ours[owner])

    def theirs(self, party: PartyId) -> Mapping[ViewingId, Pseudonym]:
        """Return what runs for a peer's agents at this node's cameras, and who watches each."""
        return dict(sorted(self._theirs[party].items())[:VIEWINGS_MAX])

    # What is asked.

    @asynccontextmanager
    async def asking(self, asked: OwnerAsked) -> AsyncIterator[OwnerAnswered | OwnerAway]:
        """Ask the owner; until the block ends, the viewing is listed as wanted."""
        link, wanted = self._links.get(asked.owner), self._asked[asked.owner]
        wanted[asked.asked.viewing] = asked.asked.agent
        try:
            yield OwnerAway(_NO_LINK) if link is None else await link.ask(asked.asked)
        finally:
            wanted.pop(asked.asked.viewing, None)

    def give_back(self, asked: OwnerAsked) -> None:
        """Tell the owner that what it granted is not watched."""
        words = Cause.CLOSED.words
        ending = Ending(Cause.CLOSED, CLOSED_BY_AGENT, (), words.sentence, words.remedy)
        self._tell(asked.owner, _over(asked.asked.viewing, ending))

    def heard(self, owner: PartyId) -> OwnerHeard:
        """Return when an owner's node last answered, and whether that is lately enough."""
        link = self._links.get(owner)
        return OwnerHeard(None, near=False) if link is None else OwnerHeard(link.answered_at(), near=link.is_near())

    def slots_told(self) -> int:
        """Return how many cameras flow to this node's party, as the owners count whose nodes answered lately."""
        return self.slots.told_by(self.near())

    def near(self) -> frozenset[PartyId]:
        """Return the owners whose nodes answered within the last seconds."""
        return frozenset(party for party, link in self._links.items() if link.is_near())

    def tell_joined(self, told: OwnerTold, settle: Callable[[OwnerAnswered], Awaitable[None]]) -> None:
        """Tell the owner; one that does not learn of it does not list it, and it ends."""
        link = self._links.get(told.owner)
        if link is not None:
            link.join(told.joined, settle)

    def _tell(self, peer: PartyId, message: PeerMessage) -> None:
        link = self._links.get(peer)
        if link is not None:
            link.say(message)


_NO_LINK = Text("ce nœud n'a pas de liaison avec lui", "this node has no link to it")


def _over(viewing: ViewingId, ending: Ending) -> ViewingOver:
    return ViewingOver(
        viewing, ending.cause.value, ending.code, ending.articles, ending.reason, ending.remedy, ending.by
    )

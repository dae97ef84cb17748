"""A party's leaving, told to each other party: at this node the convention is over by then, whatever the link does.

Owns who is still owed that word. It waits in the ledger, whose record says that the party left; a link that was down when it
left tells it once it is up, in a conversation that says nothing else (`farewell`).
Follows changes (implements `spine.ports.Follower`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from belvedere.acts.across_nodes import Brought
from belvedere.acts.leaving import OwnLeaving, PartyLeaves
from belvedere.changes import Change, PartyLeft
from belvedere.domain.ids import PartyId, Pseudonym
from belvedere.ledger.pinned_keys import NodeKeys
from belvedere.ledger.public_key import PublicKey
from belvedere.peers.peer import Peer
from belvedere.peers.signed_message import PinnedKey


class Leaving(Protocol):
    """Does what another party's leaving asks; raises `NotRecorded`."""

    async def left(self, leaves: PartyLeaves, brought: Brought) -> None:
        """End the convention with the other party."""


class Linked(Protocol):
    """The link to one peer."""

    def take_leave(self) -> None:
        """End the conversation under way: the next one is the last."""


@dataclass(frozen=True, slots=True)
class OwedWord:
    """What a peer is still to be told, and the keys by which its node is let in and believed meanwhile."""

    leaving: OwnLeaving
    tls: tuple[PublicKey, ...]
    messages: Mapping[str, PinnedKey]


class LeavingExchange:
    """One for all peers. Used on the event loop."""

    def __init__(self) -> None:
        self._links: Mapping[PartyId, Linked] = {}
        self._peers: Sequence[Peer] = ()
        self._desk: Leaving | None = None
        self._owed: dict[PartyId, OwedWord] = {}

    def begin(self, peers: Sequence[Peer], left: Sequence[OwnLeaving]) -> None:
        """Owe what the ledger says that this node's party left."""
        self._peers = tuple(peers)
        for leaving in left:
            self.owe(self._bound_by(leaving))

    def speak_over(self, links: Mapping[PartyId, Linked], desk: Leaving) -> None:
        """Tell over these links from now on, and have `desk` do what is told."""
        self._links, self._desk = links, desk

    @property
    def desk(self) -> Leaving:
        """Who does what is told."""
        assert self._desk is not None, "nothing is told before there is a desk"
        return self._desk

    def follow(self, changes: Sequence[Change]) -> None:
        """Owe the other parties that this one left; what another party told needs no telling back."""
        for change in changes:
            if isinstance(change, PartyLeft) and not change.evidence:
                by = change.by.agent
                leaves = PartyLeaves(change.told.act, change.told.on, None if by is None else Pseudonym(by))
                self.owe(self._bound_by(OwnLeaving(leaves, change.convention)))

    def owed(self, party: PartyId) -> OwedWord | None:
        """Return what a peer is owed; None for one that another convention binds, which nobody left."""
        bound = any(peer.party == party and peer.is_bound for peer in self._peers)
        return None if bound else self._owed.get(party)

    def told(self, party: PartyId) -> None:
        """Note that no convention is in force at the peer either."""
        self._owed.pop(party, None)

    def owe(self, words: Mapping[PartyId, OwedWord]) -> None:
        """Owe these words; what is under way with those parties ends."""
        self._owed |= words
        for party in words:
            if party in self._links:
                self._links[party].take_leave()

    def _bound_by(self, leaving: OwnLeaving) -> Mapping[PartyId, OwedWord]:
        """Return what is owed to each peer whose keys the convention pinned."""
        found = {peer.party: peer.left(leaving.text.id) for peer in self._peers}
        return {party: _owed(leaving, party, keys) for party, keys in found.items() if keys is not None}


def _owed(leaving: OwnLeaving, party: PartyId, keys: NodeKeys) -> OwedWord:
    messages = {kid: PinnedKey(party, key) for kid, key in keys.message_keys().items()}
    return OwedWord(leaving, tuple(keys.tls.accepted), messages)

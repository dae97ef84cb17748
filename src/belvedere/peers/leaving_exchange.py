"""A party's leaving, told over the links before they close: its keys count no more a moment later.

Best effort: an owner whose link is down learns it by the channel that closes for want of a text, and puts it in force by hand.
Follows changes (implements `spine.ports.Follower`).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from belvedere.acts.across_nodes import Brought
from belvedere.acts.leaving import PartyLeaves
from belvedere.changes import Change, PartyLeft
from belvedere.domain.ids import PartyId, Pseudonym
from belvedere.domain.record import ConventionRef
from belvedere.peers.messages import PeerMessage


class Leaving(Protocol):
    """Does what another party's leaving asks; raises `NotRecorded`."""

    async def left(self, leaves: PartyLeaves, brought: Brought) -> None:
        """End the convention with the other party."""


class Linked(Protocol):
    """The link to one peer."""

    def say_last(self, message: PeerMessage, text: ConventionRef) -> None:
        """Tell under a text that is in force no more, if it was the link's; if the link is up."""


class LeavingExchange:
    """One for all peers. Used on the event loop."""

    def __init__(self) -> None:
        self._links: Mapping[PartyId, Linked] = {}
        self._desk: Leaving | None = None

    def speak_over(self, links: Mapping[PartyId, Linked], desk: Leaving) -> None:
        """Tell over these links from now on, and have `desk` do what is told."""
        self._links, self._desk = links, desk

    @property
    def desk(self) -> Leaving:
        """Who does what is told."""
        assert self._desk is not None, "nothing is told before there is a desk"
        return self._desk

    def follow(self, changes: Sequence[Change]) -> None:
        """Tell the other parties that this one left; what another party told needs no telling back."""
        for change in changes:
            if isinstance(change, PartyLeft) and not change.evidence:
                by = change.by.agent
                leaves = PartyLeaves(change.told.act, change.told.on, None if by is None else Pseudonym(by))
                for link in self._links.values():
                    link.say_last(leaves, change.convention)

"""What is told over the links of resolved pseudonyms: this party's to the others, theirs to this one.

Owns when it is told: as soon as it is owed, and again until it is taken. Follows changes (implements
`spine.ports.Follower`).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import anyio
import structlog

from belvedere.acts.across_nodes import Brought
from belvedere.changes import Change, ResolutionMade
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.domain.resolutions import PseudonymResolved, Resolution, ResolutionTaken
from belvedere.peers.messages import PeerMessage

AGAIN_S = 10.0
TOLD_AT_ONCE_MAX = 8
log = structlog.get_logger(__name__)


class Resolutions(Protocol):
    """What is owed, and what is kept; raises `NotRead`, `NotRecorded`."""

    async def due(self, owner: PartyId) -> Sequence[Resolution]:
        """Return what a party's node has not recorded yet, oldest first."""

    async def told(self, resolved: PseudonymResolved, brought: Brought) -> ResolutionTaken:
        """Keep what another party tells."""

    async def taken(self, owner: PartyId, taken: ResolutionTaken) -> None:
        """Note that a party recorded it."""


class Linked(Protocol):
    """The link to one peer."""

    def say(self, message: PeerMessage) -> None:
        """Tell, if the link is up."""


class ResolutionExchange:
    """One for all peers. Used on the event loop."""

    def __init__(self) -> None:
        self._desk: Resolutions | None = None
        self._owed = anyio.Event()

    def speak_for(self, desk: Resolutions) -> None:
        """Tell and keep what `desk` says from now on."""
        self._desk = desk

    @property
    def desk(self) -> Resolutions:
        """Who keeps what is told."""
        assert self._desk is not None, "nothing is told before there is a desk"
        return self._desk

    def follow(self, changes: Sequence[Change]) -> None:
        """Tell at once what is owed since."""
        if any(isinstance(change, ResolutionMade) for change in changes):
            self._owed.set()

    async def tell_forever(self, links: Mapping[PartyId, Linked]) -> None:
        """Tell each peer what is owed to it, until cancelled."""
        while True:
            self._owed = anyio.Event()
            for party, link in links.items():
                try:
                    for each in (await self.desk.due(party))[:TOLD_AT_ONCE_MAX]:
                        link.say(_message(each))
                except (NotRead, NotRecorded) as failure:
                    log.warning("resolutions_not_told", party=party, error=str(failure))
                except Exception:
                    # It waits; the node, and the other parties, go on.
                    log.exception("resolutions_not_told", party=party)
            with anyio.move_on_after(AGAIN_S):
                await self._owed.wait()


def _message(each: Resolution) -> PseudonymResolved:
    return PseudonymResolved(each.id, each.agent, each.ground, each.act, each.by, each.service, each.at)

"""Each peer is told of this node's cameras anew when something changed what it may know.

Follows changes (implements `spine.ports.Follower`), and looks once a minute all the same: terms pass by themselves.
"""

from collections.abc import Sequence
from typing import Protocol

import anyio
import structlog

from belvedere.changes import AuthorisationDeclared, Change, PartyLeft, TermAnnounced, TextInstalled, TextReplaced
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import PartyId

LOOK_EVERY_S = 60.0
TRY_AGAIN_S = 1.0
_TOUCH_WHAT_IS_KNOWN = (AuthorisationDeclared, PartyLeft, TermAnnounced, TextInstalled, TextReplaced)
log = structlog.get_logger(__name__)


class Publisher(Protocol):
    """Tells a party what changed."""

    async def publish(self, reader: PartyId) -> None:
        """Tell it; raises `NotRead`, `NotRecorded`."""


class Publishing:
    """One for all peers. Used on the event loop."""

    def __init__(self, peers: Sequence[PartyId]) -> None:
        self._peers = tuple(peers)
        self._touched = anyio.Event()

    def follow(self, changes: Sequence[Change]) -> None:
        """Have it looked at again."""
        if any(isinstance(change, _TOUCH_WHAT_IS_KNOWN) for change in changes):
            self._touched.set()

    async def publish_forever(self, publisher: Publisher) -> None:
        """Tell every peer, until cancelled."""
        while True:
            self._touched, wait_s = anyio.Event(), LOOK_EVERY_S
            for party in self._peers:
                try:
                    await publisher.publish(party)
                except (NotRead, NotRecorded) as failure:
                    wait_s = TRY_AGAIN_S
                    log.warning("cameras_not_told", party=party, error=str(failure))
                except Exception:
                    # A party whose list cannot be made waits; the node, and the other parties, go on.
                    log.exception("cameras_not_told", party=party)
            with anyio.move_on_after(wait_s):
                await self._touched.wait()

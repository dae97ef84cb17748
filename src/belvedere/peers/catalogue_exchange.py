"""What is told of cameras over the links: this node's to each peer, each peer's to this node.

Owns when something is asked for: as soon as the other side's list is another than the replica, and not again where its owner
told what cannot be, until it tells of another list.
"""

from typing import Protocol

import structlog

from belvedere.acts.catalogue import NotReceived, Received
from belvedere.changes import MessageTaken
from belvedere.domain.ids import PartyId
from belvedere.followers.catalogues import Numbered
from belvedere.inventory.catalogue import CatalogueTold, Replica, page, to_ask

log = structlog.get_logger(__name__)
DIFFERENT_MAX = 2
"""How often a list may come out otherwise than its owner says before it is let be."""


class Lists(Protocol):
    """The lists as they stand."""

    def told(self, reader: PartyId) -> Numbered:
        """Return what a party is told of this node's cameras."""

    def known(self, owner: PartyId) -> Replica:
        """Return what an owner told of its cameras."""


class Receiver(Protocol):
    """Keeps what other owners tell."""

    async def receive(self, told: CatalogueTold, message: MessageTaken) -> Received | NotReceived:
        """Take a page; raises `NotRecorded`, `NotRead`."""


class CatalogueExchange:
    """One for all peers. Used on the event loop."""

    def __init__(self, lists: Lists, receiver: Receiver) -> None:
        self._lists = lists
        self._receiver = receiver
        self._given_up: dict[PartyId, tuple[int, str]] = {}
        self._different: dict[PartyId, int] = {}

    def newest(self, reader: PartyId) -> tuple[int, str]:
        """Return the newest number that a party is told, and the SHA-256 of its list."""
        told = self._lists.told(reader)
        return told.catalogue.newest, told.sha256

    def page(self, reader: PartyId, after: int) -> CatalogueTold:
        """Return what changed after a number."""
        told = self._lists.told(reader)
        return page(told.catalogue, after=after, sha256=told.sha256)

    def to_ask(self, owner: PartyId, *, newest: int, sha256: str) -> int | None:
        """Return after which number an owner is to be asked, None where nothing is lacking."""
        if self._given_up.get(owner) == (newest, sha256):
            return None
        return to_ask(self._lists.known(owner), newest=newest, sha256=sha256)

    async def receive(self, told: CatalogueTold, message: MessageTaken) -> bool:
        """Take a page; return whether the next one is to be asked for at once. Raises `NotRecorded`, `NotRead`."""
        owner = message.party
        answer = await self._receiver.receive(told, message)
        if isinstance(answer, NotReceived):
            self._give_up(told, owner, answer.said.en)
            return False
        if answer.differs:
            self._different[owner] = self._different.get(owner, 0) + 1
            if self._different[owner] >= DIFFERENT_MAX:
                self._give_up(told, owner, "it comes out otherwise than its owner says")
            return False
        if answer.upto == told.newest:
            self._different.pop(owner, None)
            log.info("peer_cameras_known", party=owner, upto=answer.upto, cameras=len(self._lists.known(owner).cameras))
            return False
        return answer.upto == told.upto

    def _give_up(self, told: CatalogueTold, owner: PartyId, why: str) -> None:
        self._given_up[owner] = (told.newest, told.sha256)
        self._different.pop(owner, None)
        log.error("peer_cameras_refused", party=owner, newest=told.newest, said=why)

"""What a link to a peer speaks over, and how it comes to an end: one closed set, each with its code and its words."""

from enum import Enum
from typing import Protocol

from belvedere.domain.text import Text


class LinkEnd(Enum):
    """Why a conversation ended: close code and code word for the other node, words for people."""

    def __init__(self, code: int, word: str, fr: str, en: str) -> None:
        self.code = code
        self.word = word
        self.said = Text(fr, en)

    CLOSED = (1000, "closed", "la liaison est coupée", "the link is cut")
    NO_TEXT = (
        4404,
        "no-text",
        "aucune convention n'est en vigueur entre les deux",
        "no convention is in force between the two",
    )
    REFUSED = (
        4401,
        "refused",
        "l'autre nœud a refusé la liaison ; son journal technique dit pourquoi",
        "the other node refused the link; its log says why",
    )
    STOPPED = (1001, "stopped", "l'autre nœud s'est arrêté", "the other node stopped")
    INTERNAL = (
        1011,
        "internal",
        "la liaison s'est arrêtée par une faute de ce nœud ; son journal technique dit laquelle",
        "the link stopped by a fault of this node; its log says which",
    )
    NOT_BELIEVED = (
        4400,
        "not-believed",
        "un message de l'autre nœud n'est pas recevable",
        "a message of the other node is not believed",
    )
    VERSION = (
        4406,
        "version",
        "les deux nœuds n'ont pas de version commune ; mettre à jour le plus ancien",
        "the two nodes have no version in common; update the older one",
    )
    SILENT = (4408, "silent", "l'autre nœud ne répond plus", "the other node no longer answers")
    REPLACED = (
        4409,
        "replaced",
        "une autre connexion de la même organisation a pris la place de celle-ci",
        "another connection of the same party took this one's place",
    )
    OLD_EPOCH = (
        4410,
        "old-epoch",
        "l'autre nœud est revenu à un état d'avant ; il a sans doute été restauré",
        "the other node went back to an earlier state; it was restored, probably",
    )
    SLOW = (
        4413,
        "slow",
        "l'autre nœud ne prend pas ce qu'on lui envoie",
        "the other node does not take what it is sent",
    )
    FLOOD = (4429, "flood", "l'autre nœud envoie trop de messages", "the other node sends too many messages")


class WireClosed(Exception):
    """The other side, or the network, closed the wire; `code` tells how, and is None where nobody told."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Wire(Protocol):
    """Carries texts of at most 64 KiB each, in order, to one peer."""

    async def send(self, text: str) -> None:
        """Send; waits while the peer takes nothing. Raises `WireClosed`."""

    async def receive(self) -> str:
        """Return the next text; raises `WireClosed`."""

    async def close(self, code: int, word: str) -> None:
        """Close, telling why; never raises and does not wait for long."""


def end_of(closed: WireClosed) -> LinkEnd:
    """Return what the other side's close code says."""
    if closed.code in (None, 1000, 1005, 1006):
        return LinkEnd.CLOSED
    return next((end for end in (LinkEnd.STOPPED, LinkEnd.REPLACED) if end.code == closed.code), LinkEnd.REFUSED)

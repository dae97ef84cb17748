"""What happens between two nodes: cameras told to another party and by it, and messages that count once.

No act of anybody's, so none of them is recorded: a list of cameras is handed over as such (rules A4).
"""

from dataclasses import dataclass

from belvedere.domain.ids import PartyId
from belvedere.inventory.catalogue import CatalogueEntry, CatalogueTold


@dataclass(frozen=True, slots=True)
class CataloguePublished:
    """What `reader` may know of this node's cameras changed: it is told these changes, in order."""

    reader: PartyId
    entries: tuple[CatalogueEntry, ...]


@dataclass(frozen=True, slots=True)
class CatalogueReceived:
    """`owner` told what changed about its cameras; the replica follows."""

    owner: PartyId
    told: CatalogueTold


@dataclass(frozen=True, slots=True)
class MessageTaken:
    """A message of `party` did something; it does so once. Instants are seconds since the Unix epoch.

    What is kept of messages that are expired at `at_s` is forgotten with it.
    """

    party: PartyId
    jti: str
    kept_until_s: int
    at_s: int

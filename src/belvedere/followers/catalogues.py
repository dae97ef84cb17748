"""Lists of cameras follow: what each party is told of this node's, and the replicas of other owners' that are shown here.

Holds what the tables hold, in memory: a peer asks each second whether anything changed. Used on the event loop.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from belvedere.changes import CataloguePublished, CatalogueReceived, Change
from belvedere.domain.ids import PartyId
from belvedere.inventory.catalogue import Catalogue, Replica, export_sha256


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list that is told, and the SHA-256 of all of it."""

    catalogue: Catalogue
    sha256: str


class CataloguesFollower:
    """Keeps and shows the lists (implements `spine.ports.Follower`)."""

    def __init__(self, show: Callable[[PartyId, Replica], None]) -> None:
        self._show = show
        self._told: dict[PartyId, Numbered] = {}
        self._known: dict[PartyId, Replica] = {}

    def begin(self, told: Iterable[tuple[PartyId, Catalogue]], known: Iterable[tuple[PartyId, Replica]]) -> None:
        """Take what the tables hold at the start."""
        for reader, catalogue in told:
            self._told[reader] = _numbered(catalogue)
        for owner, replica in known:
            self._know(owner, replica)

    def told(self, reader: PartyId) -> Numbered:
        """Return what a party is told of this node's cameras."""
        return self._told.get(reader) or _numbered(Catalogue())

    def known(self, owner: PartyId) -> Replica:
        """Return what an owner told of its cameras."""
        return self._known.get(owner) or Replica()

    def follow(self, changes: Sequence[Change]) -> None:
        """Take what changed."""
        for change in changes:
            match change:
                case CataloguePublished(reader, entries):
                    self._told[reader] = _numbered(self.told(reader).catalogue.after(entries))
                case CatalogueReceived(owner, told):
                    self._know(owner, self.known(owner).after(told))

    def _know(self, owner: PartyId, replica: Replica) -> None:
        self._known[owner] = replica
        self._show(owner, replica)


def _numbered(catalogue: Catalogue) -> Numbered:
    return Numbered(catalogue, export_sha256(catalogue.cameras()))

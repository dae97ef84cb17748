"""The tree as this process knows it: what whoever writes to the database file cannot change.

Owns the roots of the complete subtrees of 256 entries, and the entries that follow them. Written by the writer's thread
alone. Any thread reads: roots are only ever added, and the edge is replaced as a whole after them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from belvedere.ledger.tree import leaf_hash, root_of_leaves

TILE_ENTRIES = 256


@dataclass(frozen=True, slots=True)
class _Edge:
    """The entries from `start`, a multiple of 256, on; `expected` of them, the last ones, are being committed.

    `roots` are those of the subtrees that the expected ones complete.
    """

    start: int = 0
    entries: tuple[bytes, ...] = ()
    expected: int = 0
    roots: tuple[bytes, ...] = ()


class KnownTree:
    """Grows with the ledger. An entry is expected before its commit: no snapshot holds one that is not known.

    Not `whole` where the start found the ledger unsound: nothing can be told by it then.
    """

    def __init__(self) -> None:
        self.whole = False
        self._roots: list[bytes] = []
        self._edge = _Edge()

    @property
    def size(self) -> int:
        """How many entries the ledger holds, those that are being committed included."""
        edge = self._edge
        return edge.start + len(edge.entries)

    @property
    def durable_size(self) -> int:
        """How many entries every snapshot that begins from now on holds."""
        edge = self._edge
        return edge.start + len(edge.entries) - edge.expected

    def expect(self, entries: Iterable[bytes], roots: Iterable[bytes]) -> None:
        """Know the entries of a group before it is committed, and the roots of the subtrees that they complete."""
        told = tuple(entries)
        self._edge = _Edge(self._edge.start, self._durable() + told, len(told), tuple(roots))

    def forget_expected(self) -> None:
        """Know the last group no more: it was lost."""
        self._edge = _Edge(self._edge.start, self._durable())

    def expected_landed(self) -> None:
        """Keep the last group for good: it is durable."""
        edge = self._edge
        self._roots.extend(edge.roots)
        complete = TILE_ENTRIES * len(edge.roots)
        self._edge = _Edge(edge.start + complete, edge.entries[complete:])

    def entry(self, index: int) -> bytes | None:
        """Return the entry at `index` where it is kept itself, behind the last complete subtree; else None."""
        edge = self._edge
        place = index - edge.start
        return edge.entries[place] if 0 <= place < len(edge.entries) else None

    def root(self, tile: int) -> bytes | None:
        """Return the root over the entries [256 · tile, 256 · tile + 256); None where there are not so many."""
        return self._roots[tile] if 0 <= tile < len(self._roots) else None

    def _durable(self) -> tuple[bytes, ...]:
        edge = self._edge
        return edge.entries[: len(edge.entries) - edge.expected]


def tile_root(entries: Sequence[bytes]) -> bytes:
    """Return the root over the entries of one complete subtree."""
    return root_of_leaves([leaf_hash(entry) for entry in entries])

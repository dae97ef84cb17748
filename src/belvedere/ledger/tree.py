"""The Merkle tree of RFC 6962 over entries, with SHA-256. Pure: hashes in, hashes out.

Owns leaf and node hashing and the compact frontier. Proofs are `proofs`'s. Does not know what an entry says.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_SIZE_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves (RFC 6962, 2.1)."""


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree reduced to the roots of its complete subtrees, largest first: all that appending needs.

    Immutable, so that a transaction that fails leaves the old one in force.
    """

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def appended(self, entry: bytes) -> "Frontier":
        """Return the frontier after one more entry."""
        return self.append(entry)[0]

    def append(self, entry: bytes) -> tuple["Frontier", list[tuple[int, bytes]]]:
        """Return the frontier after one more entry, and the subtrees that it completed.

        Each is (height, root): a complete subtree of 2^height leaves, height ≥ 1, that ends with the entry.
        """
        roots = list(self.roots)
        carried = leaf_hash(entry)
        completed: list[tuple[int, bytes]] = []
        position = self.size
        while position & 1:
            carried = node_hash(roots.pop(), carried)
            position >>= 1
            completed.append((len(completed) + 1, carried))
        roots.append(carried)
        return Frontier(self.size + 1, tuple(roots)), completed

    def root(self) -> bytes:
        """Return the root hash of the whole tree (RFC 6962, 2.1)."""
        if not self.roots:
            return EMPTY_ROOT
        carried = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            carried = node_hash(left, carried)
        return carried


def frontier_of(entries: Iterable[bytes]) -> Frontier:
    """Return the frontier over `entries` from the empty tree: O(n) hashes, O(log n) memory."""
    frontier = Frontier()
    for entry in entries:
        frontier = frontier.appended(entry)
    return frontier


def root_of_leaves(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, by RFC 6962's own recursion on the largest power of two."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = split_of(len(leaves))
    return node_hash(root_of_leaves(leaves[:split]), root_of_leaves(leaves[split:]))


def split_of(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1

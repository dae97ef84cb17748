"""The Merkle tree of RFC 6962 over entries, with SHA-256. Pure: hashes in, hashes out.

Owns leaf and node hashing, the compact frontier, and both kinds of proof. Does not know what an entry says.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HASH_SIZE_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves (RFC 6962, 2.1)."""

RangeHash = Callable[[int, int], bytes]
"""Gives the root of the complete subtree over leaves [start, end): a power of two, aligned."""


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
    split = _split(len(leaves))
    return node_hash(root_of_leaves(leaves[:split]), root_of_leaves(leaves[split:]))


def inclusion_proof(index: int, size: int, subtree: RangeHash) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, subtree))
            end = middle
        else:
            path.append(range_root(start, middle, subtree))
            start = middle
    path.reverse()
    return path


def consistency_proof(old_size: int, size: int, subtree: RangeHash) -> list[bytes]:
    """Return the proof that the tree of `size` extends that of `old_size` (RFC 6962, 2.1.2)."""
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {size} leaves extends none of {old_size}")
    if old_size in (0, size):
        return []
    proof: list[bytes] = []
    start, end = 0, size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(range_root(middle, end, subtree))
            end = middle
        else:
            proof.append(range_root(start, middle, subtree))
            start = middle
    if start > 0:
        proof.append(range_root(start, end, subtree))
    proof.reverse()
    return proof


def range_root(start: int, end: int, subtree: RangeHash) -> bytes:
    """Return the root over leaves [start, end), from aligned complete subtrees."""
    width = end - start
    if width & (width - 1) == 0:
        return subtree(start, end)
    middle = start + _split(width)
    return node_hash(range_root(start, middle, subtree), range_root(middle, end, subtree))


def inclusion_holds(*, index: int, size: int, entry: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `path` proves that `entry` is leaf `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last = index, size - 1
    carried = leaf_hash(entry)
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            carried = node_hash(sibling, carried)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            carried = node_hash(carried, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and carried == root


def consistency_holds(*, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows that one tree extends the other (RFC 9162, 2.1.4.2)."""
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    nodes = list(proof)
    if old_size > 0 and old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not 0 < old_size < size or not nodes:
        return False
    return _roots_by(nodes, old_size=old_size, size=size) == (old_root, root)


def _roots_by(nodes: Sequence[bytes], *, old_size: int, size: int) -> tuple[bytes, bytes] | None:
    """Return the two roots that a consistency proof leads to; None where it has the wrong length."""
    position, last = old_size - 1, size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old_carried = carried = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old_carried = node_hash(sibling, old_carried)
            carried = node_hash(sibling, carried)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            carried = node_hash(carried, sibling)
        position >>= 1
        last >>= 1
    return (old_carried, carried) if last == 0 else None


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1

"""Proofs over the tree: that an entry stands in it, that one tree extends another. Pure: hashes in, hashes out.

Owns how they are made and verified (RFC 6962, 2.1.1 and 2.1.2; RFC 9162, 2.1.3 and 2.1.4). Does not know where the roots
of subtrees are kept.
"""

from collections.abc import Callable, Sequence

from belvedere.ledger.tree import HASH_SIZE_BYTES, node_hash, split_of

RangeHash = Callable[[int, int], bytes]
"""Gives the root of the complete subtree over leaves [start, end): a power of two, aligned."""


def inclusion_proof(index: int, size: int, subtree: RangeHash) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
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
        middle = start + split_of(end - start)
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
    middle = start + split_of(width)
    return node_hash(range_root(start, middle, subtree), range_root(middle, end, subtree))


def inclusion_holds(*, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `path` proves that the leaf hash `leaf` stands at `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not (0 <= index < size and _all_hashes(leaf, *path)):
        return False
    position, last = index, size - 1
    carried = leaf
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
    """Tell whether `proof` shows that one tree extends the other (RFC 9162, 2.1.4.2).

    Every tree extends the empty one, which proves nothing: never for an `old_size` of 0.
    """
    if not (0 < old_size <= size and _all_hashes(*proof)):
        return False
    if old_size == size:
        return not proof and old_root == root
    nodes = list(proof)
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        return False
    return _roots_by(nodes, old_size=old_size, size=size) == (old_root, root)


def _all_hashes(*hashes: bytes) -> bool:
    """Tell whether each is as long as a hash: what is longer could stand for two."""
    return all(len(each) == HASH_SIZE_BYTES for each in hashes)


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

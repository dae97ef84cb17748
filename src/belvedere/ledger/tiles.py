"""The tiles of another node's log (C2SP tlog-tiles): which ones a proof of consistency needs, and what they spell.

Owns where the root of a subtree stands. Does no fetching. Source: ledger-format 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from belvedere.ledger.proofs import RangeHash, consistency_proof, range_root
from belvedere.ledger.tree import HASH_SIZE_BYTES, node_hash

TILE_HEIGHT = 8
TILE_HASHES = 1 << TILE_HEIGHT
"""A full tile of level n holds the roots of so many complete subtrees of 256^n leaves."""


class BadTile(ValueError):
    """A tile that is not as long as it must be."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile, and how many hashes it has in a tree of the size at hand."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Return the path below `tile/`: the index in groups of three digits, all but the last behind an `x`."""
        groups, rest = [f"{self.index % 1000:03}"], self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        partial = "" if self.width == TILE_HASHES else f".p/{self.width}"
        return f"{self.level}/{'/'.join(groups)}{partial}"

    @property
    def size_bytes(self) -> int:
        """How long the tile is."""
        return self.width * HASH_SIZE_BYTES


def tiles_of_proof(old_size: int, size: int) -> frozenset[Tile]:
    """Return the tiles that tell the root over `old_size` leaves and prove that the tree of `size` extends it."""
    needed: set[Tile] = set()

    def note(start: int, end: int) -> bytes:
        needed.add(_tile_over(start, end, size=size)[0])
        return b""

    consistency_proof(old_size, size, note)
    range_root(0, old_size, note)
    return frozenset(needed)


def subtrees_in(tiles: Mapping[Tile, bytes], *, size: int) -> RangeHash:
    """Return what gives the root of any complete subtree that stands in `tiles`; raises `BadTile` for a short one."""

    def subtree(start: int, end: int) -> bytes:
        tile, first, count = _tile_over(start, end, size=size)
        spelt = tiles[tile]
        if len(spelt) != tile.size_bytes:
            raise BadTile(f"tile {tile.path} has {len(spelt)} bytes, not {tile.size_bytes}")
        places = range(first * HASH_SIZE_BYTES, (first + count) * HASH_SIZE_BYTES, HASH_SIZE_BYTES)
        hashes = [spelt[place : place + HASH_SIZE_BYTES] for place in places]
        while len(hashes) > 1:
            hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    return subtree


def _tile_over(start: int, end: int, *, size: int) -> tuple[Tile, int, int]:
    """Return the tile from which the complete subtree [start, end) is hashed, where it begins there, and how many."""
    height = (end - start).bit_length() - 1
    level = height // TILE_HEIGHT
    first = start >> TILE_HEIGHT * level
    index, offset = divmod(first, TILE_HASHES)
    width = min(TILE_HASHES, (size >> TILE_HEIGHT * level) - TILE_HASHES * index)
    return Tile(level, index, width), offset, 1 << height - TILE_HEIGHT * level

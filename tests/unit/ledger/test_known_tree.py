"""The tree that a process knows: whatever becomes of a group, it knows every entry that a snapshot may hold."""

import hashlib

import pytest

from belvedere.ledger.known_tree import TILE_ENTRIES, KnownTree, tile_root
from belvedere.ledger.tree import Frontier


def entry(index: int) -> bytes:
    return hashlib.sha256(str(index).encode()).digest()


def grow(tree: KnownTree, frontier: Frontier, count: int) -> Frontier:
    """Let a group be expected, as the writer does."""
    entries, roots = [entry(index) for index in range(frontier.size, frontier.size + count)], []
    for each in entries:
        frontier, completed = frontier.append(each)
        roots += [root for height, root in completed if 1 << height == TILE_ENTRIES]
    tree.expect(entries, roots)
    return frontier


@pytest.mark.parametrize("groups", [(1,), (255, 1, 1), (256,), (257, 255), (1000, 24, 300)], ids=str)
def test_every_entry_is_known_by_itself_or_by_its_subtrees_root(groups: tuple[int, ...]) -> None:
    tree, frontier = KnownTree(), Frontier()
    for count in groups:
        frontier = grow(tree, frontier, count)
        assert tree.size == frontier.size
        assert tree.durable_size == frontier.size - count
        tree.expected_landed()
        assert tree.size == tree.durable_size == frontier.size
    for tile in range(frontier.size // TILE_ENTRIES):
        entries = [entry(index) for index in range(tile * TILE_ENTRIES, (tile + 1) * TILE_ENTRIES)]
        assert tree.root(tile) == tile_root(entries)
    last = frontier.size // TILE_ENTRIES
    assert tree.root(last) is None
    for index in range(last * TILE_ENTRIES, frontier.size):
        assert tree.entry(index) == entry(index)
    assert tree.entry(frontier.size) is None


def test_a_group_that_was_lost_is_known_no_more() -> None:
    tree = KnownTree()
    frontier = grow(tree, Frontier(), 200)
    tree.expected_landed()
    grow(tree, frontier, 100)
    assert tree.entry(299) is not None
    tree.forget_expected()
    assert (tree.size, tree.entry(200), tree.root(0)) == (200, None, None)
    grow(tree, frontier, 56)
    tree.expected_landed()
    assert (tree.size, tree.entry(255)) == (256, None)
    assert tree.root(0) is not None

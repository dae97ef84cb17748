"""The RFC 6962 tree against its own recursive definition."""

import hashlib

import pytest

from belvedere.ledger.tree import EMPTY_ROOT, Frontier, frontier_of, leaf_hash, root_of_leaves

# Leaf inputs and roots published with the certificate-transparency reference tests (RFC 6962 trees of 1 to 8).
PUBLISHED_LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
)]  # fmt: skip
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def entries(size: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(size)]


def test_the_published_roots_come_out() -> None:
    frontier = Frontier()
    for leaf, root in zip(PUBLISHED_LEAVES, PUBLISHED_ROOTS, strict=True):
        frontier = frontier.appended(leaf)
        assert frontier.root().hex() == root
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256().digest()


@pytest.mark.parametrize("size", [*range(1, 40), 255, 256, 257, 300])
def test_the_frontier_has_the_root_of_the_definition(size: int) -> None:
    assert frontier_of(entries(size)).root() == root_of_leaves([leaf_hash(entry) for entry in entries(size)])


def test_the_frontier_tells_each_subtree_that_an_entry_completes() -> None:
    frontier, kept = Frontier(), entries(64)
    for index, entry in enumerate(kept):
        frontier, completed = frontier.append(entry)
        for height, root in completed:
            start = index + 1 - (1 << height)
            assert root == root_of_leaves([leaf_hash(e) for e in kept[start : index + 1]])
        assert len(completed) == ((index + 1) & -(index + 1)).bit_length() - 1

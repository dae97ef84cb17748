"""Proofs: the vectors that other programs are held to, and every proof of a small tree against all that it must not prove."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belvedere.ledger.proofs import (
    RangeHash,
    consistency_holds,
    consistency_proof,
    inclusion_holds,
    inclusion_proof,
)
from belvedere.ledger.tree import EMPTY_ROOT, frontier_of, leaf_hash, root_of_leaves
from tests.unit.ledger.ledgers import VECTORS
from tests.unit.ledger.test_tree import entries


def subtrees(all_entries: list[bytes]) -> RangeHash:
    leaves = [leaf_hash(entry) for entry in all_entries]
    return lambda start, end: root_of_leaves(leaves[start:end])


def published(name: str) -> list[Any]:
    """Return the vectors of transparency-dev/merkle, each under the name of its file (vectors/merkle/README.md)."""
    lines = (VECTORS / "merkle" / name).read_text().splitlines()
    return [pytest.param(vector, id=vector["file"]) for vector in map(json.loads, lines)]


def hashes(encoded: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in encoded or ()]


@pytest.mark.parametrize("vector", published("inclusion.jsonl"))
def test_the_published_inclusion_proofs_hold_and_each_corrupted_one_does_not(vector: dict[str, Any]) -> None:
    holds = inclusion_holds(
        index=vector["leafIdx"],
        size=vector["treeSize"],
        leaf=base64.b64decode(vector["leafHash"]),
        path=hashes(vector["proof"]),
        root=base64.b64decode(vector["root"]),
    )
    assert holds != vector["wantErr"], vector["desc"]


@pytest.mark.parametrize("vector", published("consistency.jsonl"))
def test_the_published_consistency_proofs_hold_and_each_corrupted_one_does_not(vector: dict[str, Any]) -> None:
    holds = consistency_holds(
        old_size=vector["size1"],
        old_root=base64.b64decode(vector["root1"]),
        size=vector["size2"],
        root=base64.b64decode(vector["root2"]),
        proof=hashes(vector["proof"]),
    )
    assert holds != vector["wantErr"], vector["desc"]


def test_the_published_vectors_hold_some_of_each_kind() -> None:
    for name in ("inclusion.jsonl", "consistency.jsonl"):
        wanted = [param.values[0]["wantErr"] for param in published(name)]
        assert (wanted.count(False), len(wanted)) == (6, 98)


@given(size=st.integers(1, 80), data=st.data())
def test_an_inclusion_proof_holds_for_its_entry_and_no_other(size: int, data: st.DataObject) -> None:
    kept = entries(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_proof(index, size, subtrees(kept)), frontier_of(kept).root()
    assert inclusion_holds(index=index, size=size, leaf=leaf_hash(kept[index]), path=path, root=root)
    assert not inclusion_holds(index=index, size=size, leaf=leaf_hash(b"other"), path=path, root=root)
    assert not inclusion_holds(index=index, size=size, leaf=leaf_hash(kept[index]), path=[*path, root], root=root)
    if path:
        assert not inclusion_holds(index=index, size=size, leaf=leaf_hash(kept[index]), path=path[:-1], root=root)
    for other in range(size):
        holds = inclusion_holds(index=other, size=size, leaf=leaf_hash(kept[index]), path=path, root=root)
        assert holds == (other == index)


@given(size=st.integers(1, 80), data=st.data())
def test_a_consistency_proof_holds_and_a_rewritten_past_has_none(size: int, data: st.DataObject) -> None:
    kept = entries(size)
    old_size = data.draw(st.integers(1, size))
    proof = consistency_proof(old_size, size, subtrees(kept))
    root, old_root = frontier_of(kept).root(), frontier_of(kept[:old_size]).root()
    assert consistency_holds(old_size=old_size, old_root=old_root, size=size, root=root, proof=proof)
    rewritten = frontier_of([b"rewritten", *kept[1:old_size]]).root()
    assert not consistency_holds(old_size=old_size, old_root=rewritten, size=size, root=root, proof=proof)
    assert not consistency_holds(old_size=old_size, old_root=old_root, size=size, root=EMPTY_ROOT, proof=proof)
    assert not consistency_holds(old_size=old_size, old_root=old_root, size=size, root=root, proof=[*proof, root])
    assert not consistency_holds(old_size=size + 1, old_root=root, size=size, root=root, proof=proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, subtrees(entries(size)))
    assert not inclusion_holds(index=index, size=size, leaf=leaf_hash(b""), path=[], root=EMPTY_ROOT)


@given(size=st.integers(2, 70), data=st.data())
def test_a_proof_with_any_hash_of_it_changed_or_left_out_proves_nothing(size: int, data: st.DataObject) -> None:
    kept = entries(size)
    old_size = data.draw(st.integers(1, size - 1))
    root, old_root = frontier_of(kept).root(), frontier_of(kept[:old_size]).root()
    proof = consistency_proof(old_size, size, subtrees(kept))
    place = data.draw(st.integers(0, len(proof) - 1))
    changed = bytes([proof[place][0] ^ 1 << data.draw(st.integers(0, 7)), *proof[place][1:]])
    for bad in ([*proof[:place], changed, *proof[place + 1 :]], [*proof[:place], *proof[place + 1 :]]):
        assert not consistency_holds(old_size=old_size, old_root=old_root, size=size, root=root, proof=bad)
    for other in {*range(size + 2)} - {old_size}:
        assert not consistency_holds(old_size=other, old_root=old_root, size=size, root=root, proof=proof)

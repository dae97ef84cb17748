"""What a witness decides of each head that a log may show: honest, rolled back, rewritten, incomplete, not its own."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.cosigned import Cosigned, NoWitness, contradiction, read_cosigned
from belvedere.ledger.note import SignedNote, VerifierKey, cosign_note, sign_note
from belvedere.ledger.proofs import consistency_proof, range_root
from belvedere.ledger.tiles import BadTile, Tile, subtrees_in, tiles_of_proof
from belvedere.ledger.tree import frontier_of
from belvedere.ledger.witness import (
    Continuity,
    Doubt,
    Refusal,
    ShownHead,
    WitnessedHead,
    cosigned,
    judge,
    needs_proof,
    read_shown,
)
from tests.unit.ledger.ledgers import NODE_KEY, NODE_VKEY, ORIGIN, WITNESS_KEY, WITNESS_VKEY
from tests.unit.ledger.test_proofs import subtrees
from tests.unit.ledger.test_tree import entries

AT_S = 1_774_429_200


def head(kept: list[bytes], *, origin: str = ORIGIN, key: Ed25519PrivateKey = NODE_KEY) -> str:
    return str(Checkpoint(origin, len(kept), frontier_of(kept).root()).signed(key))


def shown(kept: list[bytes]) -> ShownHead:
    found = read_shown(head(kept), NODE_VKEY)
    assert isinstance(found, ShownHead)
    return found


def witnessed(kept: list[bytes]) -> WitnessedHead:
    return cosigned(shown(kept), name=WITNESS_VKEY.name, key=WITNESS_KEY, at_s=AT_S)


def continuity(kept: list[bytes], old_size: int) -> Continuity:
    """Return what a log of these entries proves, by its own tiles."""
    subtree = subtrees(kept)
    return Continuity(range_root(0, old_size, subtree), consistency_proof(old_size, len(kept), subtree))


def doubt(refusal: Refusal | None) -> Doubt | None:
    return None if refusal is None else refusal.doubt


@given(old_size=st.integers(1, 70), grown=st.integers(0, 30))
def test_a_log_that_goes_on_is_cosigned(old_size: int, grown: int) -> None:
    kept = entries(old_size + grown)
    known, now = witnessed(kept[:old_size]), shown(kept)
    proof = continuity(kept, old_size) if needs_proof(known, now) else None
    assert judge(known, now, proof) is None


def test_the_first_head_of_a_log_is_taken_as_it_is() -> None:
    assert judge(None, shown(entries(5))) is None
    empty = WitnessedHead(Checkpoint(ORIGIN, 0, frontier_of([]).root()), "", AT_S)
    assert not needs_proof(empty, shown(entries(5)))
    assert judge(empty, shown(entries(5))) is None


@given(size=st.integers(2, 70), data=st.data())
def test_a_log_that_shows_fewer_entries_was_rolled_back(size: int, data: st.DataObject) -> None:
    kept = entries(size)
    refused = judge(witnessed(kept), shown(kept[: data.draw(st.integers(1, size - 1))]))
    assert doubt(refused) is Doubt.ROLLED_BACK
    assert not Doubt.ROLLED_BACK.is_proof, "a log that catches up again did nothing wrong"


@given(old_size=st.integers(1, 70), grown=st.integers(0, 30), data=st.data())
def test_a_log_with_one_entry_rewritten_is_forked_whatever_it_proves_of_itself(
    old_size: int, grown: int, data: st.DataObject
) -> None:
    kept = entries(old_size + grown)
    place = data.draw(st.integers(0, old_size - 1))
    rewritten = [*kept[:place], b"rewritten".ljust(32), *kept[place + 1 :]]
    refused = judge(witnessed(kept[:old_size]), shown(rewritten), continuity(rewritten, old_size))
    assert doubt(refused) is Doubt.FORKED
    assert Doubt.FORKED.is_proof


def test_once_forked_a_log_is_never_cosigned_again_not_even_its_honest_head() -> None:
    kept = entries(9)
    known = witnessed(kept[:5])
    forked = WitnessedHead(known.checkpoint, known.note, known.cosigned_at_s, forked=head([b"other".ljust(32)] * 6))
    assert doubt(judge(forked, shown(kept), continuity(kept, 5))) is Doubt.FORKED
    assert doubt(judge(forked, shown(kept[:5]))) is Doubt.FORKED


@pytest.mark.parametrize("old_size", [4, 5, 8])
def test_tiles_that_do_not_make_the_signed_tree_prove_neither_way(old_size: int) -> None:
    kept = entries(9)
    other = continuity([*kept[:8], b"another".ljust(32)], old_size)
    assert doubt(judge(witnessed(kept[:old_size]), shown(kept), other)) is Doubt.UNPROVED
    assert not Doubt.UNPROVED.is_proof, "whoever stands between may have changed them"


def test_a_log_that_signs_more_than_it_shows_is_not_cosigned() -> None:
    assert doubt(judge(witnessed(entries(4)), shown(entries(9)), None)) is Doubt.ENTRIES_MISSING


def test_a_head_that_its_log_did_not_sign_is_refused() -> None:
    good = head(entries(3))
    stranger = Ed25519PrivateKey.generate()
    for note, expected in (
        ("", Doubt.UNREADABLE),
        ("\x00", Doubt.UNREADABLE),
        (good.replace("\n3\n", "\n03\n"), Doubt.UNREADABLE),
        (good.replace("\n3\n", "\n4\n"), Doubt.UNSIGNED),
        (head(entries(3), key=stranger), Doubt.UNSIGNED),
        (head(entries(3), origin="belvedere.example/other"), Doubt.OTHER_ORIGIN),
    ):
        refused = read_shown(note, NODE_VKEY)
        assert isinstance(refused, Refusal)
        assert refused.doubt is expected
        assert refused.said.fr != refused.said.en


def test_a_shown_head_is_cosigned_under_its_logs_signature_alone() -> None:
    checkpoint = Checkpoint(ORIGIN, 3, frontier_of(entries(3)).root())
    crowd = checkpoint.signed(NODE_KEY).with_signature(
        sign_note(checkpoint.text(), name="anybody", key=Ed25519PrivateKey.generate())
    )
    found = read_shown(str(crowd), NODE_VKEY)
    assert isinstance(found, ShownHead)
    kept = SignedNote.parse(cosigned(found, name=WITNESS_VKEY.name, key=WITNESS_KEY, at_s=AT_S).note)
    assert [each.name for each in kept.signatures] == [NODE_VKEY.name, WITNESS_VKEY.name]
    assert kept.signed_by(NODE_VKEY)
    assert kept.signed_by(WITNESS_VKEY)
    assert kept.cosigned_at_s(WITNESS_VKEY) == AT_S


# What the log makes of it


def brought(note: str, *witnesses: VerifierKey) -> Cosigned | Refusal | NoWitness:
    return read_cosigned(note, log=NODE_VKEY, witnesses=witnesses or (WITNESS_VKEY,))


def test_a_log_keeps_what_a_pinned_witness_brings_and_nothing_else() -> None:
    kept = brought(witnessed(entries(3)).note)
    assert isinstance(kept, Cosigned)
    assert (kept.witness, kept.checkpoint.size, kept.at_s) == (WITNESS_VKEY, 3, AT_S)
    assert isinstance(brought(head(entries(3))), NoWitness), "its own head tells a log nothing"
    other = VerifierKey(
        WITNESS_VKEY.name, WITNESS_VKEY.type, Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    )
    assert isinstance(brought(witnessed(entries(3)).note, other), NoWitness)


def test_a_head_that_the_log_did_not_sign_itself_proves_nothing_against_it() -> None:
    invented = Checkpoint(ORIGIN, 900, frontier_of(entries(3)).root())
    note = SignedNote(invented.text(), (cosign_note(invented.text(), name=WITNESS_VKEY.name, key=WITNESS_KEY, at_s=1),))
    assert isinstance(brought(str(note)), Refusal)


def test_a_later_cosignature_is_newer_and_a_replayed_one_is_not() -> None:
    first, second = brought(witnessed(entries(3)).note), brought(witnessed(entries(4)).note)
    again = brought(cosigned(shown(entries(3)), name=WITNESS_VKEY.name, key=WITNESS_KEY, at_s=AT_S + 60).note)
    assert isinstance(first, Cosigned)
    assert isinstance(second, Cosigned)
    assert isinstance(again, Cosigned)
    assert first.is_newer_than(None)
    assert second.is_newer_than(first)
    assert again.is_newer_than(first)
    assert not first.is_newer_than(first)
    assert not again.is_newer_than(second)


def test_a_head_that_the_log_does_not_contain_contradicts_it() -> None:
    seen = Checkpoint(ORIGIN, 5, frontier_of(entries(5)).root())
    assert contradiction(seen, size=9, root_then=seen.root) is None
    ahead = contradiction(seen, size=4, root_then=None)
    other = contradiction(seen, size=9, root_then=b"\x00" * 32)
    assert ahead is not None
    assert other is not None
    assert "4" in ahead.en
    assert ahead != other


# The tiles that it is read from


def both_roots(tiles: dict[Tile, bytes], *, old_size: int, size: int) -> Continuity:
    subtree = subtrees_in(tiles, size=size)
    return Continuity(range_root(0, old_size, subtree), consistency_proof(old_size, size, subtree))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 511, 512, 513, 700])
def test_the_tiles_of_a_proof_tell_both_roots_and_no_tile_more(size: int) -> None:
    kept = entries(size)
    complete = subtrees(kept)
    for old_size in {1, 2, 3, 128, 255, 256, 257, 511, 512, size} & {*range(1, size + 1)}:
        needed = tiles_of_proof(old_size, size)
        spelt = {}
        for tile in needed:
            unit = 256**tile.level
            first = tile.index * 256
            spelt[tile] = b"".join(
                complete(place * unit, (place + 1) * unit) for place in range(first, first + tile.width)
            )
        told = both_roots(spelt, old_size=old_size, size=size)
        assert told.old_root == frontier_of(kept[:old_size]).root()
        assert told.proof == consistency_proof(old_size, size, complete)
        assert len(needed) <= 6
        for tile, content in spelt.items():
            with pytest.raises(BadTile):
                both_roots(spelt | {tile: content[:-1]}, old_size=old_size, size=size)


def test_a_tiles_path_is_the_one_of_tlog_tiles() -> None:
    paths = {tile.path for tile in tiles_of_proof(1_234_067 * 256 + 1, 1_234_067 * 256 + 7)}
    assert "0/x001/x234/067.p/7" in paths
    assert all(path.count("/") <= 5 for path in paths)

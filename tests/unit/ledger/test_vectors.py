"""The files that a separate implementation made (ledger-format 14): same bytes, same hashes, same verdicts."""

import json
import random
import re

import pytest

from belvedere.domain.ids import ArticleRef
from belvedere.domain.record import ConventionRef, EventRef, Record, RecordKind, Subject
from belvedere.domain.vocabulary import Verdict
from belvedere.ledger.canonical import canonical_json, canonical_record, entry_hash
from belvedere.ledger.note import SignedNote, cosign_note, sign_note, strict_base64
from belvedere.ledger.reading import BadLedger
from tests.unit.ledger.ledgers import (
    NODE,
    NODE_KEY,
    NODE_VKEY,
    ORIGIN,
    START,
    VECTORS,
    WITNESS_KEY,
    WITNESS_VKEY,
    line_at,
    verified,
)

WHOLE = (VECTORS / "ledger-v1.jsonl").read_bytes()
ERASED = (VECTORS / "ledger-v1-erased.jsonl").read_bytes()
BOTH = pytest.mark.parametrize("content", [WHOLE, ERASED], ids=["whole", "erased"])


@BOTH
def test_both_vectors_verify_with_the_pinned_keys(content: bytes) -> None:
    found = verified(content, NODE_VKEY, WITNESS_VKEY)
    assert (found.size, found.header.node, found.vouches_for_itself) == (3, NODE, False)
    assert found.signed_by == (ORIGIN, "belvedere.example/etat")


def test_the_erased_vector_has_the_same_tree_as_the_whole_one() -> None:
    assert verified(ERASED, NODE_VKEY).root == verified(WHOLE, NODE_VKEY).root
    assert {verified(content, NODE_VKEY).erased for content in (WHOLE, ERASED)} == {0, 1}


def test_a_file_without_pinned_keys_is_said_to_vouch_for_itself() -> None:
    assert verified(WHOLE).vouches_for_itself


def test_our_record_of_the_same_decision_has_the_same_bytes_and_entry() -> None:
    line = next(json.loads(raw) for raw in WHOLE.splitlines() if b'"index":0' in raw)
    ours = canonical_record(
        Record(
            kind=RecordKind.DECISION,
            at=START,
            convention=ConventionRef("vda-etat", line["record"]["convention"]["sha256"]),
            action="view",
            subject=Subject("etat", "cic", "cic-7Q2M", "cic-mur-1"),
            camera="vda-017",
            event=EventRef("e-1", "levee-de-doute"),
            verdict=Verdict.GRANTED,
            articles=(ArticleRef("vda-etat:art-3"), ArticleRef("vda-etat:art-6")),
            facts={
                "event.open": True,
                "agent.station_registered": True,
                "state.streams_in_use": 0,
                "agent.habilitated": True,
            },
        ),
        node=NODE,
        epoch=1,
    )
    assert ours == canonical_json(line["record"])
    assert entry_hash(strict_base64(line["salt"]), ours).hex().startswith("5d2813c0575e6d")


def test_our_signatures_are_those_of_the_vector() -> None:
    note = SignedNote.parse(json.loads(WHOLE.splitlines()[-1])["checkpoint"])
    at_s = note.cosigned_at_s(WITNESS_VKEY)
    assert at_s is not None
    ours = SignedNote(
        note.text,
        (
            sign_note(note.text, name=ORIGIN, key=NODE_KEY),
            cosign_note(note.text, name="belvedere.example/etat", key=WITNESS_KEY, at_s=at_s),
        ),
    )
    assert str(ours) == str(note)


@BOTH
def test_every_byte_changed_in_one_bit_is_refused(content: bytes) -> None:
    source = random.Random(20260325)
    accepted = []
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1 << source.randrange(8)
        try:
            verified(bytes(changed), NODE_VKEY, WITNESS_VKEY, search_candidates_max=0)
        except BadLedger:
            continue
        accepted.append(position)
    assert accepted == []


@BOTH
@pytest.mark.slow
def test_a_changed_byte_is_found_by_its_line_even_without_salts_of_ours(content: bytes) -> None:
    source = random.Random(7)
    misnamed = {}
    for position in source.sample(range(len(content)), 150):
        changed = bytearray(content)
        changed[position] ^= source.randrange(1, 256)
        with pytest.raises(BadLedger) as bad:
            verified(bytes(changed), NODE_VKEY, WITNESS_VKEY)
        if bad.value.line != line_at(content, position):
            misnamed[position] = bad.value.line
    assert misnamed == {}


def test_a_pinned_witness_that_did_not_sign_is_named() -> None:
    lines = WHOLE.splitlines(keepends=True)
    note = SignedNote.parse(json.loads(lines[-1])["checkpoint"])
    alone = SignedNote(note.text, note.signatures[:1])
    lines[-1] = canonical_json({"checkpoint": str(alone)}) + b"\n"
    assert verified(b"".join(lines), NODE_VKEY).size == 3
    with pytest.raises(BadLedger, match=re.escape("`belvedere.example/etat` did not sign")):
        verified(b"".join(lines), NODE_VKEY, WITNESS_VKEY)


def test_a_witness_pinned_first_is_not_the_node() -> None:
    with pytest.raises(BadLedger, match="the header's key is not"):
        verified(WHOLE, WITNESS_VKEY, NODE_VKEY)

"""Signed notes and keys (C2SP)."""

import re
import stat
from pathlib import Path

import pytest

from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.keys import BadKeyFile, load_or_create_key
from belvedere.ledger.note import BadNote, SignatureType, SignedNote, VerifierKey, cosign_note, sign_note, verifier_key
from tests.unit.ledger.ledgers import NODE_KEY, NODE_VKEY, ORIGIN, WITNESS_KEY, WITNESS_VKEY

ROOT = bytes(range(32))
NOTE = Checkpoint(ORIGIN, 7, ROOT).signed(NODE_KEY)


def test_a_checkpoint_reads_back_as_it_was_signed() -> None:
    again = SignedNote.parse(str(NOTE))
    assert again == NOTE
    assert Checkpoint.parse(again.text) == Checkpoint(ORIGIN, 7, ROOT)
    assert again.signed_by(NODE_VKEY)


def test_a_signature_does_not_pass_for_another_text_name_or_key() -> None:
    signature = NOTE.signatures[0]
    assert not SignedNote(NOTE.text.replace("7", "8"), (signature,)).signed_by(NODE_VKEY)
    other = verifier_key(ORIGIN, WITNESS_KEY)
    assert not NOTE.signed_by(other)
    assert not NOTE.signed_by(verifier_key("another.example", NODE_KEY))


def test_a_cosignature_is_bound_to_its_time_and_type() -> None:
    line = cosign_note(NOTE.text, name="belvedere.example/etat", key=WITNESS_KEY, at_s=1_774_429_200)
    note = NOTE.with_signature(line)
    assert note.signed_by(WITNESS_VKEY)
    assert note.cosigned_at_s(WITNESS_VKEY) == 1_774_429_200
    assert note.cosigned_at_s(NODE_VKEY) is None
    later = type(line)(line.name, line.key_id, b"\xff" + line.signature[1:])
    assert not NOTE.with_signature(later).signed_by(WITNESS_VKEY)
    plain = sign_note(NOTE.text, name="belvedere.example/etat", key=WITNESS_KEY)
    assert not NOTE.with_signature(plain).signed_by(WITNESS_VKEY)


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    good = NOTE.signatures[0]
    bad = type(good)(good.name, good.key_id, bytes(64))
    assert not SignedNote(NOTE.text, (good, bad)).signed_by(NODE_VKEY)
    assert not SignedNote(NOTE.text, (bad, good)).signed_by(NODE_VKEY)


@pytest.mark.parametrize(
    ("note", "says"),
    [
        ("text\n", "no signature"),
        ("text\n\n", "no signature"),
        ("text\n\n— name AAAAAAA=", "no signature"),
        ("text\n\n- name AAAAAAA=\n", "does not start"),
        ("text\n\n— name\n", "no signature"),
        ("text\n\n— name AAAAAAB=\n", "canonical"),
        ("text\n\n— name AAAAAA==\n", "too short"),
        ("text\n\n— na+me AAAAAAA=\n", "cannot name a key"),
        ("te\txt\n\n— name AAAAAAA=\n", "control character"),
        ("text\n" + "\n— name AAAAAAA=" * 101 + "\n", "more than 100"),
    ],
)
def test_a_malformed_note_is_refused_with_its_fault(note: str, says: str) -> None:
    with pytest.raises(BadNote, match=says):
        SignedNote.parse(note)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("o\n1\n", "three lines"),
        ("o\n1\nAA==\nextension\n", "three lines"),
        ("\n1\nAA==\n", "no origin"),
        ("o\n01\nAA==\n", "not a plain decimal"),
        ("o\n-1\nAA==\n", "not a plain decimal"),
        ("o\n١\nAA==\n", "not a plain decimal"),
        ("o\n" + "9" * 30 + "\nAA==\n", "too large"),
        ("o\n1\nAA==\n", "1 bytes, not 32"),
        ("o\n1\nA\n", "base64"),
    ],
)
def test_a_malformed_checkpoint_is_refused_with_its_fault(text: str, says: str) -> None:
    with pytest.raises(BadNote, match=says):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name+7ed03505+AA==",
        str(NODE_VKEY).replace("7ed03505", "7ed03506"),
        str(NODE_VKEY).replace("7ed03505", "7ED03505"),
        str(NODE_VKEY).replace("+Aa", "+Ab"),
        str(NODE_VKEY).replace("belvedere", "belved re"),
    ],
)
def test_a_key_that_its_own_id_belies_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(text)


def test_a_key_reads_back_as_it_is_written() -> None:
    for key in (NODE_VKEY, WITNESS_VKEY):
        assert VerifierKey.parse(str(key)) == key
    assert verifier_key(ORIGIN, NODE_KEY) == NODE_VKEY
    assert verifier_key("belvedere.example/etat", WITNESS_KEY, SignatureType.COSIGNATURE_V1) == WITNESS_VKEY


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "node.pem"
    first = load_or_create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = load_or_create_key(path)
    assert first.private_bytes_raw() == again.private_bytes_raw()
    assert [entry.name for entry in path.parent.iterdir()] == ["node.pem"]


def test_a_key_file_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "node.pem"
    load_or_create_key(path)
    path.chmod(0o640)
    with pytest.raises(BadKeyFile, match=re.escape("mode 0640); run chmod 600")):
        load_or_create_key(path)


def test_a_file_that_holds_no_such_key_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "node.pem"
    path.write_text("not a key")
    path.chmod(0o600)
    with pytest.raises(BadKeyFile, match="no readable private key"):
        load_or_create_key(path)
    assert path.read_text() == "not a key"

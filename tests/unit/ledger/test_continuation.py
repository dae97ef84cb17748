"""An exported file continues a head that was kept elsewhere, or the way in which it does not is said. Reliability 7."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.continuation import CHECKPOINT_BYTES_MAX, NotContinued, read_kept_head, require_continuation
from belvedere.ledger.tree import EMPTY_ROOT, frontier_of
from tests.unit.ledger.ledgers import NODE_KEY, NODE_VKEY, ORIGIN, decision, entries_of, exported
from tests.unit.ledger.test_command import belvedere

ENTRIES = entries_of([decision(number) for number in range(30)])
REWRITTEN = entries_of([replace(decision(0), camera="vda-251"), *(decision(number) for number in range(1, 30))])


def head(size: int, *, origin: str = ORIGIN, key: Ed25519PrivateKey = NODE_KEY) -> str:
    root = frontier_of(entry.entry for entry in ENTRIES[:size]).root()
    return str(Checkpoint(origin, size, root).signed(key))


def verify(folder: Path, kept: str | bytes, *, rewritten: bool = False, vkey: bool = True) -> tuple[int, str]:
    file, checkpoint = folder / "ledger.jsonl", folder / "kept"
    file.write_bytes(exported(REWRITTEN if rewritten else ENTRIES))
    checkpoint.write_bytes(kept if isinstance(kept, bytes) else kept.encode())
    keys = ("--vkey", NODE_VKEY) if vkey else ()
    result = belvedere("ledger", "verify", file, "--checkpoint", checkpoint, *keys)
    return result.exit_code, result.output


@pytest.mark.parametrize("size", [0, 1, 7, 16, 30])
def test_a_file_continues_every_head_that_its_log_ever_signed(tmp_path: Path, size: int) -> None:
    code, output = verify(tmp_path, head(size))
    assert code == 0
    assert f"its {size} records are the file's first" in output
    assert f"ses {size} inscriptions sont les premières du fichier" in output


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        (head(7, origin="belvedere.example/lille"), "the checkpoint of another log, `belvedere.example/lille`"),
        (head(7, key=Ed25519PrivateKey.from_private_bytes(bytes(32))), "did not sign it with the key that was given"),
        (str(Checkpoint(ORIGIN, 31, EMPTY_ROOT).signed(NODE_KEY)), "it states 31 entries, the file has only 30"),
        (str(Checkpoint(ORIGIN, 7, EMPTY_ROOT).signed(NODE_KEY)), "the first 7 entries of the file are not those"),
        ("no checkpoint at all", "it is not a signed checkpoint"),
        (b"\xff\xfe", "it is not a signed checkpoint"),
    ],
    ids=["another origin", "another key", "a bigger size", "another root", "no checkpoint", "no text"],
)
def test_a_head_that_the_file_does_not_continue_has_a_sentence_of_its_own(
    tmp_path: Path, kept: str | bytes, says: str
) -> None:
    code, output = verify(tmp_path, kept)
    assert (code, says in output) == (1, True), output
    assert "FAUX" in output
    assert "Traceback" not in output


def test_a_rewritten_ledger_whose_new_head_the_node_signed_does_not_continue_the_old_one(tmp_path: Path) -> None:
    assert verify(tmp_path, head(0), rewritten=True)[0] == 0, "the rewritten file verifies by itself"
    code, output = verify(tmp_path, head(7), rewritten=True)
    assert code == 1
    assert "the ledger was rewritten" in output


def test_a_head_is_compared_by_a_pinned_key_only(tmp_path: Path) -> None:
    code, output = verify(tmp_path, head(7), vkey=False)
    assert (code, "--vkey" in output) == (2, True)


def test_a_head_file_that_is_absent_or_too_large_is_said(tmp_path: Path) -> None:
    file, large = tmp_path / "ledger.jsonl", tmp_path / "large"
    file.write_bytes(exported(ENTRIES))
    large.write_bytes(bytes(CHECKPOINT_BYTES_MAX + 1))
    for kept in (tmp_path / "nowhere", large):
        result = belvedere("ledger", "verify", file, "--checkpoint", kept, "--vkey", NODE_VKEY)
        assert (result.exit_code, f"--checkpoint: {kept}" in result.output) == (2, True), result.output


def test_a_kept_head_is_read_by_its_key_and_compared_by_its_size() -> None:
    kept = read_kept_head(head(7).encode(), NODE_VKEY)
    require_continuation(kept, size=30, root_then=kept.root)
    with pytest.raises(NotContinued):
        require_continuation(kept, size=30, root_then=EMPTY_ROOT)

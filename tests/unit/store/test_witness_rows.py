"""What is co-signed, in its tables: never behind what was kept, in the exported file, and whole after an erasure."""

import hashlib
import io
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from belvedere.cli.main import app
from belvedere.domain.failures import NotRecorded
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.cosigned import Cosigned, read_cosigned
from belvedere.ledger.note import SignatureType, VerifierKey, verifier_key
from belvedere.ledger.proofs import consistency_holds, consistency_proof
from belvedere.ledger.verify import BadLedger, verify_ledger
from belvedere.ledger.witness import ShownHead, WitnessedHead, cosigned, read_shown
from belvedere.store.database import Database
from belvedere.store.ledger_rows import subtree_hashes
from belvedere.store.offline import exported_ledger
from belvedere.store.witness_rows import SqlHeadStore
from tests.unit.store.opening import VKEY, append, database_in, patient, record, store_in

pytestmark = pytest.mark.anyio


def witness_of(party: str) -> tuple[Ed25519PrivateKey, VerifierKey]:
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"witness {party}".encode()).digest())
    return key, verifier_key(f"belvedere.example/{party}", key, SignatureType.COSIGNATURE_V1)


def cosigned_by(note: str, party: str, *, at_s: int) -> tuple[WitnessedHead, Cosigned]:
    """Return a head of the store's log as the witness of `party` keeps it, and as it brings it back."""
    key, vkey = witness_of(party)
    shown = read_shown(note, VKEY)
    assert isinstance(shown, ShownHead)
    head = cosigned(shown, name=vkey.name, key=key, at_s=at_s)
    brought = read_cosigned(head.note, log=VKEY, witnesses=[vkey])
    assert isinstance(brought, Cosigned)
    return head, brought


def newest(database: Database) -> str:
    assert database.head is not None
    return database.head.note


def verified(folder: Path, *parties: str) -> int:
    content = b"".join(exported_ledger(database_in(folder), until_cosigned=True))
    keys = [VKEY, *(witness_of(party)[1] for party in parties)]
    return verify_ledger(lambda: io.BytesIO(content), vkeys=keys).size


async def test_a_head_is_kept_only_in_the_place_of_the_one_that_it_was_compared_with(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        store = SqlHeadStore(database)
        first, _ = cosigned_by(newest(database), "etat", at_s=10)
        await append(database)
        second, _ = cosigned_by(newest(database), "etat", at_s=20)
        origin = first.checkpoint.origin
        assert await store.witnessed(origin) is None
        assert await store.keep_witnessed(first, after=None)
        assert not await store.keep_witnessed(second, after=None), "another task kept one meanwhile"
        assert await store.keep_witnessed(second, after=first)
        assert not await store.keep_witnessed(first, after=first)
        assert await store.witnessed(origin) == second
    async with store_in(tmp_path) as database:
        assert await SqlHeadStore(database).witnessed(origin) == second


async def test_a_kept_head_never_goes_back_and_a_fork_is_never_forgotten(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        store = SqlHeadStore(database)
        first, _ = cosigned_by(newest(database), "etat", at_s=10)
        await append(database)
        second, _ = cosigned_by(newest(database), "etat", at_s=20)
        forked = WitnessedHead(second.checkpoint, second.note, second.cosigned_at_s, forked="another head")
        assert await store.keep_witnessed(second, after=None)
        with pytest.raises((DBAPIError, NotRecorded)):
            await store.keep_witnessed(first, after=second)
        assert await store.keep_witnessed(forked, after=second)
        with pytest.raises((DBAPIError, NotRecorded)):
            await store.keep_witnessed(second, after=forked)
        assert await store.witnessed(second.checkpoint.origin) == forked


async def test_of_what_a_witness_brings_the_newest_is_kept(tmp_path: Path) -> None:
    _, vkey = witness_of("etat")
    async with store_in(tmp_path) as database:
        store = SqlHeadStore(database)
        _, first = cosigned_by(newest(database), "etat", at_s=10)
        await append(database)
        _, second = cosigned_by(newest(database), "etat", at_s=20)
        assert await store.cosigned(vkey) is None
        for brought, held in ((first, first), (second, second), (first, second), (second, second)):
            await store.keep_cosigned(brought)
            assert await store.cosigned(vkey) == held


async def test_the_logs_tree_is_told_at_every_size_that_it_has(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        store, heads = SqlHeadStore(database), []
        for _ in range(4):
            await append(database)
            assert database.head is not None
            heads.append(database.head)
        assert [await store.own_tree(head.size) for head in heads] == [(heads[-1].size, head.root) for head in heads]
        assert await store.own_tree(heads[-1].size + 1) == (heads[-1].size, None)


async def test_an_exported_file_ends_with_the_newest_cosigned_head_and_verifies_with_the_witness_key(
    tmp_path: Path,
) -> None:
    async with store_in(tmp_path) as database:
        await append(database)
        await SqlHeadStore(database).keep_cosigned(cosigned_by(newest(database), "etat", at_s=10)[1])
        await append(database)
    assert verified(tmp_path, "etat") == 2
    with pytest.raises(BadLedger, match="did not sign"):
        verified(tmp_path, "etat", "rouen")
    newest_too = b"".join(exported_ledger(database_in(tmp_path)))
    assert verify_ledger(lambda: io.BytesIO(newest_too), vkeys=[VKEY]).size == 3


async def test_the_export_says_how_many_records_are_not_cosigned_yet_and_writes_them_where_it_is_told_to(
    tmp_path: Path,
) -> None:
    async with store_in(tmp_path) as database:
        await append(database)
        await SqlHeadStore(database).keep_cosigned(cosigned_by(newest(database), "etat", at_s=10)[1])
        await append(database)
        await append(database)
    file = tmp_path / "ledger.jsonl"
    command = ["ledger", "export", "--data-dir", str(tmp_path), "--output", str(file)]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, len(file.read_bytes().splitlines())) == (0, 2 + 2)
    assert "2 later records, not co-signed yet" in done.stderr
    whole = CliRunner().invoke(app, [*command, "--until-newest"])
    assert (whole.exit_code, whole.stderr, len(file.read_bytes().splitlines())) == (0, "", 2 + 4)
    printed = CliRunner().invoke(app, command[:-2])
    assert len(printed.stdout.splitlines()) == 2 + 2


async def test_two_witnesses_of_one_head_stand_under_it_together(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        for party, at_s in (("etat", 10), ("rouen", 11)):
            await SqlHeadStore(database).keep_cosigned(cosigned_by(newest(database), party, at_s=at_s)[1])
    assert verified(tmp_path, "etat", "rouen") == 1


async def test_a_log_without_a_witness_is_exported_to_its_newest_head(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await append(database)
    assert verified(tmp_path) == 2


async def test_erasure_at_the_end_of_retention_keeps_every_proof_and_cosignature(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        store = SqlHeadStore(database)
        await patient(database, lambda transaction: [transaction.append(record()) for _ in range(300)])
        before = database.head
        assert before is not None
        await store.keep_cosigned(cosigned_by(before.note, "etat", at_s=10)[1])
        await append(database)
        await database.erase_records(range(1, 290), reason="retention")
        after = database.head
        assert after is not None
        assert await store.own_tree(before.size) == (after.size, before.root)
        proof = await database.read(
            lambda connection: consistency_proof(before.size, after.size, subtree_hashes(connection))
        )
        assert consistency_holds(
            old_size=before.size, old_root=before.root, size=after.size, root=after.root, proof=proof
        )
    assert verified(tmp_path, "etat") == before.size


async def test_a_cosignature_that_somebody_wrote_into_the_file_is_not_exported_as_one(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        _, brought = cosigned_by(newest(database), "etat", at_s=10)
        nothing = Checkpoint(brought.checkpoint.origin, 1, b"\x00" * 32)
        await SqlHeadStore(database).keep_cosigned(Cosigned(brought.witness, nothing, "no note", 99))
    assert verified(tmp_path) == 1

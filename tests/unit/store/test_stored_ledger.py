"""The ledger in its tables: started, checked, proven, erased, exported."""

import asyncio
import io
import json
import sqlite3
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from belvedere.domain.failures import NotRecorded, Unreadable
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.note import SignedNote, verifier_key
from belvedere.ledger.proofs import consistency_holds, consistency_proof, inclusion_holds, inclusion_proof
from belvedere.ledger.tree import frontier_of, leaf_hash
from belvedere.ledger.verify import verify_ledger
from belvedere.store.ledger_log import ForeignLedger, LedgerIdentity
from belvedere.store.ledger_rows import read_entry_hashes, read_head, subtree_hashes
from belvedere.store.offline import exported_ledger
from tests.unit.store.opening import (
    IDENTITY,
    KEY,
    NODE,
    ORIGIN,
    VKEY,
    append,
    database_in,
    open_store,
    patient,
    store_in,
)

pytestmark = pytest.mark.anyio


def exported(directory: Path) -> bytes:
    return b"".join(exported_ledger(database_in(directory)))


def verified_size(content: bytes) -> int:
    return verify_ledger(lambda: io.BytesIO(content), vkeys=[VKEY]).size


async def grown(directory: Path, records: int) -> None:
    async with store_in(directory) as database:
        for start in range(0, records, 200):
            await asyncio.gather(*(append(database, f"vda-{n:03}") for n in range(start, min(records, start + 200))))


def tamper(directory: Path, *statements: str) -> None:
    """Change the file as somebody with the disk in hand would: no trigger stands in the way."""
    with sqlite3.connect(database_in(directory)) as driver:
        for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            driver.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            driver.execute(statement)
    driver.close()


async def test_each_start_is_a_record_of_a_new_epoch(tmp_path: Path) -> None:
    for epoch in (1, 2, 3):
        async with store_in(tmp_path) as database:
            assert database.epoch == epoch
    records = [json.loads(line).get("record") for line in exported(tmp_path).splitlines()[1:-1]]
    assert [(r["kind"], r["epoch"], r["detail"]) for r in records] == [("started", n, {"epoch": n}) for n in (1, 2, 3)]


async def test_the_head_is_a_signed_checkpoint_of_what_is_stored(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await append(database)
        head = database.head
        assert head is not None
        note = SignedNote.parse(head.note)
        assert note.signed_by(VKEY)
        assert Checkpoint.parse(note.text) == Checkpoint(ORIGIN, 2, head.root)
        assert await database.read(read_head) == head


async def test_the_exported_ledger_verifies_while_the_node_runs_and_after(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await append(database)
        assert verified_size(exported(tmp_path)) == 2
        assert await append(database) == 2
    assert verified_size(exported(tmp_path)) == 3


def test_there_is_nothing_to_export_where_there_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no database"):
        exported(tmp_path)
    database_in(tmp_path).write_bytes(b"no database" * 1000)
    with pytest.raises(Unreadable, match="cannot be read"):
        exported(tmp_path)


async def test_proofs_from_stored_subtrees_hold(tmp_path: Path) -> None:
    await grown(tmp_path, 1100)
    async with store_in(tmp_path) as database:
        head = database.head
        assert head is not None
        size = head.size

        def proofs(connection: Connection) -> None:
            subtree, entries = subtree_hashes(connection), read_entry_hashes(connection, start=0, end=size)
            for index in (0, 1, 255, 256, 700, 1023, 1024, size - 1):
                path = inclusion_proof(index, size, subtree)
                assert inclusion_holds(
                    index=index, size=size, leaf=leaf_hash(entries[index]), path=path, root=head.root
                )
            for old_size in (1, 255, 256, 257, 512, 1000, 1024, size):
                old_root = inclusion_root(connection, old_size)
                proof = consistency_proof(old_size, size, subtree)
                assert consistency_holds(old_size=old_size, old_root=old_root, size=size, root=head.root, proof=proof)

        def inclusion_root(connection: Connection, old_size: int) -> bytes:
            return frontier_of(read_entry_hashes(connection, start=0, end=old_size)).root()

        await database.read(proofs)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE ledger_records SET record = replace(record, 'vda-003', 'vda-004') WHERE idx = 4",
            "record 4 is not the one",
        ),
        ("UPDATE ledger_records SET salt = zeroblob(32) WHERE idx = 4", "record 4 is not the one"),
        ("DELETE FROM ledger_records WHERE idx = 4", "record 4 was removed without an erasure"),
        ("UPDATE ledger_entries SET entry = zeroblob(32) WHERE idx = 4", "record 4 is not the one"),
        ("DELETE FROM ledger_head", "entries and no signed head"),
        ("UPDATE ledger_head SET size = size - 1", "the signed head states"),
        ("UPDATE ledger_head SET root = zeroblob(32)", "is not the one of the signed head"),
        ("UPDATE ledger_head SET note = replace(note, 'belvedere', 'other')", "not signed by the node's key"),
        ("UPDATE ledger_head SET note = 'x'", "the signed head cannot be read"),
        ("UPDATE ledger_subtrees SET hash = zeroblob(32)", "the stored subtree 0 of level 1"),
        ("INSERT INTO ledger_subtrees VALUES (1, 7, zeroblob(32))", "subtrees of entries that it has not"),
    ],
)
async def test_a_rewritten_ledger_is_found_at_start_and_takes_no_more_records(
    tmp_path: Path, statement: str, finding: str
) -> None:
    await grown(tmp_path, 300)
    tamper(tmp_path, "PRAGMA foreign_keys = OFF", statement)
    before = exported(tmp_path) if "ledger_head" not in statement else b""
    async with store_in(tmp_path) as database:
        check = database.ledger_check
        assert (check.sound, finding in str(check.finding)) == (False, True), check.finding
        assert (database.health().records, database.health().ledger_sound) == (False, False)
        with pytest.raises(NotRecorded, match="the ledger takes no record"):
            await append(database)
        await patient(database, lambda t: t.connection.exec_driver_sql("CREATE TABLE other (id)").close())
    assert not before or exported(tmp_path) == before, "a doubtful ledger is left as it is, for whoever looks into it"


async def test_a_truncated_ledger_is_found_at_start(tmp_path: Path) -> None:
    await grown(tmp_path, 20)
    tamper(tmp_path, "DELETE FROM ledger_records WHERE idx > 10", "DELETE FROM ledger_entries WHERE idx > 10")
    async with store_in(tmp_path) as database:
        assert "the signed head states 21 entries, the ledger has 11" in str(database.ledger_check.finding)


async def test_a_rewritten_tree_without_the_nodes_key_is_found_at_start(tmp_path: Path) -> None:
    await grown(tmp_path, 3)
    note = SignedNote.parse(exported_note(tmp_path))
    forged = Checkpoint.parse(note.text).signed(Ed25519PrivateKey.generate())
    tamper(tmp_path, f"UPDATE ledger_head SET note = '{forged}'")
    async with store_in(tmp_path) as database:
        assert "not signed by the node's key" in str(database.ledger_check.finding)


def exported_note(directory: Path) -> str:
    note = json.loads(exported(directory).splitlines()[-1])["checkpoint"]
    assert isinstance(note, str)
    return note


@pytest.mark.parametrize(
    "identity",
    [
        LedgerIdentity("lille", "belvedere.example/lille", KEY),
        LedgerIdentity(NODE, ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32))),
    ],
    ids=["another node", "another key"],
)
async def test_another_nodes_database_is_refused_and_released(tmp_path: Path, identity: LedgerIdentity) -> None:
    await grown(tmp_path, 1)
    with pytest.raises(ForeignLedger, match="this database is the ledger of"):
        await open_store(tmp_path, identity=identity)
    async with store_in(tmp_path) as database:
        assert database.ledger_check.sound


async def test_a_log_goes_on_under_its_next_key_and_every_head_since_is_signed_with_it(tmp_path: Path) -> None:
    await grown(tmp_path, 3)
    new = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    for former in (None, verifier_key(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))):
        with pytest.raises(ForeignLedger):
            await open_store(tmp_path, identity=LedgerIdentity(NODE, ORIGIN, new, former))
    database = await open_store(tmp_path, identity=LedgerIdentity(NODE, ORIGIN, new, VKEY))
    assert database.ledger_check.sound
    head = database.head
    await database.aclose()
    assert head is not None
    assert SignedNote.parse(head.note).signed_by(verifier_key(ORIGIN, new))
    assert not SignedNote.parse(head.note).signed_by(VKEY)
    with pytest.raises(ForeignLedger):
        await open_store(tmp_path)
    again = await open_store(tmp_path, identity=LedgerIdentity(NODE, ORIGIN, new))
    assert again.ledger_check.sound
    await again.aclose()


def on_disk(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


async def test_an_erased_record_is_nowhere_on_disk_and_every_proof_stays(tmp_path: Path) -> None:
    secret = "canary-motive-of-record-two"
    async with store_in(tmp_path) as database:
        await append(database)
        index = await append(database, motive=secret)
        await append(database)
        head = database.head
        salt = await database.read(
            lambda c: c.exec_driver_sql(f"SELECT salt FROM ledger_records WHERE idx = {index}").scalar_one()
        )
        assert secret.encode() in on_disk(tmp_path)
        assert await database.erase_records([index, index, 999], reason="retention")
        assert secret.encode() not in on_disk(tmp_path)
        assert salt not in on_disk(tmp_path)
        assert database.head == head
        await append(database)
    lines = exported(tmp_path).splitlines()
    assert json.loads(lines[1 + index]).keys() == {"entry", "index"}
    assert verified_size(exported(tmp_path)) == 5
    async with store_in(tmp_path) as database:
        assert database.ledger_check.sound


async def test_erasing_waits_for_a_long_read_and_says_so(tmp_path: Path) -> None:
    begun, release = threading.Event(), threading.Event()

    def read(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT count(*) FROM ledger_records")
        begun.set()
        release.wait(10)

    async with store_in(tmp_path) as database:
        await append(database)
        reading = asyncio.ensure_future(database.read(read))
        await asyncio.to_thread(begun.wait, 5)
        assert not await database.erase_records([1], reason="retention")
        release.set()
        await reading
        assert await database.scrub()


async def test_the_same_records_in_two_nodes_have_different_entries(tmp_path: Path) -> None:
    roots = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        async with store_in(tmp_path / name) as database:
            assert database.head is not None
            roots.add(database.head.root)
    assert len(roots) == 2, "salts hide what was recorded from whoever guesses it"
    assert IDENTITY.stored().vkey == str(VKEY)

"""Backups under load, and restores that never fork the journal. Reliability 7, 23."""

import asyncio
import io
import json
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import TextClause, text

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.failures import Unreadable
from belvedere.ledger.keys import load_or_create_key
from belvedere.ledger.note import verifier_key
from belvedere.ledger.verify import verify_ledger
from belvedere.store import restore as restoring
from belvedere.store.backup import back_up
from belvedere.store.database import DATABASE_FILE, Database, NotOpened
from belvedere.store.ledger_log import LedgerIdentity
from belvedere.store.offline import exported_ledger
from belvedere.store.restore import MARKER_FILE, Intent, NotRestored, Restored, half_restored, restore
from belvedere.store.space import SpaceLimits
from belvedere.store.writer import WriteTransaction
from tests.unit.store.opening import (
    IDENTITY,
    KEY,
    LIMITS,
    NODE,
    SMALL_SPACE,
    VKEY,
    append,
    database_in,
    open_store,
    patient,
)

NOBODY = Intent(unseen="exercice : aucun pair")


async def fill(data_dir: Path, records: int) -> str:
    """Run a node's store for a while; return its newest checkpoint."""
    database = await open_store(data_dir)
    for _ in range(records):
        await append(database)
    head = database.head
    await database.aclose()
    assert head is not None
    return head.note


def backed_up(data_dir: Path, name: str = "backup.sqlite3") -> Path:
    target = data_dir.parent / name
    back_up(database_in(data_dir), target, space=SMALL_SPACE)
    return target


async def put_back(data_dir: Path, backup: Path, **given: object) -> Restored:
    settled = {"identity": IDENTITY, "clock": SystemClock(), "ids": SystemIds(), "limits": LIMITS} | given
    return await restore(data_dir, backup, **settled)  # type: ignore[arg-type]


def facts_of(data_dir: Path) -> list[dict[str, object]]:
    lines = list(exported_ledger(database_in(data_dir)))
    return [json.loads(line)["record"] for line in lines[1:-1]]


def verified(data_dir: Path) -> int:
    content = b"".join(exported_ledger(database_in(data_dir)))
    return verify_ledger(lambda: io.BytesIO(content), vkeys=[VKEY]).size


def destroy(data_dir: Path) -> None:
    for path in data_dir.glob(f"{DATABASE_FILE}*"):
        path.unlink()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_a_backup_under_load_holds_a_whole_journal_and_the_writer_is_not_held_up(data_dir: Path) -> None:
    async def run() -> tuple[int, int, int]:
        database = await open_store(data_dir)
        slowest_s, done = 0.0, asyncio.Event()

        async def load() -> int:
            nonlocal slowest_s
            count = 0
            while not done.is_set():
                begun_s = asyncio.get_running_loop().time()
                await append(database, motive="x" * 500)
                slowest_s = max(slowest_s, asyncio.get_running_loop().time() - begun_s)
                count += 1
            return count

        loads = [asyncio.create_task(load()) for _ in range(4)]
        await asyncio.sleep(0.3)
        before = database.head
        made = await asyncio.to_thread(back_up, database_in(data_dir), data_dir.parent / "b", space=SMALL_SPACE)
        after = database.head
        done.set()
        written = sum(await asyncio.gather(*loads))
        assert database.figures.recoveries == 0
        await database.aclose()
        assert before is not None
        assert after is not None
        assert before.size <= made.copy.head.size <= after.size
        assert made.size_bytes == made.path.stat().st_size
        assert made.path.stat().st_mode & 0o777 == 0o600
        return before.size, made.copy.head.size, written

    before, copied, written = asyncio.run(run())
    assert written > copied - before, "records went on being made after the copy"
    content = b"".join(exported_ledger(data_dir.parent / "b"))
    assert verify_ledger(lambda: io.BytesIO(content), vkeys=[VKEY]).size == copied
    assert [path.name for path in data_dir.parent.iterdir() if "part" in path.name] == []


def test_a_backup_holds_no_session_and_no_key(data_dir: Path) -> None:
    canary = b"canary-session-cookie-hash-32by!"

    async def run() -> None:
        database = await open_store(data_dir)
        await patient(
            database,
            lambda t: t.connection.execute(
                text("INSERT INTO sessions VALUES (:c, 'a', 's', 1, 1)"), {"c": canary}
            ).close(),
        )
        await database.aclose()

    asyncio.run(run())
    (data_dir / "node-key.pem").write_bytes(b"canary-private-key")
    backup = backed_up(data_dir)
    assert canary in database_in(data_dir).read_bytes()
    assert canary not in backup.read_bytes()
    assert b"canary-private-key" not in backup.read_bytes()


def test_a_backup_never_replaces_a_file_and_leaves_nothing_half_done(data_dir: Path, tmp_path: Path) -> None:
    asyncio.run(fill(data_dir, 3))
    backed_up(data_dir)
    with pytest.raises(Unreadable, match="not replaced"):
        backed_up(data_dir)
    with pytest.raises(Unreadable, match="stay free for the node"):
        back_up(database_in(data_dir), tmp_path / "b2", space=SpaceLimits(alarm_below_bytes=2**60))
    with pytest.raises(Unreadable, match="no database"):
        back_up(tmp_path / "none", tmp_path / "b3")
    with sqlite3.connect(database_in(data_dir)) as database:
        database.execute("DROP TRIGGER ledger_records_refuses_update")
        database.execute("UPDATE ledger_records SET record = record || ' ' WHERE idx = 1")
    database.close()
    with pytest.raises(Unreadable, match="record 1 is not"):
        back_up(database_in(data_dir), tmp_path / "b4", space=SMALL_SPACE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.sqlite3", "data"]


def test_a_restored_journal_goes_on_verifies_and_says_that_it_was_restored(data_dir: Path) -> None:
    note = asyncio.run(fill(data_dir, 20))
    backup = backed_up(data_dir)
    destroy(data_dir)
    done = asyncio.run(put_back(data_dir, backup, peer_checkpoints=[("etat", note)]))
    assert (done.size, done.kept_aside, done.closed_log) == (21, None, None)
    asyncio.run(fill(data_dir, 5))
    assert verified(data_dir) == 21 + 2 + 6
    told = [record for record in facts_of(data_dir) if record.get("cause") == "restored"]
    assert [record["kind"] for record in told] == ["gap"]
    assert told[0]["evidence"] == [note]
    assert told[0]["detail"] == {"backup_size": 21}


def test_without_a_database_in_place_or_a_peers_word_the_operator_has_to_attest(data_dir: Path) -> None:
    asyncio.run(fill(data_dir, 3))
    backup = backed_up(data_dir)
    destroy(data_dir)
    with pytest.raises(NotRestored, match="--peer-checkpoint"):
        asyncio.run(put_back(data_dir, backup))
    assert not database_in(data_dir).exists()
    asyncio.run(put_back(data_dir, backup, intent=NOBODY))
    assert facts_of(data_dir)[-1]["detail"] == {"backup_size": 4, "attested_unseen": NOBODY.unseen}


def test_a_longer_journal_in_place_is_never_overwritten(data_dir: Path) -> None:
    asyncio.run(fill(data_dir, 3))
    backup = backed_up(data_dir)
    asyncio.run(fill(data_dir, 4))
    before = database_in(data_dir).read_bytes()
    with pytest.raises(NotRestored, match="5 fewer"):
        asyncio.run(put_back(data_dir, backup, intent=NOBODY))
    assert database_in(data_dir).read_bytes() == before
    assert sorted(path.name for path in data_dir.iterdir() if path.is_dir()) == []


def test_a_backup_behind_what_a_peer_has_seen_is_refused_whatever_is_attested(data_dir: Path) -> None:
    asyncio.run(fill(data_dir, 3))
    backup = backed_up(data_dir)
    seen = asyncio.run(fill(data_dir, 4))
    destroy(data_dir)
    with pytest.raises(NotRestored, match="etat: 9 records; the backup has 4") as refused:
        asyncio.run(put_back(data_dir, backup, peer_checkpoints=[("etat", seen)], intent=NOBODY))
    assert "deux histoires" in refused.value.said.fr
    assert not database_in(data_dir).exists()


def test_a_peers_head_of_another_history_of_the_same_length_is_refused(data_dir: Path, tmp_path: Path) -> None:
    asyncio.run(fill(data_dir, 3))
    backup = backed_up(data_dir)
    other = tmp_path / "other"
    other.mkdir()
    forked = asyncio.run(fill(other, 2))
    destroy(data_dir)
    with pytest.raises(NotRestored, match="another history"):
        asyncio.run(put_back(data_dir, backup, peer_checkpoints=[("etat", forked)]))
    asyncio.run(fill(data_dir, 0))  # a node that was started on the empty disk has begun another history
    with pytest.raises(NotRestored, match="another history"):
        asyncio.run(put_back(data_dir, backup, intent=NOBODY))


def test_a_checkpoint_that_the_node_never_signed_proves_nothing(data_dir: Path) -> None:
    note = asyncio.run(fill(data_dir, 3))
    backup = backed_up(data_dir)
    destroy(data_dir)
    for forged in (note.replace("\n4\n", "\n2\n"), "nothing", note.replace("belvedere.example", "other.example")):
        with pytest.raises(Unreadable):
            asyncio.run(put_back(data_dir, backup, peer_checkpoints=[("etat", forged)]))


def test_a_damaged_database_in_place_goes_aside_and_the_backup_takes_over(data_dir: Path) -> None:
    note = asyncio.run(fill(data_dir, 3))
    backup = backed_up(data_dir)
    damaged = b"\x00" * 4096 + database_in(data_dir).read_bytes()[4096:]
    database_in(data_dir).write_bytes(damaged)
    Path(f"{database_in(data_dir)}-wal").write_bytes(b"what the crash left")
    done = asyncio.run(put_back(data_dir, backup, peer_checkpoints=[("etat", note)]))
    assert done.kept_aside is not None
    assert (done.kept_aside / DATABASE_FILE).read_bytes() == damaged
    assert (done.kept_aside / f"{DATABASE_FILE}-wal").exists()
    assert not Path(f"{database_in(data_dir)}-wal").exists(), "a log never meets a database that is not its own"
    assert verified(data_dir) == 6


@pytest.mark.parametrize("fault", ["cut short", "one bit", "no database", "rewritten", "another revision", "unsigned"])
def test_a_bad_backup_is_refused_before_anything_is_replaced(data_dir: Path, fault: str) -> None:
    asyncio.run(fill(data_dir, 300))
    backup = backed_up(data_dir)
    content = bytearray(backup.read_bytes())
    if fault == "cut short":
        backup.write_bytes(content[: len(content) // 2])
    elif fault == "one bit":
        at = content.index(b"vda-017")
        content[at] ^= 1
        backup.write_bytes(content)
    elif fault == "no database":
        backup.write_bytes(b"{}")
    else:
        statement = {
            "rewritten": "DELETE FROM ledger_records WHERE idx = 7",
            "another revision": "UPDATE alembic_version SET version_num = '9999'",
            "unsigned": "UPDATE ledger_head SET note = replace(note, '\n301\n', '\n302\n')",
        }[fault]
        with sqlite3.connect(backup) as database:
            database.execute(statement)
        database.close()
    before = database_in(data_dir).read_bytes()
    with pytest.raises(Unreadable):
        asyncio.run(put_back(data_dir, backup, intent=NOBODY))
    assert database_in(data_dir).read_bytes() == before
    assert [path.name for path in data_dir.iterdir() if path.is_dir()] == []


def test_a_running_node_is_not_restored_over(data_dir: Path) -> None:
    async def run() -> None:
        database = await open_store(data_dir)
        try:
            with pytest.raises(NotOpened, match="in use by process"):
                await put_back(data_dir, backed_up(data_dir))
        finally:
            await database.aclose()

    asyncio.run(run())


def test_another_nodes_backup_is_refused(data_dir: Path, tmp_path: Path) -> None:
    asyncio.run(fill(data_dir, 1))
    key = load_or_create_key(tmp_path / "other.pem")
    stranger = LedgerIdentity("lille", "belvedere.example/lille", key)
    with pytest.raises(NotRestored, match="key back first"):
        asyncio.run(put_back(data_dir, backed_up(data_dir), identity=stranger, intent=NOBODY))


def test_a_backup_from_before_a_log_went_on_under_its_next_key_is_compared_and_restored_under_that_key(
    data_dir: Path,
) -> None:
    old = asyncio.run(fill(data_dir, 3))
    backup = backed_up(data_dir)
    key = load_or_create_key(data_dir.with_name("next.pem"))
    taken = LedgerIdentity(NODE, VKEY.name, key, former=VKEY)

    async def start() -> str:
        database = await Database.open(
            database_in(data_dir), identity=taken, clock=SystemClock(), ids=SystemIds(), limits=LIMITS
        )
        await database.aclose()
        assert database.head is not None
        return database.head.note

    seen = asyncio.run(start())
    with pytest.raises(NotRestored, match="1 fewer"):
        asyncio.run(put_back(data_dir, backup, identity=taken, intent=NOBODY))
    destroy(data_dir)
    with pytest.raises(NotRestored, match="etat: 5 records; the backup has 4"):
        asyncio.run(put_back(data_dir, backup, identity=taken, peer_checkpoints=[("etat", seen)], intent=NOBODY))
    asyncio.run(put_back(data_dir, backup, identity=taken, peer_checkpoints=[("etat", old)]))
    content = b"".join(exported_ledger(database_in(data_dir)))
    assert verify_ledger(lambda: io.BytesIO(content), vkeys=[verifier_key(VKEY.name, key)]).size > 4


def _run(transaction: WriteTransaction, statement: TextClause) -> None:
    transaction.connection.execute(statement)


def anew_identity() -> LedgerIdentity:
    return LedgerIdentity(NODE, f"belvedere.example/2/{NODE}", KEY)


def test_a_new_log_keeps_the_accounts_closes_the_old_and_states_both_heads(data_dir: Path) -> None:
    async def account() -> None:
        database = await open_store(data_dir)
        statement = (
            "INSERT INTO accounts (agent, login, label, party, service, role, pseudonym, password_hash)"
            " VALUES ('a-1', 'cic', 'x', 'etat', 'cic', 'cic-operator', 'p', 'h')"
        )
        heads = tuple(
            f"INSERT INTO {table} VALUES ('x', 9, x'00', 'note', 1{more})"
            for table, more in (("witnessed_heads", ", NULL"), ("ledger_cosignatures", ""))
        )
        for each in map(text, (statement, *heads)):
            await patient(database, partial(_run, statement=each))
        await database.aclose()

    asyncio.run(account())
    kept = asyncio.run(fill(data_dir, 5))
    backup = backed_up(data_dir)
    seen = asyncio.run(fill(data_dir, 4))
    with pytest.raises(NotRestored, match="new origin"):
        asyncio.run(put_back(data_dir, backup, intent=Intent(anew="disque perdu")))
    identity = anew_identity()
    done = asyncio.run(
        put_back(
            data_dir,
            backup,
            identity=identity,
            peer_checkpoints=[("etat", seen)],
            intent=Intent(anew="disque perdu"),
        )
    )
    assert done.closed_log is not None
    assert done.closed_log.stat().st_mode & 0o777 == 0o600
    closed = done.closed_log
    assert verify_ledger(lambda: closed.open("rb"), vkeys=[VKEY]).size == 7
    assert done.kept_aside is not None
    assert (done.kept_aside / DATABASE_FILE).exists(), "the longer journal is kept aside, not lost"
    content = b"".join(exported_ledger(database_in(data_dir)))
    vkey = verifier_key(identity.origin, identity.key)
    assert verify_ledger(lambda: io.BytesIO(content), vkeys=[vkey]).size == 2
    told = facts_of(data_dir)[1]
    assert (told["kind"], told["cause"]) == ("gap", "begun-anew")
    assert told["detail"]["reason"] == "disque perdu"  # type: ignore[index]
    assert told["detail"]["previous_size"] == 7  # type: ignore[index]
    evidence = told["evidence"]
    assert isinstance(evidence, list)
    assert kept in evidence
    assert seen in evidence
    with sqlite3.connect(database_in(data_dir)) as database:
        assert database.execute("SELECT login FROM accounts").fetchall() == [("cic",)]
        witnessed = database.execute("SELECT origin, size FROM witnessed_heads").fetchall()
        assert witnessed == [("x", 9)], "what was co-signed of another log outlives one's own"
        assert database.execute("SELECT count(*) FROM ledger_cosignatures").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    database.close()


@dataclass
class Step:
    """Which call of the operating system ends the process, and how it is told that it did."""

    at: int
    count: int = 0

    def then_die(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            self.count += 1
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call


def restore_in_child(data_dir: Path, backup: Path, note: str, *, die_at: int) -> tuple[int, int]:
    """Restore in a forked process that is killed before its `die_at`-th step; return (signal, steps made)."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            step = Step(die_at)
            for owner, name in ((os, "fsync"), (os, "link"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir")):
                setattr(owner, name, step.then_die(getattr(owner, name)))
            asyncio.run(put_back(data_dir, backup, peer_checkpoints=[("etat", note)]))
            os.write(writable, str(step.count).encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), int(said or b"0")


@pytest.mark.processes
def test_a_restore_killed_at_every_step_leaves_the_old_or_the_new_and_goes_on(data_dir: Path) -> None:
    note = asyncio.run(fill(data_dir, 5))
    backup = backed_up(data_dir)
    before = {path.name: path.read_bytes() for path in data_dir.iterdir() if path.is_file()}
    ended_by, steps = restore_in_child(data_dir, backup, note, die_at=0)
    assert (ended_by, verified(data_dir)) == (0, 8)
    assert steps > 15
    outcomes = set()
    for die_at in range(1, steps + 1):
        for path in data_dir.rglob("*"):
            if path.is_file():
                path.unlink()
        for name, content in before.items():
            (data_dir / name).write_bytes(content)
        ended_by, _ = restore_in_child(data_dir, backup, note, die_at=die_at)
        assert ended_by == signal.SIGKILL, f"step {die_at} was reached"
        cut_short = half_restored(data_dir)
        if cut_short is not None:
            assert MARKER_FILE in cut_short
        else:
            assert verified(data_dir) in {6, 8}, "the old one or the new one, whole"
        done = (
            asyncio.run(put_back(data_dir, backup, peer_checkpoints=[("etat", note)]))
            if (cut_short is not None or verified(data_dir) == 6)
            else None
        )
        outcomes.add((cut_short is not None, None if done is None else done.resumed))
        assert verified(data_dir) == 8
        assert half_restored(data_dir) is None
    assert (True, True) in outcomes, "some kills fell between, and the next order finished what was begun"
    assert (False, False) in outcomes
    asyncio.run(fill(data_dir, 1))
    assert verified(data_dir) == 10


def test_a_node_does_not_start_in_a_half_restored_folder(tmp_path: Path) -> None:
    (tmp_path / MARKER_FILE).write_text("{}")
    assert "belvedere restore" in str(half_restored(tmp_path))
    assert restoring.half_restored(tmp_path / "elsewhere") is None

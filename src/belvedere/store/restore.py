"""Puts a backup in the place of a stopped node's database, and never lets the node's history fork (reliability 23).

Promises: the backup is checked whole before anything is replaced; what stood there is kept aside; a kill at any point
leaves either the old database or the new one, and a marker that keeps the node from starting in between. A backup that
lacks what somebody was shown under this node's signature is refused: the way out is a new log under a new origin, whose
first record carries the old log's head and the reason. That a restore happened is itself a record.
"""

import base64
import json
import os
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from belvedere.changes import LedgerRestored
from belvedere.changes.records import record_of_ledger
from belvedere.domain.clock import Clock
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import IdSource
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.text import Text
from belvedere.ledger.note import VerifierKey
from belvedere.ledger.verify import verify_ledger
from belvedere.store.backup import LEFT_OUT, sync_directory
from belvedere.store.connections import writing_engine
from belvedere.store.copies import (
    Ahead,
    CheckedCopy,
    Contained,
    Relation,
    SeenHead,
    check_copy,
    head_in_place,
    relations,
    seen_head,
)
from belvedere.store.database import DATABASE_FILE, Database, StoreLimits, lock_database
from belvedere.store.ledger_log import LedgerIdentity
from belvedere.store.migrate import upgrade
from belvedere.store.offline import exported_ledger
from belvedere.store.party_words import EVENT_WORDS

MARKER_FILE = "restore-under-way"
_STAGING = "restore"
_ENDS = ("", "-wal", "-shm")
_RECORD_WITHIN_S = 60.0


class NotRestored(Exception):
    """The backup must not take this place; nothing was changed. `said` states the fact and the ways out."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.said = said


@dataclass(frozen=True, slots=True)
class Intent:
    """What the operator says with the order.

    `unseen`: why nobody was shown more than the backup holds, where no checkpoint proves it. `anew`: why the old log
    is closed and a new one begun. Both end up in the ledger.
    """

    unseen: str | None = None
    anew: str | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done. `kept_aside` holds the files that stood there; `closed_log` the old log's export, begun anew."""

    size: int
    kept_aside: Path | None
    closed_log: Path | None
    resumed: bool = False


def half_restored(data_dir: Path) -> str | None:
    """Return why a node must not open this folder, None where no restore was cut short in it."""
    marker = data_dir / MARKER_FILE
    if not marker.exists():
        return None
    return f"{marker}: a restore was cut short here; run `belvedere restore` again, it goes on by itself"


async def restore(
    data_dir: Path,
    backup: Path,
    *,
    identity: LedgerIdentity,
    clock: Clock,
    ids: IdSource,
    peer_checkpoints: Sequence[tuple[str, str]] = (),
    intent: Intent | None = None,
    limits: StoreLimits | None = None,
) -> Restored:
    """Put `backup` in the place of the database in `data_dir`; the node must be stopped.

    `peer_checkpoints` are (holder, signed checkpoint): what other parties hold of this node's log. Raises
    `NotRestored` where the history would fork, `Unreadable` where the backup or a checkpoint is no good, `NotOpened`
    while a process holds the database.
    """
    intent = intent or Intent()
    place = data_dir / DATABASE_FILE
    lock = lock_database(place)
    try:
        if (data_dir / MARKER_FILE).exists():
            return _go_on(data_dir)
        staging = data_dir / _STAGING
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        draft = staging / DATABASE_FILE
        _copy_file(backup, draft)
        copy = check_copy(draft)
        heads = _heads(copy, place, peer_checkpoints, identity)
        _refuse_foreign(copy, identity, anew=intent.anew is not None)
        _refuse_fork(copy, draft, heads, intent)
        keeper = _Keeper(identity, clock, ids, limits)
        closed_log = None
        if intent.anew is None:
            await keeper.tell_restored(draft, copy, heads, intent)
        else:
            closed_log = await keeper.begin_anew(staging, copy, heads, intent.anew)
        return _replace(data_dir, clock, copy, closed_log)
    finally:
        if not (data_dir / MARKER_FILE).exists():
            shutil.rmtree(data_dir / _STAGING, ignore_errors=True)
        os.close(lock)


# What may be restored


def _heads(
    copy: CheckedCopy, place: Path, peer_checkpoints: Sequence[tuple[str, str]], identity: LedgerIdentity
) -> list[SeenHead]:
    """Return every head of this log that is known: of the database in place first, then the peers'.

    The log may have gone on under another key since the copy was taken.
    """
    copied = VerifierKey.parse(copy.header.vkey)
    keys = [copied, *(replace(key, name=copied.name) for key in _own_keys(identity))]
    in_place = head_in_place(place, keys)
    peers = [seen_head(note, keys, holder=holder) for holder, note in peer_checkpoints]
    return peers if in_place is None else [in_place, *peers]


def _own_keys(identity: LedgerIdentity) -> list[VerifierKey]:
    """Return the keys with which this node signs its log, and signed it before."""
    own = VerifierKey.parse(identity.stored().vkey)
    return [own] if identity.former is None else [own, identity.former]


def _refuse_foreign(copy: CheckedCopy, identity: LedgerIdentity, *, anew: bool) -> None:
    own = identity.stored()
    same_key = VerifierKey.parse(copy.header.vkey).public_key in {key.public_key for key in _own_keys(identity)}
    if copy.header.node != own.node or not same_key:
        raise NotRestored(
            Text(
                f"La sauvegarde est celle du nœud « {copy.header.node} », clé {copy.header.vkey} ; ici « {own.node} », "
                f"clé {own.vkey}. Remettre d'abord la clé du nœud, sauvegardée à part.",
                f"The backup is that of node `{copy.header.node}`, key {copy.header.vkey}; here it is `{own.node}`, "
                f"key {own.vkey}. Put the node's key back first, from its own backup.",
            )
        )
    if anew and copy.header.origin == own.origin:
        raise NotRestored(
            Text(
                f"Un nouveau journal demande une nouvelle origine : changer `origin` dans node.toml (ici {own.origin}).",
                f"A new log needs a new origin: change `origin` in node.toml (now {own.origin}).",
            )
        )
    if not anew and copy.header.origin != own.origin:
        raise NotRestored(
            Text(
                f"La sauvegarde est le journal {copy.header.origin} ; node.toml nomme {own.origin}. Remettre l'origine, "
                "ou commencer un nouveau journal avec --begin-anew.",
                f"The backup is the log {copy.header.origin}; node.toml names {own.origin}. Put the origin back, or "
                "begin a new log with --begin-anew.",
            )
        )


def _refuse_fork(copy: CheckedCopy, draft: Path, heads: Sequence[SeenHead], intent: Intent) -> None:
    """Refuse what would let this node sign two histories, unless the old log is closed for good."""
    if intent.anew is not None:
        return
    for head, relation in relations(draft, heads).items():
        if not isinstance(relation, Contained):
            raise NotRestored(_would_fork(copy, head, relation))
    if not heads and intent.unseen is None:
        raise NotRestored(
            Text(
                "Rien ne dit ce que d'autres ont vu de ce journal. Donner leur dernier état signé avec "
                "--peer-checkpoint ; à défaut, attester avec --attest-unseen pourquoi personne n'en a vu plus.",
                "Nothing tells what others have seen of this log. Give their newest signed head with "
                "--peer-checkpoint; failing that, attest with --attest-unseen why nobody has seen more.",
            )
        )


def _would_fork(copy: CheckedCopy, head: SeenHead, relation: Relation) -> Text:
    if isinstance(relation, Ahead):
        fact = Text(
            f"{head.holder} : {head.size} enregistrements ; la sauvegarde en a {copy.head.size}, il en manque "
            f"{relation.by}.",
            f"{head.holder}: {head.size} records; the backup has {copy.head.size}, {relation.by} fewer.",
        )
    else:
        fact = Text(
            f"{head.holder} : une autre histoire que celle de la sauvegarde, à {head.size} enregistrements.",
            f"{head.holder}: another history than the backup's, at {head.size} records.",
        )
    return Text(
        f"{fact.fr} La restaurer ferait signer deux histoires à ce nœud. Prendre une sauvegarde plus récente ; "
        "sinon clore ce journal et en commencer un nouveau, annoncé, avec --begin-anew.",
        f"{fact.en} Restoring it would make this node sign two histories. Take a newer backup; "
        "else close this log and begin a new, announced one with --begin-anew.",
    )


# What is written into it


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Writes, with the node's key, what the restored ledger has to tell about itself."""

    identity: LedgerIdentity
    clock: Clock
    ids: IdSource
    limits: StoreLimits | None

    async def tell_restored(self, draft: Path, copy: CheckedCopy, heads: Sequence[SeenHead], intent: Intent) -> None:
        """Bring the copy to the newest revision and record that it was restored."""
        detail: dict[str, str | int | None] = {"backup_size": copy.head.size}
        if intent.unseen is not None:
            detail["attested_unseen"] = intent.unseen
        await self._record(draft, RecordedAct.RESTORED, detail, heads)

    async def begin_anew(self, staging: Path, copy: CheckedCopy, heads: Sequence[SeenHead], reason: str) -> Path:
        """Export the old log, and make a database that keeps everything else under a new one; return the export."""
        draft = staging / DATABASE_FILE
        export = staging / f"closed-log-{copy.head.size}-{copy.head.root.hex()[:8]}.jsonl"
        with export.open("xb") as file:
            export.chmod(0o600)
            file.writelines(exported_ledger(draft, whole=True))
            file.flush()
            os.fsync(file.fileno())
        verify_ledger(lambda: export.open("rb"), vkeys=[VerifierKey.parse(copy.header.vkey)])
        former = staging / "former.sqlite3"
        draft.rename(former)
        _carry_over(former, draft)
        former.unlink()
        detail: dict[str, str | int | None] = {
            "reason": reason,
            "previous_origin": copy.header.origin,
            "previous_size": copy.head.size,
            "previous_root": base64.b64encode(copy.head.root).decode(),
        }
        await self._record(draft, RecordedAct.BEGUN_ANEW, detail, [SeenHead("backup", *_of(copy)), *heads])
        return export

    async def _record(
        self, draft: Path, cause: RecordedAct, detail: dict[str, str | int | None], heads: Sequence[SeenHead]
    ) -> None:
        database = await Database.open(
            draft, identity=self.identity, clock=self.clock, ids=self.ids, limits=self.limits
        )
        try:
            seen = tuple(dict.fromkeys(head.note for head in heads))
            record = record_of_ledger(LedgerRestored(cause, seen, detail, self.clock.now()))
            await database.write(
                lambda transaction: transaction.append(record), timeout_s=_RECORD_WITHIN_S, essential=True
            )
        finally:
            await database.aclose()
        check_copy(draft)
        for end in _ENDS[1:]:
            draft.with_name(draft.name + end).unlink(missing_ok=True)


def _of(copy: CheckedCopy) -> tuple[int, bytes, str]:
    return copy.head.size, copy.head.root, copy.head.note


_FORGET_WORDS_OF_CLOSED_EVENTS = (
    f"UPDATE main.events SET {', '.join(f'{column} = NULL' for column in EVENT_WORDS)} WHERE closed_at_us IS NOT NULL"  # noqa: S608 (names of ours)
)
"""Their records stand in the closed log: none of the new one would ever have them erased."""


def _carry_over(former: Path, draft: Path) -> None:
    """Make `draft` at the newest revision with every row of `former` but those of its ledger and of sessions."""
    for path in (former, draft):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        engine = writing_engine(path)
        with engine.connect() as connection, connection.begin():
            upgrade(connection)
        engine.dispose()
    driver = sqlite3.connect(draft, isolation_level=None)
    try:
        driver.execute("ATTACH ? AS former", (str(former),))
        driver.execute("BEGIN IMMEDIATE")
        tables = [name for (name,) in driver.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table == "alembic_version" or table.startswith(("ledger_", "sqlite_")) or table in LEFT_OUT:
                continue
            columns = ", ".join(f'"{row[1]}"' for row in driver.execute(f'PRAGMA main.table_info("{table}")'))
            driver.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM former."{table}"')  # noqa: S608 (names of ours)
        driver.execute(_FORGET_WORDS_OF_CLOSED_EVENTS)
        driver.execute("COMMIT")
    finally:
        driver.close()


# How it takes its place


def _copy_file(source: Path, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written, source.open("rb") as read:
            shutil.copyfileobj(read, written, 1024 * 1024)
            written.flush()
            os.fsync(written.fileno())
    except OSError as failure:
        raise Unreadable(f"{source}: {failure.strerror}") from None


def _replace(data_dir: Path, clock: Clock, copy: CheckedCopy, closed_log: Path | None) -> Restored:
    """Mark what is being done, then do it; from the marker on, whoever is killed is followed by `_go_on`."""
    aside = data_dir / f"replaced-{clock.now():%Y%m%dT%H%M%SZ}"
    plan = {"aside": aside.name, "closed_log": None if closed_log is None else closed_log.name, "size": copy.head.size}
    for file in (data_dir / _STAGING).iterdir():
        _sync_file(file)
    sync_directory(data_dir / _STAGING)
    draft = data_dir / f"{MARKER_FILE}.new"
    draft.write_text(json.dumps(plan))
    _sync_file(draft)
    draft.rename(data_dir / MARKER_FILE)
    sync_directory(data_dir)
    return _go_on(data_dir, resumed=False)


def _go_on(data_dir: Path, *, resumed: bool = True) -> Restored:
    """Do what the marker says, from wherever it was left; each step may have been done already."""
    plan = json.loads((data_dir / MARKER_FILE).read_text())
    staging, aside = data_dir / _STAGING, data_dir / plan["aside"]
    closed_log = None if plan["closed_log"] is None else data_dir / plan["closed_log"]
    # 1. What stands there goes aside, its log first of all: a log never meets a database that is not its own.
    if (staging / DATABASE_FILE).exists():
        for end in reversed(_ENDS):
            old = data_dir / f"{DATABASE_FILE}{end}"
            if old.exists():
                aside.mkdir(mode=0o700, exist_ok=True)
                old.rename(aside / old.name)
        if aside.exists():
            sync_directory(aside)
        # 2. The new one takes the place.
        (staging / DATABASE_FILE).rename(data_dir / DATABASE_FILE)
    if closed_log is not None and (staging / closed_log.name).exists():
        (staging / closed_log.name).rename(closed_log)
    sync_directory(data_dir)
    # 3. From here on the node may start.
    (data_dir / MARKER_FILE).unlink()
    sync_directory(data_dir)
    return Restored(plan["size"], aside if aside.exists() else None, closed_log, resumed=resumed)


def _sync_file(file: Path) -> None:
    if not file.is_file():
        return
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

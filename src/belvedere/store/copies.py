"""A copy of a node's database that is not in use: read, checked whole, compared with heads that others hold.

Owns what makes a copy good. Does not know where copies come from or go to. Source: reliability 7, 23.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from belvedere.domain.clock import Instant
from belvedere.domain.failures import Unreadable
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.export import LedgerHeader
from belvedere.ledger.note import BadNote, SignedNote, VerifierKey
from belvedere.ledger.tree import Frontier
from belvedere.store.connections import offline_engine
from belvedere.store.ledger_log import check_ledger
from belvedere.store.ledger_rows import StoredHead, instant, read_entry_hashes, read_head, read_identity
from belvedere.store.ledger_tables import ledger_records
from belvedere.store.migrate import require_known_revision

_HASHES_A_READ = 50_000


@dataclass(frozen=True, slots=True)
class CheckedCopy:
    """A copy that is whole: every page, every record, the tree, the signature under its head."""

    header: LedgerHeader
    head: StoredHead
    revision: str


@dataclass(frozen=True, slots=True)
class Glance:
    """What a database says of itself, unchecked."""

    header: LedgerHeader | None
    size: int
    newest_at: Instant | None


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A head that this node's key signed and that somebody holds; `holder` says who, for the message."""

    holder: str
    size: int
    root: bytes
    note: str


@dataclass(frozen=True, slots=True)
class Contained:
    """The copy's tree goes on from the head: nothing that its holder saw is lost."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The head states more entries than the copy has."""

    by: int


@dataclass(frozen=True, slots=True)
class Forked:
    """The head's tree is no beginning of the copy's: they are two histories."""


Relation = Contained | Ahead | Forked


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """Hold one snapshot of the database at `path`, which is not changed; raises `Unreadable`."""
    if not path.is_file():
        raise Unreadable(f"there is no database at {path}")
    engine = offline_engine(path)
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as failure:
        raise Unreadable(f"{path} cannot be read as a node's database: {failure}") from failure
    finally:
        engine.dispose()


def check_copy(path: Path) -> CheckedCopy:
    """Return what the copy at `path` holds; raises `Unreadable` with the first fault found. O(n) hashes."""
    with reading(path) as connection:
        first = connection.scalars(text("PRAGMA integrity_check(1)")).first()
        if first != "ok":
            raise Unreadable(f"{path}: the file is damaged: {first}")
        header, head = read_identity(connection), read_head(connection)
        if header is None or head is None:
            raise Unreadable(f"{path} holds no record")
        require_known_revision(connection, where=str(path))
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        _, check = check_ledger(connection, header)
        if not check.sound:
            raise Unreadable(f"{path}: its journal is not whole: {check.finding}")
        return CheckedCopy(header, head, revision)


def glance(path: Path) -> Glance:
    """Return what the database at `path` says of itself, whether a node runs on it or not; raises `Unreadable`."""
    with reading(path) as connection:
        require_known_revision(connection, where=str(path))
        head = read_head(connection)
        newest_us = connection.scalar(select(func.max(ledger_records.c.at_us)))
        return Glance(
            read_identity(connection),
            0 if head is None else head.size,
            None if newest_us is None else instant(newest_us),
        )


def head_in_place(path: Path, keys: Sequence[VerifierKey]) -> SeenHead | None:
    """Return the head that the database in place states and one of this log's keys signed; None where none can be told."""
    try:
        with reading(path) as connection:
            header, head = read_identity(connection), read_head(connection)
    except Unreadable:
        return None
    if header is None or head is None or header.vkey not in {str(key) for key in keys}:
        return None
    try:
        return seen_head(head.note, keys, holder=str(path))
    except Unreadable:
        return None


def seen_head(note: str, keys: Sequence[VerifierKey], *, holder: str) -> SeenHead:
    """Return the head of a signed checkpoint; raises `Unreadable` unless one of a log's keys signed it."""
    try:
        signed = SignedNote.parse(note)
        checkpoint = Checkpoint.parse(signed.text)
    except BadNote as failure:
        raise Unreadable(f"{holder}: no signed checkpoint: {failure}") from None
    if not any(checkpoint.origin == key.name and signed.signed_by(key) for key in keys):
        raise Unreadable(
            f"{holder}: a checkpoint of `{checkpoint.origin}` that {keys[0].name} did not sign with its key"
        )
    return SeenHead(holder, checkpoint.size, checkpoint.root, note)


def relations(path: Path, heads: Iterable[SeenHead]) -> dict[SeenHead, Relation]:
    """Return how each head stands to the tree of the copy at `path`; reads every entry's hash once."""
    wanted = list(heads)
    sizes = {head.size for head in wanted}
    roots: dict[int, bytes] = {}
    frontier = Frontier()
    with reading(path) as connection:
        if 0 in sizes:
            roots[0] = frontier.root()
        while entries := read_entry_hashes(connection, start=frontier.size, end=frontier.size + _HASHES_A_READ):
            for entry in entries:
                frontier = frontier.appended(entry)
                if frontier.size in sizes:
                    roots[frontier.size] = frontier.root()

    def relation(head: SeenHead) -> Relation:
        if head.size > frontier.size:
            return Ahead(head.size - frontier.size)
        return Contained() if roots[head.size] == head.root else Forked()

    return {head: relation(head) for head in wanted}

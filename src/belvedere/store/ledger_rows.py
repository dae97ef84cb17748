"""The ledger's rows as they are read: entries, records, the head, and proofs over them.

Every function takes a connection and reads within its snapshot. Owns no state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from belvedere.domain.clock import Instant
from belvedere.ledger.export import LedgerEntry, LedgerHeader
from belvedere.ledger.proofs import RangeHash
from belvedere.ledger.tree import leaf_hash, node_hash
from belvedere.store.ledger_tables import (
    ledger_entries,
    ledger_head,
    ledger_identity,
    ledger_records,
    ledger_subtrees,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TILE_HEIGHT = 8
"""A stored subtree has 256^level leaves: 8 levels of the binary tree each."""


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The newest signed checkpoint: `note` is the whole signed note."""

    size: int
    root: bytes
    note: str


def microseconds(at: Instant) -> int:
    """Return `at` as integer microseconds since the Unix epoch."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(at_us: int) -> Instant:
    """Return the instant, in UTC, of integer microseconds since the Unix epoch."""
    return _EPOCH + timedelta(microseconds=at_us)


def read_head(connection: Connection) -> StoredHead | None:
    """Return the newest checkpoint, or None before the first record."""
    row = connection.execute(
        select(ledger_head.c.size, ledger_head.c.root, ledger_head.c.note).where(ledger_head.c.id == 1)
    ).one_or_none()
    return None if row is None else StoredHead(row.size, row.root, str(row.note))


def read_identity(connection: Connection) -> LedgerHeader | None:
    """Return whose ledger this is, or None in a database never opened by a node."""
    row = connection.execute(
        select(ledger_identity.c.node, ledger_identity.c.origin, ledger_identity.c.vkey)
        .order_by(ledger_identity.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else LedgerHeader(row.node, row.origin, row.vkey)


def read_entries(connection: Connection, *, start: int = 0, end: int | None = None) -> Iterator[LedgerEntry]:
    """Yield the entries [start, end) in order, with their records where those stand."""
    query = (
        select(ledger_entries.c.idx, ledger_entries.c.entry, ledger_records.c.salt, ledger_records.c.record)
        .select_from(ledger_entries.outerjoin(ledger_records, ledger_records.c.idx == ledger_entries.c.idx))
        .where(ledger_entries.c.idx >= start)
        .order_by(ledger_entries.c.idx)
    )
    if end is not None:
        query = query.where(ledger_entries.c.idx < end)
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield _entry(row.idx, row.entry, row.salt, row.record)


def _entry(index: int, entry: object, salt: object, record: object) -> LedgerEntry:
    """Return an entry whatever its columns hold: SQLite keeps any type, and whoever tampers may use that."""
    erased = salt is None or record is None
    return LedgerEntry(index, as_blob(entry), None if erased else as_blob(salt), None if erased else as_blob(record))


def as_blob(value: object) -> bytes:
    """Return a column's bytes whatever type it holds."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def read_entry_hashes(connection: Connection, *, start: int, end: int) -> list[bytes]:
    """Return the 32-byte entries [start, end)."""
    query = (
        select(ledger_entries.c.entry)
        .where(ledger_entries.c.idx >= start, ledger_entries.c.idx < end)
        .order_by(ledger_entries.c.idx)
    )
    return list(connection.scalars(query))


def subtree_hashes(connection: Connection) -> RangeHash:
    """Return what gives the root of any complete subtree, reading at most 256 hashes for each."""

    def subtree(start: int, end: int) -> bytes:
        height = (end - start).bit_length() - 1
        level = height // TILE_HEIGHT
        width = 1 << TILE_HEIGHT * level
        if level == 0:
            hashes = [leaf_hash(entry) for entry in read_entry_hashes(connection, start=start, end=end)]
        else:
            hashes = read_subtrees(connection, level=level, start=start // width, end=end // width)
        if len(hashes) != (end - start) // width:
            raise LookupError(f"the ledger has no complete subtree over entries {start} to {end}")
        while len(hashes) > 1:
            hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    return subtree


def read_subtrees(connection: Connection, *, level: int, start: int, end: int) -> list[bytes]:
    """Return the roots of the complete subtrees [start, end) of `level` ≥ 1, as far as they exist."""
    query = (
        select(ledger_subtrees.c.hash)
        .where(
            ledger_subtrees.c.level == level,
            ledger_subtrees.c.position >= start,
            ledger_subtrees.c.position < end,
        )
        .order_by(ledger_subtrees.c.position)
    )
    return list(connection.scalars(query))


def count_entries(connection: Connection) -> int:
    """Return how many entries the ledger holds."""
    return connection.scalar(select(func.count()).select_from(ledger_entries)) or 0

"""The ledger as the web shows it (implements `web.ports.LedgerView`) and as the journal is read (`live.journal`).

Hash tiles only: a tile of level 0 holds the leaf hashes of 256 entries. There are no entry bundles, since
entries here are already hashes of salted records; records are read by those whom the convention lets read.
Source: C2SP tlog-tiles.
"""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRecorded
from belvedere.domain.journal import JournalPlace, JournalQuestion, RecordsPage, ViewingsPage
from belvedere.domain.record import Record
from belvedere.ledger.tree import leaf_hash
from belvedere.store.database import Database, TooManyReads
from belvedere.store.journal_rows import read_records, read_viewings
from belvedere.store.ledger_rows import (
    instant,
    read_entry_hashes,
    read_head,
    read_subtrees,
)
from belvedere.store.ledger_tables import ledger_records

_WIDTH = 256
_PATH = re.compile(
    r"(?P<level>[0-9]|[1-5][0-9]|6[0-3])/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<partial>[0-9]{1,3}))?"
)


class SqlLedgerView:
    """Checkpoint, tiles and records, each read in one snapshot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def checkpoint(self) -> str:
        """Return the newest signed checkpoint; raises `NotRecorded` before the first record."""
        head = await self._database.read(read_head)
        if head is None:
            raise NotRecorded("the ledger holds no record yet")
        return head.note

    async def tile(self, path: str) -> bytes | None:
        """Return the tile at `path` (`<level>/<index>[.p/<width>]`), or None where there is none."""
        matched = _PATH.fullmatch(path)
        if matched is None:
            return None
        level = int(matched["level"])
        index = int(matched["index"].replace("x", "").replace("/", ""))
        width = int(matched["partial"] or _WIDTH)
        if not 1 <= width <= _WIDTH or (matched["partial"] and width == _WIDTH) or level > 5:
            return None
        return await self._database.read(lambda connection: _tile(connection, level, index, width))

    async def records(
        self, *, camera: str | None, since: Instant | None, until: Instant | None, most: int
    ) -> Sequence[Mapping[str, object]]:
        """Return at most `most` records, newest first; erased ones are left out."""
        return (await self.records_page(JournalQuestion(camera, since, until), after=None, most=most)).items

    async def records_page(self, question: JournalQuestion, *, after: JournalPlace | None, most: int) -> RecordsPage:
        """Return at most `most` records of the question's time, newest first."""
        return await self._database.read(lambda connection: read_records(connection, question, after=after, most=most))

    async def viewings_page(
        self, question: JournalQuestion, *, owner: str, after: JournalPlace | None, most: int
    ) -> ViewingsPage:
        """Return at most `most` of the viewings that ran in the question's time, newest first."""
        return await self._database.read(
            lambda connection: read_viewings(connection, question, owner=owner, after=after, most=most)
        )

    async def newest_at(self) -> Instant | None:
        """Return the latest instant that any record states; None where none stands, or none can be read now."""
        try:
            at_us = await self._database.read(
                lambda connection: connection.scalar(select(func.max(ledger_records.c.at_us)))
            )
        except (TooManyReads, SQLAlchemyError):
            return None
        return None if at_us is None else instant(at_us)

    async def append(self, record: Record) -> int:
        """Append one record; raises `NotRecorded`."""
        return await self._database.write(lambda transaction: transaction.append(record))


def _tile(connection: Connection, level: int, index: int, width: int) -> bytes | None:
    head = read_head(connection)
    size = 0 if head is None else head.size >> (8 * level)
    start = index * _WIDTH
    if start + width > size:
        return None
    if level == 0:
        entries = read_entry_hashes(connection, start=start, end=start + width)
        return b"".join(leaf_hash(entry) for entry in entries)
    return b"".join(read_subtrees(connection, level=level, start=start, end=start + width))

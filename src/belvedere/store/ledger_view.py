"""The ledger as the web shows it (implements `web.ports.LedgerView`) and as the journal is read (`live.journal`).

A tile of level 0 holds the leaf hashes of 256 entries, an entry bundle those entries: hashes of salted records, which
tell nothing of them. Records are read by those whom the convention lets read. Source: C2SP tlog-tiles.
"""

import re
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Connection, func, select

from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRead, NotRecorded, TooManyAtOnce
from belvedere.domain.journal import Compared, JournalPlace, JournalQuestion, RecordsPage, ViewingsPage
from belvedere.domain.record import Record
from belvedere.ledger.tree import leaf_hash
from belvedere.rights.sight import Sight
from belvedere.store.comparison import JournalComparison
from belvedere.store.database import Database
from belvedere.store.journal_rows import read_records, read_viewings
from belvedere.store.ledger_rows import (
    instant,
    read_entry_hashes,
    read_head,
    read_subtrees,
)
from belvedere.store.ledger_tables import ledger_records
from belvedere.store.sound_records import Findings, SoundRecords

Page = TypeVar("Page", RecordsPage, ViewingsPage)
Page_co = TypeVar("Page_co", bound=RecordsPage | ViewingsPage, covariant=True)
_WIDTH = 256
_ENTRIES = "entries"
_PATH = re.compile(
    r"(?P<level>entries|[0-5])/(?P<index>(?!x000/)(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<partial>[1-9][0-9]{0,2}))?"
)


class _ReadsPage(Protocol[Page_co]):
    """What reads one page of an answer, and tells what it finds wrong."""

    def __call__(self, connection: Connection, /, *, sound: SoundRecords, findings: Findings) -> Page_co:
        """Return the page, of the records that `sound` believes."""


class SqlLedgerView:
    """Checkpoint, tiles and records, each read in one snapshot; what a page finds wrong goes to the comparison."""

    def __init__(self, database: Database, comparison: JournalComparison) -> None:
        self._database = database
        self._comparison = comparison

    async def checkpoint(self) -> str:
        """Return the newest signed checkpoint; raises `NotRecorded` before the first record."""
        head = await self._database.read(read_head)
        if head is None:
            raise NotRecorded("the ledger holds no record yet")
        return head.note

    async def tile(self, path: str) -> bytes | None:
        """Return the tile or entry bundle at `path` (`<level>|entries/<index>[.p/<width>]`), or None."""
        matched = _PATH.fullmatch(path)
        if matched is None:
            return None
        index = int(matched["index"].replace("x", "").replace("/", ""))
        width = int(matched["partial"] or _WIDTH)
        if width > _WIDTH or (matched["partial"] and width == _WIDTH):
            return None
        if matched["level"] == _ENTRIES:
            return await self._database.read(lambda connection: _bundle(connection, index, width))
        level = int(matched["level"])
        return await self._database.read(lambda connection: _tile(connection, level, index, width))

    async def records_page(
        self, question: JournalQuestion, *, sight: Sight, after: JournalPlace | None, most: int
    ) -> RecordsPage:
        """Return at most `most` records of the question's time, as far as they are seen, newest first."""
        return await self._page(partial(read_records, question=question, sight=sight, after=after, most=most))

    async def viewings_page(
        self, question: JournalQuestion, *, sight: Sight, after: JournalPlace | None, most: int
    ) -> ViewingsPage:
        """Return at most `most` of the viewings that ran in the question's time, newest first."""
        return await self._page(partial(read_viewings, question=question, sight=sight, after=after, most=most))

    async def _page(self, read: _ReadsPage[Page]) -> Page:
        """Read a page, and have settled what it finds wrong."""
        findings = Findings()
        try:
            page = await self._database.read(partial(read, sound=self._comparison.sound, findings=findings))
        except NotRead as failure:
            if not isinstance(failure, TooManyAtOnce):
                self._comparison.doubt()
            raise
        self._comparison.found(findings)
        return replace(page, compared=self._comparison.compared)

    @property
    def compared(self) -> Compared:
        """Return how the journal's tables stand to its records."""
        return self._comparison.compared

    async def newest_at(self) -> Instant | None:
        """Return the latest instant that any record states; None where none stands, or none can be read now."""
        try:
            at_us = await self._database.read(
                lambda connection: connection.scalar(select(func.max(ledger_records.c.at_us)))
            )
        except NotRead:
            return None
        return None if at_us is None else instant(at_us)

    async def append(self, record: Record) -> int:
        """Append one record; raises `NotRecorded`."""
        return await self._database.write(lambda transaction: transaction.append(record))


def _bundle(connection: Connection, index: int, width: int) -> bytes | None:
    """Return entries, each behind its length in two bytes, big-endian."""
    head = read_head(connection)
    start = index * _WIDTH
    if head is None or start + width > head.size:
        return None
    entries = read_entry_hashes(connection, start=start, end=start + width)
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


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

"""Which viewings ran in a time: found by ranges of an index, whatever their length."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from belvedere.domain.ids import PartyId
from belvedere.domain.journal import JournalQuestion, ViewingsPage
from belvedere.domain.record import EventRef, Record, RecordKind, Subject
from belvedere.rights.sight import Sight
from belvedere.store.database import Database
from belvedere.store.journal_rows import _RECORDS, _RUNS, _newest, _ranges, _record_ranges, read_viewings
from belvedere.store.sound_records import Findings, SoundRecords
from belvedere.store.writer import WriteTransaction
from tests.unit.store.opening import NODE, patient, store_in

pytestmark = pytest.mark.anyio

DAY = datetime(2026, 7, 14, tzinfo=UTC)
HOURS = (-60, -50, -23, -2, 0, 1, 2, 26, 60)
"""Edges, in hours around the day; each pair of them is a viewing."""


def told(kind: RecordKind, viewing: str, hour: float, *, camera: str = "vda-203") -> Record:
    return Record(
        kind=kind,
        at=DAY + timedelta(hours=hour),
        subject=Subject(party="etat", service="cic", agent="cic-7Q2M", station="mur-1"),
        camera=camera,
        event=EventRef("e-1", "levee-de-doute"),
        viewing=viewing,
    )


async def write(database: Database, records: Iterable[Record]) -> None:
    await patient(database, lambda transaction: [transaction.append(record) for record in records])


SPANS: dict[str, tuple[int, int | None]] = {
    **{f"v-{start}-{end}": (start, end) for start, end in itertools.combinations(HOURS, 2)},
    **{f"v-{start}-on": (start, None) for start in HOURS},
}


def records_of_spans() -> list[Record]:
    return [
        record
        for viewing, (start, end) in SPANS.items()
        for record in (
            told(RecordKind.OPENED, viewing, start),
            *([] if end is None else [told(RecordKind.ENDED, viewing, end)]),
        )
    ]


def page_of(connection: Connection, question: JournalQuestion, *, database: Database, most: int = 200) -> ViewingsPage:
    findings = Findings()
    sound = SoundRecords(database.known_tree)
    page = read_viewings(
        connection,
        question,
        sight=Sight(PartyId(NODE), PartyId(NODE)),
        after=None,
        most=most,
        sound=sound,
        findings=findings,
    )
    assert findings == Findings()
    return page


def found(connection: Connection, database: Database, since: float | None, until: float | None) -> set[str]:
    hour = [None if each is None else DAY + timedelta(hours=each) for each in (since, until)]
    page = page_of(connection, JournalQuestion("vda-203", *hour), database=database)
    assert page.total == len(page.items)
    assert [each.opened_at for each in page.items] == sorted((each.opened_at for each in page.items), reverse=True)
    return {each.viewing for each in page.items}


def ran(since: float | None, until: float | None) -> set[str]:
    return {
        viewing
        for viewing, (start, end) in SPANS.items()
        if (until is None or start < until) and (since is None or end is None or end > since)
    }


async def test_every_viewing_that_ran_in_a_time_is_found_and_no_other(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database, records_of_spans())
        for since, until in [
            *itertools.combinations((-100, -24, -1.5, 0, 0.5, 1, 2, 30, 100), 2),
            (None, 0),
            (1, None),
        ]:
            assert await database.read(partial(found, database=database, since=since, until=until)) == ran(
                since, until
            ), (since, until)


async def test_each_range_is_of_an_index_and_sorts_nothing(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database, records_of_spans())

        def plans(connection: Connection) -> list[list[str]]:
            asked = []
            for camera in ("vda-203", None):
                question = JournalQuestion(camera, DAY, DAY + timedelta(hours=1))
                for each in _ranges(question):
                    query = _newest(each, _RUNS.opened_us, _RUNS.opened_idx, after=None, most=100)
                    spelt = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
                    asked.append([row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {spelt}"))])
            return asked

        of_camera, of_camera_lasting, of_all, of_all_lasting = await database.read(plans)
        assert all("INDEX ix_ledger_viewings_camera " in step for step in of_camera)
        assert all("INDEX ix_ledger_viewings_" in step for step in of_camera_lasting)
        assert all("INDEX ix_ledger_viewings_opened " in step for step in of_all)
        assert all("INDEX ix_ledger_viewings_lasting " in step for step in of_all_lasting)


async def test_records_of_a_time_are_found_by_an_index_those_of_the_readers_own_party_by_another(
    tmp_path: Path,
) -> None:
    async with store_in(tmp_path) as database:
        await write(database, records_of_spans())

        def plans(connection: Connection) -> list[list[str]]:
            asked = []
            for question in (JournalQuestion(None, DAY, DAY + timedelta(hours=1)), JournalQuestion("vda-203", DAY)):
                for each in _record_ranges(question, Sight(PartyId(NODE), PartyId(NODE))):
                    query = _newest(each, _RECORDS.at_us, _RECORDS.idx, after=None, most=100)
                    spelt = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
                    asked.append([row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {spelt}"))])
            return asked

        of_all, own, of_camera = await database.read(plans)
        assert all("INDEX ix_ledger_records_at_us " in step for step in of_all)
        assert all("INDEX ix_ledger_records_private_to " in step for step in own)
        assert all("INDEX ix_ledger_records_camera_at_us " in step for step in of_camera)


async def test_a_viewing_whose_record_was_erased_is_told_no_more(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database, [told(RecordKind.OPENED, "v-1", 0), told(RecordKind.ENDED, "v-1", 1)])
        assert await database.read(lambda c: len(found(c, database, 0, 1))) == 1
        await database.erase_records([1], reason="retention")
        page = await database.read(partial(page_of, question=JournalQuestion("vda-203"), database=database))
        assert page.items == []


async def test_a_job_that_fails_leaves_no_viewing_behind(tmp_path: Path) -> None:
    def work(transaction: WriteTransaction) -> None:
        transaction.append(told(RecordKind.OPENED, "v-1", 0))
        raise LookupError("a rule of ours")

    async with store_in(tmp_path) as database:
        with pytest.raises(LookupError):
            await patient(database, work)
        await write(database, [told(RecordKind.OPENED, "v-2", 0)])
        assert await database.read(lambda c: found(c, database, 0, 1)) == {"v-2"}

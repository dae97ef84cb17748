"""The journal's tables say what its records say: at the append, after a rebuild, and whatever is written to the file."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from belvedere.clock import SystemIds
from belvedere.domain.failures import NotRead
from belvedere.domain.ids import PartyId
from belvedere.domain.journal import JournalQuestion, JournalState
from belvedere.domain.record import EventRef, Record, RecordKind, Subject
from belvedere.rights.sight import Sight
from belvedere.store.comparison import JournalComparison, RecordsUnsound, mended_piece
from belvedere.store.connections import writing_engine
from belvedere.store.database import Database
from belvedere.store.derived_rows import PIECE, Piece, first_piece
from belvedere.store.ledger_log import LedgerLog
from belvedere.store.ledger_view import SqlLedgerView
from belvedere.store.migrate import upgrade
from belvedere.store.sound_records import Findings, RowDifference, SoundRecords
from tests.stored import stored_records
from tests.unit.store.opening import CLOCK, IDENTITY, NODE, database_in, named, patient, said, store_in

DAY = datetime(2026, 7, 14, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
DERIVED = ("ledger_viewings", "ledger_event_records")
SIGHT, THEIRS = (Sight(PartyId(reader), PartyId(NODE)) for reader in (NODE, "etat"))


def told(kind: RecordKind, viewing: str | None, minute: float, **texts: str) -> Record:
    return Record(
        kind=kind,
        at=DAY + timedelta(minutes=minute),
        subject=Subject(party="etat", service="cic", agent="cic-7Q2M", station="mur-1"),
        camera=None if viewing is None else "vda-203",
        event=EventRef("e-1", "levee-de-doute"),
        viewing=viewing,
        detail={name: named(text) for name, text in texts.items()},
    )


SAID = said("rixe", "agression")
STORY = (
    told(RecordKind.EVENT, None, 0, motive="rixe"),
    told(RecordKind.OPENED, "v-1", 1),
    told(RecordKind.OPENED, "v-2", 2),
    told(RecordKind.EVENT, None, 3, motive="agression"),
    told(RecordKind.ENDED, "v-1", 10),
)
"""Records 1 to 5, behind the record of the start."""


async def write(database: Database, records: tuple[Record, ...] = STORY) -> None:
    await patient(database, lambda transaction: [transaction.append(record, SAID) for record in records])


def comparison_of(database: Database) -> JournalComparison:
    return JournalComparison(database, clock=CLOCK, zone=PARIS)


def tamper(directory: Path, *statements: str) -> None:
    """Change the file as whoever has it in hand would, the node running or not: no trigger, no key stands in the way."""
    driver = sqlite3.connect(database_in(directory), isolation_level=None)
    driver.execute("BEGIN IMMEDIATE")
    for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        driver.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        driver.execute(statement)
    driver.execute("COMMIT")
    driver.close()


def rows_in(directory: Path) -> dict[str, list[tuple[object, ...]]]:
    driver = sqlite3.connect(database_in(directory))
    driver.text_factory = bytes
    read = {
        "ledger_records": "SELECT idx, at_us, kind, camera, viewing, private_to FROM ledger_records WHERE idx < 6 ORDER BY idx",
        "ledger_viewings": "SELECT * FROM ledger_viewings ORDER BY viewing",
        "ledger_event_records": "SELECT * FROM ledger_event_records ORDER BY idx",
        "ledger_words": "SELECT * FROM ledger_words ORDER BY record, sha256",
    }
    found = {table: driver.execute(query).fetchall() for table, query in read.items()}
    driver.close()
    return found


TAMPERINGS = {
    "viewing deleted": "DELETE FROM ledger_viewings WHERE viewing = 'v-1'",
    "end changed": "UPDATE ledger_viewings SET ended_us = ended_us - 60000000 WHERE viewing = 'v-1'",
    "end invented": "UPDATE ledger_viewings SET ended_us = opened_us + 1, ended_idx = 4, lasting = 0"
    " WHERE viewing = 'v-2'",
    "end taken away": "UPDATE ledger_viewings SET ended_us = NULL, ended_idx = NULL, lasting = 1 WHERE viewing = 'v-1'",
    "other camera": "UPDATE ledger_viewings SET camera = 'vda-001' WHERE viewing = 'v-1'",
    "hidden from older times": "UPDATE ledger_viewings SET lasting = 5 WHERE viewing = 'v-2'",
    "other opening": "UPDATE ledger_viewings SET opened_idx = 3 WHERE viewing = 'v-1'",
    "viewing added": "INSERT INTO ledger_viewings VALUES ('v-9', 'vda-203', 1784000000000000, 2, NULL, NULL, 1)",
    "viewing of another type": "INSERT INTO ledger_viewings VALUES (x'ff00', 'vda-203', 'long ago', 2, NULL, NULL, 1)",
    "viewing of no text": "INSERT INTO ledger_viewings"
    " VALUES (CAST(x'ff00fe' AS TEXT), CAST(x'ff' AS TEXT), 1784000000000000, 2, NULL, NULL, 1)",
    "camera of no text": "UPDATE ledger_viewings SET camera = CAST(x'ff' AS TEXT) WHERE viewing = 'v-1'",
    "record of no text": "UPDATE ledger_records SET viewing = CAST(x'ff' AS TEXT) WHERE idx = 5",
    "words of no text": "UPDATE ledger_event_records SET event = CAST(x'ff' AS TEXT) WHERE idx = 1",
    "record searched elsewhere": "UPDATE ledger_records SET camera = 'vda-001' WHERE idx = 2",
    "record told at another time": "UPDATE ledger_records SET at_us = at_us - 1 WHERE idx = 5",
    "record of no viewing": "UPDATE ledger_records SET viewing = NULL WHERE idx = 5",
    "record of another kind": "UPDATE ledger_records SET kind = 'decision' WHERE idx = 2",
    "record made another party's": "UPDATE ledger_records SET private_to = 'lille' WHERE idx = 1",
    "record made everybody's": "UPDATE ledger_records SET private_to = NULL WHERE idx = 1",
    "text that no record names": "INSERT INTO ledger_words VALUES (2, 'ab', 'etat', zeroblob(32), 'rien')",
    "text beside one that is named": "INSERT INTO ledger_words VALUES (1, 'ab', 'etat', zeroblob(32), 'rien')",
    "text of no record": "INSERT INTO ledger_words VALUES (700, 'ab', 'etat', zeroblob(32), 'rien')",
    "text of a record that is no number": "INSERT INTO ledger_words VALUES ('x', 'ab', 'etat', zeroblob(32), 'rien')",
    "text of no text": "INSERT INTO ledger_words VALUES (2, x'ff', x'ff', 'salt', x'ff')",
    "words hidden": "DELETE FROM ledger_event_records WHERE idx = 4",
    "words of another event": "UPDATE ledger_event_records SET event = 'e-2' WHERE idx = 1",
    "words added": "INSERT INTO ledger_event_records VALUES (2, 'e-1')",
    "record never entered": "INSERT INTO ledger_records"
    " SELECT 600, salt, replace(record, 'cic-7Q2M', 'cic-1'), at_us, kind, camera, viewing, private_to"
    " FROM ledger_records WHERE idx = 1",
    "many words never entered": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
    " INSERT INTO ledger_event_records SELECT 5000 + i, 'e-1' FROM n",
    "words never entered": "INSERT INTO ledger_event_records VALUES (-3, 'e-1')",
    "everything deleted": "DELETE FROM ledger_viewings",
}


@pytest.mark.anyio
@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS.keys())
async def test_whatever_is_written_to_a_derived_table_is_found_mended_from_the_records_and_written_down(
    tmp_path: Path, tampering: str
) -> None:
    async with store_in(tmp_path) as database:
        await write(database)
        comparison = await comparison_of(database).begun()
        assert (comparison.compared.state, comparison.compared.mended) == (JournalState.COMPARED, None)
        before = rows_in(tmp_path)
        tamper(tmp_path, tampering)
        assert rows_in(tmp_path) != before or "600" in tampering
        comparison = await comparison_of(database).begun()
        assert rows_in(tmp_path) == before
        compared = comparison.compared
        assert compared.state is JournalState.COMPARED
        assert compared.mended is not None
        assert comparison.differences_total == 1
        newest = (await stored_records(database))[-1]
        assert (newest["kind"], newest["cause"]) == ("gap", "tables-mended")
        assert (await comparison_of(database).begun()).compared.mended is None, "nothing is left to mend"


FORGERIES = {
    "record changed": "UPDATE ledger_records SET record = replace(record, 'cic-7Q2M', 'cic-1') WHERE idx = 1",
    "record changed with its entry": "UPDATE ledger_records SET record = replace(record, 'cic-7Q2M', 'cic-1') WHERE idx = 1;"
    "UPDATE ledger_entries SET entry = zeroblob(32) WHERE idx = 1",
    "record removed": "DELETE FROM ledger_records WHERE idx = 5",
    "last entries removed": "DELETE FROM ledger_records WHERE idx > 3; DELETE FROM ledger_entries WHERE idx > 3",
    "motive invented": "UPDATE ledger_words SET text = 'rien' WHERE record = 1",
    "motive invented with its salt": "UPDATE ledger_words SET text = 'rien', salt = zeroblob(32) WHERE record = 1",
    "motive of another event's": "UPDATE ledger_words SET text = (SELECT text FROM ledger_words WHERE record = 4)",
    "motive deleted": "DELETE FROM ledger_words WHERE record = 1",
    "entry added": "INSERT INTO ledger_entries VALUES (6, zeroblob(32))",
}


@pytest.mark.anyio
@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_record_that_is_not_what_was_entered_is_mended_by_nothing_and_no_more_is_taken(
    tmp_path: Path, forgery: str
) -> None:
    async with store_in(tmp_path) as database:
        await write(database)
        tamper(tmp_path, *forgery.split(";"), "DELETE FROM ledger_viewings")
        comparison = await comparison_of(database).begun()
        assert comparison.compared.state is JournalState.UNSOUND
        assert not database.health().ledger_sound
        assert rows_in(tmp_path)["ledger_viewings"] == []
        with pytest.raises(RecordsUnsound):
            await comparison.mend()


@pytest.mark.anyio
async def test_a_page_tells_the_records_whatever_the_tables_say_and_reports_the_difference(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database)
        comparison = await comparison_of(database).begun()
        view, question = SqlLedgerView(database, comparison), JournalQuestion("vda-203")
        told_before = (await view.viewings_page(question, sight=SIGHT, after=None, most=10)).items
        tamper(
            tmp_path,
            "UPDATE ledger_viewings SET ended_us = ended_us - 60000000 WHERE viewing = 'v-1'",
            TAMPERINGS["viewing added"],
            TAMPERINGS["words added"],
            TAMPERINGS["record of no viewing"],
        )
        page = await view.viewings_page(question, sight=SIGHT, after=None, most=10)
        assert page.items == told_before
        assert page.compared.state is JournalState.DIFFERS
        assert page.compared.partners_wait
        assert await comparison.mend() == 4
        page = await view.viewings_page(question, sight=SIGHT, after=None, most=10)
        assert (page.items, page.compared.state) == (told_before, JournalState.COMPARED)


@pytest.mark.anyio
async def test_a_table_that_cannot_be_read_as_text_has_everything_compared_and_is_mended(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database)
        comparison = await comparison_of(database).begun()
        view, question = SqlLedgerView(database, comparison), JournalQuestion(None)
        tamper(tmp_path, TAMPERINGS["viewing of no text"])
        with pytest.raises(NotRead):
            await view.viewings_page(question, sight=SIGHT, after=None, most=10)
        assert comparison.compared.partners_wait
        await comparison.begun()
        page = await view.viewings_page(question, sight=SIGHT, after=None, most=10)
        assert (len(page.items), page.compared.state) == (2, JournalState.COMPARED)


@pytest.mark.anyio
async def test_a_forged_record_is_left_out_of_a_page_and_no_more_records_are_taken(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database)
        view = SqlLedgerView(database, await comparison_of(database).begun())
        tamper(tmp_path, FORGERIES["record changed"])
        page = await view.records_page(JournalQuestion(), sight=THEIRS, after=None, most=10)
        assert [item["index"] for item in page.items] == [0, 5, 4, 3, 2]
        assert page.compared.state is JournalState.UNSOUND
        assert "record 1 is not the one that was entered" in str(database.health().cause)


@pytest.mark.anyio
async def test_records_far_apart_are_compared_by_their_subtrees(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database)
        for _ in range(4):
            await write(database, tuple(told(RecordKind.DECISION, None, 20) for _ in range(200)))
        await write(database, (told(RecordKind.ENDED, "v-2", 30),))
        view = SqlLedgerView(database, await comparison_of(database).begun())
        page = await view.viewings_page(JournalQuestion("vda-203"), sight=SIGHT, after=None, most=10)
        assert {(each.viewing, each.ended_at is None) for each in page.items} == {("v-1", False), ("v-2", False)}
        assert page.compared.state is JournalState.COMPARED
        # An entry beside those of the page, in the same subtree: the root no longer is what it was.
        tamper(tmp_path, "UPDATE ledger_entries SET entry = zeroblob(32) WHERE idx = 100")
        view = SqlLedgerView(database, comparison_of(database))
        page = await view.viewings_page(JournalQuestion("vda-203"), sight=SIGHT, after=None, most=10)
        assert page.compared.state is JournalState.UNSOUND
        assert "the entries 0 to 255" in str(database.health().cause)


@pytest.mark.anyio
async def test_what_was_erased_is_no_difference(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        await write(database)
        for erased in ([1], [5], [2]):
            await database.erase_records(erased, reason="retention")
            assert (await comparison_of(database).begun()).compared.mended is None


@pytest.mark.anyio
async def test_a_ledger_of_many_pieces_is_compared_to_its_end_and_rows_are_found_in_each(tmp_path: Path) -> None:
    async with store_in(tmp_path) as database:
        for start in range(0, 2 * PIECE, 256):
            await write(database, tuple(told(RecordKind.OPENED, f"v-{start + n}", n) for n in range(256)))
        before = rows_in(tmp_path)
        tamper(
            tmp_path,
            "DELETE FROM ledger_viewings WHERE viewing IN ('v-3', 'v-2000')",
            "INSERT INTO ledger_viewings SELECT 'w-' || viewing, camera, opened_us, opened_idx, NULL, NULL, 1"
            " FROM ledger_viewings",
        )
        comparison = await comparison_of(database).begun()
        assert comparison.compared.state is JournalState.COMPARING, "long ledgers are compared behind the open doors"
        assert await comparison.mend() == 2 + 2 * PIECE - 2
        assert rows_in(tmp_path) == before


# At the append and after a rebuild


def differences_in(connection: Connection, sound: SoundRecords) -> list[RowDifference]:
    differences: list[RowDifference] = []
    following: Piece | None = first_piece()
    while following is not None:
        findings = Findings()
        following = following.read(connection, sound, findings)
        assert findings.unsound is None
        differences += findings.differences
    return differences


def rebuild(connection: Connection, sound: SoundRecords) -> None:
    piece: Piece | None = first_piece()
    while piece is not None:
        mended_piece(connection, piece, sound)
        piece = piece.read(connection, sound, Findings())


def derived_rows(connection: Connection) -> list[list[tuple[object, ...]]]:
    queries = (
        "SELECT idx, at_us, kind, camera, viewing, private_to FROM ledger_records",
        *(f"SELECT * FROM {t}" for t in DERIVED),
    )
    return [sorted(tuple(row) for row in connection.exec_driver_sql(query)) for query in queries]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = writing_engine(tmp_path_factory.mktemp("derived") / "ledger")
    with engine.connect() as connection:
        with connection.begin():
            upgrade(connection)
        yield connection
    engine.dispose()


ODD = "é\u2028\U0001f600"
RECORDS = st.builds(
    lambda kind, viewing, camera, event, hours: Record(
        kind=kind,
        at=DAY + timedelta(hours=hours),
        viewing=viewing,
        camera=camera,
        event=None if event is None else EventRef(event, "levee-de-doute"),
        detail={"motive": named(ODD)} if kind is RecordKind.EVENT else {},
    ),
    st.sampled_from([RecordKind.OPENED, RecordKind.ENDED, RecordKind.EVENT, RecordKind.RELIEVED, RecordKind.DECISION]),
    st.sampled_from([None, "v-1", "v-2", "v-é"]),
    st.sampled_from([None, "vda-1", "vda-2"]),
    st.sampled_from([None, "e-1", "e-2"]),
    st.integers(-30, 30),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(RECORDS, max_size=8), min_size=1, max_size=4))
def test_what_is_written_with_a_record_is_what_a_rebuild_writes(empty: Connection, groups: list[list[Record]]) -> None:
    transaction = empty.begin()
    try:
        log = LedgerLog(IDENTITY, SystemIds())
        log.open(empty)
        for group in groups:
            for record in group:
                log.append(record, said(ODD))
            log.became_durable(log.write_group(empty))
        sound = SoundRecords(log.known)
        appended = derived_rows(empty)
        assert differences_in(empty, sound) == []
        for table in DERIVED:
            empty.exec_driver_sql(f"DELETE FROM {table}")
        rebuild(empty, sound)
        assert derived_rows(empty) == appended
    finally:
        transaction.rollback()

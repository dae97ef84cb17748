"""The derived tables compared with the records, a bounded piece at a time, and mended from them.

Derived are `ledger_viewings`, `ledger_event_records` and the search columns of `ledger_records`. What parties typed is
compared with the hashes that records name. Each function reads within the caller's snapshot. Compared are first all records, then the viewings: they are found by the search columns.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    delete,
    exists,
    insert,
    literal_column,
    select,
    type_coerce,
)

from belvedere.domain.record import RecordKind
from belvedere.ledger.derived import Derived, SearchColumns, ViewingRun, run_told, runs_of
from belvedere.store.connections import driver_of
from belvedere.store.ledger_rows import as_blob, read_entry_hashes
from belvedere.store.ledger_tables import (
    ledger_entries,
    ledger_erasures,
    ledger_event_records,
    ledger_records,
    ledger_viewings,
    ledger_words,
)
from belvedere.store.party_words import WordsKey, compare_words, remove_words
from belvedere.store.sound_records import RECORD_ROWS, Findings, RowDifference, SoundRecords

PIECE = 1_024
"""Four subtrees of 256 entries: so many records, or rows, are compared in one snapshot."""

# As SQLite keeps it: a column of any type takes a value of any other, and the indexes look for a 1.
VIEWING_ROWS = select(
    *(column for column in ledger_viewings.c if column.name != "lasting"),
    type_coerce(ledger_viewings.c.lasting, Integer).label("lasting"),
)
PLACE_MIN, PLACE_MAX = -(2**63), 2**63 - 1
_PLACE: ColumnElement[int] = literal_column("ledger_viewings.rowid", Integer)
_INVENTED = "ledger_viewings row"
_STRAY_WORDS = "ledger_words of no record"
_KEYS: Mapping[str, tuple[Table, ColumnElement[Any]]] = {
    "ledger_records": (ledger_records, ledger_records.c.idx),
    "ledger_viewings": (ledger_viewings, ledger_viewings.c.viewing),
    _INVENTED: (ledger_viewings, _PLACE),
    "ledger_event_records": (ledger_event_records, ledger_event_records.c.idx),
    _STRAY_WORDS: (ledger_words, ledger_words.c.record),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What one snapshot compares: `read` tells its findings, and gives the piece that follows, None at the end."""

    name: str
    read: Callable[[Connection, SoundRecords, Findings], "Piece | None"]


def compare_piece(connection: Connection, piece: Piece, sound: SoundRecords, findings: Findings) -> Piece | None:
    """Compare one piece, whatever bytes its text columns hold; return the piece that follows."""
    driver = driver_of(connection)
    # Bytes that are no UTF-8 must be found different, not keep everything from being compared.
    driver.text_factory = _text
    try:
        return piece.read(connection, sound, findings)
    finally:
        driver.text_factory = str


def _text(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")


def first_piece() -> Piece:
    """Return where a comparison begins; each piece gives the next one, None at the end."""
    return _records_from(0)


def _records_from(start: int) -> Piece:
    def read(connection: Connection, sound: SoundRecords, findings: Findings) -> Piece | None:
        compare_records(connection, sound, findings, start=start)
        return _records_from(start + PIECE) if start + PIECE < sound.known.size else _strays()

    return Piece(f"records from {start}", read)


def _strays() -> Piece:
    def read(connection: Connection, sound: SoundRecords, findings: Findings) -> Piece | None:
        return _strays() if find_strays(connection, sound, findings) else _viewings_from(0)

    return Piece("rows beyond the ledger's end", read)


def _viewings_from(start: int) -> Piece:
    def read(connection: Connection, sound: SoundRecords, findings: Findings) -> Piece | None:
        compare_viewings(connection, findings, start=start)
        return _viewings_from(start + PIECE) if start + PIECE < sound.known.size else _rows_from(PLACE_MIN)

    return Piece(f"viewings opened from record {start}", read)


def _rows_from(place: int) -> Piece:
    def read(connection: Connection, _: SoundRecords, findings: Findings) -> Piece | None:
        last = find_invented_viewings(connection, findings, start=place)
        return None if last is None or last == PLACE_MAX else _rows_from(last + 1)

    return Piece(f"rows of viewings from {place}", read)


def compare_records(connection: Connection, sound: SoundRecords, findings: Findings, *, start: int) -> None:
    """Compare `PIECE` records from `start` on with the tree, with their search columns, and with their events' rows."""
    end, held = start + PIECE, sound.known.durable_size
    stored = [as_blob(each) for each in read_entry_hashes(connection, start=start, end=end)]
    for index, entry in enumerate(stored, start):
        if sound.entry(connection, index, findings) != entry:
            findings.forged(f"entry {index} is not that of the tree")
    if start + len(stored) < min(end, held):
        findings.forged(f"entry {start + len(stored)} is missing from the ledger")
    records = sound.read(connection, RECORD_ROWS.where(_between(ledger_records.c.idx, start, end)), findings)
    erased = set(connection.scalars(select(ledger_erasures.c.idx).where(_between(ledger_erasures.c.idx, start, end))))
    for index in range(start, start + len(stored)):
        if index not in records and index not in erased:
            findings.forged(f"record {index} was removed without an erasure, or is not the one that was entered")
    compare_words(connection, records.values(), findings, start=start, end=min(end, sound.known.size))
    must = {index: each.derived.event for index, each in records.items() if each.derived.event is not None}
    rows = connection.execute(
        select(ledger_event_records).where(_between(ledger_event_records.c.idx, start, end))
    ).mappings()
    stands = {row["idx"]: row["event"] for row in rows if 0 <= row["idx"] < sound.known.size}
    for index in sorted(must.keys() | stands.keys()):
        if must.get(index) != stands.get(index):
            findings.differences.append(
                RowDifference(
                    "ledger_event_records", index, _event(index, stands.get(index)), _event(index, must.get(index))
                )
            )


def find_strays(connection: Connection, sound: SoundRecords, findings: Findings) -> bool:
    """Find rows whose index no entry of the tree has, `PIECE` of each table; return whether there may be more."""
    is_full = False
    for name, column in (
        ("ledger_records", ledger_records.c.idx),
        ("ledger_event_records", ledger_event_records.c.idx),
        (_STRAY_WORDS, ledger_words.c.record),
    ):
        query = select(column.label("idx")).where((column < 0) | (column >= sound.known.size))
        rows = connection.execute(query.limit(PIECE)).all()
        # Asked again: what was committed since then is no stray.
        findings.differences += [
            RowDifference(name, row.idx, {}, None)
            for row in rows
            if not (isinstance(row.idx, int) and 0 <= row.idx < sound.known.size)
        ]
        is_full = is_full or len(rows) == PIECE
    beyond = connection.scalars(select(ledger_entries.c.idx).order_by(ledger_entries.c.idx.desc()).limit(1)).first()
    if beyond is not None and beyond >= sound.known.size:
        findings.forged(f"entry {beyond} was never entered")
    return is_full


def compare_viewings(connection: Connection, findings: Findings, *, start: int) -> None:
    """Compare the rows of the viewings that `PIECE` records from `start` on open; a missing row too."""
    opened = connection.scalars(
        select(ledger_records.c.viewing).where(
            _between(ledger_records.c.idx, start, start + PIECE),
            ledger_records.c.kind == RecordKind.OPENED.value,
            ledger_records.c.viewing.is_not(None),
            ledger_records.c.camera.is_not(None),
        )
    ).all()
    runs = _runs(connection, opened)
    rows = connection.execute(VIEWING_ROWS.where(ledger_viewings.c.viewing.in_(opened))).mappings()
    stands = {row["viewing"]: dict(row) for row in rows}
    for viewing in dict.fromkeys(opened):
        must = viewing_row(runs[viewing])
        if stands.get(viewing) != must:
            findings.differences.append(RowDifference("ledger_viewings", viewing, stands.get(viewing), must))


def find_invented_viewings(connection: Connection, findings: Findings, *, start: int) -> int | None:
    """Find rows of viewings that no record opens among `PIECE` rows; return the last one looked at, None at the end.

    They are named by their place in the table: what stands in their columns may be no text.
    """
    opens = exists().where(
        ledger_records.c.viewing == ledger_viewings.c.viewing,
        ledger_records.c.kind == RecordKind.OPENED.value,
        ledger_records.c.camera.is_not(None),
    )
    rows = connection.execute(
        select(_PLACE.label("place"), opens.label("opened"))
        .select_from(ledger_viewings)
        .where(_PLACE.between(start, PLACE_MAX))
        .order_by(_PLACE)
        .limit(PIECE)
    ).all()
    findings.differences += [RowDifference(_INVENTED, row.place, {}, None) for row in rows if not row.opened]
    last: int | None = rows[-1].place if rows else None
    return last


def mend(connection: Connection, differences: Iterable[RowDifference]) -> None:
    """Make each row what its records say; in a transaction, after a comparison in the same one."""
    for each in differences:
        if isinstance(each.key, WordsKey):
            remove_words(connection, each.key)
            continue
        table, key = _KEYS[each.table]
        if each.must is None:
            connection.execute(delete(table).where(key == each.key))
        elif each.table == "ledger_records":
            # A record's row is never updated, which a trigger holds: it is taken out and put back.
            kept = select(ledger_records.c.idx, ledger_records.c.salt, ledger_records.c.record).where(key == each.key)
            row = connection.execute(kept).mappings().one()
            connection.execute(delete(table).where(key == each.key))
            connection.execute(insert(table).values({**row, **each.must}))
        else:
            connection.execute(delete(table).where(key == each.key))
            connection.execute(insert(table).values(dict(each.must)))


def viewing_row(run: ViewingRun) -> dict[str, object]:
    """Return a viewing's row of `ledger_viewings`."""
    return {
        "viewing": run.viewing,
        "camera": run.camera,
        "opened_us": run.opened_us,
        "opened_idx": run.opened_index,
        "ended_us": run.ended_us,
        "ended_idx": run.ended_index,
        "lasting": run.lasting,
    }


def _runs(connection: Connection, viewings: Sequence[str]) -> Mapping[str, ViewingRun]:
    """Return the runs of viewings by the search columns, which were compared with their records before."""
    rows = connection.execute(
        select(
            ledger_records.c.idx,
            ledger_records.c.at_us,
            ledger_records.c.kind,
            ledger_records.c.camera,
            ledger_records.c.viewing,
        )
        .where(
            ledger_records.c.viewing.in_(viewings),
            ledger_records.c.kind.in_((RecordKind.OPENED.value, RecordKind.ENDED.value)),
        )
        .order_by(ledger_records.c.idx)
    )
    return runs_of(
        Derived(
            index=row.idx,
            search=SearchColumns(row.at_us, row.kind, row.camera, row.viewing, None),
            run=run_told(row.kind, camera=row.camera, viewing=row.viewing),
            event=None,
        )
        for row in rows
    )


def _between(column: Column[Any], start: int, end: int) -> Any:
    return (column >= start) & (column < end)


def _event(index: int, event: str | None) -> dict[str, object] | None:
    return None if event is None else {"idx": index, "event": event}

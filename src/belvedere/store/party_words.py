"""What parties typed, beside the records that name it: read as it was entered, and erased with its record.

Every function works within the caller's transaction. A text counts only where its hash is the one that a sound record
names; the tables that carry copies of it lose them when the last record of it goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, exists, select, update

from belvedere.domain.words import words_sha256
from belvedere.ledger.derived import words_named
from belvedere.store import disclosure_rows
from belvedere.store.ledger_rows import as_blob
from belvedere.store.ledger_tables import ledger_event_records, ledger_words
from belvedere.store.live_tables import events, handover_notes
from belvedere.store.sound_records import Findings, RowDifference, SoundRecord

EVENT_WORDS = tuple(column for name in ("sector", "motive", "dispatch_number") for column in (name, f"{name}_salt"))
"""The columns of `events` that hold words."""


class WordsKey(NamedTuple):
    """A record's index, and the SHA-256 (hex) by which it names words."""

    record: int
    sha256: str


def read_words(connection: Connection, records: Iterable[SoundRecord], findings: Findings) -> Mapping[WordsKey, str]:
    """Return the texts that `records` name. What is missing, altered or invented goes to `findings`."""
    named = _named(records)
    indexes = sorted({each.record for each in named})
    rows = connection.execute(select(ledger_words).where(ledger_words.c.record.in_(indexes))).all() if indexes else ()
    return _told(rows, named, findings)


def compare_words(
    connection: Connection, records: Iterable[SoundRecord], findings: Findings, *, start: int, end: int
) -> None:
    """Compare the words beside the records [start, end) with what `records`, the sound ones of them, name."""
    rows = connection.execute(
        select(ledger_words).where(ledger_words.c.record >= start, ledger_words.c.record < end)
    ).all()
    _told(rows, _named(records), findings)


def _named(records: Iterable[SoundRecord]) -> set[WordsKey]:
    return {WordsKey(each.index, sha256) for each in records for sha256 in words_named(each.members).values()}


def _told(rows: Sequence[Row[Any]], named: set[WordsKey], findings: Findings) -> Mapping[WordsKey, str]:
    told: dict[WordsKey, str] = {}
    for row in rows:
        key = WordsKey(row.record, row.sha256)  # whatever they hold: so it is found again, to be removed
        text = row.text if isinstance(row.text, str) else as_blob(row.text).decode("utf-8", "replace")
        if key not in named:
            findings.differences.append(RowDifference("ledger_words", key, {"record": key.record}, None))
        elif words_sha256(text, as_blob(row.salt)) == key.sha256:
            told[key] = text
    for key in sorted(named - told.keys()):
        findings.forged(f"the words that record {key.record} names are not those that were entered, or are gone")
    return told


def remove_words(connection: Connection, key: WordsKey) -> None:
    """Remove words that no record names."""
    connection.execute(
        delete(ledger_words).where(ledger_words.c.record == key.record, ledger_words.c.sha256 == key.sha256)
    )


def erase_words(connection: Connection, erased: Sequence[int]) -> None:
    """Erase the words of these records, and the copies of what no record names any more; before their events' rows."""
    if not erased:
        return
    salts = connection.scalars(
        delete(ledger_words).where(ledger_words.c.record.in_(erased)).returning(ledger_words.c.salt)
    ).all()
    connection.execute(delete(handover_notes).where(handover_notes.c.salt.in_(salts)))
    disclosure_rows.erase_copies(connection, salts)
    gone = select(ledger_event_records.c.event).where(ledger_event_records.c.idx.in_(erased))
    stands = exists().where(ledger_event_records.c.event == events.c.id, ledger_event_records.c.idx.not_in(erased))
    empty = dict.fromkeys(EVENT_WORDS)
    connection.execute(update(events).where(events.c.id.in_(gone), ~stands).values(empty))

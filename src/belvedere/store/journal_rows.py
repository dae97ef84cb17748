"""The journal's questions over the ledger's rows: which viewings ran in a time, which records tell of it.

Every function reads within the caller's snapshot. Each answer is bounded, and found by ranges of an index alone. What
it says is what the records say, each compared with the tree as it is read; a table only tells where to look.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, select, tuple_, union_all

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef
from belvedere.domain.journal import (
    COUNTED_MAX,
    Compared,
    JournalEvent,
    JournalPlace,
    JournalQuestion,
    JournalState,
    JournalViewing,
    MotiveGiven,
    RecordsPage,
    ViewingsPage,
    Watcher,
)
from belvedere.ledger.derived import LASTING_US, ViewingRun, event_of, runs_of, words_named
from belvedere.rights.sight import Sight
from belvedere.store.agents_tables import accounts, stations
from belvedere.store.derived_rows import VIEWING_ROWS, viewing_row
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.ledger_tables import ledger_event_records, ledger_records, ledger_viewings
from belvedere.store.party_words import WordsKey, read_words
from belvedere.store.sound_records import RECORD_ROWS, Findings, RowDifference, SoundRecord, SoundRecords

_RUNS = ledger_viewings.c
_RECORDS = ledger_records.c
NOT_COMPARED = Compared(JournalState.COMPARING)
"""What a page says until the one who knows has said more."""


def read_viewings(
    connection: Connection,
    question: JournalQuestion,
    *,
    sight: Sight,
    after: JournalPlace | None,
    most: int,
    sound: SoundRecords,
    findings: Findings,
) -> ViewingsPage:
    """Return the viewings that ran at some instant of the question's time, newest first, by their records.

    Those whose records were erased are left out: nothing of them is left to tell. What differs goes to `findings`.
    """
    ranges = _ranges(question)
    page = [_newest(each, _RUNS.opened_us, _RUNS.opened_idx, after=after, most=most + 1) for each in ranges]
    found = union_all(*(select(each.subquery()) for each in page)).subquery()
    rows = connection.execute(
        select(found).order_by(found.c.opened_us.desc(), found.c.opened_idx.desc()).limit(most + 1)
    ).all()
    shown = rows[:most]
    last = shown[-1] if len(rows) > most else None
    return ViewingsPage(
        items=_told(connection, shown, sight=sight, sound=sound, findings=findings),
        total=_count(connection, ranges),
        after=None if last is None else JournalPlace(last.opened_us, last.opened_idx),
        compared=NOT_COMPARED,
    )


def read_records(
    connection: Connection,
    question: JournalQuestion,
    *,
    sight: Sight,
    after: JournalPlace | None,
    most: int,
    sound: SoundRecords,
    findings: Findings,
) -> RecordsPage:
    """Return the records whose own instant lies in the question's time, newest first; erased ones are left out.

    So are those that the reader may not see, and those that are not what was entered; `findings` says which.
    """
    ranges = _record_ranges(question, sight)
    page = [_newest(each, _RECORDS.at_us, _RECORDS.idx, after=after, most=most + 1) for each in ranges]
    found = union_all(*(select(each.subquery()) for each in page)).subquery()
    rows = connection.execute(select(found).order_by(found.c.at_us.desc(), found.c.idx.desc()).limit(most + 1)).all()
    shown = rows[:most]
    last = shown[-1] if len(rows) > most else None
    # By the record itself: the column that says whose it is may be what was changed.
    told = {
        index: each
        for index, each in sound.among(connection, shown, findings).items()
        if sight.record(each.derived.search.private_to)
    }
    items = [{"index": row.idx, **told[row.idx].members} for row in shown if row.idx in told]
    return RecordsPage(
        items=items,
        stations=_station_labels(
            connection, (station for each in items for station in _stations_in(each)), sight=sight
        ),
        words={key.sha256: text for key, text in read_words(connection, told.values(), findings).items()},
        total=_count(connection, ranges),
        after=None if last is None else JournalPlace(last.at_us, last.idx),
        compared=NOT_COMPARED,
    )


def _record_ranges(question: JournalQuestion, sight: Sight) -> list[Select[Any]]:
    """Return what to look up, of what the reader may see; the ranges never overlap."""
    asked = RECORD_ROWS
    if question.since is not None:
        asked = asked.where(_RECORDS.at_us >= microseconds(question.since))
    if question.until is not None:
        asked = asked.where(_RECORDS.at_us < microseconds(question.until))
    if question.camera is not None:
        # What is of a camera is nobody's alone.
        return [asked.where(_RECORDS.camera == question.camera, _RECORDS.private_to.is_(None))]
    return [asked.where(_RECORDS.private_to.is_(None)), asked.where(_RECORDS.private_to == sight.reader)]


def _ranges(question: JournalQuestion) -> list[Select[Any]]:
    """Return what to look up: what opened in the time or a day before it, and the few that last; they never overlap."""
    asked = VIEWING_ROWS
    if question.camera is not None:
        asked = asked.where(_RUNS.camera == question.camera)
    if question.until is not None:
        asked = asked.where(_RUNS.opened_us < microseconds(question.until))
    if question.since is None:
        return [asked]
    since_us = microseconds(question.since)
    asked = asked.where(_RUNS.ended_us.is_(None) | (_RUNS.ended_us > since_us))
    lately = _RUNS.opened_us >= since_us - LASTING_US
    return [asked.where(lately), asked.where(~lately, _RUNS.lasting)]


def _newest(
    asked: Select[Any],
    at_us: ColumnElement[int],
    index: ColumnElement[int],
    *,
    after: JournalPlace | None,
    most: int,
) -> Select[Any]:
    if after is not None:
        asked = asked.where(tuple_(at_us, index) < tuple_(literal(after.at_us), literal(after.index)))
    return asked.order_by(at_us.desc(), index.desc()).limit(most)


def _count(connection: Connection, ranges: Sequence[Select[Any]]) -> int:
    """Return how many rows the ranges hold, counted up to `COUNTED_MAX`."""
    counted = 0
    for each in ranges:
        bounded = each.with_only_columns(literal(1), maintain_column_froms=True).limit(COUNTED_MAX - counted).subquery()
        counted += connection.scalar(select(func.count()).select_from(bounded)) or 0
    return counted


def _told(
    connection: Connection, rows: Sequence[Row[Any]], *, sight: Sight, sound: SoundRecords, findings: Findings
) -> list[JournalViewing]:
    """Return the viewings as their records tell them; a row that says otherwise goes to `findings`."""
    named = [index for row in rows for index in (row.opened_idx, row.ended_idx) if index is not None]
    wanted = RECORD_ROWS.where(
        (_RECORDS.viewing.in_([row.viewing for row in rows]) & _RECORDS.kind.in_(("opened", "relieved", "ended")))
        # By their indexes too: the column that names a record's viewing may be what was changed.
        | _RECORDS.idx.in_(named)
    )
    told = sound.read(connection, wanted, findings)
    runs = runs_of(each.derived for each in told.values())
    for row in rows:
        run = runs.get(row.viewing)
        if sound.known.whole and _stands(row) != (None if run is None else viewing_row(run)):
            findings.differences.append(
                RowDifference("ledger_viewings", row.viewing, _stands(row), None if run is None else viewing_row(run))
            )
    by_viewing: dict[str, list[SoundRecord]] = {}
    for each in told.values():
        by_viewing.setdefault(each.derived.search.viewing or "", []).append(each)
    subjects = [_subject(each.members) for each in told.values() if each.members["subject"] is not None]
    names = _own_names(connection, (subject["agent"] for subject in subjects), sight=sight)
    labels = _station_labels(connection, (subject["station"] for subject in subjects), sight=sight)
    events = _events(
        connection,
        {event for each in told.values() if (event := event_of(each.members)) is not None},
        sight=sight,
        sound=sound,
        findings=findings,
    )
    return [
        _viewing(run, told, by_viewing[run.viewing], names=names, labels=labels, events=events)
        for row in rows
        if (run := runs.get(row.viewing)) is not None
    ]


def _stands(row: Row[Any]) -> Mapping[str, object]:
    return row._asdict()


def _viewing(
    run: ViewingRun,
    told: Mapping[int, SoundRecord],
    records: Sequence[SoundRecord],
    *,
    names: Mapping[str, str],
    labels: Mapping[str, str],
    events: Mapping[str, JournalEvent],
) -> JournalViewing:
    opened: Mapping[str, Any] = told[run.opened_index].members
    ended: Mapping[str, Any] | None = None if run.ended_index is None else told[run.ended_index].members
    subject, event = _subject(opened), opened["event"]
    return JournalViewing(
        index=run.opened_index,
        viewing=run.viewing,
        camera=run.camera,
        party=subject["party"],
        watchers=tuple(
            _watcher(each.members, names) for each in records if each.members["kind"] in ("opened", "relieved")
        ),
        station=subject["station"],
        station_label=labels.get(subject["station"]),
        event=None
        if event is None
        else events.get(event["id"], JournalEvent(event["id"], event["kind"], (), dispatch_number=None, erased=True)),
        purpose=opened["purpose"],
        opened_at=instant(run.opened_us),
        ended_at=None if run.ended_us is None else instant(run.ended_us),
        articles=tuple(ArticleRef(article) for article in opened["articles"]),
        cause=None if ended is None or ended["cause"] is None else Cause.read(ended["cause"]),
        ended_articles=() if ended is None else tuple(ArticleRef(article) for article in ended["articles"]),
    )


def _watcher(record: Mapping[str, Any], names: Mapping[str, str]) -> Watcher:
    subject = _subject(record)
    return Watcher(
        agent=subject["agent"],
        service=subject["service"],
        name=names.get(subject["agent"]),
        since=Instant.fromisoformat(record["at"]),
    )


def _subject(record: Mapping[str, Any]) -> Mapping[str, Any]:
    subject: Mapping[str, Any] = record["subject"]
    return subject


def _own_names(connection: Connection, pseudonyms: Iterable[str | None], *, sight: Sight) -> Mapping[str, str]:
    """Return what the reader's own agents are called; another party's names stay with it (rules A23)."""
    rows = connection.execute(
        select(accounts.c.pseudonym, accounts.c.label).where(
            accounts.c.pseudonym.in_(sorted({each for each in pseudonyms if each is not None})),
            accounts.c.party == sight.reader,
        )
    )
    return {row.pseudonym: row.label for row in rows}


def _station_labels(connection: Connection, wanted: Iterable[str | None], *, sight: Sight) -> Mapping[str, str]:
    """Return how the reader's own stations are called; another party's are known by their ids."""
    ids = sorted({station for station in wanted if station is not None})
    named = select(stations.c.id, stations.c.label).where(stations.c.id.in_(ids), stations.c.party == sight.reader)
    rows = connection.execute(named)
    return {row.id: row.label for row in rows}


def _stations_in(record: Mapping[str, Any]) -> Iterable[str | None]:
    subject, detail = record.get("subject"), record.get("detail")
    return (
        None if subject is None else subject["station"],
        detail.get("station") if isinstance(detail, Mapping) else None,
    )


def _events(
    connection: Connection, ids: Iterable[str], *, sight: Sight, sound: SoundRecords, findings: Findings
) -> Mapping[str, JournalEvent]:
    """Return the events as their own records tell them: each motive that was given, with who gave it and when."""
    rows = connection.execute(
        select(ledger_event_records.c.idx, ledger_event_records.c.event).where(
            ledger_event_records.c.event.in_(sorted(ids))
        )
    ).all()
    told = sound.read(connection, RECORD_ROWS.where(_RECORDS.idx.in_([row.idx for row in rows])), findings)
    by_event: dict[str, list[SoundRecord]] = {}
    for row in rows:
        record = told.get(row.idx)
        event = None if record is None else record.derived.event
        if record is not None and event is not None:
            by_event.setdefault(event, []).append(record)
        if sound.known.whole and event != row.event:
            findings.differences.append(
                RowDifference(
                    "ledger_event_records", row.idx, {"event": row.event}, None if event is None else {"event": event}
                )
            )
    subjects = (_subject(each.members) for each in told.values() if each.members["subject"] is not None)
    names = _own_names(connection, (subject["agent"] for subject in subjects), sight=sight)
    texts = read_words(connection, told.values(), findings)
    return {event: _event(event, records, names=names, texts=texts, sight=sight) for event, records in by_event.items()}


def _event(
    event: str,
    records: Sequence[SoundRecord],
    *,
    names: Mapping[str, str],
    texts: Mapping[WordsKey, str],
    sight: Sight,
) -> JournalEvent:
    """Return an event that opened a camera, as its own records tell it and as far as the reader may know it."""
    motives: list[MotiveGiven] = []
    dispatch_number: str | None = None
    kind = ""
    for each in sorted(records, key=lambda record: record.index):
        record: Mapping[str, Any] = each.members
        named, subject = words_named(each.members), record["subject"] or {}
        said, called = named.get("motive"), named.get("dispatch_number")
        party, kind = subject.get("party") or "", record["event"]["kind"]
        motive = texts.get(WordsKey(each.index, said)) if said and sight.motive(party) else None
        if called and sight.own(party):
            dispatch_number = texts.get(WordsKey(each.index, called)) or dispatch_number
        if motive is not None and (not motives or motives[-1].words != motive):
            agent = subject.get("agent")
            at = Instant.fromisoformat(record["at"])
            motives.append(MotiveGiven(motive, agent, subject.get("service"), names.get(agent or ""), at))
    return JournalEvent(event, kind, tuple(motives), dispatch_number, erased=False)

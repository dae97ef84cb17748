"""The journal's questions over the ledger's rows: which viewings ran in a time, which records tell of it.

Every function reads within the caller's snapshot. Each answer is bounded, and found by ranges of an index alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, select, tuple_, union_all

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef
from belvedere.domain.journal import (
    COUNTED_MAX,
    JournalEvent,
    JournalPlace,
    JournalQuestion,
    JournalViewing,
    RecordsPage,
    ViewingsPage,
    Watcher,
)
from belvedere.store.agents_tables import accounts, stations
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.ledger_tables import LASTING_US, ledger_records, ledger_viewings
from belvedere.store.live_tables import events

_RUNS = ledger_viewings.c
_RECORDS = ledger_records.c


def read_viewings(
    connection: Connection, question: JournalQuestion, *, owner: str, after: JournalPlace | None, most: int
) -> ViewingsPage:
    """Return the viewings that ran at some instant of the question's time, newest first.

    Those whose records were erased are left out: nothing of them is left to tell.
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
        items=_told(connection, shown, owner=owner),
        total=_count(connection, ranges),
        after=None if last is None else JournalPlace(last.opened_us, last.opened_idx),
    )


def read_records(
    connection: Connection, question: JournalQuestion, *, after: JournalPlace | None, most: int
) -> RecordsPage:
    """Return the records whose own instant lies in the question's time, newest first; erased ones are left out."""
    asked = select(_RECORDS.idx, _RECORDS.record, _RECORDS.at_us)
    if question.camera is not None:
        asked = asked.where(_RECORDS.camera == question.camera)
    if question.since is not None:
        asked = asked.where(_RECORDS.at_us >= microseconds(question.since))
    if question.until is not None:
        asked = asked.where(_RECORDS.at_us < microseconds(question.until))
    rows = connection.execute(_newest(asked, _RECORDS.at_us, _RECORDS.idx, after=after, most=most + 1)).all()
    shown = rows[:most]
    last = shown[-1] if len(rows) > most else None
    items = [{"index": row.idx, **json.loads(row.record)} for row in shown]
    return RecordsPage(
        items=items,
        stations=_station_labels(connection, (station for each in items for station in _stations_in(each))),
        total=_count(connection, [asked]),
        after=None if last is None else JournalPlace(last.at_us, last.idx),
    )


def _ranges(question: JournalQuestion) -> list[Select[Any]]:
    """Return what to look up: what opened in the time or a day before it, and the few that last; they never overlap."""
    asked = select(_RUNS.viewing, _RUNS.camera, _RUNS.opened_us, _RUNS.opened_idx, _RUNS.ended_us, _RUNS.ended_idx)
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


def _told(connection: Connection, runs: Sequence[Row[Any]], *, owner: str) -> list[JournalViewing]:
    """Return the viewings with what their records say of them."""
    by_viewing: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    wanted = select(_RECORDS.idx, _RECORDS.viewing, _RECORDS.record).where(
        _RECORDS.viewing.in_([row.viewing for row in runs]), _RECORDS.kind.in_(("opened", "relieved", "ended"))
    )
    for row in connection.execute(wanted.order_by(_RECORDS.idx)):
        by_viewing.setdefault(row.viewing, []).append((row.idx, json.loads(row.record)))
    records = [record for each in by_viewing.values() for _, record in each]
    names = _own_names(connection, {_subject(record)["agent"] for record in records}, owner=owner)
    labels = _station_labels(connection, (_subject(record)["station"] for record in records))
    words = _events(connection, {record["event"]["id"] for record in records if record["event"] is not None})
    told = (
        _viewing(row, dict(by_viewing.get(row.viewing, [])), names=names, labels=labels, words=words) for row in runs
    )
    return [each for each in told if each is not None]


def _viewing(
    row: Row[Any],
    records: Mapping[int, Mapping[str, Any]],
    *,
    names: Mapping[str, str],
    labels: Mapping[str, str],
    words: Mapping[str, JournalEvent],
) -> JournalViewing | None:
    opened = records.get(row.opened_idx)
    if opened is None:
        return None
    ended = None if row.ended_idx is None else records.get(row.ended_idx)
    subject, event = _subject(opened), opened["event"]
    return JournalViewing(
        index=row.opened_idx,
        viewing=row.viewing,
        camera=row.camera,
        party=subject["party"],
        watchers=tuple(
            _watcher(record, names) for record in records.values() if record["kind"] in ("opened", "relieved")
        ),
        station=subject["station"],
        station_label=labels.get(subject["station"]),
        event=None
        if event is None
        else words.get(event["id"], JournalEvent(event["id"], event["kind"], motive=None, dispatch_number=None)),
        purpose=opened["purpose"],
        opened_at=instant(row.opened_us),
        ended_at=None if row.ended_us is None else instant(row.ended_us),
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


def _own_names(connection: Connection, pseudonyms: Iterable[str], *, owner: str) -> Mapping[str, str]:
    """Return what the owner's own agents are called; a partner's names stay with the partner (rules A23)."""
    rows = connection.execute(
        select(accounts.c.pseudonym, accounts.c.label).where(
            accounts.c.pseudonym.in_(sorted(set(pseudonyms))), accounts.c.party == owner
        )
    )
    return {row.pseudonym: row.label for row in rows}


def _station_labels(connection: Connection, wanted: Iterable[str | None]) -> Mapping[str, str]:
    ids = sorted({station for station in wanted if station is not None})
    rows = connection.execute(select(stations.c.id, stations.c.label).where(stations.c.id.in_(ids)))
    return {row.id: row.label for row in rows}


def _stations_in(record: Mapping[str, Any]) -> Iterable[str | None]:
    subject, detail = record.get("subject"), record.get("detail")
    return (
        None if subject is None else subject["station"],
        detail.get("station") if isinstance(detail, Mapping) else None,
    )


def _events(connection: Connection, ids: Iterable[str]) -> Mapping[str, JournalEvent]:
    rows = connection.execute(
        select(events.c.id, events.c.kind, events.c.motive, events.c.dispatch_number).where(
            events.c.id.in_(sorted(ids))
        )
    )
    return {row.id: JournalEvent(row.id, row.kind, row.motive, row.dispatch_number) for row in rows}

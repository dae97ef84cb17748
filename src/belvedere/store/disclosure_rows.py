"""Motives that cross between nodes, in the tables: what is owed to owners, and what other parties told.

The texts here are copies for a screen and for the wire: the ledger's words are erased with their record, and these with them.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes import DisclosureTaken, MotiveDisclosed, MotiveReceived
from belvedere.domain.disclosures import Disclosure, ToldEvent, named_by
from belvedere.domain.ids import CameraId, EventId, PartyId, Pseudonym, ServiceId, ViewingId
from belvedere.domain.viewings import Viewing
from belvedere.domain.words import Words
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.ledger_tables import ledger_words
from belvedere.store.peer_rows import KEPT_US
from belvedere.store.peer_tables import disclosures, told_events
from belvedere.store.rows import words_or_none

DUE_MAX = 64
_NO_WORDS = {"motive": None, "motive_salt": None, "sector": None, "sector_salt": None}


def read_disclosures(connection: Connection, event: EventId) -> Sequence[Disclosure]:
    """Return every version of an event's words that was or is owed, by owner and number."""
    query = select(disclosures).where(disclosures.c.event == event)
    rows = connection.execute(query.order_by(disclosures.c.owner, disclosures.c.number))
    return [_disclosure(row) for row in rows]


def read_due(connection: Connection, owner: PartyId) -> Sequence[Disclosure]:
    """Return what an owner has not taken yet, by event and number; `DUE_MAX` at most."""
    query = select(disclosures).where(disclosures.c.owner == owner, ~disclosures.c.taken)
    rows = connection.execute(query.order_by(disclosures.c.event, disclosures.c.number).limit(DUE_MAX))
    return [_disclosure(row) for row in rows]


def disclose(connection: Connection, change: MotiveDisclosed) -> None:
    """Keep what is owed to an owner."""
    each = change.disclosure
    values = {
        "owner": each.owner,
        "event": each.event,
        "number": each.number,
        "kind": each.kind,
        **_words("motive", each.motive),
        **_words("sector", each.sector),
        "agent": each.agent,
        "service": each.service,
        "at_us": microseconds(each.at),
        "taken": each.taken,
    }
    put = upsert(disclosures).values(values)
    connection.execute(put.on_conflict_do_update(index_elements=["owner", "event", "number"], set_=values))


def take_disclosure(connection: Connection, change: DisclosureTaken) -> None:
    """Note that an owner has a version; its words go."""
    which = (
        disclosures.c.owner == change.owner,
        disclosures.c.event == change.event,
        disclosures.c.number == change.number,
    )
    connection.execute(update(disclosures).where(*which).values(taken=True, **_NO_WORDS))


def read_told_event(connection: Connection, event: EventId) -> ToldEvent | None:
    """Return the event of another node that opened a camera here, or None."""
    row = connection.execute(select(told_events).where(told_events.c.event == event)).one_or_none()
    return None if row is None else _told(row)


def keep_named(connection: Connection, viewing: Viewing) -> None:
    """Keep which event of another node a viewing names; forget those of long ago, whose records are erased by now."""
    event, since_us = named_by(viewing), microseconds(viewing.since)
    if event is None:
        return
    made = upsert(told_events).values(_told_values(event) | {"since_us": since_us})
    connection.execute(made.on_conflict_do_nothing())
    connection.execute(delete(told_events).where(told_events.c.since_us < since_us - KEPT_US))


def receive_motive(connection: Connection, change: MotiveReceived) -> None:
    """Let the newest version stand."""
    values = _told_values(change.told) | {"since_us": microseconds(change.at)}
    put = upsert(told_events).values(values)
    kept = {key: value for key, value in values.items() if key not in ("event", "since_us")}
    connection.execute(put.on_conflict_do_update(index_elements=["event"], set_=kept))


def events_to_come(connection: Connection, ids: Collection[str]) -> Mapping[str, str]:
    """Return which of these events are another node's, that told nothing of them yet, each with its kind."""
    query = select(told_events.c.event, told_events.c.kind).where(
        told_events.c.event.in_(sorted(ids)), told_events.c.number == 0
    )
    return {row.event: row.kind for row in connection.execute(query)}


def erase_copies(connection: Connection, salts: Collection[bytes]) -> None:
    """Erase the copies of words that no record names any more."""
    for table, column, salt in (
        (told_events, told_events.c.motive, told_events.c.motive_salt),
        (told_events, told_events.c.sector, told_events.c.sector_salt),
        (disclosures, disclosures.c.motive, disclosures.c.motive_salt),
        (disclosures, disclosures.c.sector, disclosures.c.sector_salt),
    ):
        stands = exists().where(ledger_words.c.salt == salt)
        gone = update(table).where(salt.in_(salts), ~stands)
        connection.execute(gone.values({column.name: None, salt.name: None}))


def _disclosure(row: Row[Any]) -> Disclosure:
    return Disclosure(
        owner=PartyId(row.owner),
        event=EventId(row.event),
        kind=row.kind,
        number=row.number,
        motive=words_or_none(row.motive, row.motive_salt),
        sector=words_or_none(row.sector, row.sector_salt),
        agent=Pseudonym(row.agent),
        service=ServiceId(row.service),
        at=instant(row.at_us),
        taken=row.taken,
    )


def _told(row: Row[Any]) -> ToldEvent:
    return ToldEvent(
        event=EventId(row.event),
        party=PartyId(row.party),
        kind=row.kind,
        viewing=ViewingId(row.viewing),
        camera=CameraId(row.camera),
        motive_sha256=row.motive_sha256,
        number=row.number,
        motive=words_or_none(row.motive, row.motive_salt),
        sector=words_or_none(row.sector, row.sector_salt),
    )


def _told_values(event: ToldEvent) -> dict[str, object]:
    return {
        "event": event.event,
        "party": event.party,
        "kind": event.kind,
        "viewing": event.viewing,
        "camera": event.camera,
        "motive_sha256": event.motive_sha256,
        "number": event.number,
        **_words("motive", event.motive),
        **_words("sector", event.sector),
    }


def _words(column: str, words: Words | None) -> dict[str, object]:
    text, salt = (None, None) if words is None else (words.text, words.salt)
    return {column: text, f"{column}_salt": salt}

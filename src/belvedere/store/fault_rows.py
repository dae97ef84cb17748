"""The faults that are over, read from the records that say so."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, select, text

from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRead
from belvedere.domain.faults import OverFault, OverLinkFault
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.untrusted_text import read_json
from belvedere.store.database import Database
from belvedere.store.ledger_rows import microseconds
from belvedere.store.ledger_tables import ledger_records

READ_MAX = 100_000
"""A city of 252 cameras, each lost once an hour for two weeks."""

_LINK_OVER = frozenset({RecordedAct.LINK_RESTORED.value, RecordedAct.LINK_CLOSED.value})


class SqlFaults:
    """Answers what was lost and is back (implements `web.ports.OverFaults`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def over_since(self, since: Instant) -> Sequence[OverFault]:
        """Return the faults that ended at `since` or later, oldest first; raises `NotRead`, where there are too many to count too."""
        return await self._database.read(lambda connection: over_since(connection, since))

    async def links_over_since(self, since: Instant) -> Sequence[OverLinkFault]:
        """Return the faults of links that ended at `since` or later, oldest first; raises `NotRead`."""
        return await self._database.read(lambda connection: links_over_since(connection, since))


def over_since(connection: Connection, since: Instant, *, most: int = READ_MAX) -> Sequence[OverFault]:
    """Return the faults that ended at `since` or later, oldest first; raises `NotRead` for more than `most` records."""
    return [
        OverFault(CameraId(members["camera"]), *_span(members))
        for members in _told(connection, since, most=most)
        if members["cause"] == RecordedAct.FAULT_RESTORED
    ]


def links_over_since(connection: Connection, since: Instant, *, most: int = READ_MAX) -> Sequence[OverLinkFault]:
    """Return the faults of links that ended at `since` or later, oldest first; raises `NotRead` as `over_since`."""
    return [
        OverLinkFault(PartyId(members["detail"]["party"]), *_span(members))
        for members in _told(connection, since, most=most)
        if members["cause"] in _LINK_OVER
    ]


def _span(members: Mapping[str, Any]) -> tuple[Instant, Instant]:
    detail = members["detail"]
    # A link that was closed came back at no time: its fault counts until then.
    over = detail.get("back_at") or members["at"]
    return datetime.fromisoformat(detail["since"]), datetime.fromisoformat(over)


def _told(connection: Connection, since: Instant, *, most: int) -> Iterator[Mapping[str, Any]]:
    told = connection.execute(
        select(ledger_records.c.record)
        .where(text("kind = 'fault'"), ledger_records.c.at_us >= microseconds(since))
        .order_by(ledger_records.c.at_us)
        .limit(most + 1)
    ).scalars()
    for at, record in enumerate(told):
        if at == most:
            raise NotRead(f"more than {most} records of faults since {since.isoformat()}")
        yield cast("Mapping[str, Any]", read_json(record))

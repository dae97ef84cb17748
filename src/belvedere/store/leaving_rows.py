"""Which conventions this node's party left, read from the records that say so: the other parties are owed its word."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection, select

from belvedere.acts.leaving import OwnLeaving, PartyLeaves
from belvedere.domain.convention_texts import LEFT
from belvedere.domain.ids import PartyId, Pseudonym
from belvedere.domain.record import ConventionRef, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.untrusted_text import read_json
from belvedere.store.ledger_tables import ledger_records
from belvedere.store.live_tables import terms_told


def own_leavings(connection: Connection, own: PartyId) -> Sequence[OwnLeaving]:
    """Return what `own` left, oldest first."""
    # Most nodes never see one, and their ledgers are long.
    if connection.execute(select(terms_told.c.kind).where(terms_told.c.kind == LEFT).limit(1)).first() is None:
        return []
    told = connection.scalars(
        select(ledger_records.c.record)
        .where(ledger_records.c.kind == RecordKind.CONVENTION.value)
        .order_by(ledger_records.c.idx)
    )
    records = (cast("dict[str, Any]", read_json(record)) for record in told if record is not None)
    return [
        _leaving(record)
        for record in records
        if record["cause"] == RecordedAct.LEFT.value and record["detail"]["party"] == own
    ]


def _leaving(record: dict[str, Any]) -> OwnLeaving:
    detail, by, text = record["detail"], record["subject"]["agent"], record["convention"]
    leaves = PartyLeaves(detail["act"], date.fromisoformat(detail["on"]), None if by is None else Pseudonym(by))
    return OwnLeaving(leaves, ConventionRef(text["id"], text["sha256"]))

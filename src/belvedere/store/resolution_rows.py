"""Resolutions of pseudonyms, in the tables: what other parties' nodes are owed, and which of theirs are recorded here."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes import ResolutionMade, ResolutionReceived, ResolutionSettled
from belvedere.domain.ids import PartyId, Pseudonym, ServiceId
from belvedere.domain.resolutions import Resolution, ResolutionGround
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.peer_rows import KEPT_US
from belvedere.store.peer_tables import resolutions_due, resolutions_received


def read_due(connection: Connection, owner: PartyId) -> Sequence[Resolution]:
    """Return what a party's node has not recorded yet, oldest first."""
    query = select(resolutions_due).where(resolutions_due.c.owner == owner)
    rows = connection.execute(query.order_by(resolutions_due.c.at_us, resolutions_due.c.id))
    return [
        Resolution(
            id=row.id,
            owner=PartyId(row.owner),
            agent=Pseudonym(row.agent),
            ground=ResolutionGround(row.ground),
            act=row.act,
            by=Pseudonym(row.by),
            service=ServiceId(row.service),
            at=instant(row.at_us),
        )
        for row in rows
    ]


def is_known(connection: Connection, party: PartyId, id_: str) -> bool:
    """Return whether what a party told is recorded."""
    table = resolutions_received
    query = select(table.c.id).where(table.c.party == party, table.c.id == id_)
    return connection.scalar(query) is not None


def owe(connection: Connection, change: ResolutionMade) -> None:
    """Keep what each party's node is owed."""
    for each in change.told:
        values = {
            "owner": each.owner,
            "id": each.id,
            "agent": each.agent,
            "ground": each.ground.value,
            "act": each.act,
            "by": each.by,
            "service": each.service,
            "at_us": microseconds(each.at),
        }
        put = upsert(resolutions_due).values(values)
        connection.execute(put.on_conflict_do_update(index_elements=["owner", "id"], set_=values))


def settle(connection: Connection, change: ResolutionSettled) -> None:
    """Owe it no more."""
    which = resolutions_due.c.owner == change.owner, resolutions_due.c.id == change.id
    connection.execute(delete(resolutions_due).where(*which))


def receive(connection: Connection, change: ResolutionReceived) -> None:
    """Keep that it is recorded; forget those of long ago, whose records are erased by now."""
    at_us = microseconds(change.at)
    made = upsert(resolutions_received).values(party=change.party, id=change.resolved.id, at_us=at_us)
    connection.execute(made.on_conflict_do_nothing())
    connection.execute(delete(resolutions_received).where(resolutions_received.c.at_us < at_us - KEPT_US))

"""The notes of handover, over the store's tables. Reads and writes within the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from belvedere.domain.handover_notes import HandoverNote
from belvedere.domain.ids import AgentId, PartyId, ServiceId
from belvedere.domain.words import Words
from belvedere.store.agents_tables import accounts
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.live_tables import handover_notes


def unread_notes(connection: Connection, party: PartyId, service: ServiceId) -> Sequence[HandoverNote]:
    """Return what a room has not read yet, oldest first."""
    rows = connection.execute(
        select(handover_notes)
        .where(handover_notes.c.party == party, handover_notes.c.service == service)
        .order_by(handover_notes.c.at_us, handover_notes.c.id)
    )
    return [_note(row) for row in rows]


def put_note(connection: Connection, note: HandoverNote) -> None:
    """Insert a note that nobody has read yet."""
    connection.execute(
        insert(handover_notes).values(
            id=note.id,
            party=note.party,
            service=note.service,
            station_label=note.station_label,
            agent=note.agent,
            agent_label=note.agent_label,
            at_us=microseconds(note.at),
            words=note.words.text,
            salt=note.words.salt,
        )
    )


def remove_note(connection: Connection, note: str) -> None:
    """Take away a note that was read: its words stand in the ledger, for as long as that keeps them."""
    connection.execute(delete(handover_notes).where(handover_notes.c.id == note))


def agent_labels(connection: Connection, agents: Collection[AgentId]) -> Mapping[AgentId, str]:
    """Return how these agents are called in their own room."""
    rows = connection.execute(select(accounts.c.agent, accounts.c.label).where(accounts.c.agent.in_(sorted(agents))))
    return {AgentId(row.agent): row.label for row in rows}


def _note(row: Row[Any]) -> HandoverNote:
    return HandoverNote(
        id=row.id,
        party=PartyId(row.party),
        service=ServiceId(row.service),
        station_label=row.station_label,
        agent=AgentId(row.agent),
        agent_label=row.agent_label,
        at=instant(row.at_us),
        words=Words(row.words, row.salt),
    )

"""What is told between nodes, in the tables: cameras told and received, messages that counted already."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes import CataloguePublished, CatalogueReceived, MessageTaken
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.untrusted_text import read_json
from belvedere.domain.viewings import Viewing
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import Catalogue, CatalogueEntry, Replica, read_facts, spelt
from belvedere.store.ledger_rows import microseconds
from belvedere.store.peer_tables import (
    catalogue_entries,
    catalogues,
    peer_messages,
    peer_viewings,
    replica_cameras,
    replicas,
)

KEPT_US = 3 * 366 * 24 * 3600 * 1_000_000
"""As long as a journal is kept at most (rules C5)."""


def read_catalogue(connection: Connection, reader: PartyId) -> Catalogue:
    """Return what a party is told of this node's cameras."""
    newest = connection.scalar(select(catalogues.c.newest).where(catalogues.c.reader == reader))
    rows = connection.execute(
        select(catalogue_entries).where(catalogue_entries.c.reader == reader).order_by(catalogue_entries.c.number)
    )
    return Catalogue(
        newest or 0, tuple(CatalogueEntry(row.number, CameraId(row.camera), _facts(row.facts)) for row in rows)
    )


def read_replica(connection: Connection, owner: PartyId) -> Replica:
    """Return what an owner told of its cameras."""
    upto = connection.scalar(select(replicas.c.upto).where(replicas.c.owner == owner))
    rows = connection.execute(select(replica_cameras).where(replica_cameras.c.owner == owner))
    return Replica(upto or 0, {CameraId(row.camera): read_facts(read_json(row.facts)) for row in rows})


def taken_until_s(connection: Connection, party: PartyId, jti: str) -> int | None:
    """Return until when a message that did something is kept, or None."""
    found: int | None = connection.scalar(
        select(peer_messages.c.kept_until_s).where(peer_messages.c.party == party, peer_messages.c.jti == jti)
    )
    return found


def viewing_made_by(connection: Connection, viewing: ViewingId) -> PartyId | None:
    """Return whose node made the id of a viewing, running or over; None where no other node did."""
    party = connection.scalar(select(peer_viewings.c.party).where(peer_viewings.c.viewing == viewing))
    return None if party is None else PartyId(party)


def keep_viewing(connection: Connection, viewing: Viewing) -> None:
    """Keep that an id is used; forget those of long ago, whose records are erased by now."""
    since_us = microseconds(viewing.since)
    made = upsert(peer_viewings).values(viewing=viewing.id, party=viewing.party, since_us=since_us)
    connection.execute(made.on_conflict_do_nothing())
    connection.execute(delete(peer_viewings).where(peer_viewings.c.since_us < since_us - KEPT_US))


def publish(connection: Connection, change: CataloguePublished) -> None:
    """Put what changed in the place of what was told of the same cameras."""
    if not change.entries:
        return
    table = upsert(catalogue_entries)
    put = table.on_conflict_do_update(
        index_elements=["reader", "camera"], set_={"number": table.excluded.number, "facts": table.excluded.facts}
    )
    told = [
        {
            "reader": change.reader,
            "camera": each.camera,
            "number": each.number,
            "facts": None if each.facts is None else spelt(each.facts).decode(),
        }
        for each in change.entries
    ]
    connection.execute(put, told)
    newest = {"newest": change.entries[-1].number}
    numbered = upsert(catalogues).values(reader=change.reader, **newest)
    connection.execute(numbered.on_conflict_do_update(index_elements=["reader"], set_=newest))


def receive(connection: Connection, change: CatalogueReceived) -> None:
    """Let the replica follow a page; one that begins anew takes the place of all that was known."""
    owner, told = change.owner, change.told
    if told.after == 0:
        connection.execute(delete(replica_cameras).where(replica_cameras.c.owner == owner))
    for each in told.entries:
        if each.facts is None:
            connection.execute(
                delete(replica_cameras).where(replica_cameras.c.camera == each.camera, replica_cameras.c.owner == owner)
            )
        else:
            facts = {"owner": owner, "facts": spelt(each.facts).decode()}
            known = upsert(replica_cameras).values(camera=each.camera, **facts)
            connection.execute(known.on_conflict_do_update(index_elements=["camera"], set_=facts))
    upto = {"upto": told.upto}
    connection.execute(
        upsert(replicas).values(owner=owner, **upto).on_conflict_do_update(index_elements=["owner"], set_=upto)
    )


def take(connection: Connection, change: MessageTaken) -> None:
    """Keep that a message did something; forget those that are expired."""
    kept = {"kept_until_s": change.kept_until_s}
    taken = upsert(peer_messages).values(party=change.party, jti=change.jti, **kept)
    connection.execute(taken.on_conflict_do_update(index_elements=["party", "jti"], set_=kept))
    connection.execute(delete(peer_messages).where(peer_messages.c.kept_until_s <= change.at_s))


def _facts(text: str | None) -> Camera | None:
    return None if text is None else read_facts(read_json(text))

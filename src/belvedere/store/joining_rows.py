"""The keys of conventions and what is proposed about them, as rows: written for `apply`, read for `snapshot`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes.joining import JointProposal
from belvedere.domain.ids import AgentId, PartyId, Pseudonym, ServiceId, StationId
from belvedere.domain.record import Subject
from belvedere.domain.vocabulary import Role
from belvedere.ledger.pinned_keys import KeptKeys, parse_keys
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.live_tables import convention_keys, convention_keys_replaced, joint_proposals


def put_keys(connection: Connection, keys: KeptKeys, before: KeptKeys | None) -> None:
    """Put keys in force; those before are kept among the replaced."""
    if before is not None and before.keys.sha256 != keys.keys.sha256:
        replaced = upsert(convention_keys_replaced).values(sha256=before.keys.sha256, **_kept(before))
        connection.execute(replaced.on_conflict_do_nothing())
    values = _kept(keys)
    statement = upsert(convention_keys).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=["convention"], set_=dict(values)))


def put_proposal(connection: Connection, proposal: JointProposal) -> None:
    """Keep what is proposed, in the place of what was proposed of that convention before."""
    by, keys = proposal.by, proposal.keys
    values = {
        "convention": proposal.convention,
        "id": proposal.id,
        "agent": proposal.agent,
        "role": proposal.role.value,
        "party": by.party,
        "service": by.service,
        "pseudonym": by.agent,
        "station": by.station,
        "at_us": microseconds(proposal.at),
        "keys_spelt": None if keys is None else keys.keys.canonical(),
        "keys_note": None if keys is None else keys.note,
        "text_note": proposal.text_note,
        "act": proposal.act,
    }
    statement = upsert(joint_proposals).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=["convention"], set_=values))


def remove_proposal(connection: Connection, convention: str) -> None:
    """Forget what was proposed of a convention: it is done."""
    connection.execute(delete(joint_proposals).where(joint_proposals.c.convention == convention))


def read_keys_in_force(connection: Connection, convention: str) -> KeptKeys | None:
    """Return the keys that a convention pins, or None."""
    table = convention_keys
    row = connection.execute(select(table).where(table.c.convention == convention)).one_or_none()
    return None if row is None else _keys_of(row)


def read_keys_replaced(connection: Connection, convention: str) -> tuple[KeptKeys, ...]:
    """Return the keys that were in force before, oldest first."""
    table = convention_keys_replaced
    chosen = select(table).where(table.c.convention == convention).order_by(table.c.since_us, table.c.sha256)
    return tuple(_keys_of(row) for row in connection.execute(chosen))


def read_proposals(connection: Connection) -> Sequence[JointProposal]:
    """Return what waits for a second person, by convention."""
    return [
        _proposal_of(row) for row in connection.execute(select(joint_proposals).order_by(joint_proposals.c.convention))
    ]


def _kept(keys: KeptKeys) -> Mapping[str, Any]:
    return {
        "convention": keys.convention,
        "spelt": keys.keys.canonical(),
        "note": keys.note,
        "since_us": microseconds(keys.since),
    }


def _keys_of(row: Row[Any]) -> KeptKeys:
    return KeptKeys(row.convention, parse_keys(row.spelt, parties=None), row.note, instant(row.since_us))


def _proposal_of(row: Row[Any]) -> JointProposal:
    at = instant(row.at_us)
    keys = None
    if row.keys_spelt is not None:
        keys = KeptKeys(row.convention, parse_keys(row.keys_spelt, parties=None), row.keys_note, at)
    by = Subject(
        PartyId(row.party),
        None if row.service is None else ServiceId(row.service),
        None if row.pseudonym is None else Pseudonym(row.pseudonym),
        None if row.station is None else StationId(row.station),
    )
    return JointProposal(
        row.id, row.convention, AgentId(row.agent), Role(row.role), by, at, keys, row.text_note, row.act
    )

"""What this ledger holds of the viewings between two nodes, read from the records that say so."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, select

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId, Pseudonym, ViewingId
from belvedere.domain.reconciliation import ViewingAccount
from belvedere.domain.record import RecordKind
from belvedere.domain.untrusted_text import read_json
from belvedere.domain.vocabulary import Verdict
from belvedere.store.database import Database
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.ledger_tables import ledger_records
from belvedere.store.peer_tables import peer_viewings

_TELL = tuple(kind.value for kind in (RecordKind.DECISION, RecordKind.ANSWERED, RecordKind.OPENED, RecordKind.ENDED))


class SqlAccounts:
    """Answers what the ledger holds (implements `acts.reconcile.Accounts`)."""

    def __init__(
        self, database: Database, is_of: Callable[[CameraId, PartyId, Callable[[], str | None]], bool]
    ) -> None:
        """`is_of` tells whether a camera is, or was, one of a party's own node; it may ask under which convention it was decided."""
        self._database = database
        self._is_of = is_of

    async def between(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount]:
        """Return the account of each viewing between this node and that of `party` that began at `since` or later."""
        return await self._database.read(
            lambda connection: read_accounts(
                connection,
                party,
                since=since,
                most=most,
                is_theirs=lambda camera, convention: self._is_of(camera, party, convention),
            )
        )


def read_accounts(
    connection: Connection,
    party: PartyId,
    *,
    since: Instant,
    most: int,
    is_theirs: Callable[[CameraId, Callable[[], str | None]], bool],
) -> Sequence[ViewingAccount]:
    """Return the accounts of at most `most` viewings, by their ids: the party's at cameras of this node, and the other way."""
    since_us = microseconds(since)
    theirs = select(peer_viewings.c.viewing).where(peer_viewings.c.party == party, peer_viewings.c.since_us >= since_us)
    decided = connection.execute(
        select(ledger_records.c.viewing, ledger_records.c.camera, ledger_records.c.record).where(
            ledger_records.c.at_us >= since_us,
            ledger_records.c.kind == RecordKind.DECISION.value,
            ledger_records.c.viewing.is_not(None),
            ledger_records.c.record.is_not(None),
        )
    )
    ours = {row.viewing for row in decided if is_theirs(CameraId(row.camera), partial(_convention_of, row.record))}
    ids = sorted(ours.union(connection.scalars(theirs)))[:most]
    rows = connection.execute(
        select(ledger_records.c.kind, ledger_records.c.at_us, ledger_records.c.record)
        .where(ledger_records.c.viewing.in_(ids), ledger_records.c.kind.in_(_TELL))
        .order_by(ledger_records.c.idx)
    )
    return accounts_of((row.kind, instant(row.at_us), cast("Mapping[str, Any]", read_json(row.record))) for row in rows)


def _convention_of(record: bytes) -> str | None:
    convention = cast("Mapping[str, Any]", read_json(record))["convention"]
    return None if convention is None else str(convention["id"])


def accounts_of(records: Iterable[tuple[str, Instant, Mapping[str, Any]]]) -> Sequence[ViewingAccount]:
    """Return what records tell of each viewing, given in their order; of each kind the first counts."""
    accounts: dict[str, ViewingAccount] = {}
    for kind, at, record in records:
        viewing, subject = record["viewing"], record["subject"] or {}
        known = accounts.get(viewing) or ViewingAccount(
            ViewingId(viewing), CameraId(record["camera"]), Pseudonym(subject.get("agent") or "")
        )
        accounts[viewing] = _with(known, kind, at, record)
    return [accounts[viewing] for viewing in sorted(accounts)]


def _with(known: ViewingAccount, kind: str, at: Instant, record: Mapping[str, Any]) -> ViewingAccount:
    match kind:
        case RecordKind.DECISION.value:
            # With the two messages it is the owner's; without, this node's own, that the owner is asked.
            verdict = Verdict(record["verdict"]) if record["evidence"] else known.verdict
            return replace(known, asked_at=known.asked_at or at, verdict=known.verdict or verdict)
        case RecordKind.ANSWERED.value:
            answered = None if record["verdict"] is None else Verdict(record["verdict"])
            return replace(known, verdict=known.verdict or answered)
        case RecordKind.OPENED.value:
            return replace(known, opened_at=known.opened_at or at)
        case _:
            return known if known.ended_at is not None else replace(known, ended_at=at, cause=record["cause"])

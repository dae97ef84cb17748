"""What agents keeps, over the store's tables (implements the ports of `agents`)."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.agents.model import SESSION_MAX, Account, Habilitation, Layout, Session, Station
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, Pseudonym, ServiceId, StationId
from belvedere.domain.record import Record
from belvedere.domain.vocabulary import Role
from belvedere.store.agents_tables import accounts, layouts, sessions, stations
from belvedere.store.database import Database, WriteTransaction
from belvedere.store.ledger_rows import instant, microseconds

T = TypeVar("T")


def _account(row: Row[Any]) -> Account:
    habilitation = None
    if row.habilitation_act is not None:
        until = row.habilitation_until
        habilitation = Habilitation(
            act=row.habilitation_act,
            since=date.fromisoformat(row.habilitation_since),
            until=None if until is None else date.fromisoformat(until),
        )
    return Account(
        agent=AgentId(row.agent),
        login=row.login,
        label=row.label,
        party=PartyId(row.party),
        service=ServiceId(row.service),
        role=Role(row.role),
        pseudonym=Pseudonym(row.pseudonym),
        password_hash=row.password_hash,
        pin_hash=row.pin_hash,
        habilitation=habilitation,
    )


def _station(row: Row[Any]) -> Station:
    return Station(
        id=StationId(row.id),
        party=PartyId(row.party),
        label=row.label,
        secret_sha256=row.secret_sha256,
        ended_at=None if row.ended_at_us is None else instant(row.ended_at_us),
        service=None if row.service is None else ServiceId(row.service),
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        cookie_sha256=row.cookie_sha256,
        agent=AgentId(row.agent),
        station=StationId(row.station),
        opened_at=instant(row.opened_at_us),
        seen_at=instant(row.seen_at_us),
    )


class AgentsRows:
    """A consistent view: one connection, one snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def account(self, agent: AgentId) -> Account | None:
        """Return the agent's account, or None."""
        row = self._connection.execute(select(accounts).where(accounts.c.agent == agent)).one_or_none()
        return None if row is None else _account(row)

    def account_by_login(self, login: str) -> Account | None:
        """Return the account of this login, or None."""
        row = self._connection.execute(select(accounts).where(accounts.c.login == login)).one_or_none()
        return None if row is None else _account(row)

    def accounts(self, party: PartyId) -> Sequence[Account]:
        """Return a party's accounts, by label."""
        rows = self._connection.execute(select(accounts).where(accounts.c.party == party).order_by(accounts.c.label))
        return [_account(row) for row in rows]

    def station(self, station: StationId) -> Station | None:
        """Return the station, ended or not, or None."""
        row = self._connection.execute(select(stations).where(stations.c.id == station)).one_or_none()
        return None if row is None else _station(row)

    def station_by_secret(self, secret_sha256: bytes) -> Station | None:
        """Return the station of this enrolment secret, or None."""
        row = self._connection.execute(select(stations).where(stations.c.secret_sha256 == secret_sha256)).one_or_none()
        return None if row is None else _station(row)

    def stations(self, party: PartyId) -> Sequence[Station]:
        """Return a party's stations, ended ones too, by id."""
        rows = self._connection.execute(select(stations).where(stations.c.party == party).order_by(stations.c.id))
        return [_station(row) for row in rows]

    def every_station(self) -> Sequence[Station]:
        """Return the stations of every party, ended ones too, by id."""
        return [_station(row) for row in self._connection.execute(select(stations).order_by(stations.c.id))]

    def layout(self, station: StationId, role: Role) -> Layout | None:
        """Return the layout of a station in a role, or None."""
        document = self._connection.scalar(
            select(layouts.c.document).where(layouts.c.station == station, layouts.c.role == role.value)
        )
        return None if document is None else Layout(station, role, document)

    def session(self, cookie_sha256: bytes) -> Session | None:
        """Return the session of this cookie, or None."""
        row = self._connection.execute(select(sessions).where(sessions.c.cookie_sha256 == cookie_sha256)).one_or_none()
        return None if row is None else _session(row)

    def open_sessions(self) -> Sequence[Session]:
        """Return every session that is kept."""
        return [_session(row) for row in self._connection.execute(select(sessions))]


class AgentsWriting(AgentsRows):
    """One transaction of the single writer."""

    def __init__(self, transaction: WriteTransaction) -> None:
        super().__init__(transaction.connection)
        self._transaction = transaction

    def put_account(self, account: Account) -> None:
        """Insert or replace an account."""
        held = account.habilitation
        values = {
            "login": account.login,
            "label": account.label,
            "party": account.party,
            "service": account.service,
            "role": account.role.value,
            "pseudonym": account.pseudonym,
            "password_hash": account.password_hash,
            "pin_hash": account.pin_hash,
            "habilitation_act": None if held is None else held.act,
            "habilitation_since": None if held is None else held.since.isoformat(),
            "habilitation_until": None if held is None or held.until is None else held.until.isoformat(),
        }
        self._connection.execute(
            upsert(accounts)
            .values(agent=account.agent, **values)
            .on_conflict_do_update(index_elements=["agent"], set_=values)
        )

    def put_station(self, station: Station) -> None:
        """Insert or replace a station."""
        values = {
            "party": station.party,
            "label": station.label,
            "secret_sha256": station.secret_sha256,
            "ended_at_us": None if station.ended_at is None else microseconds(station.ended_at),
            "service": station.service,
        }
        self._connection.execute(
            upsert(stations).values(id=station.id, **values).on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def put_session(self, session: Session) -> None:
        """Insert a session."""
        self._connection.execute(
            insert(sessions).values(
                cookie_sha256=session.cookie_sha256,
                agent=session.agent,
                station=session.station,
                opened_at_us=microseconds(session.opened_at),
                seen_at_us=microseconds(session.seen_at),
            )
        )

    def touch_session(self, cookie_sha256: bytes, seen_at: Instant) -> None:
        """Note when a session was last seen; one that was removed meanwhile stays so."""
        self._connection.execute(
            update(sessions).where(sessions.c.cookie_sha256 == cookie_sha256).values(seen_at_us=microseconds(seen_at))
        )

    def put_layout(self, layout: Layout) -> None:
        """Insert or replace a layout."""
        self._connection.execute(
            upsert(layouts)
            .values(station=layout.station, role=layout.role.value, document=layout.document)
            .on_conflict_do_update(index_elements=["station", "role"], set_={"document": layout.document})
        )

    def remove_session(self, cookie_sha256: bytes) -> None:
        """Remove a session."""
        self._connection.execute(delete(sessions).where(sessions.c.cookie_sha256 == cookie_sha256))

    def remove_sessions_of(self, agent: AgentId) -> None:
        """Remove every session of an agent."""
        self._connection.execute(delete(sessions).where(sessions.c.agent == agent))

    def remove_sessions_ended(self, at: Instant, *, but: Collection[bytes]) -> None:
        """Remove the sessions whose end has passed at `at`, but those of these cookies."""
        ended = sessions.c.opened_at_us <= microseconds(at - SESSION_MAX)
        self._connection.execute(delete(sessions).where(ended, sessions.c.cookie_sha256.not_in(but)))

    def append(self, record: Record) -> int:
        """Append to the ledger in this transaction; return the index."""
        return self._transaction.append(record)


class SqlAgentsStore:
    """Durable state of agents (implements `agents.ports.AgentsStore`).

    Without `record_within_s` an act waits for its outcome, however slow the disk.
    """

    def __init__(self, database: Database, *, record_within_s: float | None) -> None:
        self._database = database
        self._record_within_s = record_within_s

    async def transact(
        self,
        work: Callable[[AgentsWriting], T],
        *,
        essential: bool = False,
        on_late: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` on the writer; return once durable; raises `NotRecorded`."""
        return await self._database.write(
            lambda transaction: work(AgentsWriting(transaction)),
            timeout_s=self._record_within_s,
            essential=essential,
            on_late=on_late,
        )

    async def read(self, work: Callable[[AgentsRows], T]) -> T:
        """Run `work` on a snapshot."""
        return await self._database.read(lambda connection: work(AgentsRows(connection)))

"""The narrow ports that agents needs; node.py passes the implementations."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from belvedere.agents.model import Account, Layout, Session, Station
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, StationId
from belvedere.domain.record import Record
from belvedere.domain.vocabulary import Role

T = TypeVar("T")


class AgentsReading(Protocol):
    """A consistent view of accounts, stations and sessions."""

    def account(self, agent: AgentId) -> Account | None:
        """Return the account, or None."""

    def account_by_login(self, login: str) -> Account | None:
        """Return the account of this login, or None."""

    def accounts(self, party: PartyId) -> Sequence[Account]:
        """Return a party's accounts."""

    def station(self, station: StationId) -> Station | None:
        """Return the station, ended or not, or None."""

    def station_by_secret(self, secret_sha256: bytes) -> Station | None:
        """Return the station of this enrolment secret, or None."""

    def session(self, cookie_sha256: bytes) -> Session | None:
        """Return the session of this cookie, or None."""

    def stations(self, party: PartyId) -> Sequence[Station]:
        """Return a party's stations, ended ones too."""

    def layout(self, station: StationId, role: Role) -> Layout | None:
        """Return the layout of a station in a role, or None."""


class AgentsTransaction(AgentsReading, Protocol):
    """One transaction of the single writer."""

    def put_account(self, account: Account) -> None:
        """Insert or replace an account."""

    def put_station(self, station: Station) -> None:
        """Insert or replace a station."""

    def put_session(self, session: Session) -> None:
        """Insert or replace a session."""

    def put_layout(self, layout: Layout) -> None:
        """Insert or replace a layout."""

    def remove_session(self, cookie_sha256: bytes) -> None:
        """Remove a session."""

    def remove_sessions_of(self, agent: AgentId) -> None:
        """Remove every session of an agent."""

    def remove_sessions_before(self, seen_at: Instant) -> None:
        """Remove the sessions last seen before `seen_at`."""

    def append(self, record: Record) -> int:
        """Append to the ledger in this transaction; return the index."""


class AgentsStore(Protocol):
    """Durable state; `transact` raises `NotRecorded`."""

    async def transact(self, work: Callable[[AgentsTransaction], T]) -> T:
        """Run `work` on the writer; return its value once durable."""

    async def read(self, work: Callable[[AgentsReading], T]) -> T:
        """Run `work` on one snapshot."""

"""The narrow ports that agents needs; the node passes the implementations."""

from collections.abc import Callable, Collection, Sequence
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

    def open_sessions(self) -> Sequence[Session]:
        """Return every session that is kept."""

    def stations(self, party: PartyId) -> Sequence[Station]:
        """Return a party's stations, ended ones too."""

    def every_station(self) -> Sequence[Station]:
        """Return the stations of every party, ended ones too."""

    def layout(self, station: StationId, role: Role) -> Layout | None:
        """Return the layout of a station in a role, or None."""


class AgentsTransaction(AgentsReading, Protocol):
    """One transaction of the single writer."""

    def put_account(self, account: Account) -> None:
        """Insert or replace an account."""

    def put_station(self, station: Station) -> None:
        """Insert or replace a station."""

    def put_session(self, session: Session) -> None:
        """Insert a session."""

    def touch_session(self, cookie_sha256: bytes, seen_at: Instant) -> None:
        """Note when a session was last seen; one that was removed meanwhile stays so."""

    def put_layout(self, layout: Layout) -> None:
        """Insert or replace a layout."""

    def remove_session(self, cookie_sha256: bytes) -> None:
        """Remove a session."""

    def remove_sessions_of(self, agent: AgentId) -> None:
        """Remove every session of an agent."""

    def remove_sessions_ended(self, at: Instant, *, but: Collection[bytes]) -> None:
        """Remove the sessions whose end has passed at `at`, but those of these cookies."""

    def append(self, record: Record) -> int:
        """Append to the ledger in this transaction; return the index."""


class AgentsStore(Protocol):
    """Durable state; `transact` raises `NotRecorded`.

    `essential` work (ends) still passes while the disk is short of space. `on_late` gets the value of work that
    became durable after its caller was told `NotRecorded`.
    """

    async def transact(
        self,
        work: Callable[[AgentsTransaction], T],
        *,
        essential: bool = False,
        on_late: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` on the writer; return its value once durable."""

    async def read(self, work: Callable[[AgentsReading], T]) -> T:
        """Run `work` on one snapshot."""

"""The narrow ports that agents needs; node.py passes the implementations."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from belvedere.agents.model import Account, Session, Station
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, StationId
from belvedere.domain.record import Record

T = TypeVar("T")


class AgentsReading(Protocol):
    """A consistent view of accounts, stations and sessions."""

    def account(self, agent: AgentId) -> Account | None: ...

    def account_by_login(self, login: str) -> Account | None: ...

    def accounts(self, party: PartyId) -> Sequence[Account]: ...

    def station(self, station: StationId) -> Station | None: ...

    def station_by_secret(self, secret_sha256: bytes) -> Station | None: ...

    def session(self, cookie_sha256: bytes) -> Session | None: ...


class AgentsTransaction(AgentsReading, Protocol):
    """One transaction of the single writer."""

    def put_account(self, account: Account) -> None: ...

    def put_station(self, station: Station) -> None: ...

    def put_session(self, session: Session) -> None: ...

    def remove_session(self, cookie_sha256: bytes) -> None: ...

    def remove_sessions_before(self, seen_at: Instant) -> None: ...

    def append(self, record: Record) -> int: ...


class AgentsStore(Protocol):
    """Durable state; `transact` raises `NotRecorded`."""

    async def transact(self, work: Callable[[AgentsTransaction], T]) -> T: ...

    async def read(self, work: Callable[[AgentsReading], T]) -> T: ...

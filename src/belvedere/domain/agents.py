"""Who may sign in, and from where: accounts, habilitations, stations, sessions."""

from dataclasses import dataclass
from datetime import date, timedelta

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, Pseudonym, ServiceId, StationId
from belvedere.domain.vocabulary import Role

SESSION_MAX = timedelta(hours=14)
"""No session goes on for longer than the longest shift without the agent's PIN or password being asked again."""
SESSION_IDLE = timedelta(minutes=30)
"""A session whose screen is gone, and that asks for nothing, is over after this long."""


@dataclass(frozen=True, slots=True)
class Habilitation:
    """An agent's individual designation by an act, for a term. Source: vda-etat, article 6; CSI R253-3.

    Days are wall-clock days of the node's zone; `until` is the last day, inclusive, None without a term.
    """

    act: str
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Return whether the habilitation is in force on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Account:
    """An agent's account. `label` is a name for the owner's agents, a number for a partner's hosted ones."""

    agent: AgentId
    login: str
    label: str
    party: PartyId
    service: ServiceId
    role: Role
    pseudonym: Pseudonym
    password_hash: str
    pin_hash: str | None
    """For a relief at a station where the pictures stay; None where the agent has no PIN."""
    habilitation: Habilitation | None


@dataclass(frozen=True, slots=True)
class Station:
    """A registered viewing station of a party; the secret itself is kept nowhere, only its digest."""

    id: StationId
    party: PartyId
    label: str
    secret_sha256: bytes
    ended_at: Instant | None = None
    service: ServiceId | None = None
    """Whose desk it is; None where it was enrolled without saying so: the party's direction alone ends it."""
    until: date | None = None
    """The last day of one for a time: a command vehicle, a stadium; None for one that stays until it is ended."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in agent at a station, known by the digest of the cookie's value."""

    cookie_sha256: bytes
    agent: AgentId
    station: StationId
    opened_at: Instant
    seen_at: Instant

    @property
    def ends_at(self) -> Instant:
        """When the session ends by the wall clock, however much it is used; see `SessionClock` for what counts."""
        return self.opened_at + SESSION_MAX


@dataclass(frozen=True, slots=True)
class Layout:
    """How a station's wall is laid out in a role, as its screen wrote it: JSON, at most 16 KiB."""

    station: StationId
    role: Role
    document: str

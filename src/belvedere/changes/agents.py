"""What can happen to accounts, stations and sessions."""

from dataclasses import dataclass

from belvedere.domain.agents import Account, Layout, Session, Station
from belvedere.domain.clock import Instant
from belvedere.domain.ids import PartyId, Pseudonym
from belvedere.domain.record import Subject


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account was opened; its habilitation, where it has one, is the record."""

    account: Account
    at: Instant


@dataclass(frozen=True, slots=True)
class HabilitationRenewed:
    """An account that is known was designated, or its habilitation renewed."""

    account: Account
    first: bool
    at: Instant


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Something of an account changed; `changed` names the members, not their values: those are secrets and names."""

    account: Account
    changed: tuple[str, ...]
    at: Instant


@dataclass(frozen=True, slots=True)
class HabilitationEnded:
    """A supervisor of the agent's party ended its habilitation."""

    account: Account
    by: Pseudonym
    act: str
    at: Instant


@dataclass(frozen=True, slots=True)
class StationEnrolled:
    """A station entered by a file of the node's administrator, or changed by one: `changed` then names what."""

    station: Station
    changed: tuple[str, ...] | None
    at: Instant


@dataclass(frozen=True, slots=True)
class StationRegistered:
    """A supervisor registered a station."""

    station: Station
    by: Subject
    at: Instant


@dataclass(frozen=True, slots=True)
class StationEnded:
    """A supervisor struck a station off."""

    station: Station
    by: Subject
    at: Instant


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """An agent of `party` signed in."""

    session: Session
    party: PartyId


@dataclass(frozen=True, slots=True)
class SessionRelieved:
    """A relief's session was opened in the place of the one with the digest `former`, at a station of `party`."""

    former: bytes
    session: Session
    party: PartyId


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A session was used, long after it was last written that it was."""

    session: Session


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """A session is over."""

    session_sha256: bytes


@dataclass(frozen=True, slots=True)
class LayoutKept:
    """A station's wall was laid out otherwise."""

    layout: Layout

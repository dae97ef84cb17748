"""Who asks, once signed in: an agent of a party's service, at a station, in a role."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, Pseudonym, ServiceId, StationId
from belvedere.domain.peer_requests import Attested
from belvedere.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Requester:
    """An agent at a station. `session_sha256` is the digest of the session cookie's value."""

    agent: AgentId
    pseudonym: Pseudonym
    label: str
    party: PartyId
    service: ServiceId
    role: Role
    station: StationId
    station_label: str
    session_sha256: bytes
    session_ends_at: Instant
    attested: Attested | None = None
    """What the agent's own node vouches for, where it asks from there: it has no session here."""


SUPERVISORS = frozenset({Role.CSU_ROOM_CHIEF, Role.POLICE_DIRECTOR, Role.CIC_SUPERVISOR})
"""Roles that may close an event that another agent of their party opened."""
DESK_ROLES = frozenset({Role.CSU_OPERATOR, Role.CIC_OPERATOR, Role.OTHER_STATE_OPERATOR, Role.PCRT_OPERATOR})
"""Roles that relieve one another at a desk by PIN; to act in any other, one signs in with its password."""
ROOM_ROLES = DESK_ROLES | SUPERVISORS
"""Roles that watch: they open events and pictures, hand over, and relieve one another."""

"""Notes from one shift of a room to the next."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, ServiceId
from belvedere.domain.words import Words


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """A word from one shift of a room (a party's service) to the next, until somebody else of it has read it."""

    id: str
    party: PartyId
    service: ServiceId
    station_label: str
    agent: AgentId
    agent_label: str
    at: Instant
    words: Words

"""Who supervises, and where an act of supervision asks whether its agent still stands."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from belvedere.agents.model import standing_of
from belvedere.agents.ports import AgentsReading
from belvedere.domain.asker import SUPERVISORS
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, StationId
from belvedere.domain.standing import Needs, Standing

SUPERVISING = Needs(owner=SUPERVISORS, partner=SUPERVISORS)
"""A party's heads of service end its habilitations and register its stations (FACTS A1, A22)."""


@dataclass(frozen=True, slots=True)
class StandingIn:
    """Who stands where, by the accounts, stations and sessions of one view (implements `StandingReading`)."""

    reading: AgentsReading
    zone: ZoneInfo

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return whether the agent is habilitated and the station registered at `at`."""
        return standing_of(self.reading.account(agent), self.reading.station(station), at=at, zone=self.zone)

    def signed_in(self, session_sha256: bytes) -> bool:
        """Return whether the session is open."""
        return self.reading.session(session_sha256) is not None

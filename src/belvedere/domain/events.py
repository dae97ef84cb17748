"""Operational events: what a viewing is for."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, EventId, PartyId, Pseudonym
from belvedere.domain.vocabulary import EventKind
from belvedere.domain.words import Words


@dataclass(frozen=True, slots=True)
class Event:
    """An operational event of a party: what a viewing is for (vda-etat, article 3).

    Its keeper is its opener, then whoever relieved its keeper. The opener stays on record, and may come back to it.
    """

    id: EventId
    party: PartyId
    kind: EventKind
    opened_at: Instant
    opened_by: AgentId
    opened_by_pseudonym: Pseudonym
    kept_by: AgentId
    kept_by_pseudonym: Pseudonym
    sector: Words | None = None
    motive: Words | None = None
    dispatch_number: Words | None = None
    closed_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether the event still runs."""
        return self.closed_at is None

    def belongs_to(self, agent: AgentId) -> bool:
        """Return whether the agent opened the event, or keeps it since a relief."""
        return agent in (self.opened_by, self.kept_by)

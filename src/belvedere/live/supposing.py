"""What would be so if: the facts of now with something declared otherwise. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, CameraId, EventId, PartyId, StationId
from belvedere.domain.request import Holder
from belvedere.domain.standing import Standing
from belvedere.live.model import CentreState, Event, HoursVaried, Suspension, Viewing
from belvedere.live.ports import DecisionReading


@dataclass(frozen=True, slots=True)
class Supposing:
    """The facts that a decision reads, with another declared state of the centre."""

    facts: DecisionReading
    declared: CentreState

    def centre(self) -> CentreState:
        """Return what is supposed to have been declared."""
        return self.declared

    def event(self, event: EventId) -> Event | None:
        """Return the event as it is."""
        return self.facts.event(event)

    def viewings(self) -> Sequence[Viewing]:
        """Return the running viewings as they are."""
        return self.facts.viewings()

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the slots as they are."""
        return self.facts.slots(party)

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return the holders as they are."""
        return self.facts.holders(party)

    def suspension(self, camera: CameraId, party: PartyId) -> Suspension | None:
        """Return the suspension as it is."""
        return self.facts.suspension(camera, party)

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return the standing as it is."""
        return self.facts.standing(agent, station, at)

    def hours_varied(self, day: date) -> HoursVaried | None:
        """Return the day's other hours as they are."""
        return self.facts.hours_varied(day)

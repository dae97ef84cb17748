"""What was asked and answered."""

from dataclasses import dataclass

from belvedere.domain.decision import Decision, Refused
from belvedere.domain.events import Event
from belvedere.domain.ids import PartyId, ViewingId
from belvedere.domain.record import ConventionRef, EventRef
from belvedere.domain.request import DecisionRequest
from belvedere.domain.requester import Requester
from belvedere.policy import verdict_of


@dataclass(frozen=True, slots=True)
class Decided:
    """A request was decided. `list_of` is the owner whose list was asked for, where no one camera was.

    `opens`: a viewing that did not run before begins with it, so it is no repeat of what was answered before.
    """

    requester: Requester
    convention: ConventionRef
    request: DecisionRequest
    decision: Decision
    event: Event | EventRef | None = None
    viewing: ViewingId | None = None
    opens: bool = False
    list_of: PartyId | None = None
    evidence: tuple[str, ...] = ()
    """What another party's node asked and was answered, as it was signed."""

    @property
    def same_answer(self) -> tuple[str, ...]:
        """What a repeat has in common with it: it is written once a minute (`spine.repeats`)."""
        cause = self.decision.cause if isinstance(self.decision, Refused) else None
        return (
            self.requester.party,
            f"{self.requester.agent}@{self.requester.station}",
            f"{self.request.action}:{self.request.camera.id if self.list_of is None else self.list_of}",
            "" if self.event is None else self.event.id,
            self.request.purpose or "",
            f"{verdict_of(self.decision)}:{cause}",
        )

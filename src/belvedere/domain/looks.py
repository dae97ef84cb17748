"""A look that a partner asks of the owner's room: its operators know the ground, and turn the camera themselves."""

from dataclasses import dataclass
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, EventId, LookId, PartyId, Pseudonym, ServiceId, StationId

LOOKS_MAX = 50
"""How many one party may have waiting at a time (reliability 25)."""


class LookState(StrEnum):
    """What became of a look that was asked for."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"

    def may_become(self, after: "LookState") -> bool:
        """Whether the owner's room may answer so now."""
        match self:
            case LookState.ASKED:
                return after is not LookState.ASKED
            case LookState.ACCEPTED:
                return after in {LookState.DECLINED, LookState.DONE}
            case _:
                return False


@dataclass(frozen=True, slots=True)
class LookPlace:
    """A point of the ground (WGS 84)."""

    lon_deg: float
    lat_deg: float


@dataclass(frozen=True, slots=True)
class Look:
    """What is asked: at which camera, or towards which place, for which event. `note` is the answer's.

    Target and note are told to the other side: they are the act itself, and stand in clear in both ledgers.
    """

    id: LookId
    party: PartyId
    service: ServiceId
    pseudonym: Pseudonym
    station: StationId
    event: EventId
    target: str
    camera: CameraId | None
    place: LookPlace | None
    asked_at: Instant
    state: LookState = LookState.ASKED
    note: str | None = None
    answered_by: Pseudonym | None = None
    answered_at: Instant | None = None

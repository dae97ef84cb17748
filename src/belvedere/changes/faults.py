"""What happens to cameras: a fault is told, located, restored."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.faults import Fault
from belvedere.domain.ids import PartyId


@dataclass(frozen=True, slots=True)
class FaultTold:
    """A camera has no picture; `whose` it is to restore."""

    fault: Fault
    whose: PartyId
    at: Instant


@dataclass(frozen=True, slots=True)
class FaultLocated:
    """The fault is elsewhere than was told at first, or another."""

    fault: Fault
    whose: PartyId
    at: Instant


@dataclass(frozen=True, slots=True)
class FaultRestored:
    """The camera has its picture again, since `back_at`."""

    fault: Fault
    whose: PartyId
    back_at: Instant
    at: Instant

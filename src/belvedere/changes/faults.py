"""What happens to cameras and to links: a fault is told, located, restored."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.faults import Fault
from belvedere.domain.ids import PartyId
from belvedere.domain.link_state import LinkFault


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


@dataclass(frozen=True, slots=True)
class LinkFaultTold:
    """Nothing crosses to another party's node; `whose` it is to restore, None where it lies between the two."""

    fault: LinkFault
    whose: PartyId | None
    at: Instant


@dataclass(frozen=True, slots=True)
class LinkFaultLocated:
    """The fault is elsewhere than was told at first."""

    fault: LinkFault
    whose: PartyId | None
    at: Instant


@dataclass(frozen=True, slots=True)
class LinkFaultRestored:
    """The two nodes speak again, since `back_at`."""

    fault: LinkFault
    whose: PartyId | None
    back_at: Instant
    at: Instant


@dataclass(frozen=True, slots=True)
class LinkFaultClosed:
    """No convention binds the other party any more: there is no link, so its fault is over, and was not restored."""

    fault: LinkFault
    whose: PartyId | None
    at: Instant

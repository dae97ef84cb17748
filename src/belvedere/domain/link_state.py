"""How the link to another party's node stands, and where its fault is. Source: rules A19."""

from collections.abc import Mapping
from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.faults import FaultPlace
from belvedere.domain.ids import PartyId
from belvedere.domain.record import ConventionRef
from belvedere.domain.text import Text


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the link to a peer stands: since when by the wall clock and by the monotonic one, and, while it is down, why."""

    up: bool
    since: Instant
    said: Text
    since_s: float
    other_text: ConventionRef | None = None
    """The text that the other side has in force, where it is not the one in force here."""
    place: FaultPlace = FaultPlace.LINK
    """Where the fault is, as far as this link alone tells; of one that is up it says nothing."""
    was_up: bool = False
    """Whether it was up since the start."""


@dataclass(frozen=True, slots=True)
class LinkFault:
    """A link's fault that is told, and not restored yet."""

    party: PartyId
    place: FaultPlace
    since: Instant


def places_of(links: Mapping[PartyId, LinkState]) -> Mapping[PartyId, FaultPlace]:
    """Return where the fault of each link is that is down.

    Two or more, all of them down and not by their nodes: what they have in common is this side.
    """
    down = {party: link.place for party, link in links.items() if not link.up}
    if len(links) > 1 and len(down) == len(links) and set(down.values()) <= {FaultPlace.LINK, FaultPlace.OWN_SIDE}:
        return dict.fromkeys(down, FaultPlace.OWN_SIDE)
    return down


def whose_link(fault: LinkFault, own: PartyId) -> PartyId | None:
    """Return whose it is to restore; None where it lies between the two."""
    match fault.place:
        case FaultPlace.NODE:
            return fault.party
        case FaultPlace.OWN_SIDE:
            return own
        case _:
            return None

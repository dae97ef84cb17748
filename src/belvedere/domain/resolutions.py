"""Whose a pseudonym is, told within its own party for an inspection or a requisition; the others are told that it was.

The name stays on the node of its party. Source: rules A23, C5.
"""

from dataclasses import dataclass
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.ids import PartyId, Pseudonym, ServiceId


class ResolutionGround(StrEnum):
    """For what a pseudonym is resolved."""

    INSPECTION = "inspection"
    REQUISITION = "requisition"


@dataclass(frozen=True, slots=True)
class Resolution:
    """A pseudonym was resolved: by whom, for what, under which act; `owner` is a party that is told so."""

    id: str
    owner: PartyId
    agent: Pseudonym
    ground: ResolutionGround
    act: str
    by: Pseudonym
    service: ServiceId
    at: Instant


@dataclass(frozen=True, slots=True)
class PseudonymResolved:
    """The message: a pseudonym of the sender's was resolved on its own node."""

    id: str
    agent: Pseudonym
    ground: ResolutionGround
    act: str
    by: Pseudonym
    service: ServiceId
    at: Instant


@dataclass(frozen=True, slots=True)
class ResolutionTaken:
    """The message: that is recorded here."""

    id: str

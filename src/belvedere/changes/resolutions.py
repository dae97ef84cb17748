"""What happens to a pseudonym: it is resolved within its party, and the others are told."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import PartyId
from belvedere.domain.record import Subject
from belvedere.domain.resolutions import PseudonymResolved, Resolution


@dataclass(frozen=True, slots=True)
class ResolutionMade:
    """Somebody learnt whose a pseudonym of the own party is; `told` are the parties whose nodes are owed the word of it."""

    told: tuple[Resolution, ...]
    resolved: PseudonymResolved
    by: Subject


@dataclass(frozen=True, slots=True)
class ResolutionSettled:
    """A party recorded it: it is owed no more."""

    owner: PartyId
    id: str


@dataclass(frozen=True, slots=True)
class ResolutionReceived:
    """Another party told that a pseudonym of its own was resolved; `evidence` is what it signed."""

    party: PartyId
    resolved: PseudonymResolved
    at: Instant
    evidence: tuple[str, ...]

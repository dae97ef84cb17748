"""What the owner of a camera is told of the event that opened it: its motive and its sector, each version once, in order.

Never the number of a call, a name or a note: no member could hold one. Source: rules C5; peers, Motives.
"""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, EventId, PartyId, Pseudonym, ServiceId, ViewingId
from belvedere.domain.viewings import Viewing
from belvedere.domain.words import Words


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One version of an event's words, owed to the owner of a camera that the event opened.

    `agent` opened the camera, or changed the words. Once the owner has it (`taken`) its words stand in the ledger alone.
    """

    owner: PartyId
    event: EventId
    kind: str
    number: int
    """From 1 on, for each owner and event."""
    motive: Words | None
    sector: Words | None
    agent: Pseudonym
    service: ServiceId
    at: Instant
    taken: bool = False


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event of another party's node that opened a camera here, as far as that node told of it.

    `number` is that of the newest version that was told, 0 before the first. `viewing` is the one that disclosed it.
    """

    event: EventId
    party: PartyId
    kind: str
    viewing: ViewingId
    camera: CameraId
    motive_sha256: str | None
    """By which hash the question for the camera named the motive."""
    number: int = 0
    motive: Words | None = None
    sector: Words | None = None


@dataclass(frozen=True, slots=True)
class MotiveWords:
    """The message: words that the next `MotiveTold` names by their hash."""

    text: str
    salt: str
    """In hexadecimal."""

    @property
    def words(self) -> Words:
        """The words, whose hash says which they are."""
        return Words(self.text, bytes.fromhex(self.salt))


@dataclass(frozen=True, slots=True)
class MotiveTold:
    """The message: a version of an event's words, by their hashes; it stands in the owner's record as it was signed."""

    event: EventId
    kind: str
    number: int
    motive_sha256: str | None
    sector_sha256: str | None
    agent: Pseudonym
    service: ServiceId
    at: Instant


@dataclass(frozen=True, slots=True)
class MotiveTaken:
    """The message: this version is recorded here."""

    event: EventId
    number: int


def named_by(viewing: Viewing) -> ToldEvent | None:
    """Return the event of another node's that a viewing names, before anything is told of it; None for none."""
    attested = viewing.attested
    if attested is None or viewing.event is None or attested.event_kind is None:
        return None
    return ToldEvent(
        viewing.event, viewing.party, attested.event_kind, viewing.id, viewing.camera, attested.motive_sha256
    )

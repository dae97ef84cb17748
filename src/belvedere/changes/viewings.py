"""What can happen to a viewing: the right of one agent to see one camera, until something ends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue
from belvedere.domain.ids import Pseudonym
from belvedere.domain.peer_requests import OpenAnswer, OpenAsked
from belvedere.domain.record import ConventionRef, EventRef, Subject
from belvedere.domain.requester import Requester
from belvedere.domain.viewings import Ending, Viewing


@dataclass(frozen=True, slots=True)
class ViewingOpened:
    """A viewing begins: its pictures may flow. `slots_used` is how many cameras flow to its party with it."""

    viewing: Viewing
    convention: ConventionRef
    event: EventRef | None
    slots_used: int = 0


@dataclass(frozen=True, slots=True)
class OwnerReplied:
    """The owner of a camera was asked for it, and answered, or did not in time (`answer` is None).

    `asked` is the question as this node decided it; the pictures, if any, come with a `ViewingOpened` of their own.
    """

    requester: Requester
    convention: ConventionRef
    asked: OpenAsked
    answer: OpenAnswer | None
    at: Instant
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ViewingProlonged:
    """A running viewing was decided again, or taken up again by its screen: its term, or its session, is another."""

    viewing: Viewing


@dataclass(frozen=True, slots=True)
class ViewingRelieved:
    """A running viewing changed hands; `viewing` is the relief's. `former` is None where an agent relieved itself."""

    viewing: Viewing
    former: Pseudonym | None
    by: Subject
    at: Instant
    convention: ConventionRef | None
    evidence: tuple[str, ...] = ()
    """What another party's node said of it, as it was signed."""


@dataclass(frozen=True, slots=True)
class ViewingEnded:
    """A viewing is over; `facts` are those that the rule which ended it read."""

    viewing: Viewing
    ending: Ending
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    """What another party's node said of it, as it was signed."""

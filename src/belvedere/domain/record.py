"""A ledger record, format v1, before it is put in canonical form. Source: ledger-format 2, 3; CSI R253-5."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue
from belvedere.domain.ids import ArticleRef
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.vocabulary import Verdict


class RecordKind(StrEnum):
    """What a record tells."""

    DECISION = "decision"
    ANSWERED = "answered"
    OPENED = "opened"
    ENDED = "ended"
    RELIEVED = "relieved"
    EVENT = "event"
    SUSPENSION = "suspension"
    HABILITATION = "habilitation"
    STATION = "station"
    CONVENTION = "convention"
    CENTRE = "centre"
    GAP = "gap"
    STARTED = "started"
    CONSULTED = "consulted"
    HANDOVER = "handover"
    WITNESS = "witness"
    LEASE = "lease"
    LEASE_ENDED = "lease-ended"
    AUTHORISATION = "authorisation"
    LOOK = "look"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class ConventionRef:
    """A convention as it stood: its id and the SHA-256 (hex) of the bytes of convention.md."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose act it is. `agent` is a pseudonym wherever the agent is the other party's."""

    party: str
    service: str | None
    agent: str | None
    station: str | None


@dataclass(frozen=True, slots=True)
class EventRef:
    """The event an act was for."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Record:
    """One entry to be. `node` and `epoch` are added by the ledger that appends it.

    `detail` carries members beyond those of every record (for instance a suspension's ground); it is
    left out of the canonical form where it is empty.
    """

    kind: RecordKind
    at: Instant
    convention: ConventionRef | None = None
    action: str | None = None
    subject: Subject | None = None
    camera: str | None = None
    event: EventRef | None = None
    purpose: str | None = None
    verdict: Verdict | None = None
    articles: tuple[ArticleRef, ...] = ()
    valid_until: Instant | None = None
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    cause: Cause | RecordedAct | None = None
    evidence: tuple[str, ...] = ()
    viewing: str | None = None
    detail: Mapping[str, FactValue] = field(default_factory=dict)

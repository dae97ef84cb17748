"""What a convention answers. A refusal is a value with articles; a failure is an exception."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef, CameraId
from belvedere.domain.text import Text

FactValue = str | int | bool | None | tuple[object, ...] | Mapping[str, object]
"""A fact as it goes into a record: plain JSON (instants as RFC 3339 strings)."""


class RefusalCause(StrEnum):
    """Why a request is refused or what ended a viewing, as a code; sentences belong to `Text`."""

    STRANGER = "stranger"
    NOT_HABILITATED = "not-habilitated"
    STATION_UNREGISTERED = "station-unregistered"
    OUT_OF_SCOPE = "out-of-scope"
    ORDER_EXPIRED = "order-expired"
    AUTHORISATION_WITHDRAWN = "authorisation-withdrawn"
    SUSPENDED = "suspended"
    NO_EVENT = "no-event"
    EVENT_CLOSED = "event-closed"
    EVENT_KIND = "event-kind"
    PURPOSE = "purpose"
    QUOTA = "quota"
    NO_RECORDING = "no-recording"
    NO_REQUISITION = "no-requisition"
    NO_PTZ = "no-ptz"
    NOT_AUTHORISED = "not-authorised"
    NOT_NOTIFIED = "not-notified"
    OWNER_STEERS = "owner-steers"
    LEASE_HELD = "lease-held"
    NOT_IN_FORCE = "not-in-force"
    NOT_OFFERED = "not-offered"
    FOREIGN_EVENT = "foreign-event"
    SILENT = "silent"
    RULE_ERROR = "rule-error"


NODES_OWN_REFUSALS = frozenset({RefusalCause.NOT_OFFERED, RefusalCause.FOREIGN_EVENT})
"""What the node itself refuses, whatever its convention would answer: never a grant, so never looser than the text."""


class ObligationKind(StrEnum):
    """What a grant makes due."""

    NOTICE_AFTER = "notice-after"
    NOTICE_BEFORE = "notice-before"
    NOTIFICATION = "notification"
    MOTIVE = "motive"


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something owed because of a grant; `due` is None where the text sets no instant."""

    kind: ObligationKind
    due: Instant | None


@dataclass(frozen=True, slots=True)
class Granted:
    """Yes, until `valid_until` (the next instant at which it could change by itself)."""

    articles: tuple[ArticleRef, ...]
    reason: Text
    obligations: tuple[Obligation, ...] = ()
    valid_until: Instant | None = None
    preempts: tuple[CameraId, ...] = ()
    facts: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """No, by every text that carries the failed rule, with the one useful way out where there is one."""

    articles: tuple[ArticleRef, ...]
    cause: RefusalCause
    reason: Text
    remedy: Text | None = None
    valid_until: Instant | None = None
    facts: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """Not yet: somebody of the owner has to answer first."""

    articles: tuple[ArticleRef, ...]
    reason: Text
    remedy: Text | None = None
    valid_until: Instant | None = None
    facts: Mapping[str, FactValue] = field(default_factory=dict)


Decision = Granted | Refused | Pending
"""`match` it, and end with `assert_never`. `facts` are exactly those that the decision read, by dotted name."""

"""What a convention answers. A refusal is a value with articles; a failure is an exception."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef, CameraId
from belvedere.domain.text import Text

FactValue = str | int | bool | None | tuple[object, ...] | Mapping[str, object]
"""A fact as it goes into a record: plain JSON (instants as RFC 3339 strings)."""


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
    cause: Cause
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

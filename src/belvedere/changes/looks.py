"""What can happen to a look that a partner asks of the owner's room."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef
from belvedere.domain.looks import Look
from belvedere.domain.record import ConventionRef, EventRef, Subject


@dataclass(frozen=True, slots=True)
class LookAsked:
    """A partner asks the owner's room to look."""

    look: Look
    by: Subject
    at: Instant
    convention: ConventionRef
    event: EventRef
    articles: tuple[ArticleRef, ...]


@dataclass(frozen=True, slots=True)
class LookAnswered:
    """The owner's room looks, does not, or has done so."""

    look: Look
    by: Subject
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None
    articles: tuple[ArticleRef, ...]

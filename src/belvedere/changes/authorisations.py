"""What can happen to the owner's word that lets a partner steer, and the mark that a crew of the owner's is engaged."""

from dataclasses import dataclass

from belvedere.domain.authorisations import Authorisation, CrewEngaged, Deputy
from belvedere.domain.clock import Instant
from belvedere.domain.record import ConventionRef, EventRef, Subject


@dataclass(frozen=True, slots=True)
class AuthorisationGiven:
    """The owner's word was given: on a screen by `by`, or by voice, and `by` wrote it down."""

    authorisation: Authorisation
    by: Subject
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None


@dataclass(frozen=True, slots=True)
class AuthorisationRefused:
    """It was refused."""

    authorisation: Authorisation
    by: Subject
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None


@dataclass(frozen=True, slots=True)
class AuthorisationWithdrawn:
    """It was given, and is taken back: what runs by it ends."""

    authorisation: Authorisation
    by: Subject
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None


@dataclass(frozen=True, slots=True)
class AuthorisationConfirmed:
    """Its giver confirms a word that was given by voice."""

    authorisation: Authorisation
    by: Subject
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None


@dataclass(frozen=True, slots=True)
class AuthorisationDenied:
    """Its giver says that it gave no such word: what runs by it ends."""

    authorisation: Authorisation
    by: Subject
    at: Instant
    convention: ConventionRef | None
    event: EventRef | None


@dataclass(frozen=True, slots=True)
class AuthorisationOver:
    """Nobody waits for it any more; the end of its lease is the record."""

    authorisation: Authorisation


@dataclass(frozen=True, slots=True)
class CrewDeclared:
    """A crew of the owner's was declared engaged at a camera, or no longer."""

    crew: CrewEngaged
    engaged: bool
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class DeputyNamed:
    """The director named a deputy, or named it anew for another term."""

    deputy: Deputy
    by: Subject
    at: Instant
    convention: ConventionRef | None


@dataclass(frozen=True, slots=True)
class DeputyEnded:
    """The director has it no more."""

    deputy: Deputy
    by: Subject
    at: Instant
    convention: ConventionRef | None

"""Who steers, in memory: what a snapshot would say of leases, words and notices once changes are made.

`store.steering_rows` is its twin in SQL.
"""

from collections.abc import Sequence
from dataclasses import replace

from belvedere.changes import (
    AuthorisationConfirmed,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    Change,
    CrewDeclared,
    DeputyEnded,
    DeputyNamed,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
    LookAnswered,
    LookAsked,
)
from belvedere.domain.authorisations import Authorisation, AuthorisationState, CrewEngaged, Deputy
from belvedere.domain.ids import AgentId, AuthorisationId, CameraId, LeaseId, LookId, NoticeId
from belvedere.domain.leases import Lease, LeaseOver, OwedNotice
from belvedere.domain.looks import Look
from belvedere.spine.snapshot import Steering

_STANDING = frozenset({AuthorisationState.ASKED, AuthorisationState.GIVEN})


class SteeringAfter:
    """Who steers once `take` was called with each change (implements `spine.snapshot.Steering`)."""

    def __init__(self, before: Steering) -> None:
        self._before = before
        self._leases: dict[LeaseId, Lease | None] = {}
        self._over: dict[LeaseId, LeaseOver] = {}
        self._fences: dict[CameraId, int] = {}
        self._words: dict[AuthorisationId, Authorisation] = {}
        self._notices: dict[NoticeId, OwedNotice] = {}
        self._deputies: dict[AgentId, Deputy | None] = {}
        self._looks: dict[LookId, Look] = {}
        self._crews: dict[CameraId, CrewEngaged | None] = {}

    def take(self, change: Change) -> None:
        """Make so what `change` says of leases, words and notices; nothing where it says nothing of them."""
        match change:
            case LeaseAsked(lease, authorisation):
                self._leases[lease.id] = lease
                if authorisation is not None:
                    self._words[authorisation.id] = authorisation
            case LeaseGranted(lease) | LeaseContinued(lease):
                self._leases[lease.id] = lease
                self._fences[lease.camera] = max(lease.fence, self.fence(lease.camera))
                if change.notice is not None:
                    self._notices[change.notice.id] = change.notice
            case LeaseProlonged(lease) | LeaseRelieved(lease):
                self._leases[lease.id] = lease
            case LeaseEnded():
                self._end(change)
            case (
                AuthorisationGiven(word)
                | AuthorisationRefused(word)
                | AuthorisationWithdrawn(word)
                | AuthorisationConfirmed(word)
                | AuthorisationDenied(word)
                | AuthorisationOver(word)
            ):
                self._words[word.id] = word
            case LookAsked(look) | LookAnswered(look):
                self._looks[look.id] = look
            case DeputyNamed() | DeputyEnded() | CrewDeclared():
                self._declare(change)

    def _declare(self, change: DeputyNamed | DeputyEnded | CrewDeclared) -> None:
        match change:
            case DeputyNamed(deputy):
                self._deputies[deputy.agent] = deputy
            case DeputyEnded(deputy):
                self._deputies[deputy.agent] = None
            case CrewDeclared(crew, engaged):
                self._crews[crew.camera] = crew if engaged else None

    def _end(self, change: LeaseEnded) -> None:
        lease = change.lease
        self._leases[lease.id] = None
        ending = change.ending
        self._over[lease.id] = LeaseOver(
            lease.id, lease.camera, lease.party, ending.cause, ending.articles, change.at, lease.authorisation
        )
        for notice in self.owed_notices():
            if notice.lease == lease.id and notice.until is None:
                self._notices[notice.id] = replace(notice, until=change.at)

    def leases(self) -> Sequence[Lease]:
        """Return every lease that is held or asked for, by when it was asked for."""
        if not self._leases:
            return self._before.leases()
        known: dict[LeaseId, Lease | None] = {each.id: each for each in self._before.leases()}
        known |= self._leases
        return sorted((each for each in known.values() if each is not None), key=lambda each: (each.asked_at, each.id))

    def lease(self, lease: LeaseId) -> Lease | None:
        """Return the lease that is held or asked for, or None."""
        return self._leases[lease] if lease in self._leases else self._before.lease(lease)

    def lease_over(self, lease: LeaseId) -> LeaseOver | None:
        """Return what is kept of a lease that is over, or None."""
        return self._over.get(lease) or self._before.lease_over(lease)

    def fence(self, camera: CameraId) -> int:
        """Return the newest fence of a camera, 0 for one that was never steered."""
        found = self._fences.get(camera)
        return self._before.fence(camera) if found is None else found

    def authorisation(self, authorisation: AuthorisationId) -> Authorisation | None:
        """Return the authorisation, whatever became of it, or None."""
        return self._words.get(authorisation) or self._before.authorisation(authorisation)

    def authorisations(self) -> Sequence[Authorisation]:
        """Return those that are asked for or given, oldest first."""
        known = {each.id: each for each in self._before.authorisations()} | self._words
        standing = (each for each in known.values() if each.state in _STANDING)
        return sorted(standing, key=lambda each: (each.asked_at, each.id))

    def owed_notices(self) -> Sequence[OwedNotice]:
        """Return every notice that is owed, oldest first."""
        if not self._notices:
            return self._before.owed_notices()
        known = {each.id: each for each in self._before.owed_notices()} | self._notices
        return sorted(known.values(), key=lambda each: (each.since, each.id))

    def crews_engaged(self) -> Sequence[CrewEngaged]:
        """Return the cameras at which a crew is engaged, by camera."""
        known: dict[CameraId, CrewEngaged | None] = {each.camera: each for each in self._before.crews_engaged()}
        known |= self._crews
        return sorted((each for each in known.values() if each is not None), key=lambda each: each.camera)

    def deputies(self) -> Sequence[Deputy]:
        """Return whom the director named, their terms past or not, by agent."""
        known: dict[AgentId, Deputy | None] = {each.agent: each for each in self._before.deputies()}
        known |= self._deputies
        return sorted((each for each in known.values() if each is not None), key=lambda each: each.agent)

    def look(self, look: LookId) -> Look | None:
        """Return the look that was asked for, whatever became of it, or None."""
        return self._looks.get(look) or self._before.look(look)

    def looks(self) -> Sequence[Look]:
        """Return every look that was asked for, oldest first."""
        if not self._looks:
            return self._before.looks()
        known = {each.id: each for each in self._before.looks()} | self._looks
        return sorted(known.values(), key=lambda each: (each.asked_at, each.id))

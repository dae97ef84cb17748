"""What is steered now, and what is asked of whom, as far as one party may see it. Source: reliability 27; rules A11, A23."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from belvedere.domain.authorisations import Authorisation, AuthorisationState
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId
from belvedere.domain.leases import LEASE_MAX_S, Lease, OwedNotice
from belvedere.domain.looks import Look
from belvedere.domain.vocabulary import Role
from belvedere.rights.authorisations import AskedOf, asked_of, givers
from belvedere.rights.facts import earlier
from belvedere.rights.listed import may_find
from belvedere.rights.sight import Sight
from belvedere.rights.watched import EventSeen, event_seen
from belvedere.spine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class LeaseSeen:
    """A lease, held or asked for. `agent` is how the own room calls it, a pseudonym where the agent is another party's."""

    lease: Lease
    agent: str
    until: Instant | None


@dataclass(frozen=True, slots=True)
class AuthorisationSeen:
    """An authorisation, and of whom it is asked by now; None once it is answered."""

    authorisation: Authorisation
    event: EventSeen | None
    asked_of: AskedOf | None
    givers: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """A notice that is owed, and the event of the takeover that it tells."""

    notice: OwedNotice
    event: EventSeen | None


@dataclass(frozen=True, slots=True)
class LookSeen:
    """A look that was asked of the owner's room, and the event that it is for."""

    look: Look
    event: EventSeen


@dataclass(frozen=True, slots=True)
class Steered:
    """Who steers and who asks; at which cameras a crew of the owner's is engaged."""

    leases: Sequence[LeaseSeen]
    crews: Sequence[CameraId]


def lease_until(lease: Lease) -> Instant | None:
    """Return when a lease ends by itself at the latest; None for an own one without a term."""
    if lease.rank.is_own or lease.since is None:
        return lease.valid_until
    return earlier(lease.valid_until, (lease.renewed_at or lease.since) + timedelta(seconds=LEASE_MAX_S))


def steered(snapshot: Snapshot, reader: Sight, at: Instant) -> Steered:
    """Return what the reader may see of who steers: the owner of the cameras all of it, a partner its own.

    Of crews a partner hears at the cameras that it may find in a list, and at no other.
    """
    cameras = snapshot.place.cameras
    return Steered(
        leases=[
            LeaseSeen(each, each.agent_label if reader.own(each.party) else each.pseudonym, lease_until(each))
            for each in snapshot.leases()
            if reader.right(each.party)
        ],
        crews=[
            each.camera
            for each in snapshot.crews_engaged()
            if reader.cameras_are_own
            or ((known := cameras.watched(each.camera)) is not None and may_find(snapshot, reader.reader, known, at))
        ],
    )


def notices_seen(snapshot: Snapshot, reader: Sight) -> Sequence[NoticeSeen]:
    """Return the notices that are owed by the reader, or to it, oldest first."""
    return [
        NoticeSeen(each, None if event is None else event_seen(event, reader))
        for each in snapshot.owed_notices()
        if reader.own(each.from_party) or reader.own(each.to_party)
        for event in (None if each.event is None else snapshot.event(each.event),)
    ]


def looks_seen(snapshot: Snapshot, reader: Sight) -> Sequence[LookSeen]:
    """Return what was asked of the owner's room for events that go on, oldest first: by the reader, or of it."""
    return [
        LookSeen(each, event_seen(event, reader))
        for each in snapshot.looks()
        if reader.right(each.party) and (event := snapshot.event(each.event)) is not None and event.is_open
    ]


def authorisations_seen(snapshot: Snapshot, reader: Sight, at: Instant) -> Sequence[AuthorisationSeen]:
    """Return what is asked for and what was given and still stands, oldest first."""
    return [
        authorisation_seen(snapshot, each, reader, at)
        for each in snapshot.authorisations()
        if reader.right(each.party) and _stands(snapshot, each, at)
    ]


def _stands(snapshot: Snapshot, word: Authorisation, at: Instant) -> bool:
    event = snapshot.event(word.event)
    in_time = word.until is None or at < word.until or word.is_unconfirmed
    return in_time and event is not None and (event.is_open or word.is_unconfirmed)


def authorisation_seen(snapshot: Snapshot, word: Authorisation, reader: Sight, at: Instant) -> AuthorisationSeen:
    """Return an authorisation as far as the reader may see it, and of whom it is asked at `at`."""
    event, camera = snapshot.event(word.event), snapshot.place.cameras.watched(word.camera)
    convention = None if camera is None else snapshot.convention_between(camera.owner, word.party)
    roles = () if camera is None or convention is None else givers(convention, owner=camera.owner, party=word.party)
    asked = asked_of(roles, asked_at=word.asked_at, at=at) if roles and word.state is AuthorisationState.ASKED else None
    return AuthorisationSeen(word, None if event is None else event_seen(event, reader), asked, roles)

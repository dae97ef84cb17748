"""What was carried out and waits to be recorded while nothing can be (reliability 9).

An end harms nobody, an image without its grant does; and the node's own room is never blinded. So ends of rights and of
sessions wait here, anyone's, words that are taken back or denied, the ends of deputies, and that a camera stays where it
looks; and the own room's decisions, grants and sessions. Nothing else does.

Numbered in the order in which it happened. Each drain stores the newest number that it made durable in its own
transaction, so that a snapshot knows what of the tail it already holds. Changed on the event loop only; read on any
thread: the entries are one tuple, replaced as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import structlog

from belvedere.changes import (
    AuthorisationConfirmed,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationWithdrawn,
    CameraStays,
    Change,
    Decided,
    DeputyEnded,
    DeputyNamed,
    EventKept,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
    SessionClosed,
    SessionOpened,
    SessionRelieved,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
)
from belvedere.changes.records import Silent
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import CameraId, LeaseId, ViewingId
from belvedere.spine.after import After
from belvedere.spine.snapshot import Place, Snapshot

QUEUED_MAX = 10_000
VIEWINGS_MAX = 256
log = structlog.get_logger(__name__)


_TAKEN = frozenset({Cause.TAKEN_BY_SERVICE, Cause.HANDED_ON})


def may_wait(change: Change, place: Place) -> bool:
    """Return whether `change` may be carried out before it is recorded."""
    match change:
        case ViewingEnded(ending=ending):
            # Nobody loses a picture to one that is not given.
            may = ending.cause is not Cause.PREEMPTED
        case SessionClosed() | AuthorisationOver() | AuthorisationWithdrawn() | AuthorisationDenied() | DeputyEnded():
            may = True
        case CameraStays():
            # It moves nothing, and takes nothing from anybody.
            may = True
        case LeaseEnded(ending=ending):
            # Nobody loses a camera to one that is not given; the owner's room is.
            may = ending.cause not in _TAKEN
        case LeaseAsked(lease) | LeaseGranted(lease) | LeaseProlonged(lease) | LeaseRelieved(lease):
            may = place.is_own_room(lease.party, lease.camera)
        case SessionOpened(party=party) | SessionRelieved(party=party):
            may = party == place.party
        case EventKept(event):
            may = event.party == place.party
        case ViewingOpened(viewing) | ViewingProlonged(viewing) | ViewingRelieved(viewing):
            may = place.is_own_room(viewing.party, viewing.camera)
        case Decided(requester, request=request):
            may = place.is_own_room(requester.party, CameraId(request.camera.id))
        case _:
            may = False
    return may


def is_needless(change: Change) -> bool:
    """Return whether `change` may be left out while nothing is recorded: it is worked out again anyway."""
    return isinstance(change, ViewingProlonged)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One change that waits. `recorded`: its record waits with it; else the record is among those lost."""

    number: int
    change: Change
    recorded: bool = True


def outlives_a_death(change: Change) -> bool:
    """Return whether what `change` ends would count again after a death of the node: nobody is told that it is done.

    Viewings, leases and sessions all end at the next start; words and deputies do not.
    """
    return isinstance(change, AuthorisationWithdrawn | AuthorisationDenied | DeputyEnded)


def unrecorded(snapshot: Snapshot, group: Sequence[Waiting]) -> Sequence[Waiting]:
    """Return what of `group` is still to be made so: not what is over, nor what a try that landed late recorded."""
    landed = snapshot.running().by_id.keys()
    running, late = set(landed), []
    steering = {lease.id for lease in snapshot.leases()}
    for waiting in group:
        match waiting.change:
            case ViewingOpened(viewing) if viewing.id in landed:
                continue
            case Decided(viewing=viewing_id, opens=True) if viewing_id in landed:
                continue
            case ViewingEnded(viewing) if viewing.id not in running:
                continue
            case ViewingProlonged(viewing) | ViewingRelieved(viewing) if viewing.id not in running:
                continue
            case SessionOpened(session) if snapshot.session(session.cookie_sha256) is not None:
                continue
            case change if _has_landed(snapshot, change, steering) or _word_has_landed(snapshot, change):
                continue
            case ViewingOpened(viewing):
                running.add(viewing.id)
            case ViewingEnded(viewing):
                running.discard(viewing.id)
        late.append(waiting)
    return late


def _has_landed(snapshot: Snapshot, change: Change, steering: set[LeaseId]) -> bool:
    """Return whether the tables hold what `change` makes of a lease, or that lease is over; else note it in `steering`."""
    match change:
        case LeaseAsked(lease) | LeaseGranted(lease):
            known = snapshot.lease(lease.id)
            if snapshot.lease_over(lease.id) is not None or (known is not None and known.awaits == lease.awaits):
                return True
            steering.add(lease.id)
            return False
        case LeaseProlonged(lease) | LeaseRelieved(lease):
            return lease.id not in steering
        case LeaseEnded(lease):
            is_over = lease.id not in steering
            steering.discard(lease.id)
            return is_over
        case _:
            return False


def _word_has_landed(snapshot: Snapshot, change: Change) -> bool:
    """Return whether the tables hold already that a word, or a deputy, counts no more."""
    match change:
        case AuthorisationWithdrawn(word) | AuthorisationDenied(word):
            return snapshot.authorisation(word.id) == word
        case DeputyEnded(deputy):
            return all(each.agent != deputy.agent for each in snapshot.deputies())
        case _:
            return False


class Tail:
    """The changes that wait."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._entries: tuple[Waiting, ...] = ()
        self._number = 0
        self.version = 0
        """How often it changed: what was decided on an older one is decided again."""
        self.since: Instant | None = None
        """Since when something of the own room waits; None where nothing does."""
        self.lost = 0
        """How many records of the own room found no place, and are not told yet."""

    @property
    def entries(self) -> Sequence[Waiting]:
        """What waits, oldest first."""
        return self._entries

    @property
    def own_room_records(self) -> int:
        """How many records of the own room wait."""
        return sum(
            each.recorded and not isinstance(each.change, Silent) and self._is_own_rooms(each.change)
            for each in self._entries
        )

    @property
    def owes(self) -> bool:
        """Whether anything waits: the ledger took nothing when it was last asked."""
        return bool(self._entries)

    def over(self, snapshot: Snapshot, *, drained: int) -> Snapshot:
        """Return the state after what waits; `drained` is the newest number that the snapshot holds already."""
        later = [
            each.change for each in self._entries if each.number > drained and not isinstance(each.change, Decided)
        ]
        return After(snapshot, later, waiting=True) if later else snapshot

    def keep(self, changes: Sequence[Change], *, now: Instant) -> None:
        """Let these wait; raises `NotRecorded` where no more of the own room's viewings can."""
        opened = {each.change.viewing.id for each in self._entries if isinstance(each.change, ViewingOpened)}
        new = [change for change in changes if isinstance(change, ViewingOpened)]
        if new and len(opened) + len(new) > VIEWINGS_MAX:
            raise NotRecorded(f"{VIEWINGS_MAX} unrecorded viewings of the own room already run")
        if len(self._entries) >= QUEUED_MAX and any(isinstance(change, SessionOpened) for change in changes):
            raise NotRecorded(f"{QUEUED_MAX} changes already wait to be recorded")
        if self.since is None and any(map(self._is_own_rooms, changes)):
            self.since = now
            log.error("own_room_unrecorded", since=now.isoformat())
        for change in changes:
            self._keep(change)
        self.version += 1

    def _keep(self, change: Change) -> None:
        full = len(self._entries) >= QUEUED_MAX
        if isinstance(change, ViewingEnded) and self._forget_unrecorded(change.viewing.id):
            self.lost += 1
            return
        if full and isinstance(change, Decided):
            self.lost += 1
            return
        if isinstance(change, ViewingProlonged):
            self._replace_prolonged(change.viewing.id)
        recorded = not full or not isinstance(change, ViewingOpened)
        if not recorded:
            self.lost += 1
        self._number += 1
        self._entries = (*self._entries, Waiting(self._number, change, recorded))

    def _forget_unrecorded(self, viewing: ViewingId) -> bool:
        """Take away a viewing that waits without a record: nothing of it will ever stand anywhere."""
        kept = tuple(
            each
            for each in self._entries
            if each.recorded or not (isinstance(each.change, ViewingOpened) and each.change.viewing.id == viewing)
        )
        found = len(kept) < len(self._entries)
        self._entries = kept
        return found

    def _replace_prolonged(self, viewing: ViewingId) -> None:
        """Take away how a viewing stood before: a screen that takes its picture up again and again fills nothing."""
        self._entries = tuple(
            each
            for each in self._entries
            if not (isinstance(each.change, ViewingProlonged) and each.change.viewing.id == viewing)
        )

    def first(self, most: int) -> Sequence[Waiting]:
        """Return the oldest that wait, at most so many."""
        return self._entries[:most]

    def drop(self, number: int) -> None:
        """Forget what waited up to this number: it is recorded."""
        done = len(list(takewhile(lambda each: each.number <= number, self._entries)))
        self._entries = self._entries[done:]
        self._changed()

    def unfollowed(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Return those of a late landing from which nothing has followed yet: the others wait here too, carried out."""
        followed = {_key(each.change) for each in self._entries} - {None}
        return tuple(change for change in changes if _key(change) not in followed)

    def holds_subject_of(self, changes: Sequence[Change], *, drained: int) -> bool:
        """Return whether a viewing or a session of `changes` waits here itself: what becomes of it waits behind it.

        Recorded at once it would stand before its own beginning, and what waits would bring it back.
        """
        subjects = _subjects(changes)
        return bool(subjects) and any(
            not subjects.isdisjoint(_subjects((each.change,))) for each in self._entries if each.number > drained
        )

    def land(self, changes: Sequence[Change]) -> None:
        """Forget what became durable by itself after all, and all that waits of what is over."""
        landed = {_key(change) for change in changes} - {None}
        over = _subjects(
            [change for change in changes if isinstance(change, ViewingEnded | SessionClosed | LeaseEnded)]
        )
        opened = {change.viewing.id for change in changes if isinstance(change, ViewingOpened)}
        kept = tuple(
            each
            for each in self._entries
            if _key(each.change) not in landed
            and over.isdisjoint(_subjects((each.change,)))
            and not (isinstance(each.change, Decided) and each.change.opens and each.change.viewing in opened)
        )
        if len(kept) < len(self._entries):
            self._entries = kept
            self._changed()

    def _changed(self) -> None:
        self.version += 1
        if not self._entries and not self.lost:
            self.since = None

    def _is_own_rooms(self, change: Change) -> bool:
        match change:
            case ViewingEnded(viewing):
                return self._place.is_own_room(viewing.party, viewing.camera)
            case LeaseEnded(lease):
                return self._place.is_own_room(lease.party, lease.camera)
            case SessionClosed():
                return False
            case _:
                return True


def _key(change: Change) -> tuple[str, str | bytes] | None:
    """Return what tells a change that may land late from any other; None for one that nothing is lost by making twice."""
    subject: str | bytes
    match change:
        case ViewingOpened(viewing) | ViewingEnded(viewing) | ViewingRelieved(viewing):
            subject = viewing.id
        case LeaseAsked(lease) | LeaseGranted(lease) | LeaseEnded(lease) | LeaseRelieved(lease):
            subject = lease.id
        case SessionOpened(session) | SessionRelieved(session=session):
            subject = session.cookie_sha256
        case SessionClosed(session_sha256):
            subject = session_sha256
        case AuthorisationWithdrawn(word) | AuthorisationDenied(word):
            subject = word.id
        case DeputyEnded(deputy):
            subject = deputy.agent
        case CameraStays(camera):
            subject = camera
        case _:
            return None
    return type(change).__name__, subject


def _subjects(changes: Sequence[Change]) -> set[str | bytes]:
    """Return the viewings, leases, sessions, words and deputies that `changes` begin, go on with, hand over or end."""
    return {subject for change in changes for subject in (*_rights_of(change), *_words_of(change))}


def _rights_of(change: Change) -> tuple[str | bytes, ...]:
    match change:
        case ViewingOpened(viewing) | ViewingProlonged(viewing) | ViewingRelieved(viewing) | ViewingEnded(viewing):
            return (viewing.id,)
        case (
            LeaseAsked(lease)
            | LeaseGranted(lease)
            | LeaseContinued(lease)
            | LeaseProlonged(lease)
            | LeaseRelieved(lease)
            | LeaseEnded(lease)
        ):
            return (lease.id,)
        case SessionOpened(session):
            return (session.cookie_sha256,)
        case SessionRelieved(former, session):
            return former, session.cookie_sha256
        case SessionClosed(session_sha256):
            return (session_sha256,)
        case _:
            return ()


def _words_of(change: Change) -> tuple[str, ...]:
    match change:
        case (
            AuthorisationGiven(word)
            | AuthorisationConfirmed(word)
            | AuthorisationWithdrawn(word)
            | AuthorisationDenied(word)
        ):
            return (word.id,)
        case DeputyNamed(deputy) | DeputyEnded(deputy):
            return (deputy.agent,)
        case _:
            return ()

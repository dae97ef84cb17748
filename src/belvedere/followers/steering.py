"""Cameras that turn follow: who steers each is known in memory, so that a movement waits for no disk (reliability 14, 15).

What changes says is taken in the order of commits. The owner's hand comes before its commit: it is on the camera first, by a
newer fence, then the camera stops, then it is written down. Used on the event loop alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from belvedere.changes import (
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    CameraReturned,
    CameraStays,
    Change,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
)
from belvedere.domain.authorisations import ESCALATES_AFTER
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import AuthorisationId, CameraId, LeaseId, ViewingId
from belvedere.domain.leases import ANSWER_S, Awaits, Lease, LeaseEnding, Rank
from belvedere.domain.requester import Requester
from belvedere.domain.rest import RETURNS_AFTER_S, AwayCamera
from belvedere.domain.steering import GoHome, Movement, NotAtRest, NotDone, Position, Steerable
from belvedere.ptz.arbitration import (
    Answer,
    Asked,
    CameraState,
    Heard,
    Held,
    HoldersAnswer,
    Input,
    Lapse,
    Move,
    Rejected,
    Turn,
    overdue,
    step,
)
from belvedere.rights.steering import claim_of


class CameraCommands(Protocol):
    """The cameras that turn. All calls return at once, and none raises for what a camera does."""

    def steers(self, camera: CameraId) -> bool:
        """Whether this camera is steered from here."""

    def turn(self, camera: CameraId, movement: Movement) -> None:
        """Command a movement: the newest wins; one by velocities lasts half a second unless it is repeated."""

    def stop(self, camera: CameraId) -> None:
        """Stop the camera: it waits for nothing, and no movement commanded before moves the camera after it."""

    async def steerable(self, camera: CameraId) -> Steerable | NotDone:
        """Ask a camera what it can be told, and which named places it keeps; ends within its time, and never raises."""

    def watch(self, camera: CameraId) -> None:
        """Look after the camera from now on, so that a movement which nobody here commanded is told."""

    def unwatch(self, camera: CameraId) -> None:
        """Look after it no more."""


@dataclass
class _Escalation:
    """One word that is asked for: since when, and how often it went on to somebody else."""

    asked_at: Instant
    steps: int = 0


class LeaseFollower(Protocol):
    """Whoever is told at once what becomes of one lease. All calls return at once."""

    def went_on(self, lease: Lease) -> None:
        """The lease goes on, renewed or under another term."""

    def ended(self, ending: LeaseEnding) -> None:
        """The lease is over."""

    def replaced(self) -> None:
        """Another one is told of the lease from now on."""


@dataclass
class _Camera:
    """One camera: who steers and waits, how many hands of the owner are on it before their commit, what was turned."""

    state: CameraState = field(default_factory=CameraState)
    lease: Lease | None = None
    seized: int = 0
    first: Instant | None = None
    last: Instant | None = None
    count: int = 0
    watched: bool = False
    away_for: Lease | None = None
    """The partner's lease under which it was turned last; None once it is home, stays, or is in the owner's hand."""
    unwatched_s: float | None = None
    """Since when nobody watches it for that lease's event."""
    position: Position | None = None
    """Where it said that it looks, while it is looked after; None where it did not say."""
    turned_by_others: bool = False
    """Whether it moved under a partner's lease, and nobody here commanded it: the lease's end is on its way."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How often a camera was turned under a lease that is over, first and last when."""

    lease: Lease
    first: Instant
    last: Instant
    count: int


class SteeringFollower:
    """Knows who steers (implements `spine.ports.Follower`, `acts.steering_desk.Hands`, `acts.steering_watch.Signs`)."""

    def __init__(
        self,
        cameras: CameraCommands,
        *,
        clock: Clock,
        told: Callable[[], None] = lambda: None,
        positions_told: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the cameras; `told` is called where what screens are shown of them changes by itself.

        `positions_told` is called where they look elsewhere, four times a second at most (`tell_positions`).
        """
        self._commands = cameras
        self._clock = clock
        self._told, self._positions_told = told, positions_told
        self._positions_moved = False
        self._alarms: dict[CameraId, NotAtRest] = {}
        self._cameras: dict[CameraId, _Camera] = {}
        self._camera_of: dict[LeaseId, CameraId] = {}
        self._moved: list[Moved] = []
        self._followed: dict[LeaseId, LeaseFollower] = {}
        self._waiting: dict[AuthorisationId, _Escalation] = {}

    # What is durable.

    def follow(self, changes: Sequence[Change]) -> None:
        """Take what changes say of leases; a camera whose lease ended stops."""
        for change in changes:
            match change:
                case AuthorisationGiven(word) | AuthorisationRefused(word) | AuthorisationOver(word):
                    self._waiting.pop(word.id, None)
                case CameraReturned(name):
                    self._leave(name)
                    self._commands.turn(name, GoHome())
                case CameraStays(name):
                    self._leave(name)
                case _:
                    self._follow_lease(change)

    def _follow_lease(self, change: Change) -> None:
        match change:
            case LeaseEnded(lease, ending):
                self._end(lease, ending.cause)
                if lease.id in self._followed:
                    self._followed.pop(lease.id).ended(ending)
            case LeaseGranted(lease):
                self._grant(lease)
            case LeaseAsked(lease, word):
                self._ask(lease)
                if word is not None:
                    self._waiting[word.id] = _Escalation(word.asked_at)
            case LeaseContinued(lease) | LeaseProlonged(lease) | LeaseRelieved(lease):
                self._go_on(lease)

    def _ask(self, lease: Lease) -> None:
        camera = self._camera(lease)
        settles_s = self._clock.monotonic_s() + ANSWER_S if lease.awaits is Awaits.HOLDER else None
        asked = Asked(claim_of(lease), lease.awaits or Awaits.HOLDER, settles_s)
        camera.state = replace(camera.state, asked=(*_others(camera.state.asked, lease.id), asked))

    def _grant(self, lease: Lease) -> None:
        camera, now_s = self._camera(lease), self._clock.monotonic_s()
        # Whoever else waits asks the new holder, from now on.
        asked = tuple(
            replace(each, settles_s=now_s + ANSWER_S, extended=False) if each.awaits is Awaits.HOLDER else each
            for each in _others(camera.state.asked, lease.id)
        )
        held = Held(claim_of(lease), lease.fence, since_s=now_s, moved_s=now_s, heard_s=now_s)
        camera.state = CameraState(max(lease.fence, camera.state.fence), held, asked)
        camera.lease, camera.first, camera.last, camera.count = lease, None, None, 0
        camera.turned_by_others, camera.unwatched_s = False, None
        if lease.rank.is_own:
            camera.away_for = None
        self._keep_watch(lease.camera, camera)

    def _go_on(self, lease: Lease) -> None:
        camera, held = self._camera(lease), self._camera(lease).state.held
        if held is not None and held.claim.lease == lease.id:
            renewed = camera.lease is not None and lease.renewed > camera.lease.renewed
            since_s = self._clock.monotonic_s() if renewed else held.since_s
            camera.state = replace(camera.state, held=replace(held, claim=claim_of(lease), since_s=since_s))
            camera.lease = lease
            if lease.id in self._followed:
                self._followed[lease.id].went_on(lease)
            return
        asked = tuple(
            replace(each, claim=claim_of(lease)) if each.claim.lease == lease.id else each
            for each in camera.state.asked
        )
        camera.state = replace(camera.state, asked=asked)

    def _end(self, lease: Lease, cause: Cause) -> None:
        camera = self._camera(lease)
        self._camera_of.pop(lease.id, None)
        held = camera.state.held
        if not lease.is_held or (held is not None and held.claim.lease != lease.id):
            camera.state = replace(camera.state, asked=_others(camera.state.asked, lease.id))
            return
        # One of an earlier run of this node is not known here: its camera may still turn.
        may_turn = held is None or camera.count > 0
        camera.state = replace(camera.state, held=None)
        # What the owner turns in its own system is not stopped: the camera stays where it is put.
        if may_turn and cause is not Cause.FOREIGN_MOVEMENT:
            self._commands.stop(lease.camera)
        if camera.first is not None and camera.last is not None:
            self._moved.append(Moved(lease, camera.first, camera.last, camera.count))
        camera.lease, camera.turned_by_others = None, False
        if cause is Cause.FOREIGN_MOVEMENT:
            camera.away_for = None
        self._keep_watch(lease.camera, camera)

    def _keep_watch(self, name: CameraId, camera: _Camera) -> None:
        """Look after a camera that somebody steers, or that was left turned: another's hand ends either."""
        needed = camera.lease is not None or camera.away_for is not None
        if needed and not camera.watched:
            self._commands.watch(name)
        elif camera.watched and not needed:
            self._commands.unwatch(name)
            # Nobody asks it any more where it looks: what it said last would soon be wrong.
            self._positions_moved |= camera.position is not None
            camera.position = None
        camera.watched = needed

    def _camera(self, lease: Lease) -> _Camera:
        self._camera_of[lease.id] = lease.camera
        return self._cameras.setdefault(lease.camera, _Camera())

    def steers(self, camera: CameraId) -> bool:
        """Whether this camera is steered from here."""
        return self._commands.steers(camera)

    # The owner's hand, before its commit.

    def seize(self, camera: CameraId, rank: Rank) -> int:
        """Stop the camera for whoever comes before its holder; return the newest fence, which moves it no more."""
        found = self._cameras.setdefault(camera, _Camera())
        found.seized += 1
        found.away_for = None
        held = found.state.held
        if held is not None and held.claim.rank < rank:
            found.state = replace(found.state, fence=found.state.fence + 1)
            self._commands.stop(camera)
        return found.state.fence

    def let_go(self, camera: CameraId) -> None:
        """The act for which it was seized is over: whoever holds the camera now goes on."""
        found = self._cameras[camera]
        found.seized -= 1

    # What the owner does in its own video system.

    def turned_by_others(self, camera: CameraId) -> None:
        """Note that a camera moves although nobody here commanded it: a partner turns it no more (rules A12)."""
        found = self._cameras.get(camera)
        if found is None:
            return
        if found.state.held is not None and not found.state.held.claim.rank.is_own:
            found.turned_by_others = True
        elif found.away_for is not None:
            self._leave(camera)
            self._told()

    def cameras_turned_by_others(self) -> Sequence[CameraId]:
        """Return the cameras so turned whose lease is not over yet."""
        return [camera for camera, found in self._cameras.items() if found.turned_by_others]

    # Where cameras look.

    def seen(self, camera: CameraId, position: Position) -> None:
        """Note where a camera says that it looks; one that nobody looks after is not shown."""
        found = self._cameras.get(camera)
        if found is None or not found.watched or found.position == position:
            return
        found.position, self._positions_moved = position, True

    @property
    def positions(self) -> Mapping[CameraId, Position]:
        """Where the cameras look that somebody steers, or left turned."""
        return {camera: found.position for camera, found in self._cameras.items() if found.position is not None}

    def tell_positions(self) -> None:
        """Tell the screens where a camera looks elsewhere since the last time."""
        moved, self._positions_moved = self._positions_moved, False
        if moved:
            self._positions_told()

    # What a partner left turned.

    def away(self) -> Sequence[AwayCamera]:
        """Return the cameras that look where a partner's lease left them, and when each goes back."""
        return [
            AwayCamera(camera, left.party, left.event, self._returns_at(found))
            for camera, found in self._cameras.items()
            if (left := found.away_for) is not None and left.event is not None and found.lease is None
        ]

    def note_watched(self, away: AwayCamera, *, watched: bool) -> bool:
        """Note whether the camera is watched for that event; return whether it is time that it goes back."""
        found, now_s = self._cameras[away.camera], self._clock.monotonic_s()
        before = found.unwatched_s
        found.unwatched_s = None if watched else now_s if before is None else before
        if (before is None) is not (found.unwatched_s is None):
            self._told()
        return found.unwatched_s is not None and now_s - found.unwatched_s >= RETURNS_AFTER_S

    def leave(self, camera: CameraId) -> None:
        """Let the camera look where it does: the owner's room takes care of it."""
        self._leave(camera)
        self._told()

    def _leave(self, camera: CameraId) -> None:
        found = self._cameras.get(camera)
        if found is not None:
            found.away_for, found.unwatched_s = None, None
            self._keep_watch(camera, found)

    def _returns_at(self, camera: _Camera) -> Instant | None:
        if camera.unwatched_s is None:
            return None
        left_s = max(0.0, camera.unwatched_s + RETURNS_AFTER_S - self._clock.monotonic_s())
        return self._clock.now() + timedelta(seconds=left_s)

    # What cameras do by themselves.

    def alarm(self, camera: CameraId, alarm: NotAtRest | None) -> None:
        """Note that a camera did not come to rest, whatever it was told; None once it rests (reliability 15)."""
        if alarm is None:
            self._alarms.pop(camera, None)
        else:
            self._alarms[camera] = alarm
        self._told()

    @property
    def alarms(self) -> Mapping[CameraId, NotAtRest]:
        """The cameras that may still turn although they were stopped."""
        return self._alarms

    # What is commanded under a lease.

    def move(self, lease: LeaseId, movement: Movement, *, fence: int | None = None) -> Rejected | None:
        """Turn the camera; return why not. `fence` is the one that came with the command, None for the lease's own.

        A lease that is over here is `LEASE_OVER`: what is kept of it says why.
        """
        camera, found = self._known(lease)
        if camera is None or found is None:
            return Rejected(Cause.LEASE_OVER)
        held, now_s = found.state.held, self._clock.monotonic_s()
        is_holder = held is not None and held.claim.lease == lease
        if is_holder and self._is_out_of_time(found, now_s):
            return Rejected(Cause.LEASE_OVER)
        if is_holder and found.turned_by_others:
            return Rejected(Cause.LEASE_OVER)
        if found.seized and held is not None and not held.claim.rank.is_own:
            return Rejected(Cause.OWNER_STEERS)
        own_fence = 0 if held is None else held.fence
        found.state, effects = step(found.state, Move(lease, own_fence if fence is None else fence), now_s)
        for effect in effects:
            if isinstance(effect, Rejected):
                return effect
            assert isinstance(effect, Turn), "a movement does nothing else"
        self._commands.turn(camera, movement)
        found.away_for = None if found.lease is None or found.lease.rank.is_own else found.lease
        found.last = self._clock.now()
        found.first, found.count = found.first or found.last, found.count + 1
        return None

    def held(self, lease: LeaseId, requester: Requester) -> Lease | None:
        """Return a lease that this agent holds in this session, None where it does not steer by it.

        The session, not the agent: the picture and the station that were asked for are that session's.
        """
        _, found = self._known(lease)
        if found is None or found.lease is None or found.lease.id != lease:
            return None
        mine = (found.lease.agent, found.lease.session_sha256) == (requester.agent, requester.session_sha256)
        return found.lease if mine else None

    async def steerable(self, camera: CameraId) -> Steerable | NotDone:
        """Ask a camera what it can be told, and which named places it keeps."""
        return await self._commands.steerable(camera)

    def follow_lease(self, lease: LeaseId, follower: LeaseFollower) -> None:
        """Tell `follower` what becomes of the lease, in the place of whoever was told before."""
        before = self._followed.get(lease)
        self._followed[lease] = follower
        if before is not None:
            before.replaced()

    def unfollow_lease(self, lease: LeaseId, follower: LeaseFollower) -> None:
        """Tell `follower` no more."""
        if self._followed.get(lease) is follower:
            del self._followed[lease]

    def is_of(self, lease: LeaseId, requester: Requester) -> bool:
        """Whether the lease is held in this session, or asked for by this agent."""
        _, found = self._known(lease)
        if found is None:
            return False
        asked = ((each.claim.lease, each.claim.agent) for each in found.state.asked)
        return self.held(lease, requester) is not None or (lease, requester.agent) in asked

    def stop(self, lease: LeaseId) -> Rejected | None:
        """Stop the camera for its holder; return why not."""
        camera, found = self._known(lease)
        if camera is None or found is None or found.state.held is None or found.state.held.claim.lease != lease:
            return Rejected(Cause.LEASE_OVER)
        self._commands.stop(camera)
        return None

    def _known(self, lease: LeaseId) -> tuple[CameraId | None, _Camera | None]:
        camera = self._camera_of.get(lease)
        return camera, None if camera is None else self._cameras.get(camera)

    def _is_out_of_time(self, camera: _Camera, now_s: float) -> bool:
        """Whether the lease of the camera's holder is past its term or its time: its end is on its way to the ledger."""
        until = None if camera.lease is None else camera.lease.valid_until
        if until is not None and self._clock.now() >= until:
            return True
        return any(isinstance(each, Lapse) for each in overdue(camera.state, now_s))

    # What time says.

    def hear(self, connected: Collection[ViewingId]) -> None:
        """Note which viewings have a media socket now: it is a partner's sign."""
        now_s = self._clock.monotonic_s()
        for camera in self._cameras.values():
            held = camera.state.held
            if held is not None and held.claim.viewing in connected:
                camera.state, _ = step(camera.state, Heard(held.claim.lease), now_s)

    def hear_lease(self, lease: LeaseId) -> None:
        """Note that the steering socket of a lease's holder is there: the own room's sign. A partner's is its picture."""
        _, found = self._known(lease)
        held = None if found is None else found.state.held
        if found is not None and held is not None and held.claim.lease == lease and held.claim.rank.is_own:
            found.state, _ = step(found.state, Heard(lease), self._clock.monotonic_s())

    def escalate(self) -> None:
        """Tell the screens where a word is asked of somebody else by now: nobody answered."""
        at, moved = self._clock.now(), False
        for waiting in self._waiting.values():
            steps = max(0, int((at - waiting.asked_at) / ESCALATES_AFTER))
            moved, waiting.steps = moved or steps != waiting.steps, steps
        if moved:
            self._told()

    def give_more(self, lease: LeaseId) -> None:
        """Note that the holder keeps the camera for a while longer before whoever asks under `lease` has it."""
        _, found = self._known(lease)
        if found is not None:
            found.state, _ = step(found.state, Answer(lease, HoldersAnswer.MORE), self._clock.monotonic_s())

    def overdue(self) -> Sequence[Input]:
        """Return what time alone has made so."""
        now_s = self._clock.monotonic_s()
        return [due for camera in self._cameras.values() if not camera.seized for due in overdue(camera.state, now_s)]

    def take_moved(self) -> Sequence[Moved]:
        """Return how often cameras were turned under leases that are over, and forget it."""
        taken, self._moved = self._moved, []
        return taken


def _others(asked: tuple[Asked, ...], lease: LeaseId) -> tuple[Asked, ...]:
    return tuple(each for each in asked if each.claim.lease != lease)

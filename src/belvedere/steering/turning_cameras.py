"""All cameras that a node steers, beside its requests: commands return at once, and what came of them is told.

Owns each camera's dead-man timer, its learning, its alarm, and the eye on hands that are not ours. Does not know who steers,
nor whether they may: whoever commands has been asked.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import anyio
import structlog
from anyio.abc import TaskGroup

from belvedere.domain.clock import Clock
from belvedere.domain.ids import CameraId
from belvedere.domain.steering import (
    DONE,
    Abilities,
    AtRest,
    CommandDone,
    CommandRefused,
    GoHome,
    GoToPreset,
    Movement,
    NotAtRest,
    NotDone,
    Outcome,
    PicturePoint,
    Position,
    RestUnseen,
    Steerable,
    Steering,
    SteeringCause,
    Velocity,
)
from belvedere.steering.dead_man import DeadMan
from belvedere.steering.foreign_hand import ForeignHand

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.7
"""How often a watched camera is asked where it looks: a foreign hand is told within two seconds."""
LEAVE_WITHIN_S = 2.0
"""How long the end of the node waits for cameras to come to rest."""


@dataclass(slots=True, eq=False)
class _Camera:
    """One camera: what is known of it beside its own profile."""

    dead_man: DeadMan
    steering: Steering | None = None
    """None until it is entered, which is at its first use: a city has thousands that nobody steers."""
    entered: anyio.Event = field(default_factory=anyio.Event)
    abilities: Abilities | None = None
    learning: anyio.Lock = field(default_factory=anyio.Lock)
    hand: ForeignHand = field(default_factory=ForeignHand)
    may_move: bool = False
    """Whether it was commanded since it was last seen at rest."""
    watchers: int = 0
    looked_after: bool = False
    """Whether a task looks after it."""
    stops: int = 0
    alarmed: bool = False
    told: SteeringCause | None = None
    """The cause that the log had last; None while commands are done."""


class TurningCameras:
    """The cameras of a node that turn; `run` in a task of its own, which outlives every request."""

    def __init__(
        self,
        cameras: Mapping[CameraId, Callable[[], AbstractAsyncContextManager[Steering]]],
        *,
        clock: Clock,
        alarm: Callable[[CameraId, NotAtRest | None], None],
        turned_by_others: Callable[[CameraId], None],
        seen: Callable[[CameraId, Position], None] = lambda _camera, _position: None,
    ) -> None:
        """Take the cameras; what they are told by returns at once. An alarm is over once its camera rests: None.

        `seen` is told where a camera says that it looks: one that is watched, and one that came to rest.
        """
        self._given, self._clock = dict(cameras), clock
        self._alarm, self._turned_by_others, self._seen = alarm, turned_by_others, seen
        self._cameras: dict[CameraId, _Camera] = {}
        self._tasks: TaskGroup | None = None
        self.started = anyio.Event()

    def steers(self, camera: CameraId) -> bool:
        """Whether this camera is steered from here."""
        return camera in self._given

    def turn(self, camera: CameraId, movement: Movement) -> None:
        """Command a movement: the newest wins; one by velocity lasts half a second unless it is repeated."""
        known = self._known(camera)
        if known is None or self._tasks is None:
            return
        if isinstance(movement, Velocity) and not movement.is_zero:
            known.dead_man.arrived()
        else:
            known.dead_man.released()
        known.hand, known.may_move = known.hand.commanded(), True
        self._tasks.start_soon(self._send, camera, known, movement)

    def stop(self, camera: CameraId) -> None:
        """Stop the camera: it waits for nothing, and no movement commanded before moves the camera after it."""
        known = self._known(camera)
        if known is None or self._tasks is None:
            return
        known.dead_man.released()
        known.stops += 1
        self._tasks.start_soon(self._stop, camera, known)

    def watch(self, camera: CameraId) -> None:
        """Look after a camera from now on: whether somebody else turns it. As often as `unwatch`.

        It is learnt at once, before the first movement; where others turned it while nobody looked is its rest.
        """
        known = self._known(camera)
        if known is None or self._tasks is None:
            return
        known.watchers += 1
        if known.watchers == 1 and not known.hand.awaits_rest:
            known.hand = ForeignHand()
        if not known.looked_after:
            known.looked_after = True
            self._tasks.start_soon(self._look_after, camera, known)

    def unwatch(self, camera: CameraId) -> None:
        """Look after a camera no more."""
        known = self._known(camera)
        if known is not None and known.watchers > 0:
            known.watchers -= 1

    async def steerable(self, camera: CameraId) -> Steerable | NotDone:
        """Ask a camera what it can be told, and which named places it keeps."""
        known = self._known(camera)
        if known is None or self._tasks is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        found = await self._learn(known)
        if not isinstance(found, Abilities):
            return found
        presets = await (await self._entered(known)).presets()
        if not isinstance(presets, tuple):
            return presets
        return Steerable(found, tuple(each for each in presets if each.name.strip()))

    def abilities(self, camera: CameraId) -> Abilities | None:
        """Return what the camera can be told; None before it answered."""
        known = self._cameras.get(camera)
        return None if known is None else known.abilities

    async def run(self) -> None:
        """Keep the cameras until cancelled; those that may move are stopped before it ends."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            self.started.set()
            try:
                await anyio.sleep_forever()
            finally:
                await self._leave()

    def _known(self, camera: CameraId) -> _Camera | None:
        known = self._cameras.get(camera)
        if known is None and camera not in self._given:
            log.warning("camera_not_steered", camera=camera)
        elif known is None and self._tasks is not None:
            known = self._cameras[camera] = self._made(camera)
            self._tasks.start_soon(self._keep, camera, known)
        return known

    def _made(self, camera: CameraId) -> _Camera:
        async def stop() -> None:
            await self._stop(camera, made)

        made = _Camera(DeadMan(self._clock, stop))
        return made

    async def _keep(self, camera: CameraId, known: _Camera) -> None:
        """Have the camera, and its dead-man timer, from its first use until the end."""
        async with self._given[camera]() as known.steering:
            known.entered.set()
            await known.dead_man.run()

    async def _entered(self, known: _Camera) -> Steering:
        await known.entered.wait()
        assert known.steering is not None, "it is entered"
        return known.steering

    async def _send(self, camera: CameraId, known: _Camera, movement: Movement) -> None:
        stops = known.stops
        outcome = await self._sent(known, movement)
        if outcome == CommandRefused(SteeringCause.NOT_LEARNT):
            found = await self._learn(known)
            if not isinstance(found, Abilities):
                outcome = found
            elif known.stops == stops:
                outcome = await self._sent(known, movement)
        self._tell(camera, known, outcome)

    async def _sent(self, known: _Camera, movement: Movement) -> Outcome:
        steering = await self._entered(known)
        match movement:
            case Velocity():
                return await steering.move(movement)
            case PicturePoint():
                return await steering.go_to(movement)
            case GoToPreset(token):
                return await steering.go_to_preset(token)
            case GoHome():
                return await steering.go_home()

    async def _learn(self, known: _Camera) -> Abilities | NotDone:
        """Learn a camera once, however many ask."""
        async with known.learning:
            if known.abilities is not None:
                return known.abilities
            found = await (await self._entered(known)).learn()
            if isinstance(found, Abilities):
                known.abilities = found
            return found

    async def _stop(self, camera: CameraId, known: _Camera) -> None:
        known.stops += 1  # what waits for the camera to be learnt is not sent any more
        steering = await self._entered(known)
        stopped = await steering.stop()
        if stopped == CommandRefused(SteeringCause.NOT_LEARNT) and isinstance(await self._learn(known), Abilities):
            # Commanded by an earlier run of this node, maybe: it is stopped all the same.
            stopped = await steering.stop()
        match stopped:
            case AtRest():
                known.hand, known.may_move = known.hand.rested(stopped.position), False
                self._seen(camera, stopped.position)
                if known.alarmed:
                    known.alarmed = False
                    self._alarm(camera, None)
            case NotAtRest():
                tried = {rung.value: str(outcome) for rung, outcome in stopped.tried.items()}
                log.error("camera_not_at_rest", camera=camera, seen_moving=stopped.seen_moving, tried=tried)
                known.alarmed = True
                self._alarm(camera, stopped)
            case RestUnseen():
                known.may_move = False
            case CommandRefused():
                pass  # a newer movement goes

    async def _look_after(self, camera: CameraId, known: _Camera) -> None:
        try:
            while known.watchers > 0:
                if known.abilities is None:
                    self._tell(camera, known, _as_outcome(await self._learn(known)))
                before = known.hand
                seen = await (await self._entered(known)).where()
                if isinstance(seen, Position):
                    self._seen(camera, seen)
                # What was commanded, or seen at rest, while the camera was asked is newer than its answer.
                if isinstance(seen, Position) and known.hand is before:
                    known.hand = known.hand.seen(seen)
                    if known.hand.turned_by_others:
                        # It stays where it was put: that is its rest from now on.
                        known.hand = known.hand.rested(seen)
                        log.info("camera_turned_by_others", camera=camera)
                        self._turned_by_others(camera)
                await anyio.sleep(LOOK_EVERY_S)
        finally:
            known.looked_after = False

    async def _leave(self) -> None:
        with anyio.move_on_after(LEAVE_WITHIN_S, shield=True):
            async with anyio.create_task_group() as stops:
                for camera, known in self._cameras.items():
                    if known.may_move:
                        stops.start_soon(self._stop, camera, known)

    def _tell(self, camera: CameraId, known: _Camera, outcome: Outcome) -> None:
        """Log why commands are not done: each cause once until another one, or success."""
        if isinstance(outcome, CommandDone):
            known.told = None
        elif outcome.cause not in {known.told, SteeringCause.OVERTAKEN}:
            known.told = outcome.cause
            log.warning("camera_command_not_done", camera=camera, cause=outcome.cause.value, detail=outcome.detail)


def _as_outcome(learnt: Abilities | NotDone) -> Outcome:
    return DONE if isinstance(learnt, Abilities) else learnt

"""A camera steered over ONVIF (implements `domain.steering.Steering`).

Owns the order of what goes out: three connections, so that a movement is never held up by a question nor a stop by anything;
at most one movement on its way; a stop at once, then down the ladder until the camera is seen at rest (reliability 15).
Does not know who steers, nor whether they may.
"""

import ipaddress
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import anyio
import structlog
from anyio.abc import TaskGroup

from belvedere.domain.clock import Clock
from belvedere.domain.ids import IdSource
from belvedere.domain.steering import (
    DONE,
    Abilities,
    AtRest,
    CommandRefused,
    CommandUnknown,
    NotAtRest,
    NotDone,
    Outcome,
    PicturePoint,
    Position,
    Preset,
    RestUnseen,
    SteeringCause,
    StopOutcome,
    StopRung,
    Velocity,
)
from belvedere.domain.untrusted_text import XmlElement
from belvedere.steering.newest_command import NewestCommand
from belvedere.steering.onvif import answers, messages
from belvedere.steering.onvif.learning import learn_profile
from belvedere.steering.onvif.messages import Message
from belvedere.steering.onvif.wire import (
    ANSWER_WITHIN_S,
    LOGINS_REFUSED_MAX,
    LOGINS_REFUSED_MAX_OF_STOPS,
    Logins,
    SteeringAddress,
    Wire,
)
from belvedere.steering.profile import CameraProfile, Login, Service
from belvedere.steering.stop_ladder import StopLadder

log = structlog.get_logger(__name__)

SEEN_WITHIN_S = 0.6
"""How long a position is waited for after a stop: a camera that answers once its movement is over is not waited for."""
REPEATED_AFTER_S = 0.2
SLOW_ANSWER_S = 0.1
"""A camera that takes longer is not told again what it does already: each command holds its next one up."""
_STILL = Velocity(0.0, 0.0, 0.0)

Wanted = Callable[[], bool]
"""Whether a command is still to be sent: no stop came since it was asked."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """The movement that the camera took last."""

    velocity: Velocity
    at_s: float
    took_s: float


class OnvifSteering:
    """One camera; to be entered before it is used, and left by the task that entered it.

    Its stops outlive whoever asked for them, not its exit: whoever leaves stops it first.
    """

    def __init__(
        self,
        address: SteeringAddress,
        *,
        clock: Clock,
        ids: IdSource,
        networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network] | None = None,
        trust: ssl.SSLContext | None = None,
        profile: CameraProfile | None = None,
    ) -> None:
        """Take a camera; `clock` is the machine's, never the demo's. `networks` bound where it may be (reliability 19)."""
        self._address, self._clock = address, clock
        self._logins = Logins(clock, ids, address)
        if trust is None and address.origin.scheme == "https":
            trust = ssl.create_default_context()
        self._moves, self._stops, self._questions = (
            Wire(address, self._logins, networks=networks, trust=trust, refused_max=refused_max)
            for refused_max in (LOGINS_REFUSED_MAX, LOGINS_REFUSED_MAX_OF_STOPS, LOGINS_REFUSED_MAX)
        )
        self._profile = profile
        if profile is not None:
            self._logins.known.update(
                {service: login for service, login in profile.logins.items() if login is not Login.NONE}
            )
            self._logins.clock_ahead_s = profile.clock_ahead_s
        self._commands = NewestCommand()
        self._stops_asked = 0
        self._moved: _Sent | None = None
        self._command_over: anyio.Event | None = None
        """Set once the command that is on its way is answered; None while there is none."""
        self._ladder: StopLadder | None = None
        self._rung_over: anyio.Event | None = None
        self._tasks: TaskGroup | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for wire in (self._moves, self._stops, self._questions):
                await stack.enter_async_context(wire)
            self._tasks = await stack.enter_async_context(anyio.create_task_group())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._tasks is not None, "entered before"
        self._tasks.cancel_scope.cancel()
        await self._stack.__aexit__(None, None, None)  # what the caller raised stays as it is: no group of one

    @property
    def profile(self) -> CameraProfile | None:
        """Return what is known of the camera, to be kept for its next start; None before it was learnt."""
        return self._profile

    async def learn(self) -> Abilities | NotDone:
        """Ask the camera what it can do."""
        found = await learn_profile(self._questions, self._address, self._logins, self._clock, self._profile)
        if not isinstance(found, CameraProfile):
            return found
        self._profile = found
        # The other two connections and their logins are made now, not when a movement or a stop is due.
        for wire in (self._moves, self._stops):
            await wire.ask(Service.PTZ, found.paths[Service.PTZ], messages.GET_NODES)
        return Abilities(
            pan_tilt=found.pan_tilt,
            zoom=found.zoom,
            presets=found.presets_max > 0,
            positions=found.pan_tilt_positions or found.zoom_positions,
            picture_points=found.picture_points,
            tells_position=found.tells_position,
        )

    async def move(self, velocity: Velocity) -> Outcome:
        """Have the camera turn; a velocity of zero is a stop."""
        if velocity.is_zero:
            return _as_outcome(await self.stop())
        profile = self._profile
        if profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        turns = profile.pan_tilt and (velocity.pan != 0 or velocity.tilt != 0)
        if not turns and not (profile.zoom and velocity.zoom != 0):
            return CommandRefused(SteeringCause.NOT_SUPPORTED)
        return await self._in_turn(lambda wanted: self._send_move(velocity, wanted))

    async def go_to(self, place: Position | PicturePoint) -> Outcome:
        """Have the camera look somewhere; of a position, the axes that it can be sent to."""
        profile = self._profile
        if profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        if isinstance(place, PicturePoint):
            if not profile.picture_points:
                return CommandRefused(SteeringCause.NOT_SUPPORTED)
            sent = [messages.centre_on(profile.media_profile, place)]
            if place.zoom is not None and profile.zoom_positions:
                sent.append(messages.absolute_move(profile.media_profile, Position(None, None, place.zoom)))
        else:
            reached = _reached(profile, place)
            if reached.pan is None and reached.zoom is None:
                return CommandRefused(SteeringCause.NOT_SUPPORTED)
            sent = [messages.absolute_move(profile.media_profile, reached)]
        return await self._in_turn(lambda wanted: self._send_all(sent, wanted))

    async def go_to_preset(self, token: str) -> Outcome:
        """Have the camera look where its preset says."""
        profile = self._profile
        if profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        return await self._in_turn(
            lambda wanted: self._command(messages.goto_preset(profile.media_profile, token), wanted)
        )

    async def go_home(self) -> Outcome:
        """Have the camera go to its home preset, or to the home position that it keeps."""
        profile = self._profile
        if profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        if profile.home_preset is None and not profile.has_home:
            return CommandRefused(SteeringCause.NOT_SUPPORTED)
        return await self._in_turn(lambda wanted: self._command(_home(profile), wanted))

    async def presets(self) -> tuple[Preset, ...] | NotDone:
        """Return the places that the camera keeps; none where it says that it keeps none."""
        if self._profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        if self._profile.presets_max == 0:
            return ()
        answer = await self._asked(self._questions, messages.get_presets(self._profile.media_profile))
        return answers.presets_of(answer) if isinstance(answer, XmlElement) else answer

    async def keep_preset(self, name: str, *, token: str | None = None) -> Preset | NotDone:
        """Have the camera keep where it looks; without a token it makes a preset, whose token it gives."""
        if self._profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        answer = await self._asked(self._questions, messages.set_preset(self._profile.media_profile, name, token))
        if not isinstance(answer, XmlElement):
            return answer
        made = answers.made_preset(answer) or token
        if made is None:
            return CommandUnknown(SteeringCause.UNREADABLE, "SetPreset: no token")
        return Preset(made, name)

    async def where(self) -> Position | NotDone:
        """Return where the camera says that it looks."""
        return await self._seen(self._questions, ANSWER_WITHIN_S)

    async def stop(self) -> StopOutcome:
        """Bring the camera to rest. A second stop shares the ladder of the first while no movement came between."""
        assert self._tasks is not None, "a camera is entered before it is used"
        self._stops_asked += 1
        self._commands.overtake()
        self._moved = None
        if self._profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        ladder = self._ladder
        if ladder is None or ladder.overtaken:
            ladder = self._ladder = self._new_ladder(self._profile)
            self._tasks.start_soon(self._walk, ladder, self._profile)
        await ladder.over.wait()
        return ladder.outcome

    # Commands: one at a time, none before a stop that is on its way has been answered.

    async def _in_turn(self, send: Callable[[Wanted], Awaitable[Outcome]]) -> Outcome:
        stops = self._stops_asked
        if not await self._commands.take_turn():
            return CommandRefused(SteeringCause.OVERTAKEN)
        try:
            # On two connections the camera may take the younger first.
            while self._rung_over is not None:
                await self._rung_over.wait()
            if self._stops_asked != stops:
                return CommandRefused(SteeringCause.OVERTAKEN)
            if self._ladder is not None:
                self._ladder.overtake()
            self._command_over = anyio.Event()
            return await send(lambda: self._stops_asked == stops)
        finally:
            if self._command_over is not None:
                self._command_over.set()
                self._command_over = None
            self._commands.give_back()

    async def _send_move(self, velocity: Velocity, wanted: Wanted) -> Outcome:
        profile, began_s = self._profile, self._clock.monotonic_s()
        assert profile is not None, "a camera is not forgotten"
        last = self._moved
        if (
            last is not None
            and last.velocity == velocity
            and last.took_s > SLOW_ANSWER_S
            and began_s - last.at_s < REPEATED_AFTER_S
        ):
            return DONE
        lasts_s = profile.move_time.sent_s
        outcome = await self._command(_move(profile, velocity, lasts_s), wanted)
        if isinstance(outcome, CommandRefused) and outcome.cause is SteeringCause.FAULT and lasts_s is not None:
            # Some refuse the time alone, as a field that they do not know: then the dead-man timer is all there is.
            if not wanted():
                return CommandRefused(SteeringCause.OVERTAKEN)
            left_s = max(0.1, ANSWER_WITHIN_S - (self._clock.monotonic_s() - began_s))
            again = await self._command(_move(profile, velocity, None), wanted, within_s=left_s)
            if again == DONE:
                self._profile = replace(self._profile or profile, move_time=replace(profile.move_time, taken=False))
                outcome = again
        ended_s = self._clock.monotonic_s()
        self._moved = _Sent(velocity, ended_s, ended_s - began_s) if outcome == DONE and wanted() else None
        return outcome

    async def _send_all(self, sent: Sequence[Message], wanted: Wanted) -> Outcome:
        outcome: Outcome = DONE
        for message in sent:
            if not wanted():
                return CommandRefused(SteeringCause.OVERTAKEN)
            outcome = await self._command(message, wanted)
            if outcome != DONE:
                return outcome
        return outcome

    async def _command(self, message: Message, wanted: Wanted, *, within_s: float = ANSWER_WITHIN_S) -> Outcome:
        answer = await self._asked(self._moves, message, within_s=within_s, wanted=wanted)
        return DONE if isinstance(answer, XmlElement) else answer

    async def _asked(
        self,
        wire: Wire,
        message: Message,
        *,
        within_s: float = ANSWER_WITHIN_S,
        wanted: Wanted = lambda: True,
    ) -> XmlElement | NotDone:
        assert self._profile is not None, "a camera is learnt before it is steered"
        path = self._profile.paths[Service.PTZ]
        return await wire.ask(Service.PTZ, path, message, within_s=within_s, wanted=wanted)

    async def _seen(self, wire: Wire, within_s: float) -> Position | NotDone:
        if self._profile is None:
            return CommandRefused(SteeringCause.NOT_LEARNT)
        answer = await self._asked(wire, messages.get_status(self._profile.media_profile), within_s=within_s)
        if not isinstance(answer, XmlElement):
            return answer
        position = answers.position_of(answer)
        return CommandRefused(SteeringCause.NOT_SUPPORTED, "no position told") if position is None else position

    def _new_ladder(self, profile: CameraProfile) -> StopLadder:
        async def take(rung: StopRung, last: Position | None) -> Outcome:
            return await self._take(ladder, rung, profile, last)

        ladder = StopLadder(self._clock, take=take, look=lambda: self._seen(self._stops, SEEN_WITHIN_S))
        return ladder

    # The stop: on a connection of its own, before everything else.

    async def _walk(self, ladder: StopLadder, profile: CameraProfile) -> None:
        try:
            await ladder.walk(profile.ladder, worked=profile.stop)
            if isinstance(ladder.outcome, AtRest) and ladder.outcome.rung not in {None, profile.stop}:
                log.info("stop_rung_found", rung=ladder.outcome.rung, camera=self._address.origin.host)
                self._profile = replace(self._profile or profile, stop=ladder.outcome.rung)
        except Exception:
            log.exception("stop_failed", camera=self._address.origin.host)
            ladder.outcome = NotAtRest(tried={}, seen_moving=False)
        finally:
            if self._ladder is ladder:
                self._ladder = None
            ladder.over.set()

    async def _take(self, ladder: StopLadder, rung: StopRung, profile: CameraProfile, last: Position | None) -> Outcome:
        message = _rung(rung, profile, last)
        while not ladder.overtaken:
            command_over = self._command_over
            self._rung_over = anyio.Event()
            try:
                answer = await self._asked(self._stops, message)
            finally:
                self._rung_over.set()
                self._rung_over = None
            if command_over is None:
                return DONE if isinstance(answer, XmlElement) else answer
            # A movement was on its way on another connection: the camera may have taken it after the stop.
            await command_over.wait()
        return CommandRefused(SteeringCause.OVERTAKEN)


def _move(profile: CameraProfile, velocity: Velocity, lasts_s: float | None) -> Message:
    return messages.continuous_move(
        profile.media_profile, velocity, pan_tilt=profile.pan_tilt, zoom=profile.zoom, lasts_s=lasts_s
    )


def _rung(rung: StopRung, profile: CameraProfile, last: Position | None) -> Message:
    """Return the message of a rung."""
    match rung:
        case StopRung.STOP:
            return messages.stop(profile.media_profile)
        case StopRung.ADDRESSED_STOP:
            return messages.stop(profile.media_profile, addressed=True)
        case StopRung.ZERO_VELOCITY:
            return _move(profile, _STILL, profile.move_time.sent_s)
        case StopRung.STAY:
            return messages.absolute_move(profile.media_profile, _reached(profile, last or Position(None, None, None)))
        case StopRung.PRESET:
            return _home(profile)


def _home(profile: CameraProfile) -> Message:
    if profile.home_preset is not None:
        return messages.goto_preset(profile.media_profile, profile.home_preset)
    return messages.goto_home(profile.media_profile)


def _reached(profile: CameraProfile, place: Position) -> Position:
    """Return the axes of a place that the camera can be sent to."""
    both = profile.pan_tilt_positions and place.pan is not None and place.tilt is not None
    return Position(
        pan=place.pan if both else None,
        tilt=place.tilt if both else None,
        zoom=place.zoom if profile.zoom_positions else None,
    )


def _as_outcome(stopped: StopOutcome) -> Outcome:
    match stopped:
        case AtRest() | RestUnseen():
            return DONE
        case CommandRefused():
            return stopped
        case NotAtRest():
            return CommandUnknown(SteeringCause.FAULT, "not seen at rest")

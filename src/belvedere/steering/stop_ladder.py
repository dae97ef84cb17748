"""The stop: down the ladder, over and over, until the camera is seen at rest, or the alarm (reliability 15).

Owns which way is tried next and what counts as rest. Does not know how a camera is told or asked: that comes through ports.
"""

from collections.abc import Awaitable, Callable, Sequence

import anyio

from belvedere.domain.clock import Clock
from belvedere.domain.steering import (
    DONE,
    AtRest,
    CommandRefused,
    NotAtRest,
    NotDone,
    Outcome,
    Position,
    RestUnseen,
    SteeringCause,
    StopOutcome,
    StopRung,
)
from belvedere.steering.rest import Motion, Sighting, motion

LOOK_GAPS_S = (0.0, 0.1, 0.06, 0.1, 0.1, 0.1, 0.15, 0.2)
"""Pauses before each look at a camera that was told to stop; the last one goes on."""
LOOKS_MAX = 8
GOING_LOOKS_MAX = 14
"""Looks at a camera that was sent to a place, until it must have come there."""
ALARM_AFTER_S = 4.0
"""How long the ladder is walked over and over where the camera does not come to rest."""
AGAIN_AFTER_S = 0.2
MOVING_RUNGS = frozenset({StopRung.STAY, StopRung.PRESET})
"""What turns a camera: for one that was seen turning, or that nothing else brings to rest."""
_OVERTAKEN = CommandRefused(SteeringCause.OVERTAKEN)

Take = Callable[[StopRung, Position | None], Awaitable[Outcome]]
Look = Callable[[], Awaitable[Position | NotDone]]


class StopLadder:
    """One stop on its way down; it goes on whether or not whoever asked still waits."""

    def __init__(self, clock: Clock, *, take: Take, look: Look) -> None:
        self._clock, self._take, self._look = clock, take, look
        self.over = anyio.Event()
        self.outcome: StopOutcome = _OVERTAKEN
        self._overtaken = False
        self._watching = anyio.CancelScope()
        self._tried: dict[StopRung, Outcome] = {}
        self._seen_moving = False
        self._last: Position | None = None

    @property
    def overtaken(self) -> bool:
        """Tell whether a newer movement goes: nothing more is sent."""
        return self._overtaken

    def overtake(self) -> None:
        """Let a newer movement go: stop looking, and take no further rung."""
        self._overtaken = True
        self._watching.cancel()

    async def walk(self, rungs: Sequence[StopRung], *, worked: StopRung | None) -> None:
        """Walk the rungs until the camera is at rest, and leave what came of it in `outcome`; `worked` did before."""
        give_up_s = self._clock.monotonic_s() + ALARM_AFTER_S
        while True:
            found = await self._down(rungs, worked)
            if self._overtaken:
                found = _OVERTAKEN
            elif found is None and self._clock.monotonic_s() >= give_up_s:
                found = NotAtRest(tried=self._tried, seen_moving=self._seen_moving)
            if found is not None:
                self.outcome = found
                return
            await anyio.sleep(AGAIN_AFTER_S)

    async def _down(self, rungs: Sequence[StopRung], worked: StopRung | None) -> StopOutcome | None:
        """Walk the rungs once; None where the camera is not known to be at rest."""
        for rung in rungs:
            if self._overtaken:
                return None
            if rung in MOVING_RUNGS and not self._seen_moving and rung is not worked:
                continue
            if rung is StopRung.STAY and self._last is None:
                await self._watch(looks=1)
            self._tried[rung] = await self._take(rung, self._last)
            if isinstance(self._tried[rung], CommandRefused):
                continue
            if (
                await self._watch(looks=GOING_LOOKS_MAX if rung in MOVING_RUNGS else LOOKS_MAX)
                and self._last is not None
            ):
                return AtRest(rung, self._last)
        taken = tuple(rung for rung, outcome in self._tried.items() if outcome == DONE)
        if not taken:
            # Nothing was taken: its movement may have come to its time's end all the same.
            at_rest = await self._watch(looks=LOOKS_MAX)
            return AtRest(None, self._last) if at_rest and self._last is not None else None
        return RestUnseen(taken) if not self._seen_moving and self._last is None else None

    async def _watch(self, *, looks: int) -> bool:
        """Look until the camera is seen at rest, or moving on; return whether it is at rest."""
        sightings: list[Sighting] = []
        state = Motion.UNDECIDED
        if self._overtaken:
            return False
        with anyio.CancelScope() as self._watching:
            for number in range(looks):
                await anyio.sleep(LOOK_GAPS_S[min(number, len(LOOK_GAPS_S) - 1)])
                position = await self._look()
                if not isinstance(position, Position):
                    break
                sightings.append(Sighting(self._clock.monotonic_s(), position))
                state = motion(sightings)
                if state is Motion.AT_REST or (state is Motion.MOVING and looks <= LOOKS_MAX):
                    break
        self._last = sightings[-1].position if sightings else None
        self._seen_moving = self._seen_moving or state is Motion.MOVING
        return state is Motion.AT_REST and not self._overtaken

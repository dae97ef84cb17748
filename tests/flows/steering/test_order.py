"""What goes out first: one movement on its way, the newest after it, and a stop before everything (reliability 15)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from belvedere.domain.steering import DONE, AtRest, CommandRefused, Outcome, SteeringCause, Velocity
from belvedere.steering.dead_man import DeadMan
from belvedere.steering.onvif.camera import OnvifSteering
from simulator.onvif.device import Message
from simulator.onvif.quirks import Quirk
from tests.flows.steering.conftest import CLOCK, RIGHT, Turning, steered, turning
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio
OVERTAKEN = CommandRefused(SteeringCause.OVERTAKEN)


@asynccontextmanager
async def slow(*quirks: Quirk) -> AsyncIterator[tuple[Turning, OnvifSteering]]:
    """Steer a camera that has become slow since it was learnt: eight answers would take two seconds of every test."""
    async with turning() as camera, steered(camera) as steering:
        camera.device.quirks = frozenset({Quirk.SLOW, *quirks})
        yield camera, steering


async def test_one_movement_is_on_its_way_and_of_those_that_wait_the_newest_goes() -> None:
    async with slow() as (camera, steering):
        pans = [0.1, 0.2, 0.3, 0.4, 0.5]
        outcomes: list[Outcome] = await asyncio.gather(*(steering.move(Velocity(pan, 0, 0)) for pan in pans))
        assert outcomes == [DONE, OVERTAKEN, OVERTAKEN, OVERTAKEN, DONE]
        assert len(camera.heard("ContinuousMove")) == 2


async def test_after_commands_every_90_ms_a_slow_camera_rests_a_round_trip_and_200_ms_after_release() -> None:
    async with slow(Quirk.IGNORES_TIMEOUT) as (camera, steering):
        for _ in range(2):
            sent = []
            for number in range(12):
                sent.append(asyncio.create_task(steering.move(Velocity(0.3 + 0.01 * number, 0, 0))))
                await asyncio.sleep(0.09)
            began_s = CLOCK.monotonic_s()
            stopping = asyncio.create_task(steering.stop())
            await camera.at_rest_after_s(began_s, within_s=allowed_s(0.45))
            assert isinstance(await stopping, AtRest)
            await asyncio.gather(*sent)
            assert not camera.is_moving(), "no movement came behind the stop"


async def test_a_slow_camera_is_not_told_again_what_it_does_already() -> None:
    async with slow() as (camera, steering):
        for _ in range(10):
            assert await steering.move(RIGHT) == DONE
            await asyncio.sleep(0.06)
        assert 2 <= len(camera.heard("ContinuousMove")) <= 3


async def test_a_stop_overtakes_what_waits_and_what_waits_never_goes() -> None:
    async with slow() as (camera, steering):
        first = asyncio.create_task(steering.move(RIGHT))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(steering.move(Velocity(-1, 0, 0)))
        await asyncio.sleep(0.05)
        stopped = await steering.stop()
        assert isinstance(stopped, AtRest)
        assert await first == DONE
        assert await waiting == OVERTAKEN
        assert len(camera.heard("ContinuousMove")) == 1
        assert not camera.is_moving()


async def test_a_movement_that_the_camera_takes_after_the_stop_is_stopped_again() -> None:
    """Two connections: nothing says that what was sent first is taken first."""
    async with turning(Quirk.IGNORES_TIMEOUT) as camera, steered(camera) as steering:
        held = _held_up(camera, "ContinuousMove", 0.3)
        moving = asyncio.create_task(steering.move(RIGHT))
        await held.wait()
        stopped = await steering.stop()
        assert isinstance(stopped, AtRest)
        assert await moving == DONE
        assert not camera.is_moving()
        assert len(camera.heard("Stop")) == 2


async def test_a_stop_outlives_whoever_asked_for_it() -> None:
    async with turning(Quirk.STOP_WITHOUT_EFFECT, Quirk.IGNORES_TIMEOUT) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        stopping = asyncio.create_task(steering.stop())
        await asyncio.sleep(0.02)
        stopping.cancel()
        await camera.at_rest_after_s(CLOCK.monotonic_s(), within_s=allowed_s(1.0))


async def test_two_stops_share_one_ladder_and_a_new_movement_ends_it() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        first, second = await asyncio.gather(steering.stop(), steering.stop())
        assert first == second
        assert len(camera.heard("Stop")) == 1
        assert await steering.move(RIGHT) == DONE
        stopping = asyncio.create_task(steering.stop())
        await asyncio.sleep(0.05)
        assert await steering.move(Velocity(0, 0.5, 0)) == DONE
        assert await stopping == OVERTAKEN
        assert camera.is_moving(), "the newest command is the movement"
        assert isinstance(await steering.stop(), AtRest)


async def test_a_movement_behind_a_stop_goes_once_the_stop_is_answered() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        held = _held_up(camera, "Stop", 0.2)
        stopping = asyncio.create_task(steering.stop())
        await held.wait()
        assert await steering.move(Velocity(-0.5, 0, 0)) == DONE
        assert await stopping == OVERTAKEN
        await asyncio.sleep(0.1)
        assert camera.is_moving()


async def test_an_operator_who_falls_silent_stops_the_camera_within_a_second() -> None:
    for quirks in (
        (Quirk.IGNORES_TIMEOUT,),
        (Quirk.REFUSES_TIMEOUT,),
        (Quirk.STOP_WITHOUT_EFFECT, Quirk.IGNORES_TIMEOUT),
    ):
        async with turning(*quirks) as camera, steered(camera) as steering, anyio.create_task_group() as tasks:
            dead_man = DeadMan(CLOCK, steering.stop)
            tasks.start_soon(dead_man.run)
            for _ in range(3):
                dead_man.arrived()
                assert await steering.move(RIGHT) == DONE
                await asyncio.sleep(0.15)
            silent_s = CLOCK.monotonic_s() - 0.15
            assert camera.is_moving()
            assert await camera.at_rest_after_s(silent_s, within_s=allowed_s(1.0)) >= 0.45
            tasks.cancel_scope.cancel()


def _held_up(camera: Turning, name: str, seconds: float) -> asyncio.Event:
    """Have the camera take the next message of this name `seconds` later than it came."""
    real, held = camera.device._told, asyncio.Event()

    async def told(message: Message) -> str:
        if message.body.name == name and not held.is_set():
            held.set()
            await asyncio.sleep(seconds)
        return await real(message)

    camera.device._told = told  # type: ignore[method-assign]  # one camera that no switch has
    return held

"""A node's cameras: commands return at once, what nobody repeats ends, and a hand that is not ours is told (reliability 15)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from belvedere.clock import SystemIds
from belvedere.domain.ids import CameraId
from belvedere.domain.steering import Abilities, GoToPreset, NotAtRest, PicturePoint, Velocity
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.turning_cameras import TurningCameras
from simulator.onvif.quirks import Quirk
from tests.flows.steering.conftest import CLOCK, RIGHT, Turning, turning
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio
CAMERA = CameraId("vda-001")


@dataclass
class Kept:
    """One camera of a node, and what its node was told."""

    camera: Turning
    cameras: TurningCameras
    running: asyncio.Task[None]
    alarms: list[NotAtRest | None] = field(default_factory=list)
    others: list[CameraId] = field(default_factory=list)

    async def until(self, *, moving: bool, within_s: float) -> float:
        began_s = CLOCK.monotonic_s()
        async with asyncio.timeout(allowed_s(within_s)):
            while self.camera.is_moving() is not moving:
                await asyncio.sleep(0.005)
        return CLOCK.monotonic_s() - began_s

    async def turns(self, velocity: Velocity = RIGHT) -> None:
        """Steer as a hand does, until the camera moves: a busy machine may take longer to learn it than a movement lasts."""
        async with asyncio.timeout(allowed_s(2)):
            while not self.camera.is_moving():
                self.cameras.turn(CAMERA, velocity)
                await asyncio.sleep(0.1)

    async def end(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


@asynccontextmanager
async def kept(*quirks: Quirk) -> AsyncIterator[Kept]:
    alarms: list[NotAtRest | None] = []
    others: list[CameraId] = []
    async with turning(*quirks) as camera:
        cameras = TurningCameras(
            {CAMERA: lambda: OnvifSteering(camera.address(), clock=CLOCK, ids=SystemIds())},
            clock=CLOCK,
            alarm=lambda _, alarm: alarms.append(alarm),
            turned_by_others=others.append,
        )
        node = Kept(camera, cameras, asyncio.create_task(cameras.run()), alarms, others)
        await cameras.started.wait()
        try:
            yield node
        finally:
            await node.end()


async def test_a_movement_lasts_half_a_second_unless_it_is_repeated() -> None:
    async with kept(Quirk.IGNORES_TIMEOUT) as node:
        await node.turns()
        assert isinstance(node.cameras.abilities(CAMERA), Abilities), "learnt as it was first steered"
        for _ in range(6):
            node.cameras.turn(CAMERA, RIGHT)
            await asyncio.sleep(0.15)
            assert node.camera.is_moving()
        assert await node.until(moving=False, within_s=1.0) > 0.2


async def test_a_stop_ends_what_was_commanded_before_even_while_the_camera_is_being_learnt() -> None:
    async with kept(Quirk.IGNORES_TIMEOUT) as node:
        node.cameras.turn(CAMERA, RIGHT)
        node.cameras.stop(CAMERA)
        await asyncio.sleep(0.5)
        assert not node.camera.is_moving()
        assert not node.camera.heard("ContinuousMove")
        node.cameras.turn(CAMERA, RIGHT)
        await node.until(moving=True, within_s=1)
        node.cameras.stop(CAMERA)
        await node.until(moving=False, within_s=0.5)


async def test_going_to_a_preset_is_not_cut_short_by_the_dead_man_timer() -> None:
    async with kept() as node:
        await node.turns()
        node.cameras.turn(CAMERA, GoToPreset("2"))
        await asyncio.sleep(0.2)
        await node.until(moving=False, within_s=4)
        assert node.camera.head.position.pan_deg == pytest.approx(90, abs=0.1)
        node.cameras.turn(CAMERA, PicturePoint(0.0, 0.0, zoom=1.0))
        await node.until(moving=True, within_s=1)
        await node.until(moving=False, within_s=3)
        assert node.camera.head.position.zoom == 1.0


async def test_a_camera_that_nothing_stops_is_told_to_its_owner_until_it_rests() -> None:
    async with kept(Quirk.UNSTOPPABLE) as node:
        await node.turns()
        async with asyncio.timeout(allowed_s(9)):
            while not node.alarms:
                await asyncio.sleep(0.05)
        (alarm,) = node.alarms
        assert alarm is not None
        assert alarm.seen_moving
        with node.camera.quirks():
            node.cameras.stop(CAMERA)
            async with asyncio.timeout(allowed_s(3)):
                while node.alarms[-1] is not None:
                    await asyncio.sleep(0.05)


async def test_somebody_elses_hand_is_told_within_two_seconds_and_the_camera_stays_where_it_was_put() -> None:
    async with kept() as node:
        await node.turns()
        node.cameras.watch(CAMERA)
        await asyncio.sleep(0.3)
        node.cameras.stop(CAMERA)
        await node.until(moving=False, within_s=1)
        await asyncio.sleep(0.5)
        assert node.others == []
        node.camera.head.turn(0.3, 0.0, 0.3)
        async with asyncio.timeout(allowed_s(2)):
            while not node.others:
                await asyncio.sleep(0.01)
        await node.until(moving=False, within_s=1)
        there, commands = node.camera.head.position, len(node.camera.heard("ContinuousMove", "AbsoluteMove", "Stop"))
        await asyncio.sleep(0.3)
        assert node.camera.head.position == there
        assert len(node.camera.heard("ContinuousMove", "AbsoluteMove", "Stop")) == commands, "nothing was sent to it"
        node.cameras.unwatch(CAMERA)


async def test_a_camera_is_learnt_as_soon_as_somebody_may_steer_it_and_a_hand_is_told_before_its_first_movement() -> (
    None
):
    async with kept() as node:
        node.cameras.watch(CAMERA)
        async with asyncio.timeout(allowed_s(2)):
            while node.cameras.abilities(CAMERA) is None or not node.camera.heard("GetStatus"):
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert node.others == []
        node.camera.head.turn(0.3, 0.0, 0.3)
        async with asyncio.timeout(allowed_s(2)):
            while not node.others:
                await asyncio.sleep(0.01)


async def test_what_the_owner_turned_while_nobody_looked_is_told_of_nobody() -> None:
    async with kept() as node:
        node.cameras.watch(CAMERA)
        await asyncio.sleep(0.3)
        node.cameras.unwatch(CAMERA)
        node.camera.head.turn(0.3, 0.0, 0.3)
        await node.until(moving=False, within_s=1)
        node.cameras.watch(CAMERA)
        await asyncio.sleep(1.6)
        assert node.others == []
        node.cameras.unwatch(CAMERA)


async def test_a_camera_that_an_earlier_run_left_turning_is_stopped_before_it_is_known() -> None:
    async with kept(Quirk.IGNORES_TIMEOUT) as node:
        node.camera.head.turn(0.3, 0.0, 30.0)
        node.cameras.stop(CAMERA)
        await node.until(moving=False, within_s=1.5)


async def test_a_node_that_ends_in_order_stops_its_cameras_first() -> None:
    async with kept(Quirk.IGNORES_TIMEOUT) as node:
        await node.turns(Velocity(0.0, 0.0, 0.2))
        await node.end()
        assert not node.camera.is_moving()


async def test_a_camera_that_is_not_steered_is_named_and_nothing_more() -> None:
    async with kept() as node:
        strange = CameraId("vda-999")
        node.cameras.turn(strange, RIGHT)
        node.cameras.stop(strange)
        node.cameras.watch(strange)
        node.cameras.unwatch(strange)
        assert node.cameras.abilities(strange) is None

"""Whatever answers in a camera's place, each command has its own outcome within its time, and memory stays (reliability 16, 21)."""

import asyncio
import ipaddress
import resource
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from belvedere.clock import SystemIds
from belvedere.domain.steering import (
    DONE,
    Abilities,
    AtRest,
    CommandRefused,
    CommandUnknown,
    NotAtRest,
    Outcome,
    SteeringCause,
    Velocity,
)
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.onvif.wire import SteeringAddress
from simulator.onvif.device import OnvifCamera
from simulator.onvif.quirks import Quirk
from simulator.onvif.server import Asked, Reply
from tests.flows.media.test_tls import made
from tests.flows.steering.conftest import CLOCK, RIGHT, steered, turning
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio
BAD: dict[Quirk, CommandRefused | CommandUnknown] = {
    Quirk.FAULT_UNDER_200: CommandRefused(SteeringCause.FAULT),
    Quirk.XML_BOMB: CommandUnknown(SteeringCause.UNREADABLE),
    Quirk.ENDLESS: CommandUnknown(SteeringCause.TOO_LONG),
    Quirk.TRICKLE: CommandUnknown(SteeringCause.TIMED_OUT),
    Quirk.SILENT: CommandUnknown(SteeringCause.TIMED_OUT),
    Quirk.HANGS_UP: CommandUnknown(SteeringCause.CLOSED),
    Quirk.REDIRECTS: CommandRefused(SteeringCause.REDIRECTED),
    Quirk.NO_XML: CommandUnknown(SteeringCause.UNREADABLE),
}


class _Headless:
    """A camera's own answers, without a PTZ service among its capabilities."""

    def __init__(self, device: OnvifCamera) -> None:
        self._device = device

    async def answer(self, asked: Asked) -> Reply:
        reply = await self._device.answer(asked)
        return replace(reply, body=reply.body.replace(b"tt:PTZ>", b"tt:Analytics>"))


def same(outcome: Outcome, expected: CommandRefused | CommandUnknown) -> bool:
    return type(outcome) is type(expected) and getattr(outcome, "cause", None) is expected.cause


@pytest.mark.parametrize("quirk", BAD, ids=lambda quirk: quirk.value)
async def test_a_movement_that_is_answered_badly_has_its_outcome_within_a_second(quirk: Quirk) -> None:
    async with turning() as camera, steered(camera) as steering:
        before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with camera.quirks(quirk):
            began_s = CLOCK.monotonic_s()
            outcome = await steering.move(RIGHT)
            assert same(outcome, BAD[quirk]), outcome
            assert CLOCK.monotonic_s() - began_s < allowed_s(1.0)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 64 * 1024
        assert await steering.move(RIGHT) == DONE, "and the next one goes"
        assert isinstance(await steering.stop(), AtRest)


@pytest.mark.parametrize("quirk", BAD, ids=lambda quirk: quirk.value)
async def test_a_camera_that_answers_badly_from_the_first_is_not_learnt_and_says_why(quirk: Quirk) -> None:
    if quirk is Quirk.FAULT_UNDER_200:
        return  # of movements alone
    async with turning(quirk) as camera, OnvifSteering(camera.address(), clock=CLOCK, ids=SystemIds()) as steering:
        began_s = CLOCK.monotonic_s()
        learnt = await steering.learn()
        assert not isinstance(learnt, Abilities)
        assert same(learnt, BAD[quirk]), learnt
        assert learnt.cause.words.fr
        assert CLOCK.monotonic_s() - began_s < allowed_s(1.0)
        assert await steering.move(RIGHT) == CommandRefused(SteeringCause.NOT_LEARNT)


async def test_a_stop_goes_on_while_the_camera_reboots_and_takes_hold_when_it_is_back() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        camera.device.leave(1.0)
        camera.server.reset()
        outcome = await steering.move(Velocity(0.2, 0, 0))
        assert isinstance(outcome, CommandUnknown)
        stopped = await steering.stop()
        assert isinstance(stopped, AtRest)
        assert await steering.move(RIGHT) == DONE
        assert isinstance(await steering.stop(), AtRest)


async def test_a_kept_connection_that_died_costs_nothing() -> None:
    async with turning() as camera, steered(camera) as steering:
        camera.server.reset()
        assert await steering.move(RIGHT) == DONE
        camera.server.reset()
        assert isinstance(await steering.stop(), AtRest)


async def test_a_stop_that_reaches_nothing_is_an_alarm() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        await camera.server.close()
        began_s = CLOCK.monotonic_s()
        stopped = await steering.stop()
        assert isinstance(stopped, NotAtRest)
        assert not stopped.seen_moving
        assert CLOCK.monotonic_s() - began_s < allowed_s(6.0)
        assert "n'a pu être transmis" in stopped.words.fr


async def test_an_address_at_which_nothing_listens_is_refused_at_once() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        address = SteeringAddress(f"http://127.0.0.1:{holder.getsockname()[1]}")
        async with OnvifSteering(address, clock=CLOCK, ids=SystemIds()) as steering:
            learnt = await steering.learn()
            assert isinstance(learnt, CommandRefused)
            assert learnt.cause is SteeringCause.UNREACHABLE


async def test_an_address_outside_the_networks_is_never_dialled() -> None:
    async with turning() as camera:
        networks = [ipaddress.ip_network("192.0.2.0/24")]
        async with OnvifSteering(camera.address(), clock=CLOCK, ids=SystemIds(), networks=networks) as steering:
            assert await steering.learn() == CommandRefused(SteeringCause.ADDRESS_FORBIDDEN)
        assert not camera.heard()
        named = SteeringAddress(camera.address().url.replace("127.0.0.1", "localhost"))
        networks = [ipaddress.ip_network("127.0.0.0/8")]
        async with OnvifSteering(named, clock=CLOCK, ids=SystemIds(), networks=networks) as steering:
            assert isinstance(await steering.learn(), Abilities), "a name is resolved, looked at, and that is dialled"


async def test_a_camera_over_tls_is_steered_where_an_authority_vouches_for_it_and_nowhere_else(tmp_path: Path) -> None:
    files = made(tmp_path, "camera")
    async with turning(tls=files.server()) as camera:
        address = replace(camera.address(), url=camera.address().url.replace("http:", "https:"))
        async with OnvifSteering(address, clock=CLOCK, ids=SystemIds(), trust=files.client()) as steering:
            assert isinstance(await steering.learn(), Abilities)
            assert await steering.move(RIGHT) == DONE
            assert isinstance(await steering.stop(), AtRest)
        async with OnvifSteering(address, clock=CLOCK, ids=SystemIds()) as steering:
            learnt = await steering.learn()
            assert isinstance(learnt, CommandRefused)
            assert learnt.cause is SteeringCause.UNTRUSTED


async def test_no_password_stands_in_what_is_printed_or_told() -> None:
    secret = "unguessable-canary"
    address = SteeringAddress("http://127.0.0.1:9/onvif/device_service", "steering", secret)
    assert secret not in repr(address)
    async with turning(password="another") as camera:
        async with OnvifSteering(camera.address(password=secret), clock=CLOCK, ids=SystemIds()) as steering:
            assert secret not in repr(await steering.learn())
        assert camera.heard()
        assert all(secret not in each.inner for each in camera.heard())


async def test_a_camera_without_a_head_is_not_supported() -> None:
    async with turning() as camera:
        camera.server.device = _Headless(camera.device)
        async with OnvifSteering(camera.address(), clock=CLOCK, ids=SystemIds()) as steering:
            learnt = await steering.learn()
            assert isinstance(learnt, CommandRefused)
            assert learnt.cause is SteeringCause.NOT_SUPPORTED


async def test_nobody_waits_for_a_camera_that_is_asked_by_others() -> None:
    async with turning() as camera, steered(camera) as steering:
        with camera.quirks(Quirk.SILENT):
            asking = asyncio.create_task(steering.where())
            await asyncio.sleep(0.05)
        assert await steering.move(RIGHT) == DONE
        assert isinstance(await steering.stop(), AtRest)
        assert isinstance(await asking, CommandUnknown)

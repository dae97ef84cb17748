"""A simulated camera really turns: what steers it, what its picture shows, and what its band says are one."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import numpy as np
import pytest

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.steering import DONE, Abilities, AtRest, Position, Velocity
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.onvif.wire import SteeringAddress
from simulator import band
from simulator.decoder import Decoder
from tests.flows.simulator.conftest import Town
from tests.flows.simulator.rtsp_client import RtspClient
from tests.flows.simulator.test_process import BELVEDERE, one_camera
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.processes, pytest.mark.relay]
Luma = np.ndarray[tuple[int, int], np.dtype[np.uint8]]


class Watcher:
    """Whoever watches a camera: its newest picture, and where its band says that it looks."""

    def __init__(self, client: RtspClient) -> None:
        self._client, self._decoder = client, Decoder()

    async def picture(self) -> tuple[Luma, band.Position]:
        while True:
            unit = await asyncio.wait_for(self._client.access_unit(), 20)
            for luma in self._decoder.lumas(unit.data):
                position = band.decode(luma).position
                assert position is not None
                return luma, position

    async def until(self, *, turned: bool, within_s: float) -> band.Position:
        """Watch until two pictures in a row look elsewhere, or at the same place."""
        async with asyncio.timeout(allowed_s(within_s)):
            _, before = await self.picture()
            while True:
                _, after = await self.picture()
                if (after != before) is turned:
                    return after
                before = after


def turning_camera(town: Town) -> str:
    sources: dict[str, dict[str, object]] = town.ready["sources"]
    return next(camera for camera, source in sources.items() if source["steering"] is not None)


@asynccontextmanager
async def steered(url: str, username: str = "", password: str = "") -> AsyncIterator[OnvifSteering]:
    address = SteeringAddress(url, username, password)
    async with OnvifSteering(address, clock=SystemClock(), ids=SystemIds()) as steering:
        assert isinstance(await steering.learn(), Abilities)
        yield steering


@pytest.mark.parametrize(
    "quirks", [(), ("--quirk", "P02", "--quirk", "P17", "--username", "ptz", "--password", "word")]
)
async def test_one_camera_by_command_turns_and_its_band_says_where(quirks: tuple[str, ...]) -> None:
    process, url = one_camera("--onvif-port", "0", "--ptz", "--bands", "--light", "1", *quirks)
    login = ("ptz", "word") if quirks else ("", "")
    try:
        assert process.stdout is not None
        onvif = process.stdout.readline().strip()
        async with RtspClient(url, *login) as client, steered(onvif, *login) as steering:
            watcher = Watcher(await client.play())
            home, at = await watcher.picture()
            assert (at.pan_deg, at.tilt_deg) == pytest.approx((0, -12), abs=0.01)
            for _ in range(8):
                assert await steering.move(Velocity(1.0, 0.2, 0.3)) == DONE
                await asyncio.sleep(0.15)
            stopped = await steering.stop()
            assert isinstance(stopped, AtRest)
            await watcher.until(turned=True, within_s=3)
            at = await watcher.until(turned=False, within_s=3)
            assert stopped.position.pan == pytest.approx(at.pan_deg / 180, abs=0.001)
            assert stopped.position.tilt == pytest.approx(at.tilt_deg / 90, abs=0.001)
            assert stopped.position.zoom == pytest.approx(at.zoom, abs=0.001)
            assert at.pan_deg > 30
            there, _ = await watcher.picture()
            assert np.abs(there[24:300].astype(int) - home[24:300]).mean() > 5
            # And home again, by its preset.
            assert await steering.go_to_preset("1") == DONE
            await watcher.until(turned=True, within_s=3)
            async with asyncio.timeout(allowed_s(5)):
                while at.pan_deg % 360 > 0.02 or at.zoom > 0.001:
                    _, at = await watcher.picture()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stdout is not None
        process.stdout.close()


async def test_in_the_city_somebody_else_turns_a_camera_and_it_stays_where_it_was_put(town: Town) -> None:
    camera = turning_camera(town)
    source = town.ready["sources"][camera]
    async with (
        town.client(camera) as client,
        steered(source["steering"]["url"], source["username"], source["password"]) as steering,
    ):
        watcher = Watcher(await client.play())
        before = await steering.where()
        assert isinstance(before, Position)
        state = await asyncio.to_thread(town.tell, camera, "hand", pan=0.5, seconds=0.5)
        assert state["turning"]
        await watcher.until(turned=True, within_s=3)
        at = await watcher.until(turned=False, within_s=3)
        after = await steering.where()
        assert isinstance(after, Position)
        assert after.pan is not None
        assert before.pan is not None
        assert after.pan - before.pan == pytest.approx(0.5 * 60 * 0.5 / 180, abs=0.01)
        state = await asyncio.to_thread(town.state, camera)
        assert state["position"]["pan_deg"] == pytest.approx(at.pan_deg, abs=0.01)


async def test_in_the_city_a_quirk_is_switched_on_and_off_at_the_control_port(town: Town) -> None:
    camera = turning_camera(town)
    source = town.ready["sources"][camera]
    async with steered(source["steering"]["url"], source["username"], source["password"]) as steering:
        state = await asyncio.to_thread(town.tell, camera, "quirks", names=["P02", "P01"])
        assert state["quirks"] == ["P01", "P02"]
        assert await steering.move(Velocity(0.2, 0, 0)) == DONE
        stopped = await steering.stop()
        assert isinstance(stopped, AtRest)
        assert stopped.rung is not None
        assert stopped.rung.value == "zero-velocity"
        assert (await asyncio.to_thread(town.tell, camera, "quirks", names=[]))["quirks"] == []


def test_in_the_city_what_does_not_turn_is_told_so_and_a_strange_quirk_is_refused(town: Town) -> None:
    fixed = next(camera for camera, source in town.ready["sources"].items() if source["steering"] is None)
    for camera, act, body, status in (
        (fixed, "hand", {"pan": 1}, 409),
        (fixed, "quirks", {"names": []}, 409),
        (turning_camera(town), "quirks", {"names": ["P99"]}, 422),
        (turning_camera(town), "hand", {"pan": 2}, 422),
    ):
        answer = httpx.post(f"{town.ready['control_url']}/cameras/{camera}/{act}", json=body, timeout=10)
        assert answer.status_code == status
    url = town.ready["sources"][turning_camera(town)]["steering"]["url"].replace(turning_camera(town), fixed)
    assert httpx.post(url, content=b"<a/>", timeout=10).status_code == 404


async def test_a_camera_that_reboots_is_away_for_its_onvif_too(town: Town) -> None:
    camera = turning_camera(town)
    source = town.ready["sources"][camera]
    async with steered(source["steering"]["url"], source["username"], source["password"]) as steering:
        await asyncio.to_thread(town.tell, camera, "reboot", seconds=1.0)
        assert not isinstance(await steering.where(), Position)
        await asyncio.sleep(1.1)
        assert isinstance(await steering.where(), Position)


def test_a_taken_onvif_port_is_told_not_traced(town: Town) -> None:
    port = town.ready["control_url"].rpartition(":")[2]
    command = [BELVEDERE, "simulate", "camera", "--rtsp-port", "0", "--onvif-port", port, "--ptz"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "ddress already in use" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr

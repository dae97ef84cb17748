"""`belvedere relay`: the relay alone, on the loopback (api, Commands)."""

import asyncio
import json
import signal
import subprocess
import sys

import pytest
from websockets.asyncio.client import connect

from tests.flows.media.cameras import ClipCamera

pytestmark = [pytest.mark.anyio, pytest.mark.relay, pytest.mark.processes]


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "belvedere", "relay", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


async def test_the_relay_alone_serves_one_camera_without_ticket_or_origin() -> None:
    async with ClipCamera() as camera:
        process = await started("--source", camera.url, "--listen", "127.0.0.1:0")
        assert process.stdout is not None
        address = (await asyncio.wait_for(process.stdout.readline(), 15)).decode().strip()
        assert address.startswith("ws://127.0.0.1:")
        assert address.endswith("/media/cam")
        async with connect(address, max_size=None, proxy=None) as socket:
            description = json.loads(await asyncio.wait_for(socket.recv(), 5))
            assert description["camera"] == "cam"
            assert (await socket.recv())[4:8] == b"ftyp"
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 5) == 0


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "10.0.0.1:80", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"])
async def test_without_tickets_only_the_loopback_is_listened_on(listen: str) -> None:
    process = await started("--source", "rtsp://127.0.0.1/", "--listen", listen)
    _, trouble = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 2
    assert b"--listen" in trouble


async def test_a_source_that_is_no_rtsp_is_refused_without_showing_its_password() -> None:
    process = await started("--source", "http://user:canary-55@127.0.0.1/", "--listen", "127.0.0.1:0")
    out, trouble = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 2
    assert b"rtsp" in trouble
    assert b"canary-55" not in out + trouble

"""A node that is killed while cameras turn leaves cameras that rest within a second (reliability 15)."""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from simulator.onvif.quirks import Quirk
from tests.flows.steering.conftest import CLOCK, PASSWORD, turning
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[3]
NO_WAY = {Quirk.IGNORES_TIMEOUT, Quirk.REFUSES_TIMEOUT, Quirk.NO_TIMEOUT_RANGE, Quirk.UNSTOPPABLE}
"""Those that end no movement by themselves: where the node is gone, nothing is left that could stop them."""
STEERED = [quirk for quirk in Quirk if quirk.value.startswith("P") and quirk not in NO_WAY]


async def test_a_node_that_is_killed_leaves_every_camera_at_rest_within_a_second() -> None:
    async with AsyncExitStack() as stack:
        cameras = [await stack.enter_async_context(turning(quirk, password=PASSWORD)) for quirk in STEERED]
        node = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.flows.steering.killed_node", PASSWORD, *(str(camera.port) for camera in cameras),
            stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        assert node.stdout is not None
        try:
            async with asyncio.timeout(allowed_s(20)):
                while (line := await node.stdout.readline()) != b"moving\n":
                    assert line, "it ended"
            await asyncio.sleep(0.7)
            assert all(camera.is_moving() for camera in cameras)
        finally:
            node.kill()
        killed_s = CLOCK.monotonic_s()
        await node.wait()
        for quirk, camera in zip(STEERED, cameras, strict=True):
            rested_s = await camera.at_rest_after_s(killed_s, within_s=allowed_s(1.0))
            assert rested_s <= allowed_s(1.0), quirk

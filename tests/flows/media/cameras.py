"""Cameras for the relay's tests: the clip over RTSP, GStreamer's server, and servers that misbehave by script."""

import asyncio
import contextlib
import os
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import belvedere_relay
import pytest

from belvedere.media.clip import Clip

GST_CAMERA = Path(__file__).with_name("gst_camera.py")
SYSTEM_PYTHON = "/usr/bin/python3"


class ClipCamera:
    """The checked-in clip, 25 pictures a second, from the simulator's RTSP server (path `cam`)."""

    def __init__(self, *, username: str | None = None, password: str | None = None) -> None:
        clip = Clip.load()
        sets = parameter_sets(clip.init)
        self._units = [annex_b(chunk[chunk.index(b"mdat") + 4 :]) for chunk in clip.chunks]
        self._units[0] = sets + self._units[0]
        self.server = belvedere_relay.RtspServer("127.0.0.1", 0)
        self.server.add_path("cam", sets, username=username, password=password)
        self._pushing: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.server.port}/cam"

    async def _push(self) -> None:
        loop = asyncio.get_running_loop()
        due, number = loop.time(), 0
        while True:
            if any(change.key_frame_wanted for change in self.server.take_changes()):
                number = 0
            self.server.push("cam", self._units[number % len(self._units)], unix_us())
            number, due = number + 1, due + 1 / 25
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def __aenter__(self) -> Self:
        self._pushing = asyncio.create_task(self._push())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._pushing is not None
        self._pushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pushing
        self.server.close()


def unix_us() -> int:
    return time.time_ns() // 1000


def annex_b(payload: bytes) -> bytes:
    """Turn 4-byte lengths into start codes."""
    out, at = b"", 0
    while at < len(payload):
        (size,) = struct.unpack_from(">I", payload, at)
        out += b"\0\0\0\1" + payload[at + 4 : at + 4 + size]
        at += 4 + size
    return out


def parameter_sets(init: bytes) -> bytes:
    """Return the SPS and PPS of an initialisation segment, after start codes."""
    at = init.index(b"avcC") + 4 + 6
    (size,) = struct.unpack_from(">H", init, at)
    sps, at = init[at + 2 : at + 2 + size], at + 2 + size + 1
    (size,) = struct.unpack_from(">H", init, at)
    return b"\0\0\0\1" + sps + b"\0\0\0\1" + init[at + 2 : at + 2 + size]


@asynccontextmanager
async def gst_camera(
    *,
    size: tuple[int, int] = (640, 360),
    key_every: int = 25,
    kbps: int = 800,
    credentials: tuple[str, ...] = (),
    port: int = 0,
) -> AsyncIterator[int]:
    """Run GStreamer's RTSP server; yields its port. Skips only where the system lacks it, and says the package."""
    arguments = [str(number) for number in (*size, 25, key_every, kbps, port)]
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON,
        str(GST_CAMERA),
        *arguments,
        *credentials,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "GST_DEBUG": "0"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 10)
        if not line:
            trouble = (await process.stderr.read()).decode()
            if "GstRtspServer" in trouble or "No module named 'gi'" in trouble or "no element" in trouble:
                pytest.fail("GStreamer's RTSP server lacks: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi")
            pytest.fail(trouble)
        yield int(line)
    finally:
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 3)
        if process.returncode is None:
            process.kill()
            await process.wait()


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def scripted_camera(script: Script) -> AsyncIterator[int]:
    """Serve each connection by `script`; yields the port."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

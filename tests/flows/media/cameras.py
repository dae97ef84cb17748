"""Cameras for the relay's tests: the clip over RTSP, GStreamer's server, and servers that misbehave by script."""

import asyncio
import contextlib
import itertools
import os
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
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
    options: tuple[str, ...] = (),
) -> AsyncIterator[int]:
    """Run GStreamer's RTSP server; yields its port. Skips only where the system lacks it, and says the package."""
    arguments = [str(number) for number in (*size, 25, key_every, kbps, port)]
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON,
        str(GST_CAMERA),
        *arguments,
        *(("--login", *credentials) if credentials else ()),
        *options,
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


class Oddity(StrEnum):
    """What a camera does that keeps its pictures from being shown; each is a switch of `OddCamera`."""

    WRONG_PASSWORD = "wrong-password"
    NO_PASSWORD = "asks-for-a-password"
    PASSWORD_IN_CLEAR = "asks-for-it-in-clear"
    ACCESS_DENIED = "403"
    NOT_FOUND = "404"
    REDIRECT = "302"
    BUSY_SETUP = "453"
    BUSY = "503"
    BUSY_UNTIL = "503-and-says-until-when"
    NO_TRANSPORT = "461"
    UDP_ALL_THE_SAME = "200-over-udp-elsewhere"
    OTHER_REFUSAL = "500"
    NO_VIDEO = "audio-alone"
    SWAPPED_CHANNELS = "rtp-on-the-channel-of-rtcp"
    WRONG_PAYLOAD_TYPE = "another-payload-type"
    NO_PPS = "no-parameter-sets"
    NO_KEY_FRAME = "no-key-frame"
    BAD_PACKET = "a-fragment-without-its-start"
    SILENT = "nothing-after-play"
    HANGS_UP = "hangs-up-after-play"


REFUSALS = {
    Oddity.ACCESS_DENIED: ("DESCRIBE", "403 Forbidden"),
    Oddity.NOT_FOUND: ("DESCRIBE", "404 Stream Not Found"),
    Oddity.REDIRECT: ("DESCRIBE", "302 Moved Temporarily\r\nLocation: rtsp://127.0.0.1:9/elsewhere"),
    Oddity.BUSY: ("DESCRIBE", "503 Service Unavailable"),
    Oddity.BUSY_UNTIL: ("DESCRIBE", "503 Service Unavailable\r\nRetry-After: 2"),
    Oddity.OTHER_REFUSAL: ("DESCRIBE", "500 Internal Server Error"),
    Oddity.BUSY_SETUP: ("SETUP", "453 Not Enough Bandwidth"),
    Oddity.NO_TRANSPORT: ("SETUP", "461 Unsupported Transport"),
}
CHALLENGES = {
    Oddity.WRONG_PASSWORD: 'Digest realm="camera", nonce="n"',
    Oddity.NO_PASSWORD: 'Digest realm="camera", nonce="n"',
    Oddity.PASSWORD_IN_CLEAR: 'Basic realm="camera"',
}


class OddCamera:
    """An RTSP server of one stream, the clip's, with one oddity. Its log of methods proves that the oddity was met."""

    def __init__(self, oddity: Oddity) -> None:
        clip = Clip.load()
        sets = parameter_sets(clip.init)
        self.oddity = oddity
        self.asked: list[str] = []
        self._sets = [unit for unit in sets.split(b"\0\0\0\1") if unit]
        self._units = [nal_units(chunk[chunk.index(b"mdat") + 4 :]) for chunk in clip.chunks]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests, then play."""
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method = head.split(" ", 1)[0]
            sequence = next(line.split(":")[1].strip() for line in head.splitlines() if line.startswith("CSeq"))
            self.asked.append(method)
            status, headers, body = self._answer(method)
            head = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
            if method == "PLAY" and self.oddity is Oddity.HANGS_UP:
                return
            if method == "PLAY" and self.oddity is not Oddity.SILENT:
                await self._play(writer)

    def _answer(self, method: str) -> tuple[str, str, bytes]:
        if method == "DESCRIBE" and self.oddity in CHALLENGES:
            return "401 Unauthorized", f"WWW-Authenticate: {CHALLENGES[self.oddity]}\r\n", b""
        refused, status = REFUSALS.get(self.oddity, ("", ""))
        if method == refused:
            return status, "", b""
        if method == "DESCRIBE":
            return "200 OK", "Content-Type: application/sdp\r\n", self._description()
        transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
        if self.oddity is Oddity.UDP_ALL_THE_SAME:
            transport = "RTP/AVP;unicast;client_port=0-1;server_port=6970-6971"
        return "200 OK", f"Session: 1\r\nTransport: {transport}\r\n", b""

    def _description(self) -> bytes:
        media = "m=audio 0 RTP/AVP 0\r\n" if self.oddity is Oddity.NO_VIDEO else "m=video 0 RTP/AVP 96\r\n"
        format_line = "" if self.oddity is Oddity.NO_VIDEO else "a=rtpmap:96 H264/90000\r\n"
        return f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n{media}{format_line}".encode()

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        sequence = 0
        channel = 1 if self.oddity is Oddity.SWAPPED_CHANNELS else 0
        payload_type = 98 if self.oddity is Oddity.WRONG_PAYLOAD_TYPE else 96
        for number in itertools.count():
            units = list(self._units[number % len(self._units)])
            if units[-1][0] & 0x1F == 5 and self.oddity is Oddity.NO_KEY_FRAME:
                units = list(self._units[1])
            if number == 0 and self.oddity is not Oddity.NO_PPS:
                units = [*self._sets, *units]
            if self.oddity is Oddity.BAD_PACKET:
                payloads = [b"\x7c\x45tail"]
            else:
                payloads = [payload for unit in units for payload in fragments(unit)]
            for place, payload in enumerate(payloads):
                mark = 0x80 if place == len(payloads) - 1 else 0
                head = struct.pack(">BBHI4s", 0x80, mark | payload_type, sequence % 65_536, number * 3_600, b"ssrc")
                writer.write(struct.pack(">cBH", b"$", channel, len(head + payload)) + head + payload)
                sequence += 1
            await writer.drain()
            await asyncio.sleep(1 / 25)


def nal_units(payload: bytes) -> list[bytes]:
    """Take the NAL units out of their 4-byte lengths."""
    return [unit for unit in annex_b(payload).split(b"\0\0\0\1") if unit]


def fragments(unit: bytes, size: int = 1_400) -> list[bytes]:
    """Return the payloads of one NAL unit: itself, or its fragments (RFC 6184, FU-A)."""
    if len(unit) <= size:
        return [unit]
    parts = [unit[at : at + size] for at in range(1, len(unit), size)]
    last = len(parts) - 1
    return [
        bytes([(unit[0] & 0xE0) | 28, (0x80 * (at == 0)) | (0x40 * (at == last)) | (unit[0] & 0x1F)]) + part
        for at, part in enumerate(parts)
    ]


@asynccontextmanager
async def odd_camera(oddity: Oddity) -> AsyncIterator[tuple[OddCamera, str]]:
    """Serve an odd camera; yields it and its URL."""
    camera = OddCamera(oddity)
    async with scripted_camera(camera) as port:
        yield camera, f"rtsp://127.0.0.1:{port}/cam"

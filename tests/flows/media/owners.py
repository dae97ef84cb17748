"""Relays of another party for the tests of chains: ones that follow a script, and the frames of which scripts are made."""

import asyncio
import base64
import hashlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from belvedere.media.clip import CODEC, HEIGHT, TIMESCALE, WIDTH, Clip
from tests.flows.media.cameras import scripted_camera, unix_us

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
DESCRIPTION = {"codec": CODEC, "width": WIDTH, "height": HEIGHT, "timescale": TIMESCALE, "camera": "c", "viewing": "v"}


def frame(opcode: int, payload: bytes) -> bytes:
    """Return a whole unmasked frame, as a server writes it."""
    size = len(payload)
    if size < 126:
        return bytes([0x80 | opcode, size]) + payload
    if size < 1 << 16:
        return bytes([0x80 | opcode, 126]) + struct.pack(">H", size) + payload
    return bytes([0x80 | opcode, 127]) + struct.pack(">Q", size) + payload


def told(**members: Any) -> bytes:
    return frame(1, json.dumps(members).encode())


def described(clip: Clip) -> bytes:
    return told(**DESCRIPTION) + frame(2, clip.init)


def picture(clip: Clip, number: int, *, clock_ahead_us: int = 0) -> bytes:
    return frame(2, clip.chunk(number, captured_unix_us=unix_us() + clock_ahead_us))


@asynccontextmanager
async def scripted_owner(script: Script) -> AsyncIterator[int]:
    """Take any ticket, answer the handshake, and go on by the script; yields the port."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert "Origin" not in head
        (key,) = [line.split(": ")[1] for line in head.split("\r\n") if line.startswith("Sec-WebSocket-Key")]
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode(), usedforsecurity=False).digest()
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        await script(reader, writer)

    async with scripted_camera(greet) as port:
        yield port


@asynccontextmanager
async def stalling_link(port: int) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """Pass bytes both ways through small buffers, but for while the event is cleared; yields port and event."""
    flows = asyncio.Event()
    flows.set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(16_384):
            await flows.wait()
            writer.write(data)
            await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = socket.socket()
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        upstream.setblocking(False)
        await asyncio.get_running_loop().sock_connect(upstream, ("127.0.0.1", port))
        there, back = await asyncio.open_connection(sock=upstream, limit=16_384)
        try:
            await asyncio.gather(pipe(reader, back), pipe(there, writer))
        finally:
            back.close()

    async with scripted_camera(serve) as own:
        yield own, flows

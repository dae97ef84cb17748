"""Viewers that are slow, gone, or hostile; revocation that never waits. Reliability 11b, 17, 25."""

import asyncio
import contextlib
import json
import os
import socket as sockets
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import pytest

from belvedere.domain.causes import Cause
from belvedere.domain.ids import ViewingId
from belvedere.media.relay import EventsLost, MediaSource, TicketLapsed, ViewingDropped
from tests.flows.media.cameras import ClipCamera, gst_camera
from tests.flows.media.conftest import (
    CAMERA,
    COOKIE,
    ORIGIN,
    SESSION,
    VIEWING,
    Room,
    closed,
    live,
    read_chunk,
    room,
    watch,
)
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.relay]

SMALL_SOCKET_BYTES = 4096


@asynccontextmanager
async def busy_room(**changed: int) -> AsyncIterator[Room]:
    """A camera of 12 Mb/s, so that a viewer that stops reading is blocked at once; a key picture each second."""
    async with gst_camera(kbps=12_000) as port, room(**changed) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{port}/cam"), warm=True)
        await live(opened)
        yield opened


@pytest.fixture
async def busy() -> AsyncIterator[Room]:
    async with busy_room(close_unread_after_ms=2_500) as opened:
        yield opened


@pytest.fixture
async def patient() -> AsyncIterator[Room]:
    async with busy_room() as opened:
        yield opened


class RawViewer:
    """A viewer with a tiny receive buffer that reads only when told."""

    def __init__(self, opened: Room, path: str) -> None:
        self.socket = sockets.socket()
        self.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, SMALL_SOCKET_BYTES)
        self.socket.setblocking(False)
        self._opened, self._path = opened, path
        self.unread = b""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self._opened.relay.port))
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        request = (
            f"GET {self._path} HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\nCookie: {COOKIE}={SESSION}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        )
        await loop.sock_sendall(self.socket, request.encode())
        while b"\r\n\r\n" not in self.unread:
            self.unread += await loop.sock_recv(self.socket, 1)
        assert self.unread.startswith(b"HTTP/1.1 101")
        self.unread = b""
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket.close()

    async def message(self) -> tuple[int, bytes]:
        """Read one frame: opcode and payload."""
        head = await self._exactly(2)
        size = head[1]
        if size == 126:
            (size,) = struct.unpack(">H", await self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", await self._exactly(8))
        return head[0] & 15, await self._exactly(size)

    async def read_on(self) -> None:
        """Read whatever comes; raises `ConnectionResetError` at the end."""
        while True:
            await self.message()

    async def _exactly(self, size: int) -> bytes:
        while len(self.unread) < size:
            more = await asyncio.get_running_loop().sock_recv(self.socket, 1 << 16)
            if not more:
                raise ConnectionResetError
            self.unread += more
        taken, self.unread = self.unread[:size], self.unread[size:]
        return taken


async def test_a_slow_viewer_jumps_to_the_newest_key_picture_and_is_told_while_others_lose_nothing(busy: Room) -> None:
    async with RawViewer(busy, busy.admitted()) as slow, busy.socket(busy.admitted(ViewingId("quick"))) as quick:
        reading = asyncio.create_task(watch(quick, lambda seen: len(seen.chunks) >= 60))
        await asyncio.sleep(2.2)
        gap, after = None, b""
        async with asyncio.timeout(30):
            while gap is None or not after:
                opcode, payload = await slow.message()
                if opcode == 1 and b"gap" in payload:
                    gap = payload
                elif opcode == 2 and gap is not None:
                    after = payload
        assert read_chunk(after).key, "what follows the gap can be decoded"
        assert b'{"gap": ' in gap
        quick_seen = await reading
    assert quick_seen.text("gap") is None
    assert busy.relay.stats().gaps == 1


async def test_a_viewer_that_takes_nothing_is_closed_after_its_time_and_memory_stays_flat(busy: Room) -> None:
    began = time.perf_counter()
    async with RawViewer(busy, busy.admitted()):
        dropped = await busy.until(lambda event: isinstance(event, ViewingDropped))
        assert dropped == ViewingDropped(VIEWING, Cause.UNREAD)
        assert 2.4 < time.perf_counter() - began < 2.4 + allowed_s(1)
        assert busy.relay.stats().kept_bytes < 16 * 1024 * 1024
        assert busy.relay.stats().sockets == 0


async def test_revocation_never_waits_behind_a_blocked_write(busy: Room) -> None:
    async with RawViewer(busy, busy.admitted()) as stalled:
        await asyncio.sleep(1.0)
        sent = busy.relay.stats().bytes_sent
        await asyncio.sleep(0.2)
        assert busy.relay.stats().bytes_sent == sent, "the viewer is blocked"
        began = time.perf_counter()
        busy.relay.revoke(VIEWING, code=4403, cause=Cause.SUSPENDED, article=None)
        async with asyncio.timeout(30):
            while busy.relay.stats().sockets:
                await asyncio.sleep(0.002)
        assert time.perf_counter() - began < allowed_s(0.15)
        left = 0
        with contextlib.suppress(ConnectionResetError):
            while more := await asyncio.get_running_loop().sock_recv(stalled.socket, 1 << 16):
                left += len(more)
        assert left < 512 * 1024, "no more than the bounded buffers"


async def test_fifty_revocations_with_stalled_viewers_among_them_are_quick(busy: Room) -> None:
    async with asyncio.timeout(30):
        viewers = [RawViewer(busy, busy.admitted(ViewingId(f"v{number}"))) for number in range(50)]
        await asyncio.gather(*(viewer.__aenter__() for viewer in viewers))
        await asyncio.sleep(0.8)
        began = time.perf_counter()
        for number in range(50):
            busy.relay.revoke(ViewingId(f"v{number}"), code=4403, cause=Cause.SUSPENDED, article=None)
        while busy.relay.stats().sockets:
            await asyncio.sleep(0.002)
        assert time.perf_counter() - began < allowed_s(0.3)
        for viewer in viewers:
            viewer.socket.close()


async def blocked(patient: Room) -> None:
    """Wait until the one viewer takes nothing any more."""
    async with asyncio.timeout(20):
        sent = -1
        while patient.relay.stats().bytes_sent != sent or not sent:
            sent = patient.relay.stats().bytes_sent
            await asyncio.sleep(0.2)


async def test_a_viewer_that_is_replaced_in_the_middle_of_a_picture_still_hears_that_it_was(patient: Room) -> None:
    async with RawViewer(patient, patient.admitted()) as former:
        await blocked(patient)
        async with patient.socket(patient.ticket()) as later:
            await watch(later, lambda seen: seen.chunks)
            await asyncio.sleep(0.2)
            close = b""
            async with asyncio.timeout(30):
                while not close:
                    opcode, payload = await former.message()
                    close = payload if opcode == 8 else b""
    assert struct.unpack(">H", close[:2]) == (1000,)
    assert json.loads(close[2:]) == {"cause": "replaced", "article": None}


async def test_a_replaced_viewer_ends_with_its_viewing(patient: Room) -> None:
    async with RawViewer(patient, patient.admitted()) as former:
        await blocked(patient)
        async with patient.socket(patient.ticket()) as later:
            await watch(later, lambda seen: seen.chunks)
            assert patient.relay.stats().sockets == 2, "the former one may still finish its picture"
            patient.relay.revoke(VIEWING, code=4403, cause=Cause.SUSPENDED, article=None)
            assert (await closed(later))[0] == 4403
            async with asyncio.timeout(30):
                while patient.relay.stats().sockets:
                    await asyncio.sleep(0.01)
            with pytest.raises(ConnectionResetError):
                await former.read_on()


@pytest.fixture
async def quiet() -> AsyncIterator[Room]:
    async with ClipCamera() as camera, room(events_max=8) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(camera.url), warm=True)
        await live(opened)
        yield opened


async def test_a_viewer_that_floods_is_put_out_and_another_is_served(quiet: Room) -> None:
    async with quiet.socket(quiet.admitted()) as flood, quiet.socket(quiet.admitted(ViewingId("other"))) as other:
        for _ in range(80):
            await flood.send(os.urandom(1000))
        assert (await closed(flood))[0] == 1008
        await watch(other, lambda seen: len(seen.chunks) > 5)
    await quiet.until(lambda event: event == ViewingDropped(VIEWING, Cause.FLOOD))


async def test_a_flood_of_pings_is_put_out_but_a_ping_is_answered(quiet: Room) -> None:
    async with quiet.socket(quiet.admitted()) as socket:
        await asyncio.wait_for(await socket.ping(b"there?"), 2)
        pongs = [await socket.ping(os.urandom(4)) for _ in range(30)]
        assert (await closed(socket))[0] == 1008
    assert len(pongs) == 30, "the flood was sent"


async def test_a_flood_of_pongs_is_put_out(quiet: Room) -> None:
    async with quiet.socket(quiet.admitted()) as socket:
        for _ in range(30):
            await socket.pong(b"there")
        assert (await closed(socket))[0] == 1008
    await quiet.until(lambda event: event == ViewingDropped(VIEWING, Cause.FLOOD))


async def test_a_viewer_whose_network_dies_is_told(quiet: Room) -> None:
    async with quiet.socket(quiet.admitted()) as socket:
        await watch(socket, lambda seen: seen.messages)
        socket.transport.abort()
        await quiet.until(lambda event: event == ViewingDropped(VIEWING, Cause.CONNECTION_LOST))


async def test_events_that_nobody_takes_are_counted_not_kept(quiet: Room) -> None:
    quiet.relay.admit(VIEWING, camera=CAMERA, hold_ms=None)
    for number in range(40):
        viewing = ViewingId(f"unused-{number}")
        quiet.relay.admit(viewing, camera=CAMERA, hold_ms=None)
        quiet.ticket(viewing, ttl_ms=1)
    time.sleep(0.3)  # the control plane hangs: nobody drains  # noqa: ASYNC251
    await quiet.until(lambda event: isinstance(event, EventsLost))
    lost = sum(event.count for event in quiet.events if isinstance(event, EventsLost))
    told = sum(isinstance(event, TicketLapsed) for event in quiet.events)
    assert lost + told == 40
    assert lost == quiet.relay.stats().events_lost


async def test_deadlines_pass_while_python_hangs(quiet: Room) -> None:
    async with RawViewer(quiet, quiet.admitted(hold_ms=300)) as viewer:
        time.sleep(0.8)  # the whole interpreter stands still  # noqa: ASYNC251
        assert quiet.relay.stats().viewings == 0
        close = b""
        async with asyncio.timeout(30):
            while not close:
                opcode, payload = await viewer.message()
                close = payload if opcode == 8 else b""
    assert struct.unpack(">H", close[:2]) == (4408,)


async def test_who_joins_within_a_group_that_is_longer_than_what_is_kept_is_told_in_how_long_the_first_picture_comes() -> (
    None
):
    """The clip is one group of two seconds, of which a fifth is kept."""
    async with ClipCamera() as camera, room(pictures_kept_max=10) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(camera.url), warm=True)
        await live(opened)
        async with opened.socket(opened.admitted()) as socket:
            await watch(socket, lambda seen: [chunk.key for chunk in seen.chunks].count(True) == 2)
            await watch(socket, lambda seen: len(seen.chunks) == 20)
        began = time.perf_counter()
        async with opened.socket(opened.ticket()) as socket:
            seen = await watch(socket, lambda seen: seen.chunks)
            came_ms = (time.perf_counter() - began) * 1_000
    assert list(seen.texts[0]) == ["first_picture_in_ms"]
    assert 500 < seen.texts[0]["first_picture_in_ms"] <= 1_300
    assert abs(came_ms - seen.texts[0]["first_picture_in_ms"]) < allowed_s(0.3) * 1_000
    assert seen.chunks[0].key
    assert len([text for text in seen.texts if "first_picture_in_ms" in text]) == 1, "told once"

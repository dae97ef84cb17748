"""A relay of each kind, and a viewer that reads what the contract says."""

import asyncio
import contextlib
import hashlib
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.ids import CameraId, ViewingId
from belvedere.media.relay import RELAY_ENV, MediaEvent, MediaRelay, MediaSource, RelayConfig, open_relay
from tests.flows.media.cameras import ClipCamera

ORIGIN = "http://room.example"
COOKIE = "city"
SESSION = "a-session"
CAMERA = CameraId("vda-017")
VIEWING = ViewingId("viewing-1")
KEY_FLAGS = 0x0200_0000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Room:
    """A started relay, and its events as they come."""

    relay: MediaRelay
    events: list[MediaEvent] = field(default_factory=list)

    def ticket(self, viewing: ViewingId = VIEWING, *, session: str = SESSION, ttl_ms: int = 30_000) -> str:
        return self.relay.issue_ticket(viewing, session_sha256=sha256(session), ttl_ms=ttl_ms)

    def admitted(self, viewing: ViewingId = VIEWING, *, hold_ms: int | None = None) -> str:
        self.relay.admit(viewing, camera=CAMERA, hold_ms=hold_ms)
        return self.ticket(viewing)

    def socket(self, path: str, **changed: Any) -> connect:
        options: dict[str, Any] = {
            "origin": Origin(ORIGIN),
            "additional_headers": {"Cookie": f"theme=dark; {COOKIE}={SESSION}"},
            "max_size": None,
            "max_queue": None,
            "proxy": None,
            "compression": None,
        }
        scheme = "wss" if "ssl" in changed else "ws"
        return connect(f"{scheme}://127.0.0.1:{self.relay.port}{path}", **(options | changed))

    async def until(self, wanted: Callable[[MediaEvent], bool], *, within_s: float = 30) -> MediaEvent:
        """Return the first event that is wanted."""
        async with asyncio.timeout(within_s):
            while True:
                for event in self.events:
                    if wanted(event):
                        return event
                await asyncio.sleep(0.01)


@asynccontextmanager
async def room(**changed: Any) -> AsyncIterator[Room]:
    options: dict[str, Any] = {
        "host": "127.0.0.1",
        "allowed_origins": (ORIGIN,),
        "cookie_name": COOKIE,
        "source_networks": ("127.0.0.0/8",),
    }
    relay = open_relay(RelayConfig(**(options | changed)), clock=SystemClock(), ids=SystemIds())
    await relay.start()
    opened = Room(relay)

    async def follow() -> None:
        async for event in relay.events():
            opened.events.append(event)

    following = asyncio.create_task(follow())
    try:
        yield opened
    finally:
        await relay.aclose()
        await asyncio.wait_for(following, 3)


@pytest.fixture(params=["fake", pytest.param("native", marks=pytest.mark.relay)])
async def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    """The fake relay, then the real one with a camera: the same promises."""
    if request.param == "fake":
        monkeypatch.setenv(RELAY_ENV, "fake")
        async with room() as opened:
            opened.relay.add_camera(CAMERA, MediaSource("rtsp://127.0.0.1/cam"), warm=True)
            await asyncio.sleep(0.3)
            yield opened
        return
    async with ClipCamera() as camera, room() as opened:
        opened.relay.add_camera(CAMERA, MediaSource(camera.url), warm=True)
        await live(opened)
        yield opened


async def live(opened: Room, camera: CameraId = CAMERA, *, within_s: float = 30) -> None:
    async with asyncio.timeout(within_s):
        while opened.relay.camera_state(camera) != "live":
            await asyncio.sleep(0.02)


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Chunk:
    """A picture as a viewer reads it."""

    captured_unix_us: int
    decode_time: int
    duration: int
    key: bool
    payload: bytes


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert size >= 8
        found.append((kind, data[at + 8 : at + size]))
        at += size
    assert at == len(data)
    return found


def read_chunk(message: bytes) -> Chunk:
    (_, prft), (_, moof), (_, mdat) = boxes(message)
    assert [kind for kind, _ in boxes(message)] == [b"prft", b"moof", b"mdat"]
    ntp, media_time = struct.unpack_from(">QQ", prft, 8)
    (_, traf) = boxes(moof)[1]
    fields = dict(boxes(traf))
    (decode_time,) = struct.unpack_from(">Q", fields[b"tfdt"], 4)
    assert media_time == decode_time
    count, _offset, duration, size, flags = struct.unpack_from(">IIIII", fields[b"trun"], 4)
    assert (count, size) == (1, len(mdat))
    captured = (ntp >> 32) - 2_208_988_800
    micros = (ntp & 0xFFFF_FFFF) * 1_000_000 >> 32
    return Chunk(captured * 1_000_000 + micros, decode_time, duration, flags == KEY_FLAGS, mdat)


@dataclass
class Seen:
    """What one socket was told, in order; a `str` is kept as its JSON."""

    messages: list[Any] = field(default_factory=list)

    @property
    def texts(self) -> list[dict[str, Any]]:
        return [message for message in self.messages if isinstance(message, dict)]

    @property
    def chunks(self) -> list[Chunk]:
        return [read_chunk(m) for m in self.messages if isinstance(m, bytes) and m[4:8] == b"prft"]

    def text(self, name: str) -> dict[str, Any] | None:
        return next((text for text in self.texts if name in text), None)


async def watch(
    socket: ClientConnection, until: Callable[[Seen], object], *, seen: Seen | None = None, within_s: float = 30
) -> Seen:
    """Read until the condition holds."""
    seen = seen or Seen()
    async with asyncio.timeout(within_s):
        while not until(seen):
            message = await socket.recv()
            seen.messages.append(json.loads(message) if isinstance(message, str) else message)
    return seen


async def closed(socket: ClientConnection, *, within_s: float = 30) -> tuple[int | None, dict[str, Any]]:
    """Read to the end; return the close code and the reason."""
    async with asyncio.timeout(within_s):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    reason = socket.close_reason or "{}"
    assert len(reason.encode()) <= 123
    return socket.close_code, json.loads(reason)

"""A relay without Rust: the same protocol, the same tickets and deadlines, one clip for every camera.

For `make dev` and fast tests. It reads no camera; every camera is live, a peer's once it was given a ticket. It bounds
nothing but what its protocol promises.
"""

import asyncio
import hashlib
import http
import json
import ssl
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.ids import CameraId, IdSource, PartyId, ViewingId
from belvedere.domain.source_causes import SourceCause
from belvedere.media.clip import CODEC, HEIGHT, PICTURES_PER_S, TIMESCALE, WIDTH, Clip
from belvedere.media.relay import (
    PEER_PATH,
    BadSource,
    CameraKnown,
    CameraState,
    CannotListen,
    DeadlinePassed,
    MediaEvent,
    MediaSource,
    PeerSource,
    RelayClosed,
    RelayConfig,
    RelayStats,
    TicketLapsed,
    TicketWanted,
    UnknownCamera,
    UnknownViewing,
    ViewingConnected,
    ViewingDropped,
    ticket_of,
)

TICKET_TTL_MS_MAX = 30_000
CLOCK_EVERY_PICTURES = 5 * PICTURES_PER_S


@dataclass(slots=True)
class _Viewing:
    camera: CameraId
    deadline: asyncio.TimerHandle | None = None
    tickets: set[str] = field(default_factory=set)
    socket: ServerConnection | None = None


@dataclass(frozen=True, slots=True)
class _Ticket:
    viewing: ViewingId
    session_sha256: bytes | None
    """Of a browser's; None of a peer's, which is bound to a connection without a key here."""
    expiry: asyncio.TimerHandle


class FakeRelay:
    """Serves the clip to whoever holds a ticket."""

    def __init__(self, config: RelayConfig, *, clock: Clock, ids: IdSource) -> None:
        self._config = config
        self._clock, self._ids = clock, ids
        self._origins = config.allowed_origins
        self._clip = Clip.load()
        self._cameras: dict[CameraId, bool] = {}
        self._awaited: dict[CameraId, asyncio.Event] = {}
        """Of each peer's camera: that a ticket was given."""
        self._viewings: dict[ViewingId, _Viewing] = {}
        self._tickets: dict[str, _Ticket] = {}
        self._events: asyncio.Queue[MediaEvent | None] = asyncio.Queue()
        self._server: Server | None = None
        self._started_s = 0.0
        self._refused_ticket = self._refused_origin = self._bytes_sent = 0

    async def start(self) -> None:
        """Bind and serve."""
        try:
            self._server = await serve(
                self._serve,
                self._config.host,
                self._config.port,
                ssl=_tls(self._config),
                process_request=self._admit_request,
                compression=None,
                max_size=64 * 1024,
            )
        except OSError as error:
            raise CannotListen(str(error)) from None
        self._started_s = self._clock.monotonic_s()

    async def aclose(self) -> None:
        """Close every socket and stop."""
        server, self._server = self._server, None
        if server is None:
            return
        for viewing in list(self._viewings):
            self._forget(viewing)
        server.close()
        await server.wait_closed()
        self._events.put_nowait(None)

    @property
    def port(self) -> int:
        """The bound port."""
        if self._server is None:
            raise RelayClosed("the relay is not started, or is closed")
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    @property
    def peer_port(self) -> int | None:
        """Return None: peers come to the one port, on this machine."""
        return None

    def set_peer_keys(self, keys: Mapping[bytes, PartyId]) -> None:
        """Do nothing: no TLS is spoken with peers."""

    def set_allowed_origins(self, origins: tuple[str, ...]) -> None:
        """Replace the allowed origins."""
        self._origins = origins

    def add_camera(self, camera: CameraId, source: MediaSource, *, warm: bool) -> None:
        """Know a camera; its source is only looked at."""
        if not source.url.startswith(("rtsp://", "rtsps://")):
            raise BadSource("only rtsp and rtsps are spoken")
        if camera in self._cameras:
            raise CameraKnown(f"camera `{camera}` is known already")
        self._cameras[camera] = warm

    def add_peer_camera(self, camera: CameraId, source: PeerSource) -> None:
        """Know a camera of another party; its source is only looked at."""
        if not source.url.startswith(("ws://127.", "ws://[::1]", "wss://")):
            raise BadSource("a peer is read over wss, and on the loopback over ws")
        if camera in self._cameras:
            raise CameraKnown(f"camera `{camera}` is known already")
        self._cameras[camera] = False
        self._awaited[camera] = asyncio.Event()

    def give_ticket(self, camera: CameraId, path: str) -> None:
        """Let a peer's camera be live."""
        ticket_of(path)
        if camera not in self._awaited:
            raise UnknownCamera(f"camera `{camera}` is unknown")
        self._awaited[camera].set()

    def remove_camera(self, camera: CameraId) -> None:
        """Forget a camera."""
        if self._cameras.pop(camera, None) is None:
            raise UnknownCamera(f"camera `{camera}` is unknown")
        self._awaited.pop(camera, None)
        for viewing in [viewing for viewing, known in self._viewings.items() if known.camera == camera]:
            self.revoke(viewing, code=4503, cause=Cause.CAMERA_REMOVED, article=None)
            self._events.put_nowait(ViewingDropped(viewing, Cause.CAMERA_REMOVED))

    def admit(self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None) -> None:
        """Let a viewing exist."""
        if camera not in self._cameras:
            raise UnknownCamera(f"camera `{camera}` is unknown")
        known = self._viewings.get(viewing)
        if known is None or known.camera != camera:
            self._forget(viewing)
            known = self._viewings[viewing] = _Viewing(camera)
        self._set_deadline(viewing, known, hold_ms)

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        """Return the path of a fresh ticket."""
        return f"/media/{self._issue(viewing, session_sha256, ttl_ms)}"

    def issue_peer_ticket(
        self,
        viewing: ViewingId,
        *,
        party: PartyId | None,  # noqa: ARG002 (the facade's shape)
        ttl_ms: int,
    ) -> str:
        """Return the path of a fresh ticket for a peer; whichever party it is for, it shows no key here."""
        return f"{PEER_PATH}{self._issue(viewing, None, ttl_ms)}"

    def _issue(self, viewing: ViewingId, session_sha256: bytes | None, ttl_ms: int) -> str:
        known = self._viewings.get(viewing)
        if known is None:
            raise UnknownViewing(f"viewing `{viewing}` is unknown")
        ticket = self._ids.secret(32).hex()
        lasts_s = min(ttl_ms, TICKET_TTL_MS_MAX) / 1000
        expiry = asyncio.get_running_loop().call_later(lasts_s, self._lapse, ticket)
        self._tickets[ticket] = _Ticket(viewing, session_sha256, expiry)
        known.tickets.add(ticket)
        return ticket

    def void_tickets(self, session_sha256: bytes) -> None:
        """Take a session's unused tickets away."""
        for ticket in [name for name, known in self._tickets.items() if known.session_sha256 == session_sha256]:
            void = self._tickets.pop(ticket)
            void.expiry.cancel()
            self._viewings[void.viewing].tickets.discard(ticket)

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        """Put the deadline `hold_ms` from now."""
        known = self._viewings.get(viewing)
        if known is not None:
            self._set_deadline(viewing, known, hold_ms)

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """End a viewing."""
        self._close(self._forget(viewing), code, cause, article)

    def camera_state(self, camera: CameraId) -> CameraState:
        """Return live for every camera that was added and is warm or watched."""
        if camera not in self._cameras:
            return CameraState.LOST
        watched = any(known.camera == camera and known.socket for known in self._viewings.values())
        return CameraState.LIVE if watched or self._cameras[camera] else CameraState.IDLE

    def lost_cause(self, camera: CameraId) -> SourceCause | None:
        """Return None for every camera that was added."""
        return None if camera in self._cameras else SourceCause.NO_ADDRESS

    def lost_cameras(self) -> Mapping[CameraId, SourceCause]:
        """Return nothing: no camera is read."""
        return {}

    def oddities(self, camera: CameraId) -> Mapping[str, int]:  # noqa: ARG002 (the facade's shape)
        """Return nothing: no camera is read."""
        return {}

    def connected(self) -> frozenset[ViewingId]:
        """Return the viewings that have a socket now."""
        return frozenset(viewing for viewing, known in self._viewings.items() if known.socket is not None)

    async def events(self) -> AsyncIterator[MediaEvent]:
        """Yield what happens until the relay closes."""
        while (event := await self._events.get()) is not None:
            yield event

    def stats(self) -> RelayStats:
        """Return the figures of this moment."""
        return RelayStats(
            cameras=len(self._cameras),
            cameras_live=sum(self.camera_state(camera) is CameraState.LIVE for camera in self._cameras),
            viewings=len(self._viewings),
            sockets=sum(known.socket is not None for known in self._viewings.values()),
            tickets=len(self._tickets),
            bytes_sent=self._bytes_sent,
            refused_ticket=self._refused_ticket,
            refused_origin=self._refused_origin,
        )

    # What the sockets do

    def _admit_request(self, connection: ServerConnection, request: Request) -> Response | None:
        origins = request.headers.get_all("Origin")
        if request.path.startswith(PEER_PATH):
            allowed = not origins
        elif request.path.startswith("/media/"):
            allowed = len(origins) == 1 and origins[0] in self._origins
        else:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "")
        if not allowed:
            self._refused_origin += 1
            return connection.respond(http.HTTPStatus.FORBIDDEN, "")
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        viewing = self._redeem(socket)
        if viewing is None:
            self._refused_ticket += 1
            await socket.close(4401, _reason(Cause.TICKET, None))
            return
        known = self._viewings[viewing]
        self._close(known.socket, 1000, Cause.REPLACED, None)
        known.socket = socket
        self._events.put_nowait(ViewingConnected(viewing))
        cause = Cause.CONNECTION_LOST
        try:
            await self._play(socket, viewing, known.camera)
        except ConnectionClosed as closed:
            cause = Cause.CLOSED_BY_VIEWER if closed.rcvd_then_sent else cause
        if self._viewings.get(viewing) is known and known.socket is socket:
            known.socket = None
            self._events.put_nowait(ViewingDropped(viewing, cause))

    def _redeem(self, socket: ServerConnection) -> ViewingId | None:
        if socket.request is None:
            return None
        path = socket.request.path
        ticket = path.removeprefix(PEER_PATH).removeprefix("/media/")
        by: set[bytes] | set[None] = (
            {None} if path.startswith(PEER_PATH) else _sessions(socket.request, self._config.cookie_name)
        )
        known = self._tickets.get(ticket)
        if known is None or known.session_sha256 not in by:
            return None
        del self._tickets[ticket]
        known.expiry.cancel()
        self._viewings[known.viewing].tickets.discard(ticket)
        return known.viewing

    async def _play(self, socket: ServerConnection, viewing: ViewingId, camera: CameraId) -> None:
        if camera in self._awaited and not self._awaited[camera].is_set():
            self._events.put_nowait(TicketWanted(camera))
            await _first_of(self._awaited[camera].wait(), socket.wait_closed())
        description = {
            "codec": CODEC,
            "width": WIDTH,
            "height": HEIGHT,
            "timescale": TIMESCALE,
            "camera": camera,
            "viewing": viewing,
        }
        await self._send(socket, json.dumps(description))
        await self._send(socket, self._clip.init)
        newest = self._newest()
        number = newest - newest % len(self._clip.chunks)  # the kept group of pictures first
        while True:
            if number % CLOCK_EVERY_PICTURES == 0 or number == newest:
                await self._send(socket, json.dumps({"clock": self._unix_us(), "origin_offset_us": 0}))
            behind_s = (self._newest() - number) / PICTURES_PER_S
            captured = self._unix_us() - int(max(0.0, behind_s) * 1_000_000)
            await self._send(socket, self._clip.chunk(number, captured_unix_us=captured))
            number += 1
            due_s = self._started_s + number / PICTURES_PER_S
            await asyncio.sleep(max(0.0, due_s - self._clock.monotonic_s()))

    async def _send(self, socket: ServerConnection, message: str | bytes) -> None:
        self._bytes_sent += len(message)
        await socket.send(message)

    def _newest(self) -> int:
        return int((self._clock.monotonic_s() - self._started_s) * PICTURES_PER_S)

    def _unix_us(self) -> int:
        return int(self._clock.now().timestamp() * 1_000_000)

    # Deadlines and endings

    def _set_deadline(self, viewing: ViewingId, known: _Viewing, hold_ms: int | None) -> None:
        if known.deadline is not None:
            known.deadline.cancel()
        known.deadline = None
        if hold_ms is not None:
            loop = asyncio.get_running_loop()
            known.deadline = loop.call_later(hold_ms / 1000, self._pass_deadline, viewing)

    def _pass_deadline(self, viewing: ViewingId) -> None:
        self._close(self._forget(viewing), 4408, Cause.DEADLINE, None)
        self._events.put_nowait(DeadlinePassed(viewing))

    def _lapse(self, ticket: str) -> None:
        lapsed = self._tickets.pop(ticket)
        known = self._viewings[lapsed.viewing]
        known.tickets.discard(ticket)
        if known.socket is None and not known.tickets:
            self._events.put_nowait(TicketLapsed(lapsed.viewing))

    def _forget(self, viewing: ViewingId) -> ServerConnection | None:
        known = self._viewings.pop(viewing, None)
        if known is None:
            return None
        if known.deadline is not None:
            known.deadline.cancel()
        for ticket in known.tickets:
            self._tickets.pop(ticket).expiry.cancel()
        return known.socket

    def _close(self, socket: ServerConnection | None, code: int, cause: Cause, article: str | None) -> None:
        if socket is not None:
            closing = asyncio.ensure_future(socket.close(code, _reason(cause, article)))
            closing.add_done_callback(lambda done: done.cancelled() or done.exception())


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _reason(cause: Cause, article: str | None) -> str:
    return json.dumps({"cause": cause, "article": article})


def _tls(config: RelayConfig) -> ssl.SSLContext | None:
    if config.tls_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(config.tls_certificate, config.tls_key)
    return context


def _sessions(request: Request, name: str) -> set[bytes]:
    """Return the SHA-256 of every cookie of that name."""
    pairs = [pair.strip().partition("=") for line in request.headers.get_all("Cookie") for pair in line.split(";")]
    return {hashlib.sha256(value.strip('"').encode()).digest() for key, _, value in pairs if key == name}

"""The HTTP server of simulated cameras: h11 on plain connections, so that a camera may also answer as no server should.

Owns connections and pacing. Does not know ONVIF: a `Device` gives each reply and the manner in which it goes out.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import h11

BODY_BYTES_MAX = 256 * 1024
_ENDLESS_BYTES = 400 * 1024 * 1024


class Delivery(StrEnum):
    """How a reply goes out."""

    PLAIN = "plain"
    ENDLESS = "endless"
    """400 MB behind it."""
    TRICKLE = "trickle"
    """A byte a second."""
    SILENT = "silent"
    """Not at all, on a connection that stays."""
    CLOSE = "close"
    """Not at all, and the connection is reset."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, whole."""

    path: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = Delivery.PLAIN
    content_type: str = "application/soap+xml; charset=utf-8"


class Device(Protocol):
    """Whoever answers."""

    async def answer(self, asked: Asked) -> Reply:
        """Return the reply to a request."""


@dataclass(slots=True)
class DeviceServer:
    """Connections to one device, or to several behind one port."""

    device: Device
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen, and return the port."""
        self._server = await asyncio.start_server(self._serve, host, port, ssl=tls)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """End every connection."""
        if self._server is not None:
            self._server.close()
        self.reset()
        await asyncio.sleep(0)

    def reset(self) -> None:
        """Reset every connection that is open now."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(ConnectionError, h11.RemoteProtocolError, asyncio.IncompleteReadError):
                await self._converse(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            asked = await _request(connection, reader)
            if asked is None:
                return
            reply = await self.device.answer(asked)
            if reply.delivery is Delivery.CLOSE:
                writer.transport.abort()
                return
            if reply.delivery is Delivery.SILENT:
                await reader.read()  # until the client goes
                return
            await _deliver(connection, writer, reply)
            if connection.our_state is h11.MUST_CLOSE or connection.their_state is h11.MUST_CLOSE:
                return
            connection.start_next_cycle()


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> Asked | None:
    head, body = None, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > BODY_BYTES_MAX:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            return Asked(head.target.decode("latin-1"), headers, bytes(body))
        else:
            return None


async def _deliver(connection: h11.Connection, writer: asyncio.StreamWriter, reply: Reply) -> None:
    length = len(reply.body) + (_ENDLESS_BYTES if reply.delivery is Delivery.ENDLESS else 0)
    headers = [("content-type", reply.content_type), ("content-length", str(length)), *reply.headers]
    sent = connection.send(h11.Response(status_code=reply.status, headers=headers))
    writer.write(sent or b"")
    for piece in _pieces(reply):
        writer.write(connection.send(h11.Data(data=piece)) or b"")
        await writer.drain()
        if reply.delivery is Delivery.TRICKLE:
            await asyncio.sleep(1)
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()


def _pieces(reply: Reply) -> Iterable[bytes]:
    match reply.delivery:
        case Delivery.TRICKLE:
            yield from (reply.body[at : at + 1] for at in range(len(reply.body)))
        case Delivery.ENDLESS:
            yield reply.body
            filler = b" " * 65_536
            yield from (filler for _ in range(_ENDLESS_BYTES // len(filler)))
        case _:
            yield reply.body

"""Who may be connected, and for how long without asking anything (reliability 17).

Two things that uvicorn leaves open. It counts connections in all, so one address could take every one of them; and it arms
its keep-alive timer only after its first answer and stops it at the next byte, so whoever sends nothing, or headers a byte
at a time, would stay for ever. Here connections are counted where they are accepted, before TLS, and a request has to be
whole in time.
"""

import asyncio
import ipaddress
import socket
import struct
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import h11
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S_MAX = 10.0
"""From the first byte of a request, or from connecting, to the end of its headers."""
BODY_S_MAX = 30.0
"""From the end of the headers to the end of the body; the longest, a convention's text, is 2 MiB."""
TAKING_S_MAX = 30.0
"""How long a client may take nothing of an answer that waits for it."""
_IPV6_NETWORK_BITS = 64
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


def network_of(address: str) -> str:
    """Return what one client has at its disposal: its IPv4 address, the network of 64 bits about its IPv6 one."""
    found = read_address(address)
    if found is None:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_NETWORK_BITS), strict=False))


def read_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text spells, an IPv4 one that stands in an IPv6 one as itself; None where it is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


@dataclass
class Connections:
    """Counts the connections of one listener. Used on the event loop only."""

    connections_max: int
    per_address_max: int
    refused: int = 0
    """Closed at once: too many in all, or of one address."""
    ended: int = 0
    """Closed because a request was not whole, or an answer not taken, in time."""
    _by_network: Counter[str] = field(default_factory=Counter)

    @property
    def open(self) -> int:
        """How many there are now."""
        return self._by_network.total()

    def take(self, network: str) -> bool:
        """Count one more, or return False where there is no place for it."""
        if self.open >= self.connections_max or self._by_network[network] >= self.per_address_max:
            self.refused += 1
            return False
        self._by_network[network] += 1
        return True

    def give_back(self, network: str) -> None:
        """Count one less."""
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]


class CountedConnection(socket.socket):
    """An accepted connection, which gives its place back when it is closed, whoever closes it."""

    def __init__(self, accepted: socket.socket, give_back: Callable[[], None]) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self._give_back: Callable[[], None] | None = give_back

    def close(self) -> None:
        """Close it, and give the place back once."""
        super().close()
        if self._give_back is not None:
            self._give_back()
            self._give_back = None


class CountingListener(socket.socket):
    """A listening socket that closes at once what has no place."""

    def __init__(self, family: socket.AddressFamily, connections: Connections) -> None:
        # Named TCP, so that asyncio sets TCP_NODELAY on what it accepts: else every answer waits 40 ms for an ACK.
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._connections = connections

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection; raises `ConnectionAbortedError`, which asyncio takes for a client that left."""
        accepted, address = super().accept()
        network = network_of(address[0])
        if not self._connections.take(network):
            # Reset rather than closed in order: nothing of it is to wait in the kernel either.
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            accepted.close()
            raise ConnectionAbortedError("no place for another connection of this address")
        return CountedConnection(accepted, lambda: self._connections.give_back(network)), address


class _Awaited(StrEnum):
    """What a connection is closed for want of."""

    HEAD = "head"
    BODY = "body"


class PromptProtocol(H11Protocol):
    """uvicorn's HTTP protocol, with a time within which a request is whole and an answer is taken.

    Only public hooks of `asyncio.Protocol` are overridden. Between requests uvicorn's own keep-alive timer holds.
    """

    counted: Connections
    """Those of its listener; uvicorn's own `connections` are its protocols."""

    malformed: Callable[[int], Response]
    """Makes the answer to what is no HTTP request, of that status."""

    _awaited: _Awaited | None = None
    _request_timer: asyncio.TimerHandle | None = None
    _taking_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._await(_Awaited.HEAD)

    def data_received(self, data: bytes) -> None:
        """Take what came; bytes alone prolong nothing."""
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            self._await(None)  # a WebSocket from now on, whose request h11 holds for unfinished
            return
        state = self.conn.their_state
        self._await(_Awaited.HEAD if state is h11.IDLE else _Awaited.BODY if state is h11.SEND_BODY else None)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  as uvicorn calls it
        """Answer what is no request in the form of every other refusal, then close; called where h11 refused it."""
        failure = sys.exc_info()[1]
        status = failure.error_status_hint if isinstance(failure, h11.RemoteProtocolError) else 400
        if self.cycle is not None:
            self.cycle.disconnected = True  # whatever the route still says, it is not the answer to this
            self.cycle.message_event.set()
        answer = self.malformed(status)
        reason = HTTPStatus(status).phrase.encode()
        try:
            head = h11.Response(status_code=status, headers=answer.raw_headers, reason=reason)
            for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        except h11.LocalProtocolError:
            pass  # an answer had begun: all that is left is to close
        self.transport.close()

    def pause_writing(self) -> None:
        """The client takes nothing for now."""
        super().pause_writing()
        if self._taking_timer is None:
            self._taking_timer = self.loop.call_later(TAKING_S_MAX, self._end)

    def resume_writing(self) -> None:
        """The client took something."""
        super().resume_writing()
        self._stop_taking_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._await(None)
        self._stop_taking_timer()
        super().connection_lost(exc)

    def _await(self, what: _Awaited | None) -> None:
        if what is self._awaited:
            return
        self._awaited = what
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None
        if what is not None:
            wait_s = HEAD_S_MAX if what is _Awaited.HEAD else BODY_S_MAX
            self._request_timer = self.loop.call_later(wait_s, self._end)

    def _stop_taking_timer(self) -> None:
        if self._taking_timer is not None:
            self._taking_timer.cancel()
            self._taking_timer = None

    def _end(self) -> None:
        # Aborted: an orderly close would wait for a client that has shown that it does not answer.
        self.counted.ended += 1
        self.transport.abort()

"""The link over WebSockets: where this node listens for peers, and how it dials one.

TLS 1.3 with pinned keys from both sides decides who is let in, before a byte of what is said is read. Every wait, queue and
message has an end. No browser is served here: whoever sends an `Origin` is refused (reliability 2).
"""

import errno
import http
import logging
import socket
import ssl
from collections.abc import Callable, Mapping

import anyio
import structlog
import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from belvedere.domain.clock import Clock
from belvedere.domain.failures import Unreadable
from belvedere.domain.faults import FaultPlace
from belvedere.domain.ids import IdSource, PartyId
from belvedere.domain.text import Text
from belvedere.peers.link import PeerLink
from belvedere.peers.signed_message import MESSAGE_BYTES_MAX
from belvedere.peers.wire import LinkEnd, WireClosed

PATH = "/peer/v1"
OPEN_WITHIN_S = 5.0
CLOSE_WITHIN_S = 1.0
TAKEN_MAX = 16
"""How many messages wait, received and not yet looked at."""
CONVERSATIONS_MAX = 64
WAIT_FIRST_S = 0.25
WAIT_MAX_S = 8.0
LONG_S = 10.0
"""A conversation that lasted so long begins the waits anew."""
log = structlog.get_logger(__name__)
_SILENT_LOG = logging.getLogger("belvedere.peers.sockets.unheard")
_SILENT_LOG.addHandler(logging.NullHandler())
_SILENT_LOG.propagate = False
"""What the library would say of each stranger's connection: ours says what counts."""


class SocketWire:
    """A WebSocket as a link speaks over it (implements `peers.wire.Wire`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        """Send; raises `WireClosed`."""
        try:
            await self._connection.send(text)
        except websockets.ConnectionClosed as closed:
            raise WireClosed(_code_of(closed)) from None

    async def receive(self) -> str:
        """Return the next text; raises `WireClosed`, for what is no text too."""
        try:
            received = await self._connection.recv()
        except websockets.ConnectionClosed as closed:
            raise WireClosed(_code_of(closed)) from None
        if not isinstance(received, str):
            raise WireClosed
        return received

    async def close(self, code: int, word: str) -> None:
        """Close, telling why."""
        with anyio.move_on_after(CLOSE_WITHIN_S):
            await self._connection.close(code, word)


def _code_of(closed: websockets.ConnectionClosed) -> int | None:
    return None if closed.rcvd is None else closed.rcvd.code


class PeerListener:
    """Where peers dial this node. Its socket is bound at construction; port 0 takes a free one."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls: ssl.SSLContext,
        links: Mapping[PartyId, PeerLink],
        party_of: Callable[[bytes], PartyId | None],
    ) -> None:
        """`party_of` tells whose a certificate (DER) is that the handshake took."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as failure:
            self._socket.close()
            raise Unreadable(f"{host}:{port} cannot be bound: {failure.strerror}; see [channel] in node.toml") from None
        self.port: int = self._socket.getsockname()[1]
        self._tls = tls
        self._links = links
        self._party_of = party_of
        self._open = 0

    def close(self) -> None:
        """Give the socket back where nothing was served."""
        self._socket.close()

    async def serve_forever(self) -> None:
        """Speak with whoever dials, until cancelled."""
        async with serve(
            self._converse,
            sock=self._socket,
            ssl=self._tls,
            ssl_handshake_timeout=OPEN_WITHIN_S,
            process_request=self._look_at,
            origins=[None],
            compression=None,
            server_header=None,
            logger=_SILENT_LOG,
            open_timeout=OPEN_WITHIN_S,
            close_timeout=CLOSE_WITHIN_S,
            ping_interval=None,
            max_size=MESSAGE_BYTES_MAX,
            max_queue=TAKEN_MAX,
        ):
            await anyio.sleep_forever()

    def _look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path != PATH:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "")
        if self._open >= CONVERSATIONS_MAX:
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "")
        return None

    async def _converse(self, connection: ServerConnection) -> None:
        tls = connection.transport.get_extra_info("ssl_object")
        certificate = None if tls is None else tls.getpeercert(binary_form=True)
        party = None if certificate is None else self._party_of(certificate)
        link = None if party is None else self._links.get(party)
        if link is None:
            await SocketWire(connection).close(LinkEnd.REFUSED.code, LinkEnd.REFUSED.word)
            return
        self._open += 1
        try:
            ended = await link.converse(SocketWire(connection))
        finally:
            self._open -= 1
        log.info("peer_left", party=party, ended=ended.word)


class _Straight(connect):
    """Follows no redirect: the address is the one in the settings."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Return the failure."""
        return exc


class PeerDialler:
    """Dials one peer, again and again; waits longer each time, and never exactly as long as another node would.

    One with which there is nothing to speak about is not dialled: `is_due` is asked each time.
    """

    def __init__(
        self,
        link: PeerLink,
        *,
        is_due: Callable[[], bool] = lambda: True,
        host: str,
        port: int,
        tls: ssl.SSLContext,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._link = link
        self._is_due = is_due
        self._host = host
        self._port = port
        self._tls = tls
        self._clock = clock
        self._ids = ids

    async def dial_forever(self) -> None:
        """Keep a conversation going, until cancelled."""
        wait_s = WAIT_FIRST_S
        while True:
            if not self._is_due():
                await anyio.sleep(WAIT_MAX_S)
                continue
            began_s = self._clock.monotonic_s()
            ended = await self._dial()
            if self._clock.monotonic_s() - began_s >= LONG_S:
                wait_s = WAIT_FIRST_S
            if ended is LinkEnd.REPLACED:
                # Another process speaks for this node: the two must not take the place from each other all the time.
                wait_s = WAIT_MAX_S
            await anyio.sleep(self._jittered(wait_s))
            wait_s = min(2 * wait_s, WAIT_MAX_S)

    async def _dial(self) -> LinkEnd | None:
        """Have one conversation; None where the peer is not reached."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        try:
            async with _Straight(
                f"wss://{host}:{self._port}{PATH}",
                host=self._host,
                port=self._port,
                ssl=self._tls,
                proxy=None,
                compression=None,
                user_agent_header=None,
                logger=_SILENT_LOG,
                open_timeout=OPEN_WITHIN_S,
                close_timeout=CLOSE_WITHIN_S,
                ping_interval=None,
                max_size=MESSAGE_BYTES_MAX,
                max_queue=TAKEN_MAX,
            ) as connection:
                return await self._link.converse(SocketWire(connection))
        except (OSError, TimeoutError, websockets.WebSocketException) as failure:
            self._link.not_reached(_said(failure), await self._place(failure))
        except Exception:
            # Whatever answers there must not take the node down.
            log.exception("peer_dial_failed", party=self._link.party)
            self._link.not_reached(LinkEnd.INTERNAL.said, LinkEnd.INTERNAL.place)
        return None

    async def _place(self, failure: Exception) -> FaultPlace:
        """Return where the fault is: where nothing answered in time, whether its machine at least takes a connection."""
        if isinstance(failure, TimeoutError):
            return FaultPlace.NODE if await _takes_connections(self._host, self._port) else FaultPlace.LINK
        if isinstance(failure, ConnectionRefusedError | ssl.SSLError | websockets.WebSocketException):
            return FaultPlace.NODE
        own = isinstance(failure, OSError) and failure.errno in _OF_THIS_MACHINE
        return FaultPlace.OWN_SIDE if own else FaultPlace.LINK

    def _jittered(self, wait_s: float) -> float:
        """Return half the wait and a part of the other half, by chance."""
        (part,) = self._ids.secret(1)
        return wait_s * (0.5 + part / 510)


_OF_THIS_MACHINE = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE})
"""What the system says where this machine has no way out, whatever the address."""
PROBE_WITHIN_S = 1.0


async def _takes_connections(host: str, port: int) -> bool:
    """Return whether the machine at an address takes a connection, though no node answers on it."""
    try:
        with anyio.fail_after(PROBE_WITHIN_S):
            stream = await anyio.connect_tcp(host, port)
            await stream.aclose()
    except (OSError, TimeoutError):
        return False
    return True


def _said(failure: Exception) -> Text:
    if isinstance(failure, ssl.SSLCertVerificationError):
        return Text(
            "le nœud à cette adresse n'a pas la clé que la convention épingle",
            "the node at this address does not have the key that the convention pins",
        )
    if isinstance(failure, ssl.SSLError):
        return Text(
            "le nœud à cette adresse ne veut pas de la clé de ce nœud, ou ne parle pas TLS 1.3",
            "the node at this address does not take this node's key, or does not speak TLS 1.3",
        )
    if isinstance(failure, TimeoutError):
        return Text("l'autre nœud ne répond pas", "the other node does not answer")
    if isinstance(failure, OSError):
        return Text("l'adresse de l'autre nœud n'est pas joignable", "the other node's address cannot be reached")
    return Text("ce qui répond à cette adresse n'est pas un nœud", "what answers at this address is no node")

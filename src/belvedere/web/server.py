"""The HTTP server: uvicorn on a socket bound beforehand, so that the address is known before it serves."""

import asyncio
import socket
import ssl
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import structlog
import uvicorn
from fastapi import FastAPI

from belvedere.domain.failures import Unreadable
from belvedere.web.answers_below import AnswersBelow
from belvedere.web.connections import Connections, CountingListener, PromptProtocol

log = structlog.get_logger(__name__)
KEEP_ALIVE_S = 75
CONNECTIONS_MAX = 2_000
CONNECTIONS_TOLD_MAX = 100
"""So many more are told 503; what comes beyond is closed unheard."""
GRACE_S = 1
SOCKET_MESSAGE_BYTES_MAX = 4096
"""The longest message on a WebSocket: a movement has a hundred."""
CERTIFICATE_LOOK_S = 60.0
"""How often the certificate's file is looked at: a renewed one is served without a restart."""
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2; those of TLS 1.3 are all good."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A server's certificate (PEM, what leads to its authority after it) and its private key (PEM, mode 0600)."""

    certificate: Path
    key: Path

    def load_into(self, context: ssl.SSLContext) -> None:
        """Have `context` serve what the files hold now; raises `Unreadable`."""
        try:
            mode = stat.S_IMODE(self.key.stat().st_mode)
            if mode & 0o077:
                raise Unreadable(f"{self.key}: may be read by others (mode {mode:04o}); run chmod 600 on it")
            context.load_cert_chain(self.certificate, self.key)
        except ssl.SSLError as failure:
            raise Unreadable(
                f"{self.certificate} with {self.key}: {failure.reason or failure}; give the certificate of that key, in PEM"
            ) from None
        except OSError as failure:
            raise Unreadable(
                f"{failure.filename or self.certificate}: {failure.strerror}; see [web] tls_certificate"
            ) from None

    def changed_ns(self) -> tuple[int, int]:
        """Return when the two files last changed."""
        return self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns


def server_context(tls: TlsFiles) -> ssl.SSLContext:
    """Return the context of a server that speaks TLS 1.2 and 1.3 alone; raises `Unreadable`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION
    tls.load_into(context)
    return context


class WebServerEnded(Exception):
    """The web server's task ended although nobody asked it to: a node that answers nobody must not go on."""


class WebServer:
    """One listener. Its socket is bound at construction; port 0 takes a free one."""

    def __init__(self, *, host: str, port: int, connections_per_address: int, tls: TlsFiles | None = None) -> None:
        self._tls = tls
        self._context = None if tls is None else server_context(tls)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.connections = Connections(
            connections_max=CONNECTIONS_MAX + CONNECTIONS_TOLD_MAX, per_address_max=connections_per_address
        )
        self._socket = CountingListener(family, self.connections)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as failure:
            self._socket.close()
            raise Unreadable(f"{host}:{port} cannot be bound: {failure.strerror}; see [web] in node.toml") from None
        bound = self._socket.getsockname()[1]
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        self.url = f"{'http' if tls is None else 'https'}://{shown}:{bound}"

    def close(self) -> None:
        """Give the socket back where nothing was served."""
        self._socket.close()

    @asynccontextmanager
    async def serving(self, app: FastAPI) -> AsyncIterator[None]:
        """Serve `app` until the block ends; open answers get one second to finish.

        Raises `WebServerEnded`, in a group, into the block where the server ends by itself.
        """
        below = AnswersBelow(app.state.security_headers)
        server = _QuietServer(
            uvicorn.Config(
                below.unless_full(app, lambda: self.connections.open >= CONNECTIONS_MAX),
                http=self._protocol(below),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
                h11_max_incomplete_event_size=32 * 1024,
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=SOCKET_MESSAGE_BYTES_MAX,
                ws_per_message_deflate=False,
                ssl_context_factory=self._context_of_uvicorn(),
            )
        )
        # Not in the group below: cancelled with it, the server would leave its answers and connections as they are.
        task = asyncio.create_task(server.serve(sockets=[self._socket]))
        try:
            while not server.started:
                if task.done():
                    task.result()
                await anyio.sleep(0.01)
            async with anyio.create_task_group() as beside:
                beside.start_soon(_until_it_ends, task)
                beside.start_soon(self._follow_the_certificate)
                yield
                beside.cancel_scope.cancel()
        finally:
            server.should_exit = True
            with anyio.CancelScope(shield=True):
                await asyncio.wait({task}, timeout=GRACE_S + 2)

    def _protocol(self, below: AnswersBelow) -> type[PromptProtocol]:
        """Return the class of this listener's protocols: uvicorn makes them itself, and passes nothing of ours."""

        class Protocol(PromptProtocol):
            counted = self.connections
            malformed = below.malformed

        return Protocol

    def _context_of_uvicorn(self) -> Callable[[object, object], ssl.SSLContext] | None:
        context = self._context
        return None if context is None else lambda _config, _default: context

    async def _follow_the_certificate(self) -> None:
        """Serve a renewed certificate to whoever connects from then on; one that can't be read changes nothing."""
        tls, context = self._tls, self._context
        if tls is None or context is None:
            return
        served: tuple[int, int] | None = None
        while True:
            found = served
            try:
                found = tls.changed_ns()
                if served is not None and found != served:
                    # Tried on a context of its own first: a certificate without its key must not be half taken.
                    server_context(tls)
                    tls.load_into(context)
                    log.info("certificate_renewed")
                served = found
            except OSError:
                pass  # between two files of a renewal: looked at again
            except Unreadable as failure:
                served = found
                log.error("certificate_not_renewed", cause=str(failure))
            await anyio.sleep(CERTIFICATE_LOOK_S)


async def _until_it_ends(serving: asyncio.Task[None]) -> None:
    """Wait for the web server's task; raises `WebServerEnded` when it is over."""
    await asyncio.wait({serving})
    cause = None if serving.cancelled() else serving.exception()
    log.error("web_server_ended", exc_info=cause)
    raise WebServerEnded("the web server ended by itself") from cause


class _QuietServer(uvicorn.Server):
    """Signals belong to the process that runs the node, not to its web server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

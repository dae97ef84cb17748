"""The HTTP server: uvicorn on a socket bound beforehand, so that the address is known before it serves."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import uvicorn
from fastapi import FastAPI

KEEP_ALIVE_S = 75
CONNECTIONS_MAX = 2_000
GRACE_S = 1


class WebServer:
    """One listener. Its socket is bound at construction; port 0 takes a free one."""

    def __init__(self, *, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        bound = self._socket.getsockname()[1]
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        self.url = f"http://{shown}:{bound}"

    @asynccontextmanager
    async def serving(self, app: FastAPI) -> AsyncIterator[None]:
        """Serve `app` until the block ends; open answers get one second to finish."""
        server = _QuietServer(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
                limit_concurrency=CONNECTIONS_MAX,
                h11_max_incomplete_event_size=32 * 1024,
                lifespan="off",
                ws="none",
            )
        )
        task = asyncio.create_task(server.serve(sockets=[self._socket]))
        try:
            while not server.started:
                if task.done():
                    task.result()
                await anyio.sleep(0.01)
            yield
        finally:
            server.should_exit = True
            with anyio.CancelScope(shield=True):
                await asyncio.wait({task}, timeout=GRACE_S + 2)


class _QuietServer(uvicorn.Server):
    """Signals belong to the process that runs the node, not to its web server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

"""A site's control service, served for as long as the site is."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from simulator.control import control_app
from simulator.lifetime import LOOPBACK
from simulator.site import Site


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `ending`."""
        yield


@contextlib.asynccontextmanager
async def controlled(site: Site, control_port: int) -> AsyncIterator[str]:
    """Serve the site's control service on loopback; gives its URL."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, control_port))
    config = uvicorn.Config(control_app(site), log_level="warning", lifespan="off", access_log=False)
    server = _Uvicorn(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving

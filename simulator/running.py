"""A simulator as a process: its loop, its end, and the file that says it is ready.

Ends on SIGTERM, on SIGINT, and when the parent it was given dies, however it dies.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn

from simulator.control import control_app
from simulator.ground import Json
from simulator.site import Site

LOOPBACK = "127.0.0.1"


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `ending`."""
        yield


def ending(loop: asyncio.AbstractEventLoop, parent_pid: int | None = None) -> asyncio.Event:
    """Return what is set once this process must end."""
    end = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, end.set)
    if parent_pid is not None:
        try:
            loop.add_reader(os.pidfd_open(parent_pid), end.set)
        except ProcessLookupError:
            end.set()
    return end


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


def write_ready_file(path: Path, content: Json) -> None:
    """Write what others wait for: whole or not at all, readable by its owner only (it holds passwords)."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, separators=(",", ":"))
    partial.replace(path)

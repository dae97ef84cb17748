"""Peers that are a program on the machine, given by path (`--peer mediamtx=PATH`): the bench writes their settings."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from bench.candidates.candidate import Serving
from bench.programs import running

UP_S_MAX = 20.0
_SETTINGS = {
    "mediamtx": (
        "logLevel: error\nrtspAddress: 127.0.0.1:{port}\nrtspTransports: [tcp]\n"
        "rtmp: no\nhls: no\nwebrtc: no\nsrt: no\napi: no\n"
        "paths:\n  cam:\n    source: {source}\n    rtspTransport: tcp\n    sourceOnDemand: no\n"
    ),
    "go2rtc": (
        "log: {{level: error}}\napi: {{listen: ''}}\nwebrtc: {{listen: ''}}\nrtsp: {{listen: '127.0.0.1:{port}'}}\n"
        "streams:\n  cam: {source}\n"
    ),
}
KNOWN = tuple(_SETTINGS)


@dataclass(frozen=True, slots=True)
class ByPath:
    """One of the `KNOWN` peers, serving over RTSP."""

    name: str
    program: Path

    @asynccontextmanager
    async def serve(self, *, source_url: str, viewers: int, folder: Path) -> AsyncIterator[Serving]:
        """Serve the source to so many viewers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        settings, paths = folder / f"{self.name}.yml", folder / "paths"
        settings.write_text(_SETTINGS[self.name].format(port=port, source=source_url))
        paths.write_text("/cam\n" * viewers)
        words = ("-config", str(settings)) if self.name == "go2rtc" else (str(settings),)
        async with running(self.program.absolute(), *words, folder=folder) as peer:
            await _listening(port)
            yield Serving(peer.pid, port, paths, "rtsp")


async def _listening(port: int) -> None:
    with anyio.fail_after(UP_S_MAX):
        while True:
            try:
                stream = await anyio.connect_tcp("127.0.0.1", port)
            except OSError:
                await anyio.sleep(0.1)
            else:
                await stream.aclose()
                return

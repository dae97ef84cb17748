"""GStreamer's RTSP server, from Debian: one shared media, as many clients as ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.candidates.candidate import Serving
from bench.programs import running

SYSTEM_PYTHON = "/usr/bin/python3"
"""The system's Python alone has `gi`."""
SERVER = Path(__file__).parent.parent / "native" / "gst_server.py"


class GStreamer:
    """gst-rtsp-server, fed from the same camera."""

    name = "gst-rtsp-server"

    @asynccontextmanager
    async def serve(self, *, source_url: str, viewers: int, folder: Path) -> AsyncIterator[Serving]:
        """Serve the source to so many viewers."""
        paths = folder / "paths"
        paths.write_text("/cam\n" * viewers)
        async with running(SYSTEM_PYTHON, SERVER, source_url) as server:
            yield Serving(server.pid, int(await server.line()), paths, "rtsp")


def installed() -> bool:
    """Return whether GStreamer's RTSP server is on this machine."""
    return any(Path("/usr/lib").glob("*/girepository-1.0/GstRtspServer-1.0.typelib"))

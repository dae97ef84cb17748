"""The Protocol of candidates."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that waits for viewers: its process, its port, and a file with one path a viewer."""

    pid: int
    port: int
    paths: Path
    mode: str = "fanout"
    """How the load client asks: `fanout` by WebSocket, `rtsp` by RTSP."""


class Candidate(Protocol):
    """A server of one camera."""

    @property
    def name(self) -> str:
        """The name under which it stands in results."""

    def serve(self, *, source_url: str, viewers: int, folder: Path) -> AbstractAsyncContextManager[Serving]:
        """Serve the source to so many viewers until the block ends."""

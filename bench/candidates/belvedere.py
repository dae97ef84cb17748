"""Our relay with tickets and deadlines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.candidates.candidate import Serving
from bench.programs import module, running


class Belvedere:
    """The relay as a node runs it."""

    name = "belvedere"

    @asynccontextmanager
    async def serve(self, *, source_url: str, viewers: int, folder: Path) -> AsyncIterator[Serving]:
        """Serve the source to so many viewers."""
        async with running(*module("bench.relay_process", source_url)) as relay:
            port = int(await relay.line())
            paths = folder / "paths"
            await relay.ask(f"admit {viewers} {paths}")
            await relay.line()
            yield Serving(relay.pid, port, paths)

"""Our relay as another party runs it: it reads the camera from its owner's relay, which is a process of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.candidates.candidate import Serving
from bench.programs import module, running


class SecondHop:
    """The second relay of a chain."""

    name = "belvedere-second-hop"

    @asynccontextmanager
    async def serve(self, *, source_url: str, viewers: int, folder: Path) -> AsyncIterator[Serving]:
        """Serve the source, read through the first relay, to so many viewers."""
        async with running(*module("bench.relay_process", source_url)) as owner:
            port = int(await owner.line())
            await owner.ask("flow")
            flow = f"ws://127.0.0.1:{port}{await owner.line()}"
            async with running(*module("bench.relay_process", flow)) as relay:
                port = int(await relay.line())
                paths = folder / "paths"
                await relay.ask(f"admit {viewers} {paths}")
                await relay.line()
                yield Serving(relay.pid, port, paths)

"""The floor: a C loop that writes blocks of the same sizes, at the same pace, to the same receivers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.candidates.candidate import Serving
from bench.programs import compiled, running


class Floor:
    """No relay at all: what the kernel asks for writing these bytes. `schedule` holds the size of each block."""

    name = "floor"

    def __init__(self, block_bytes: Sequence[int], *, blocks_per_s: int) -> None:
        self._block_bytes, self._blocks_per_s = block_bytes, blocks_per_s

    @asynccontextmanager
    async def serve(self, *, source_url: str, viewers: int, folder: Path) -> AsyncIterator[Serving]:
        """Write to so many viewers; the source is not read."""
        del source_url
        step_us = 1_000_000 // self._blocks_per_s
        schedule, paths = folder / "schedule", folder / "paths"
        lines = [f"{number * step_us} {size}" for number, size in enumerate(self._block_bytes)]
        schedule.write_text("\n".join(lines) + f"\nround {len(lines) * step_us}\n")
        paths.write_text("/\n" * viewers)
        async with running(compiled("floor"), schedule, str(viewers)) as floor:
            yield Serving(floor.pid, int(await floor.line()), paths)

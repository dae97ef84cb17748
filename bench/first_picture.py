"""Connect → first bytes of a key picture at the client, warm camera; each with its own ticket, handshake included."""

import tempfile
from pathlib import Path

from bench import results
from bench.candidates.belvedere import Belvedere
from bench.programs import compiled, module, running
from bench.source import PICTURES_PER_S
from bench.viewers import headers_file

WIDTH, HEIGHT, KBPS = 1920, 1080, 4000
CONNECTS = 300


async def run() -> None:
    """Measure one after the other and append the percentiles, in ms."""
    async with running(*module("bench.source", str(WIDTH), str(HEIGHT), str(KBPS))) as source:
        url = f"rtsp://127.0.0.1:{await source.line()}/cam"
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            async with (
                Belvedere().serve(source_url=url, viewers=CONNECTS, folder=folder) as serving,
                running(compiled("load"), "first", str(serving.port), serving.paths, headers_file(folder)) as load,
            ):
                took_ms = [int(line) / 1000 for line in await load.rest(within_s=120)]
    if len(took_ms) != CONNECTS:
        raise RuntimeError(f"{len(took_ms)} of {CONNECTS} were served")
    line = {
        "candidate": "belvedere",
        "stream": f"{WIDTH}x{HEIGHT}p{PICTURES_PER_S}, {KBPS} kb/s",
        "connects": CONNECTS,
        "p50_ms": round(results.percentile(took_ms, 50), 2),
        "p99_ms": round(results.percentile(took_ms, 99), 2),
        "max_ms": round(max(took_ms), 2),
    }
    print(results.append("first_picture", line))

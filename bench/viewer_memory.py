"""Memory that a viewer costs the relay's process, beyond the stream's kept pictures: resident bytes with and without.

Kernel socket buffers are not the process's; they are bounded by the send buffer (128 KiB asked) a socket.
"""

import asyncio
import tempfile
from pathlib import Path

import psutil

from bench import results
from bench.programs import compiled, module, running
from bench.source import PICTURES_PER_S
from bench.viewers import headers_file

WIDTH, HEIGHT, KBPS = 640, 360, 1000
VIEWERS = 1000


async def run() -> None:
    """Measure once and append."""
    async with running(*module("bench.source", str(WIDTH), str(HEIGHT), str(KBPS))) as source:
        url = f"rtsp://127.0.0.1:{await source.line()}/cam"
        with tempfile.TemporaryDirectory() as made:
            folder, paths = Path(made), Path(made) / "paths"
            async with running(*module("bench.relay_process", url)) as relay:
                port = await relay.line()
                await asyncio.sleep(3)
                await relay.ask(f"admit {VIEWERS} {paths}")
                await relay.line()
                process = psutil.Process(relay.pid)
                without = process.memory_info().rss
                async with running(compiled("load"), "fanout", port, paths, headers_file(folder)) as load:
                    await load.line()
                    await asyncio.sleep(8)
                    resident = process.memory_info().rss
    line = {
        "candidate": "belvedere",
        "stream": f"{WIDTH}x{HEIGHT}p{PICTURES_PER_S}, {KBPS} kb/s",
        "viewers": VIEWERS,
        "kib_a_viewer": round((resident - without) / 1024 / VIEWERS, 1),
    }
    print(results.append("viewer_memory", line))

"""Decision → end of the stream at the client: 1,000 viewings revoked at once, 100 of which have stopped reading.

Counted from the first of the 1,000 calls for all, and from each viewing's own call; both processes read the same
monotonic clock. The bytes that a stalled viewer could still read are counted too.
"""

import asyncio
import json
import tempfile
from pathlib import Path

from bench import results
from bench.programs import compiled, module, running
from bench.source import PICTURES_PER_S
from bench.viewers import headers_file

WIDTH, HEIGHT, KBPS = 640, 360, 1000
VIEWINGS, STALLED = 1000, 100
STALLS_AFTER_S = 8.0


async def run() -> None:
    """Measure once and append the percentiles, in ms."""
    async with running(*module("bench.source", str(WIDTH), str(HEIGHT), str(KBPS))) as source:
        url = f"rtsp://127.0.0.1:{await source.line()}/cam"
        with tempfile.TemporaryDirectory() as made:
            folder, paths = Path(made), Path(made) / "paths"
            async with running(*module("bench.relay_process", url)) as relay:
                port = await relay.line()
                await relay.ask(f"admit {VIEWINGS} {paths}")
                await relay.line()
                command = (compiled("load"), "revoke", port, paths, headers_file(folder), str(STALLED))
                async with running(*command) as load:
                    await load.line()
                    await asyncio.sleep(STALLS_AFTER_S)
                    await relay.ask("revoke")
                    first_us, *called_us = json.loads(await relay.line())
                    ended = [[int(word) for word in line.split()] for line in await load.rest()]
    own_ms = [(at_us - called_us[number]) / 1000 for number, at_us, _ in ended]
    all_ms = [(at_us - first_us) / 1000 for _, at_us, _ in ended]
    stalled_ms = [(at_us - first_us) / 1000 for number, at_us, _ in ended if number < STALLED]
    line = {
        "candidate": "belvedere",
        "stream": f"{WIDTH}x{HEIGHT}p{PICTURES_PER_S}, {KBPS} kb/s",
        "viewings": VIEWINGS,
        "stalled": STALLED,
        "calls_ms": round((called_us[-1] - first_us) / 1000, 2),
        "from_first_call_p50_ms": round(results.percentile(all_ms, 50), 2),
        "from_first_call_p99_ms": round(results.percentile(all_ms, 99), 2),
        "from_own_call_p99_ms": round(results.percentile(own_ms, 99), 2),
        "stalled_p99_ms": round(results.percentile(stalled_ms, 99), 2),
        "max_ms": round(max(all_ms), 2),
        "stalled_unread_bytes_max": max(unread for number, _, unread in ended if number < STALLED),
    }
    print(results.append("revocation", line))

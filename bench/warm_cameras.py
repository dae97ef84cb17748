"""CPU of reading 252 warm cameras of 4 Mb/s with nobody watching, the relay's process alone."""

import asyncio
import time

from bench import results
from bench.programs import module, running
from bench.relay_cpu import cpu_ms
from bench.source import PICTURES_PER_S

WIDTH, HEIGHT, KBPS = 1920, 1080, 4000
CAMERAS = 252
SECONDS = 10.0


async def run() -> None:
    """Measure once and append."""
    async with running(*module("bench.source", str(WIDTH), str(HEIGHT), str(KBPS))) as source:
        url = f"rtsp://127.0.0.1:{await source.line()}/cam"
        async with running(*module("bench.relay_process", url, str(CAMERAS))) as relay:
            await relay.line(within_s=120)
            await asyncio.sleep(3)
            await relay.ask("figures")
            _, _, pictures_before = (int(word) for word in (await relay.line()).split())
            before_ms, began_s = cpu_ms(relay.pid), time.monotonic()
            await asyncio.sleep(SECONDS)
            used_ms, took_s = cpu_ms(relay.pid) - before_ms, time.monotonic() - began_s
            await relay.ask("figures")
            live, kept_bytes, pictures = (int(word) for word in (await relay.line()).split())
    if live != CAMERAS:
        raise RuntimeError(f"{live} of {CAMERAS} cameras were live")
    line = {
        "candidate": "belvedere",
        "stream": f"{WIDTH}x{HEIGHT}p{PICTURES_PER_S}, {KBPS} kb/s",
        "cameras": CAMERAS,
        "seconds": SECONDS,
        "cores": round(used_ms / 1000 / took_s, 3),
        "pictures_of_those_due": round((pictures - pictures_before) / took_s / CAMERAS / PICTURES_PER_S, 3),
        "kept_mb": round(kept_bytes / 1e6, 1),
    }
    print(results.append("warm_cameras", line))

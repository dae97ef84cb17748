"""What the demo costs: 252 cameras idle, then eight of them watched; the whole process tree counted, in cores.

The demo's own process, the simulated city and the city's node, but not who watches: a plain client that reads and drops.
"""

import asyncio
import json
from contextlib import AsyncExitStack

import httpx
import psutil
import websockets

from bench import results
from bench.click_to_painted import demo

CAMERAS = (117, 3, 42, 58, 61, 77, 104, 88)
SETTLES_S, COUNTED_S = 5.0, 15.0


async def run() -> None:
    """Measure once and append, in cores."""
    with demo("--nodes", "1") as (ready, process):
        await asyncio.sleep(SETTLES_S)
        idle = await _cores(process.pid)
        node = json.loads(json.dumps(ready["nodes"]))[0]
        account = next(each for each in node["accounts"] if each["role"] == "cic-operator")
        async with (
            httpx.AsyncClient(base_url=node["app_url"], headers={"Origin": node["app_url"]}) as officer,
            AsyncExitStack() as sockets,
        ):
            body = {name: account[name] for name in ("login", "password", "station")}
            (await officer.post("/api/v1/login", json=body)).raise_for_status()
            event = (await officer.post("/api/v1/events", json={"kind": "intervention"})).json()["id"]
            cookie = "; ".join(f"{name}={value}" for name, value in officer.cookies.items())
            readers = []
            for number in CAMERAS:
                opened = await officer.post("/api/v1/streams", json={"camera": f"vda-{number:03}", "event": event})
                opened.raise_for_status()
                socket = await sockets.enter_async_context(
                    websockets.connect(
                        opened.json()["media_url"],
                        origin=websockets.Origin(node["app_url"]),
                        additional_headers={"Cookie": cookie},
                        max_size=None,
                        proxy=None,
                    )
                )
                readers.append(asyncio.create_task(_read(socket)))
            await asyncio.sleep(SETTLES_S)
            watched = await _cores(process.pid)
            pictures = sum(reader.done() for reader in readers)
            for reader in readers:
                reader.cancel()
    if pictures:
        raise RuntimeError(f"{pictures} of {len(CAMERAS)} streams ended")
    line = {"cameras": 252, "watched": len(CAMERAS), "idle_cores": round(idle, 3), "watched_cores": round(watched, 3)}
    print(results.append("demo_cost", line))


async def _read(socket: websockets.ClientConnection) -> None:
    async for _ in socket:
        pass


async def _cores(pid: int) -> float:
    before = _cpu_s(pid)
    await asyncio.sleep(COUNTED_S)
    return (_cpu_s(pid) - before) / COUNTED_S


def _cpu_s(pid: int) -> float:
    parent = psutil.Process(pid)
    return sum(sum(process.cpu_times()[:2]) for process in (parent, *parent.children(recursive=True)))

"""Pictures opened and closed for hours leave nothing behind: a node and its relay, the hours in seconds."""

import asyncio
import gc
import json
from collections import Counter

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from belvedere.node.compose import run_node
from tests.flows.conftest import City, NotingRelay, SignedIn
from tests.flows.media.cameras import ClipCamera
from tests.flows.operation.conftest import Site

pytestmark = [pytest.mark.anyio, pytest.mark.relay]

EACH = 100
ROUNDS_MAX = 12
"""What is kept on purpose fills up in the first rounds: pools, caches, the newest ends. A leak grows in each.

So each type may have its own quiet round: sqlite3 sweeps the weak references of its cursors once in 200 of a
connection, and what goes up like a saw goes down like one.
"""
LEFT_MAX = EACH // 4
"""Objects of one type that a round may leave: one for each opening would be four times as many."""


async def churn(city: City, agent: SignedIn) -> None:
    """Open a picture, see it, close it; many times."""
    cookie = "; ".join(f"{name}={value}" for name, value in agent.client.cookies.items())
    for number in range(EACH):
        answer = await agent.open(number % 3 + 1, None)
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        async with connect(
            opened["media_url"],
            origin=Origin(city.node.app_url),
            additional_headers={"Cookie": cookie},
            proxy=None,
            compression=None,
            max_size=None,
            max_queue=None,
        ) as socket:
            while isinstance(await socket.recv(), str):
                pass
        closed = await agent.client.delete(f"/api/v1/streams/{opened['id']}")
        assert closed.status_code == 204, closed.text


async def held(city: City) -> Counter[str]:
    """Count what the process holds once all that was opened is gone: objects by type, and descriptors."""
    async with asyncio.timeout(30):
        while city.node.relay.stats().viewings or city.node.relay.stats().sockets:
            await asyncio.sleep(0.02)
    gc.collect()
    counted = Counter(f"{type(each)}" for each in gc.get_objects())
    counted["descriptors"] = psutil.Process().num_fds()
    return counted


async def test_pictures_opened_and_closed_again_and_again_leave_nothing_behind(site: Site) -> None:
    async with ClipCamera() as camera:
        sources = {f"vda-{number:03}": {"url": camera.url} for number in range(1, 4)}
        site.settings.inventory.sources.write_text(json.dumps({"cameras": sources}))
        async with run_node(site.settings, clock=site.clock, record_within_s=20.0) as node:
            city = City(node, site.clock, NotingRelay(), site.settings)
            agent = await city.sign_in("csu-operator")
            before = await held(city)
            least: dict[str, int] = {}
            for _ in range(ROUNDS_MAX):
                await churn(city, agent)
                now = await held(city)
                grown = {name: now[name] - before[name] for name in now.keys() | before.keys()}
                least = {name: min(more, least.get(name, more)) for name, more in grown.items()}
                if max(least.values()) <= LEFT_MAX and least["descriptors"] <= 2:
                    break
                before = now
            await agent.client.aclose()
    assert {name: more for name, more in least.items() if more > LEFT_MAX} == {}
    assert least["descriptors"] <= 2

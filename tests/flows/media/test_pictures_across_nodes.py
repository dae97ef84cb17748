"""Two nodes with their real relays in one process: an officer at the State's node sees the city's camera. Reliability 4, 11.

Between them lie cables, for the channel and for the pictures, that a test can cut.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import structlog
from websockets.asyncio.client import connect
from websockets.typing import Origin

from belvedere.clock import SystemClock
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId
from belvedere.media.peer_flows import IncomingFlows
from belvedere.node.compose import RunningNode, run_node
from belvedere.settings import Settings
from tests.flows.conftest import CITY, PASSWORD, WEDNESDAY_10H, station_secret
from tests.flows.media.cameras import ClipCamera, unix_us
from tests.flows.media.conftest import Seen, closed, watch
from tests.flows.media.owners import stalling_link
from tests.flows.two_nodes import TwoNodes, two_nodes
from tests.promises import allowed_s
from tests.stored import stored_records

pytestmark = [pytest.mark.anyio, pytest.mark.relay]
CAMERA = CameraId("vda-001")


class RunningClock:
    """The machine's time, on a Wednesday morning."""

    def __init__(self) -> None:
        self._ahead: timedelta = WEDNESDAY_10H - SystemClock().now()

    def now(self) -> Instant:
        return SystemClock().now() + self._ahead

    def monotonic_s(self) -> float:
        return time.monotonic()


@dataclass
class Browser:
    """Somebody signed in at a node."""

    client: httpx.AsyncClient
    node: RunningNode

    async def post(self, path: str, body: dict[str, Any], expected: int = 201) -> dict[str, Any]:
        answer = await self.client.post(f"/api/v1{path}", json=body)
        assert answer.status_code == expected, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def opened(self, event: str) -> dict[str, Any]:
        return await self.post("/streams", {"camera": CAMERA, "event": event})

    def socket(self, media_url: str) -> connect:
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        return connect(
            media_url,
            origin=Origin(self.node.app_url),
            additional_headers={"Cookie": cookies},
            proxy=None,
            compression=None,
            max_size=None,
        )


@dataclass
class Both:
    """The two nodes, joined by cables."""

    city: RunningNode
    state: RunningNode
    cables: list[asyncio.Event]
    nodes: TwoNodes
    stack: AsyncExitStack
    logged: list[Any] = field(default_factory=list)

    def cut(self) -> None:
        for cable in self.cables:
            cable.clear()

    def mend(self) -> None:
        for cable in self.cables:
            cable.set()

    async def sign_in(self, node: RunningNode, login: str) -> Browser:
        client = httpx.AsyncClient(base_url=node.app_url, headers={"Origin": node.app_url}, trust_env=False, timeout=30)
        await self.stack.enter_async_context(client)
        who = {"login": login, "password": PASSWORD, "station": station_secret(login)}
        (await client.post("/api/v1/login", json=who)).raise_for_status()
        return Browser(client, node)

    async def officer(self, login: str = "cic-operator") -> tuple[Browser, str]:
        browser = await self.sign_in(self.state, login)
        return browser, (await browser.post("/events", {"kind": "levee-de-doute"}))["id"]


@asynccontextmanager
async def joined(tmp_path: Path, enrolled: Path, enrolled_state: Path) -> AsyncIterator[Both]:
    nodes = two_nodes(tmp_path, enrolled, enrolled_state)
    async with AsyncExitStack() as stack:
        camera = await stack.enter_async_context(ClipCamera())
        nodes.city.inventory.sources.write_text(json.dumps({"cameras": {CAMERA: {"url": camera.url}}}))
        city = await stack.enter_async_context(run_node(nodes.city, clock=RunningClock(), record_within_s=20.0))
        cables = []
        (dialled,) = nodes.state.peers
        changed: dict[str, Any] = {}
        for name in ("channel", "media"):
            address = getattr(dialled, name)
            port, cable = await stack.enter_async_context(stalling_link(int(address.rpartition(":")[2])))
            cables.append(cable)
            changed[name] = f"127.0.0.1:{port}"
        settings: Settings = nodes.state.model_copy(update={"peers": [dialled.model_copy(update=changed)]})
        state = await stack.enter_async_context(run_node(settings, clock=RunningClock(), record_within_s=20.0))
        both = Both(city, state, cables, nodes, stack)
        await until(lambda: is_joined(both))
        yield both


@pytest.fixture
async def both(tmp_path: Path, enrolled_data: Path, enrolled_state_data: Path) -> AsyncIterator[Both]:
    async with joined(tmp_path, enrolled_data, enrolled_state_data) as found:
        yield found


async def is_joined(both: Both) -> bool:
    replica = await both.state.spine.read(lambda snapshot: snapshot.replica(PartyId(CITY)))
    async with httpx.AsyncClient(trust_env=False) as client:
        witnessed = (await client.get(f"{both.city.app_url}/readyz")).json()["witness"]
    return bool(witnessed) and len(replica.cameras) == 12 and both.state.channel.states()[PartyId(CITY)].up


async def until(holds: Callable[[], Awaitable[bool]], *, within_s: float = 30) -> None:
    with anyio.fail_after(within_s):
        while not await holds():
            await anyio.sleep(0.03)


def shown(seen: Seen) -> bool:
    return len(seen.chunks) >= 10


async def test_officers_of_the_state_see_the_citys_camera_over_one_flow_with_its_true_age(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets: list[str] = []
    take = IncomingFlows.take_ticket

    def noted(self: IncomingFlows, owner: PartyId, camera: CameraId, ticket: str) -> None:
        tickets.append(ticket)
        take(self, owner, camera, ticket)

    monkeypatch.setattr(IncomingFlows, "take_ticket", noted)
    with structlog.testing.capture_logs() as logged:
        first, event = await both.officer()
        began = time.perf_counter()
        opened = await first.opened(event)
        assert opened["media_url"].startswith(both.state.media_url), "its own node shows it"
        async with first.socket(opened["media_url"]) as one:
            seen = await watch(one, lambda seen: seen.chunks)
            assert time.perf_counter() - began < allowed_s(0.3)
            second, of_second = await both.officer("cic-second")
            began = time.perf_counter()
            async with second.socket((await second.opened(of_second))["media_url"]) as two:
                of_two = await watch(two, lambda seen: seen.chunks)
                assert time.perf_counter() - began < allowed_s(0.15), "a camera that flows is shown at once"
                assert of_two.chunks[0].key
                await watch(one, lambda seen: shown(seen) and seen.text("clock"), seen=seen)
                assert both.city.relay.stats().sockets == 1, "one flow, whatever the number of viewers"
                assert both.state.relay.stats().sockets == 2
                description = seen.messages[0]
                assert (description["camera"], description["viewing"]) == (CAMERA, opened["id"])
                clock = seen.text("clock")
                assert clock is not None
                age_us = unix_us() - (seen.chunks[-1].captured_unix_us + clock["origin_offset_us"])
                assert -100_000 < age_us < allowed_s(0.5) * 1_000_000
    assert tickets
    written = b"".join(
        path.read_bytes()
        for settings in (both.nodes.city, both.nodes.state)
        for path in settings.node.data_dir.iterdir()
        if path.is_file()
    )
    for ticket in tickets:
        assert ticket.encode() not in written
        assert ticket not in repr(logged)


async def test_the_owners_suspension_ends_every_viewer_at_the_other_node_in_its_words(both: Both) -> None:
    director = await both.sign_in(both.city, "police-director")
    first, event = await both.officer()
    second, of_second = await both.officer("cic-second")
    opened, of_two = await first.opened(event), await second.opened(of_second)
    async with first.socket(opened["media_url"]) as one, second.socket(of_two["media_url"]) as two:
        await asyncio.gather(watch(one, shown), watch(two, shown))
        began = time.perf_counter()
        ends = asyncio.gather(closed(one), closed(two))
        await director.post(f"/streams/{opened['id']}/suspension", {"ground": "mask-fault", "reason": "masque tombé"})
        for code, reason in await ends:
            assert (code, reason["cause"]) == (4403, "suspended")
        assert time.perf_counter() - began < allowed_s(0.25)
    for viewing in (opened["id"], of_two["id"]):
        await until(lambda viewing=viewing: is_recorded(both, viewing))  # type: ignore[misc]  # bound now
    assert both.state.relay.stats().viewings == both.city.relay.stats().viewings == 0


async def is_recorded(both: Both, viewing: str) -> bool:
    """Return whether the State's ledger has the viewing's end, by the city's signed word."""
    ended = await stored_records(both.state.database, kind="ended", viewing=viewing)
    assert len(ended) <= 1
    return bool(ended) and ended[0]["cause"] == "suspended" and len(ended[0]["evidence"]) == 1


async def test_a_cut_ends_the_picture_within_the_hold_on_both_sides_and_it_comes_back(both: Both) -> None:
    officer, event = await both.officer()
    opened = await officer.opened(event)
    async with officer.socket(opened["media_url"]) as socket:
        seen = await watch(socket, shown)
        both.cut()
        began = time.perf_counter()
        await watch(socket, lambda seen: seen.text("source"), seen=seen)
        assert time.perf_counter() - began < allowed_s(3)
        assert seen.text("source") == {"source": "lost", "cause": "peer-silent"}, "the fault fired, and is told"
        code, reason = await closed(socket)
        assert time.perf_counter() - began < allowed_s(10)
        assert (code, reason["cause"]) == (4408, "link-lost")
    await until(lambda: holds_nothing(both))
    both.mend()
    await until(lambda: is_joined(both))
    again = await officer.opened(event)
    async with officer.socket(again["media_url"]) as socket:
        await watch(socket, shown)
    for node in (both.city, both.state):
        (ended,) = await stored_records(node.database, kind="ended", viewing=opened["id"])
        assert ended["cause"] == "link-lost"


async def holds_nothing(both: Both) -> bool:
    return both.city.relay.stats().viewings == both.state.relay.stats().viewings == 0


async def test_after_a_cut_shorter_than_the_hold_the_same_viewing_goes_on(both: Both) -> None:
    officer, event = await both.officer()
    opened = await officer.opened(event)
    async with officer.socket(opened["media_url"]) as socket:
        seen = await watch(socket, shown)
        both.cut()
        await watch(socket, lambda seen: seen.text("source"), seen=seen)
        both.mend()
        count = len(seen.chunks)
        await watch(socket, lambda seen: len(seen.chunks) >= count + 20, seen=seen)
    assert [each for each in seen.texts if each.get("source") == "back"]


async def test_a_closed_picture_stops_flowing_between_the_nodes(both: Both) -> None:
    officer, event = await both.officer()
    opened = await officer.opened(event)
    async with officer.socket(opened["media_url"]) as socket:
        await watch(socket, shown)
        await officer.client.delete(f"/api/v1/streams/{opened['id']}")
        assert (await closed(socket))[0] == 1000
    await until(lambda: holds_nothing(both))
    assert both.city.relay.stats().sockets == 0
    cameras = (await officer.client.get("/api/v1/cameras")).json()["features"]
    assert {each["properties"]["state"] for each in cameras} == {"ok"}, "a camera that is not watched is not lost"

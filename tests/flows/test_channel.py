"""Two nodes in one process speak over their channel: the State's agents see the city's cameras on their own node."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
import websockets
from websockets.asyncio.client import connect

from belvedere.domain.ids import PartyId
from belvedere.inventory.cameras import read_inventory
from belvedere.inventory.catalogue import exported
from belvedere.node.compose import run_node
from belvedere.node.own_keys import tls_files_of
from belvedere.peers.pinned_tls import client_context
from belvedere.peers.wire import LinkEnd
from belvedere.settings import Settings
from tests.flows.conftest import CITY, STATE, City, MovedClock, NotingRelay, camera_feature
from tests.flows.two_nodes import TwoNodes, two_nodes

pytestmark = pytest.mark.anyio


@pytest.fixture
def nodes(tmp_path: Path, enrolled_data: Path, enrolled_state_data: Path) -> TwoNodes:
    return two_nodes(tmp_path, enrolled_data, enrolled_state_data)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[City]:
    clock, relay = MovedClock(), NotingRelay()
    async with run_node(settings, clock=clock, relay=relay, record_within_s=20.0) as node:
        city = City(node, clock, relay, settings)
        try:
            yield city
        finally:
            for client in city.clients:
                await client.aclose()


async def told(node: City) -> bytes:
    """Return the city's cameras as the node has them, in its tables."""
    replica = await node.node.spine.read(lambda snapshot: snapshot.replica(PartyId(CITY)))
    return exported(replica.cameras.values())


async def comes_to_know(node: City, cameras: bytes) -> None:
    with anyio.fail_after(10):
        while await told(node) != cameras:
            await anyio.sleep(0.02)


def of_the_file(settings: Settings) -> bytes:
    return exported(read_inventory(settings.inventory.cameras).here)


async def test_the_states_agents_find_the_citys_cameras_on_their_own_node(nodes: TwoNodes) -> None:
    async with running(nodes.state) as state:
        officer = await state.sign_in("cic-operator")
        assert (await officer.client.get("/api/v1/cameras")).json()["features"] == []
        async with running(nodes.city) as city:
            await comes_to_know(state, of_the_file(nodes.city))
            listed = (await officer.client.get("/api/v1/cameras")).json()["features"]
            assert [each["id"] for each in listed] == [f"vda-{number:03}" for number in range(1, 13)]
            assert {each["properties"]["owner"] for each in listed} == {CITY}
            for node, peer in ((city, STATE), (state, CITY)):
                assert node.node.channel.states()[PartyId(peer)].up
                assert f'belvedere_peer_link_up{{party="{peer}"}} 1.0' in (await node.browser().get("/metrics")).text
    assert "canary-7f3a" not in json.dumps(listed), "no address of a camera crosses"


async def test_what_changed_while_the_link_was_down_is_told_once_it_is_up_and_a_restart_forgets_nothing(
    nodes: TwoNodes,
) -> None:
    async with running(nodes.state) as state:
        async with running(nodes.city):
            await comes_to_know(state, of_the_file(nodes.city))
        changed = [camera_feature(number) for number in range(3, 15)]
        nodes.city.inventory.cameras.write_text(json.dumps({"type": "FeatureCollection", "features": changed}))
        async with running(nodes.city):
            await comes_to_know(state, of_the_file(nodes.city))
    async with running(nodes.state) as state:
        officer = await state.sign_in("cic-operator")
        listed = (await officer.client.get("/api/v1/cameras")).json()["features"]
        assert [each["id"] for each in listed] == [f"vda-{number:03}" for number in range(3, 15)]


async def test_who_has_no_pinned_key_or_comes_from_a_browser_is_not_let_in(nodes: TwoNodes, tmp_path: Path) -> None:
    stranger = two_nodes(tmp_path / "stranger", nodes.city.node.data_dir).state
    async with running(nodes.city) as city:
        address = f"wss://127.0.0.1:{city.node.channel.port}"
        own, other = (tls_files_of(each) for each in (nodes.state, stranger))
        pins = nodes.keys[CITY].tls.accepted
        for (certificate, key), path, origin in (
            (other, "/peer/v1", None),
            (own, "/elsewhere", None),
            (own, "/peer/v1", city.node.app_url),
        ):
            tls = client_context(certificate=certificate, key=key, pins=lambda: pins)
            with pytest.raises((OSError, websockets.WebSocketException)):
                async with connect(
                    f"{address}{path}", ssl=tls, proxy=None, additional_headers={"Origin": origin} if origin else None
                ) as socket:
                    await socket.recv()
        tls = client_context(certificate=own[0], key=own[1], pins=lambda: pins)
        async with connect(f"{address}/peer/v1", ssl=tls, proxy=None) as socket:
            assert str(await socket.recv()).count(".") == 2, "the node's first word"
            await socket.send("x" * 70_000)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code in (1009, LinkEnd.NOT_BELIEVED.code, LinkEnd.CLOSED.code)
        assert not city.node.channel.states()[PartyId(STATE)].up

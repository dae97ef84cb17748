"""Each side sees what the two ledgers tell otherwise of the viewings between them, and what explains it. Reliability 11, 28."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from belvedere.domain.ids import PartyId
from belvedere.peers.link import HOLD_S
from tests.flows.conftest import CITY, STATE, City, MovedClock, SignedIn
from tests.flows.test_across_nodes import Both, is_empty_there, is_ended_here, is_joined, running, until
from tests.flows.two_nodes import two_nodes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def both(tmp_path: Path, enrolled_data: Path, enrolled_state_data: Path) -> AsyncIterator[Both]:
    nodes = two_nodes(tmp_path, enrolled_data, enrolled_state_data)
    async with running(nodes.state, MovedClock()) as state, AsyncExitStack() as stack:
        city = await stack.enter_async_context(running(nodes.city, MovedClock()))
        await until(lambda: is_joined(city, state))
        yield Both(city, state, nodes, stack.aclose)


def later(city: City, state: City, by: timedelta) -> None:
    """Let so much time pass on both nodes: each finds the other silent, and the link comes back."""
    for node in (city, state):
        node.clock.move(by)


async def is_renewed(city: City, state: City) -> bool:
    """Tell whether the two have renewed since time was let pass: what opens before would be held by nothing."""
    links = city.node.channel.links, state.node.channel.links
    return links[0][PartyId(STATE)].holds_theirs() and links[1][PartyId(CITY)].is_near()


async def read(reader: SignedIn, party: str) -> dict[str, Any]:
    answer = await reader.client.get("/api/v1/reconciliation")
    assert answer.status_code == 200, answer.text
    (found,) = [each for each in answer.json()["items"] if each["party"] == party]
    return dict(found)


async def seen(node: City, login: str, party: str) -> dict[str, Any]:
    """Return what the page says of the other node's ledger, once the two speak again."""
    reader = await node.sign_in(login)
    with anyio.fail_after(20):
        while (found := await read(reader, party))["not_compared"] is not None:
            await anyio.sleep(0.1)
    return found


async def test_what_a_cut_left_is_listed_on_both_sides_and_is_no_disagreement(both: Both) -> None:
    officer, event = await both.officer()
    closed = await officer.opened(1, event)
    await officer.client.delete(f"/api/v1/streams/{closed}")
    await until(lambda: is_empty_there(both))
    later(both.city, both.state, timedelta(minutes=1))
    for node, login, party in ((both.city, "inspector", STATE), (both.state, "cic-supervisor", CITY)):
        found = await seen(node, login, party)
        assert (found["not_compared"], found["compared"], found["differences"], found["whole"]) == (None, 1, [], True)
    readings = await both.city.records(kind="consulted")
    assert {each["detail"]["what"] for each in readings} == {"reconciliation"}, "that it was read is recorded"
    # The city's node goes down while a picture runs: each ledger has the end that it saw.
    await until(lambda: is_renewed(both.city, both.state))
    officer, event = await both.officer("cic-second")
    cut = await officer.opened(2, event)
    await both.stop_city()
    both.state.clock.move(timedelta(seconds=HOLD_S + 1))
    await until(lambda: is_ended_here(both, cut))
    async with running(both.nodes.city, both.city.clock) as city:
        await until(lambda: is_joined(city, both.state))
        later(city, both.state, timedelta(minutes=1))
        for node, login, party, ends in (
            (city, "inspector", STATE, ("restart", "link-lost")),
            (both.state, "cic-supervisor", CITY, ("link-lost", "restart")),
        ):
            found = await seen(node, login, party)
            (difference,) = found["differences"]
            assert (difference["viewing"], difference["kind"], difference["unexplained"]) == (cut, "cause", False)
            assert (difference["here"]["cause"], difference["there"]["cause"]) == ends
        stands = (await (await city.sign_in("csu-operator")).client.get("/api/v1/partners")).json()["items"]
        assert [(each["party"], each["disagreements"], each["other_text"]) for each in stands] == [(STATE, 0, None)]


async def test_a_node_that_cannot_be_asked_is_said_to_be(both: Both) -> None:
    await both.stop_city()
    found = await read(await both.state.sign_in("cic-supervisor"), CITY)
    assert found["not_compared"]["fr"] == "la liaison avec son nœud est coupée"
    assert found["differences"] == []

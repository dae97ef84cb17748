"""The director suspends a flow on a listed ground, and the officer reads why: vda-etat, article 3 (a reading)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from tests.flows.conftest import City, SignedIn
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio
MASK = {"ground": "mask-fault", "reason": "masque décalé, fenêtre visible"}


@asynccontextmanager
async def screen(agent: SignedIn) -> AsyncIterator[list[tuple[str, dict[str, Any]]]]:
    """Keep an agent's screen open: every server-sent event it gets, in order."""
    seen: list[tuple[str, dict[str, Any]]] = []

    async def follow() -> None:
        async with agent.client.stream("GET", "/api/v1/changes", timeout=30) as answer:
            assert answer.status_code == 200
            name = ""
            async for line in answer.aiter_lines():
                if line.startswith("event:"):
                    name = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    seen.append((name, json.loads(line.removeprefix("data:"))))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(follow)
        with anyio.fail_after(30):
            while not any(name == "events" for name, _ in seen):
                await anyio.sleep(0.01)
        yield seen
        tasks.cancel_scope.cancel()


async def told(seen: list[tuple[str, dict[str, Any]]], name: str) -> dict[str, Any]:
    """Return the newest event of this name, within a second."""
    with anyio.fail_after(allowed_s(1)):
        while not any(each == name for each, _ in seen):
            await anyio.sleep(0.01)
    return next(data for each, data in reversed(seen) if each == name)


async def test_the_director_suspends_and_the_officer_reads_why_within_a_second(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    viewing = await officer.opened(1, await officer.open_event())
    async with screen(officer) as seen:
        answer = await director.client.post(f"/api/v1/streams/{viewing}/suspension", json=MASK)
        assert answer.status_code == 201
        ended = await told(seen, "ended")
    assert ended["viewing"] == viewing
    assert ended["cause"] == "suspended"
    assert "masque décalé, fenêtre visible" in ended["detail"]
    assert "vda-etat:art-3" in ended["articles"]
    assert city.relay.ended(viewing) == (4403, "suspended")
    (record,) = await city.records(kind="suspension")
    assert record["detail"]["ground"] == "mask-fault"


async def test_a_suspended_camera_is_refused_until_the_director_lifts_it(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    event = await officer.open_event()
    viewing = await officer.opened(1, event)
    await director.client.post(f"/api/v1/streams/{viewing}/suspension", json=MASK)
    refused = await officer.open(1, event)
    assert (refused.status_code, refused.json()["cause"]) == (403, "suspended")
    assert (await officer.open(2, event)).status_code == 201
    assert (await director.client.delete(f"/api/v1/streams/{viewing}/suspension")).status_code == 204
    assert (await officer.open(1, event)).status_code == 201


async def test_a_suspension_ends_the_cameras_flow_to_the_whole_party_and_not_to_the_owner(city: City) -> None:
    first, second = await city.sign_in("cic-operator"), await city.sign_in("srpj")
    operator, director = await city.sign_in("csu-operator"), await city.sign_in("police-director")
    event = await first.open_event()
    viewings = [await first.opened(1, event), await second.opened(1, await second.open_event())]
    own = await operator.opened(1, None)
    await director.client.post(f"/api/v1/streams/{viewings[0]}/suspension", json=MASK)
    assert [city.relay.ended(viewing) for viewing in viewings] == [(4403, "suspended")] * 2
    assert city.relay.ended(own) is None
    assert (await operator.open(1, None)).status_code == 201


@pytest.mark.parametrize("agent", ["csu-operator", "csu-room-chief", "cic-supervisor"])
async def test_only_the_director_suspends(city: City, agent: str) -> None:
    officer, other = await city.sign_in("cic-operator"), await city.sign_in(agent)
    viewing = await officer.opened(1, await officer.open_event())
    answer = await other.client.post(f"/api/v1/streams/{viewing}/suspension", json=MASK)
    assert (answer.status_code, answer.json()["articles"]) == (403, ["vda-etat:art-3"])
    assert city.relay.ended(viewing) is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ground": "no-reason-at-all", "reason": "x"}, "ground"),
        ({"ground": "mask-fault"}, "reason"),
        ({"ground": "mask-fault", "reason": "   "}, "reason"),
    ],
)
async def test_a_suspension_without_a_listed_ground_or_a_reason_is_a_bad_request(
    city: City, body: dict[str, str], field: str
) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    viewing = await officer.opened(1, await officer.open_event())
    answer = await director.client.post(f"/api/v1/streams/{viewing}/suspension", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_the_owners_room_sees_what_each_service_watches_under_a_pseudonym(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    event = await officer.open_event("trouble-grave", motive="rassemblement", dispatch_number="4512")
    async with screen(operator) as seen:
        seen.clear()
        await officer.opened(1, event)
        streams = await told(seen, "streams")
    (item,) = streams["items"]
    assert (item["party"], item["service"], item["camera"]) == ("etat", "cic", "vda-001")
    assert item["event"]["kind"] == "trouble-grave"
    assert item["event"]["motive"] == "rassemblement"
    assert item["event"]["dispatch_number"] is None, "numbers of calls stay with their party"
    assert "cic-operator" not in json.dumps(streams)
    assert "Nom de" not in json.dumps(streams)
    assert item["mine"] is False
    (mine,) = (await officer.streams())["items"]
    assert mine["agent"] == "Nom de cic-operator"
    assert mine["mine"] is True


async def test_the_state_does_not_see_what_the_owner_watches(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    await operator.opened(1, None)
    assert (await officer.streams())["items"] == []

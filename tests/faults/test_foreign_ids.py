"""Reliability 1: another party's id in any route answers as an unknown one, in every language and with every role."""

import re
from typing import Any

import pytest

from tests.flows.conftest import City, SignedIn

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", "/api/v1/events/{event}"): {"motive": "essai"},
    ("POST", "/api/v1/streams/{viewing}/suspension"): {"ground": "mask-fault", "reason": "essai"},
    ("POST", "/api/v1/cameras/{camera}/order-confirmation"): {"act": "essai"},
}
NOT_A_PARTYS = {"{path}", "{day}"}
"""Tiles are public, days are nobody's."""


async def routes_with_ids(city: City) -> list[tuple[str, str]]:
    described = (await city.browser().get("/openapi.json")).json()["paths"]
    found = []
    for path, methods in described.items():
        if "{" in path and not NOT_A_PARTYS & set(re.findall(r"\{[^}]+\}", path)):
            found += [(method.upper(), path) for method in methods]
    return found


async def ask(who: SignedIn, method: str, path: str, word: str) -> tuple[int, Any]:
    place = re.sub(r"\{[^}]+\}", word, path)
    answer = await who.client.request(method, place, json=BODIES.get((method, path)))
    return answer.status_code, answer.json() if answer.content else None


async def test_another_partys_id_answers_as_an_unknown_one_in_every_route_that_takes_one(city: City) -> None:
    own, supervisor = await city.sign_in("csu-operator"), await city.sign_in("cic-supervisor")
    director = await city.sign_in("police-director")
    habilitations = (await director.client.get("/api/v1/habilitations")).json()["items"]
    stations = (await director.client.get("/api/v1/stations")).json()["items"]
    theirs = {
        "{event}": await own.open_event(),
        "{viewing}": await own.opened(1, None),
        "{agent}": habilitations[0]["agent"],
        "{station}": stations[0]["id"],
    }
    asked = 0
    for method, path in await routes_with_ids(city):
        (place,) = re.findall(r"\{[^}]+\}", path)
        word = theirs.get(place)
        if word is None:
            continue
        foreign, unknown = await ask(supervisor, method, path, word), await ask(supervisor, method, path, "x-nobody")
        assert foreign == unknown, (method, path)
        assert foreign[0] in {403, 404}, (method, path)
        asked += 1
    assert asked >= 5
    assert (await own.streams())["items"][0]["id"] == theirs["{viewing}"], "nothing of theirs was touched"


@pytest.mark.parametrize("path", ["/api/v1/streams", "/api/v1/preview"])
async def test_another_partys_event_in_a_body_answers_as_an_unknown_one(city: City, path: str) -> None:
    own, officer = await city.sign_in("csu-operator"), await city.sign_in("cic-operator")
    theirs = await own.open_event()
    body: dict[str, Any] = {"camera": "vda-001"}
    if path.endswith("preview"):
        body["action"] = "view"
    foreign = await officer.client.post(path, json=body | {"event": theirs})
    unknown = await officer.client.post(path, json=body | {"event": "e-nobody"})
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.status_code == 404
    decided = await city.records(kind="decision")
    assert len(decided) == (1 if path.endswith("streams") else 0), (
        "a decided request is recorded, an unknown id counted"
    )


async def test_a_request_to_steer_for_another_partys_event_is_recorded_and_answers_as_an_unknown_one(
    city: City,
) -> None:
    own, officer = await city.sign_in("csu-operator"), await city.sign_in("cic-operator")
    theirs = await own.open_event()
    foreign = await officer.client.post("/api/v1/ptz/leases", json={"camera": "vda-003", "event": theirs})
    assert foreign.status_code == 404
    assert len(await city.records(kind="decision", verdict="refused")) == 1
    unknown = await officer.client.post("/api/v1/ptz/leases", json={"camera": "vda-003", "event": "e-nobody"})
    assert (unknown.status_code, unknown.json()) == (404, foreign.json())
    assert len(await city.records(kind="decision", verdict="refused")) == 1


async def test_a_partner_sees_neither_viewings_nor_events_nor_names_of_the_owner(city: City) -> None:
    own, officer = await city.sign_in("csu-operator"), await city.sign_in("cic-operator")
    viewing, event = await own.opened(1, None), await own.open_event(motive="rixe-canari")
    for path in ("/api/v1/streams", "/api/v1/events", "/api/v1/cameras"):
        text = (await officer.client.get(path)).text
        for word in (viewing, event, "rixe-canari", "csu-operator"):
            assert word not in text, (path, word)

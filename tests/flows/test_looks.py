"""A partner asks the owner's room to look, and the director names deputies: the shapes that programs outside rely on."""

import json
from datetime import datetime, timedelta

import pytest

from belvedere.web.changes import Topic
from belvedere.web.snapshots import Snapshots
from tests.flows.conftest import City, SignedIn

pytestmark = pytest.mark.anyio
CAMERA = "vda-003"


async def seen(who: SignedIn) -> list[dict[str, object]]:
    answer = await who.client.get("/api/v1/looks")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_the_officer_asks_to_look_and_both_rooms_see_what_becomes_of_it(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    event = await officer.open_event("intervention", motive="rixe", sector="Centre")
    asked = await officer.client.post(
        "/api/v1/looks", json={"camera": CAMERA, "target": "attroupement à la fontaine", "event": event}
    )
    assert asked.status_code == 201, asked.text
    look = asked.json()["id"]
    (item,) = await seen(operator)
    assert item["event"] == {"id": event, "kind": "intervention", "motive": "rixe", "sector": "Centre"}
    assert {each: item[each] for each in ("id", "camera", "position", "party", "service", "state", "note")} == {
        "id": look,
        "camera": CAMERA,
        "position": None,
        "party": "etat",
        "service": "cic",
        "state": "asked",
        "note": None,
    }
    for state, note in (("accepted", None), ("done", "une vingtaine de personnes")):
        body = {"state": state} if note is None else {"state": state, "note": note}
        assert (await operator.client.patch(f"/api/v1/looks/{look}", json=body)).status_code == 204
        (item,) = await seen(officer)
        assert (item["state"], item["note"]) == (state, note)
    over = await operator.client.patch(f"/api/v1/looks/{look}", json={"state": "declined"})
    assert (over.status_code, over.json()["cause"]) == (409, "look-over")
    told = [(each["cause"], each["articles"], each["detail"]) for each in await city.records(kind="look")]
    assert [cause for cause, _, _ in told] == ["look-asked", "look-accepted", "look-done"]
    assert all(articles for _, articles, _ in told)
    assert told[0][2]["target"] == "attroupement à la fontaine"
    assert (await officer.client.patch(f"/api/v1/events/{event}", json={"state": "closed"})).status_code == 200
    assert await seen(officer) == []
    assert await seen(operator) == []


async def test_a_place_is_asked_for_too_and_what_is_no_question_is_refused(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    event = await officer.open_event("intervention")

    async def asks(who: SignedIn, **body: object) -> int:
        return (await who.client.post("/api/v1/looks", json=body)).status_code

    assert await asks(officer, position=[3.14, 50.62], target="quai", event=event) == 201
    assert (await seen(operator))[0]["position"] == [3.14, 50.62]
    for bad in (
        {"target": "nulle part", "event": event},
        {"position": [181, 0], "target": "x", "event": event},
        {"position": [3.1], "target": "x", "event": event},
        {"camera": CAMERA, "event": event},
        {"camera": CAMERA, "target": "", "event": event},
        {"camera": CAMERA, "target": "x"},
    ):
        assert await asks(officer, **bad) == 422, bad
    assert await asks(officer, camera="vda-999", target="x", event=event) == 404
    assert await asks(officer, camera=CAMERA, target="x", event="e-none") == 404
    assert await asks(operator, camera=CAMERA, target="x", event=event) == 403


async def test_a_deputys_word_is_the_deputys_to_give_and_the_screens_are_told(city: City) -> None:
    director, operator = await city.sign_in("police-director"), await city.sign_in("csu-operator")
    agents = (await director.client.get("/api/v1/habilitations")).json()["items"]
    deputy = next(each["agent"] for each in agents if each["role"] == "csu-operator")
    until = city.clock.now() + timedelta(days=30)
    named = await director.client.put(f"/api/v1/deputies/{deputy}", json={"until": until.isoformat()})
    assert named.status_code == 204, named.text
    assert (
        await operator.client.put(f"/api/v1/deputies/{deputy}", json={"until": until.isoformat()})
    ).status_code == 403
    too_long = (city.clock.now() + timedelta(days=400)).isoformat()
    assert (await director.client.put(f"/api/v1/deputies/{deputy}", json={"until": too_long})).status_code == 422
    (item,) = (await operator.client.get("/api/v1/deputies")).json()["items"]
    assert (item["agent"], datetime.fromisoformat(item["until"])) == (deputy, until)
    assert (await director.client.delete(f"/api/v1/deputies/{deputy}")).status_code == 204
    assert (await director.client.delete(f"/api/v1/deputies/{deputy}")).status_code == 404
    causes = [each["cause"] for each in await city.records(kind="centre")]
    assert causes == ["deputy-named", "deputy-ended"]


async def test_the_screens_are_told_all_of_steering_in_one_body(city: City) -> None:
    operator = await city.sign_in("csu-operator")
    ports = city.node.web
    snapshots = Snapshots(ports.screens, ports.streams, ports.steering, ports.direction.centre, ports.partners)
    session = await ports.asking.sign_in.who(operator.client.cookies["villeneuve-dascq"])
    assert session is not None
    body = await snapshots.body(Topic.STEERING, session.requester)
    assert body is not None
    told = json.loads(body)
    assert told["leases"] == {"items": [], "crews": [], "away": [], "alarms": []}
    assert all(told[name] == {"items": []} for name in ("authorisations", "notices", "looks"))

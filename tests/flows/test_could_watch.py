"""Who could watch a camera now: what the owner's direction reads is what each service would be answered."""

from typing import Any

import pytest

from tests.flows.conftest import CITY, STATE, City, SignedIn

pytestmark = pytest.mark.anyio
CAMERA = "vda-001"


async def answers(reader: SignedIn, camera: str = CAMERA) -> list[dict[str, Any]]:
    answer = await reader.client.get(f"/api/v1/cameras/{camera}/who-could-watch")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def agrees(city: City, reader: SignedIn, login: str, service: str, kind: str) -> None:
    """Assert that the agent's own preview, for an event of this kind, says what the direction reads."""
    officer = await city.sign_in(login)
    event = await officer.open_event(kind, motive="rassemblement")
    asked = {"action": "view", "camera": CAMERA, "event": event}
    told = (await officer.client.post("/api/v1/preview", json=asked)).json()
    (read,) = [each for each in await answers(reader) if each["service"] == service and kind in each["kinds"]]
    for name in ("verdict", "articles", "valid_until", "preempts", "texts"):
        assert read[name] == told[name], name


async def test_what_the_direction_reads_is_what_each_service_would_be_answered(city: City) -> None:
    director = await city.sign_in("police-director")
    own = [each for each in await answers(director) if each["party"] == CITY]
    assert [(each["service"], each["verdict"], each["kinds"]) for each in own] == [("csu", "granted", [])]
    for kind in ("levee-de-doute", "trouble-grave"):
        await agrees(city, director, "cic-operator", "cic", kind)
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    ground = {"ground": "mask-fault", "reason": "masque décalé"}
    suspended = await director.client.post(f"/api/v1/streams/{viewing}/suspension", json=ground)
    assert suspended.status_code == 201, suspended.text
    theirs = [each for each in await answers(director) if each["party"] == STATE]
    assert {each["verdict"] for each in theirs} == {"refused"}
    await agrees(city, director, "cic-operator", "cic", "trouble-grave")


async def test_chief_and_inspection_read_it_too_and_nobody_of_the_other_party(city: City) -> None:
    for login in ("csu-room-chief", "inspector"):
        assert await answers(await city.sign_in(login))
    for login in ("csu-operator", "cic-operator", "cic-supervisor"):
        reader = await city.sign_in(login)
        assert (await reader.client.get(f"/api/v1/cameras/{CAMERA}/who-could-watch")).status_code == 403, login
    director = await city.sign_in("police-director")
    assert (await director.client.get("/api/v1/cameras/vda-999/who-could-watch")).status_code == 404

"""A shift changes: the agent is relieved, the pictures stay; stations and walls belong to the room. Rules A1, A22, A23."""

import re
from collections.abc import Callable

import pytest

from tests.flows.conftest import PIN, City, SignedIn

pytestmark = pytest.mark.anyio


async def relieve(agent: SignedIn, login: str, pin: str = PIN) -> int:
    answer = await agent.client.post("/api/v1/session/relief", json={"login": login, "pin": pin})
    return answer.status_code


async def test_a_relief_keeps_the_pictures_and_every_viewing_changes_hands_in_the_journal(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    viewings = {await officer.opened(camera, event) for camera in (1, 2)}
    before = dict(officer.client.cookies)
    assert await relieve(officer, "cic-second") == 200
    assert not city.relay.revoked, "no picture was cut"
    assert dict(officer.client.cookies) != before
    assert (await officer.client.get("/api/v1/session")).json()["agent"]["label"] == "Nom de cic-second"
    items = (await officer.streams())["items"]
    assert {item["id"] for item in items} == viewings
    assert {(item["agent"], item["mine"]) for item in items} == {("Nom de cic-second", True)}
    handed = await city.records(kind="relieved")
    assert {record["viewing"] for record in handed} == viewings
    former = city.browser()
    former.cookies.update(before)
    assert (await former.get("/api/v1/session")).status_code == 401, "the former session is over"


async def test_a_relief_writes_the_motive_and_closes_the_event_under_its_own_name(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    opener = officer.body["agent"]["pseudonym"]
    event = await officer.open_event()
    viewing = await officer.opened(1, event)
    assert await relieve(officer, "cic-second") == 200
    relief = (await officer.client.get("/api/v1/session")).json()["agent"]["pseudonym"]
    (listed_event,) = (await officer.client.get("/api/v1/events")).json()["items"]
    assert (listed_event["opened_by"], listed_event["opened_by_label"]) == (opener, "Nom de cic-operator")
    assert (listed_event["kept_by"], listed_event["kept_by_label"]) == (relief, "Nom de cic-second")
    written = await officer.client.patch(f"/api/v1/events/{event}", json={"motive": "attroupement dispersé"})
    assert (written.status_code, written.json()["motive"]) == (200, "attroupement dispersé")
    closed = await officer.client.patch(f"/api/v1/events/{event}", json={"state": "closed"})
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert (closed.json()["opened_by"], closed.json()["kept_by"]) == (opener, relief)
    assert city.relay.ended(viewing) == (4403, "event-closed")
    acts = [(record["cause"], record["subject"]["agent"]) for record in await city.records(kind="event")]
    assert acts == [("opened", opener), ("amended", relief), ("closed", relief)]


WHO_MAY_CLOSE = [
    ((), {"cic-operator", "cic-supervisor"}),
    (("cic-second",), {"cic-operator", "cic-second", "cic-supervisor"}),
    (("cic-second", "cic-third"), {"cic-operator", "cic-third", "cic-supervisor"}),
    (("cic-second", "cic-operator"), {"cic-operator", "cic-supervisor"}),
    (("cic-operator",), {"cic-operator", "cic-supervisor"}),
]
"""The reliefs of the opener (`cic-operator`), one after the other; who may then close its event."""


@pytest.mark.parametrize(("reliefs", "may"), WHO_MAY_CLOSE, ids=lambda value: "-".join(sorted(value)) or "none")
async def test_an_event_is_closed_by_its_opener_its_last_relief_or_a_supervisor_and_nobody_else(
    city: City, reliefs: tuple[str, ...], may: set[str]
) -> None:
    station = await city.sign_in("cic-operator")
    everybody = ["cic-operator", "cic-second", "cic-third", "cic-supervisor"]
    events = {login: await station.open_event() for login in everybody}
    for login in reliefs:
        assert await relieve(station, login) == 200
    closed = set()
    for login in everybody:
        # Each at its own station: an opener who comes back has not lost its event.
        client = (await city.sign_in(login)).client
        change = {"motive": "fini", "state": "closed"}
        answer = await client.patch(f"/api/v1/events/{events[login]}", json=change)
        assert answer.status_code in {200, 403}, answer.text
        if answer.status_code == 200:
            closed.add(login)
    assert closed == may


async def test_a_relief_takes_over_the_open_events_of_its_predecessor_alone(city: City) -> None:
    station, other = await city.sign_in("cic-operator"), await city.sign_in("cic-third")
    over, running, anothers = await station.open_event(), await station.open_event(), await other.open_event()
    closed = await station.client.patch(f"/api/v1/events/{over}", json={"motive": "fini", "state": "closed"})
    assert closed.status_code == 200
    assert await relieve(station, "cic-second") == 200
    items = (await station.client.get("/api/v1/events")).json()["items"]
    assert {item["id"]: item["kept_by_label"] for item in items} == {
        over: "Nom de cic-operator",
        running: "Nom de cic-second",
        anothers: "Nom de cic-third",
    }


async def test_who_has_no_habilitation_relieves_nobody_and_the_pictures_stay(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    answer = await officer.client.post("/api/v1/session/relief", json={"login": "term-over", "pin": PIN})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:belvedere:problem:not-habilitated")
    assert "vda-etat:art-6" in answer.json()["articles"]
    assert city.relay.ended(viewing) is None
    assert not await city.records(kind="relieved")
    assert (await officer.client.get("/api/v1/session")).json()["agent"]["label"] == "Nom de cic-operator"
    assert (await officer.client.get("/api/v1/streams")).status_code == 200


@pytest.mark.parametrize(("login", "pin"), [("cic-second", "000000"), ("csu-operator", PIN), ("nobody", PIN)])
async def test_a_relief_by_a_wrong_pin_or_from_another_party_changes_nothing(city: City, login: str, pin: str) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    assert await relieve(officer, login, pin) == 401
    assert (await officer.client.get("/api/v1/session")).json()["agent"]["label"] == "Nom de cic-operator"
    assert city.relay.ended(viewing) is None


async def test_the_supervisor_registers_a_station_and_its_end_ends_what_is_watched_there(city: City) -> None:
    supervisor, officer = await city.sign_in("cic-supervisor"), await city.sign_in("cic-operator")
    assert (await officer.client.post("/api/v1/stations", json={"label": "mur 3"})).status_code == 403
    registered = (await supervisor.client.post("/api/v1/stations", json={"label": "mur 3"})).json()
    browser = city.browser()
    body = {"login": "cic-second", "password": "correct horse battery", "station": registered["secret"]}
    assert (await browser.post("/api/v1/login", json=body)).status_code == 200
    at_wall_3 = SignedIn(browser, {})
    viewing = await at_wall_3.opened(1, await at_wall_3.open_event())
    assert (await supervisor.client.delete(f"/api/v1/stations/{registered['id']}")).status_code == 204
    assert city.relay.ended(viewing) == (4403, "station-unregistered")
    assert (await city.browser().post("/api/v1/login", json=body)).status_code == 403
    listed = (await supervisor.client.get("/api/v1/stations")).json()["items"]
    assert [each["label"] for each in listed if each["ended_at"]] == ["mur 3"]
    assert registered["secret"] not in str(listed)


async def listed(who: SignedIn) -> dict[str, dict[str, object]]:
    items = (await who.client.get("/api/v1/stations")).json()["items"]
    return {item["id"]: item for item in items}


async def test_the_city_sees_the_states_stations_and_ends_none_and_the_state_sees_its_own_alone(city: City) -> None:
    supervisor, chief = await city.sign_in("cic-supervisor"), await city.sign_in("csu-room-chief")
    station = (await supervisor.client.post("/api/v1/stations", json={"label": "mur 3"})).json()["id"]
    seen = (await listed(chief))[station]
    assert (seen["party"], seen["service"], seen["may_end"]) == ("etat", "cic", False)
    assert seen["label"] == station, "what the State calls it is the State's"
    assert (await chief.client.delete(f"/api/v1/stations/{station}")).status_code == 404
    assert {item["party"] for item in (await listed(supervisor)).values()} == {"etat"}
    assert (await listed(supervisor))[station]["may_end"] is True


async def test_a_room_chief_ends_stations_of_its_own_service_and_the_direction_all_of_the_citys(city: City) -> None:
    chief, director = await city.sign_in("csu-room-chief"), await city.sign_in("police-director")
    own = (await chief.client.post("/api/v1/stations", json={"label": "CSU · poste 9"})).json()["id"]
    others = next(name for name, item in (await listed(chief)).items() if item["label"] == "poste 3")
    assert (await listed(chief))[others]["may_end"] is False
    refused = await chief.client.delete(f"/api/v1/stations/{others}")
    assert (refused.status_code, refused.json()["cause"]) == (403, "other-service")
    assert (await chief.client.delete(f"/api/v1/stations/{own}")).status_code == 204
    assert (await listed(director))[others]["may_end"] is True
    assert (await director.client.delete(f"/api/v1/stations/{others}")).status_code == 204


async def test_nobody_ends_the_station_at_which_they_sit(city: City) -> None:
    supervisor = await city.sign_in("cic-supervisor")
    here = supervisor.body["station"]["id"]
    refused = await supervisor.client.delete(f"/api/v1/stations/{here}")
    assert (refused.status_code, refused.json()["cause"]) == (409, "own-station")
    assert refused.json()["remedy"]
    assert (await supervisor.client.get("/api/v1/session")).status_code == 200


@pytest.mark.parametrize(
    "mistyped",
    [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("0", "O").replace("1", "l")],
    ids=["lower", "spaces", "alike"],
)
async def test_a_stations_code_is_taken_as_a_person_types_it(city: City, mistyped: Callable[[str], str]) -> None:
    supervisor = await city.sign_in("cic-supervisor")
    secret = (await supervisor.client.post("/api/v1/stations", json={"label": "mur 3"})).json()["secret"]
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", secret)
    body = {"login": "cic-second", "password": "correct horse battery", "station": mistyped(secret)}
    assert (await city.browser().post("/api/v1/login", json=body)).status_code == 200


async def test_a_walls_layout_belongs_to_the_station_and_the_role(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    layout = {"tiles": 8, "large": "vda-117"}
    assert (await officer.client.get("/api/v1/layout")).json() == {}
    assert (await officer.client.put("/api/v1/layout", json=layout)).status_code == 204
    assert (await officer.client.get("/api/v1/layout")).json() == layout
    assert (await operator.client.get("/api/v1/layout")).json() == {}
    assert (await officer.client.put("/api/v1/layout", json={"x": "y" * 20_000})).status_code == 422

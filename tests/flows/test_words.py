"""What screens are told: refusals in both languages at once, and to the owner's room why a partner's viewing ended."""

import pytest

from tests.flows.conftest import City
from tests.flows.test_suspensions import MASK, screen, told

pytestmark = pytest.mark.anyio


async def test_a_refusal_is_told_in_both_languages_whichever_the_browser_asked_for(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    problem = (await officer.open(1, None)).json()
    assert problem["texts"]["fr"] == {name: problem[name] for name in ("title", "detail", "remedy")}
    assert problem["texts"]["en"]["title"] == "Refused by the convention"
    assert problem["texts"]["en"]["detail"] != problem["texts"]["fr"]["detail"]


async def test_what_a_key_would_do_names_its_cause_and_speaks_both_languages(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    for camera in range(1, 9):
        await officer.opened(camera, event)
    question = {"action": "view", "camera": "vda-009", "event": event}
    foreseen = (await officer.client.post("/api/v1/preview", json=question)).json()
    assert (foreseen["verdict"], foreseen["cause"]) == ("refused", "quota")
    assert foreseen["texts"]["fr"] == {name: foreseen[name] for name in ("reason", "remedy")}
    assert foreseen["texts"]["en"]["reason"].startswith("8 of 8")
    again = (await officer.client.post("/api/v1/preview", json={**question, "camera": "vda-001"})).json()
    assert (again["verdict"], again["cause"]) == ("granted", None)


async def test_a_wrong_personal_code_is_not_called_a_wrong_password(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    answer = await officer.client.post("/api/v1/session/relief", json={"login": "cic-second", "pin": "000000"})
    assert (answer.status_code, answer.json()["cause"]) == (401, "wrong-pin")
    assert answer.json()["title"] == "Identifiant ou code personnel incorrect"


async def test_the_owners_room_reads_who_took_whose_stream_and_by_which_article(city: City) -> None:
    officer, srpj = await city.sign_in("cic-operator"), await city.sign_in("srpj")
    operator = await city.sign_in("csu-operator")
    event = await officer.open_event()
    for camera in range(1, 8):
        await officer.opened(camera, event)
    taken = await srpj.opened(8, await srpj.open_event())
    async with screen(operator) as seen:
        await officer.opened(9, event)
        ended = await told(seen, "ended")
    assert (ended["viewing"], ended["camera"], ended["cause"]) == (taken, "vda-008", "pre-empted")
    assert (ended["party"], ended["service"], ended["by"]) == ("etat", "srpj", "cic")
    assert ended["articles"] == ["vda-etat:art-3"]
    assert not {"title", "detail", "texts"} & set(ended), "words are for the viewing's own agent"


async def test_nobody_but_its_agent_and_the_owners_room_is_told_that_a_viewing_ended(city: City) -> None:
    officer, colleague = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
    director = await city.sign_in("police-director")
    viewing = await officer.opened(1, await officer.open_event())
    async with screen(colleague) as theirs, screen(officer) as own:
        await director.client.post(f"/api/v1/streams/{viewing}/suspension", json=MASK)
        ended = await told(own, "ended")
        await told(theirs, "streams")
    assert ended["texts"]["en"]["title"] == "Stream suspended"
    assert "défaut de masquage" in ended["texts"]["fr"]["detail"]
    assert not [name for name, _ in theirs if name == "ended"]


async def test_the_clock_says_since_when_the_node_runs(city: City) -> None:
    operator = await city.sign_in("csu-operator")
    async with screen(operator) as seen:
        clock = await told(seen, "clock")
    assert clock["started_at"] <= clock["now"]

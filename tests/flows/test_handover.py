"""One shift leaves a word for the next, which says that it read it. Screens 11."""

import pytest

from tests.flows.conftest import PIN, City, SignedIn

pytestmark = pytest.mark.anyio


async def notes(who: SignedIn) -> list[tuple[str, bool]]:
    items = (await who.client.get("/api/v1/handover")).json()["items"]
    return [(item["words"], item["mine"]) for item in items]


async def test_a_note_is_shown_to_the_room_until_another_agent_of_it_has_read_it(city: City) -> None:
    officer, supervisor = await city.sign_in("cic-operator"), await city.sign_in("cic-supervisor")
    written = await officer.client.post(
        "/api/v1/handover", json={"words": "Rassemblement prévu à 7 h\nplace de la Fontaine"}
    )
    assert written.status_code == 201
    assert (written.json()["by"], written.json()["station"]) == ("Nom de cic-operator", "poste 4")
    assert await notes(officer) == [("Rassemblement prévu à 7 h\nplace de la Fontaine", True)]
    place = f"/api/v1/handover/{written.json()['id']}/acknowledgement"
    own = await officer.client.post(place)
    assert (own.status_code, own.json()["cause"]) == (409, "own-note")

    # The relief at the same station reads it.
    answer = await officer.client.post("/api/v1/session/relief", json={"login": "cic-second", "pin": PIN})
    assert answer.status_code == 200
    assert await notes(officer) == [("Rassemblement prévu à 7 h\nplace de la Fontaine", False)]
    assert (await officer.client.post(place)).status_code == 204
    assert await notes(officer) == await notes(supervisor) == []
    assert (await officer.client.post(place)).status_code == 404
    written_record, read_record = await city.records(kind="handover")
    assert (written_record["cause"], read_record["cause"]) == ("written", "read")
    assert (await city.typed(written_record))["words"].startswith("Rassemblement")
    assert read_record["subject"]["agent"] == answer.json()["agent"]["pseudonym"]


async def test_a_note_stays_in_its_room(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    other_service = await city.sign_in("srpj")
    note = (await officer.client.post("/api/v1/handover", json={"words": "pour le CIC"})).json()["id"]
    for stranger in (operator, other_service):
        assert await notes(stranger) == []
        assert (await stranger.client.post(f"/api/v1/handover/{note}/acknowledgement")).status_code == 404


async def test_an_inspection_holds_no_shift(city: City) -> None:
    inspector = await city.sign_in("inspector")
    assert (await inspector.client.get("/api/v1/handover")).status_code == 403
    assert (await inspector.client.post("/api/v1/handover", json={"words": "x"})).status_code == 403


@pytest.mark.parametrize("words", ["", "   ", "x" * 1001, "a\tb", "a\x00b"])
async def test_a_note_is_words_of_a_person(city: City, words: str) -> None:
    officer = await city.sign_in("cic-operator")
    answer = await officer.client.post("/api/v1/handover", json={"words": words})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "words")


async def test_the_opener_of_an_event_goes_by_one_name_in_its_own_room(city: City) -> None:
    officer, supervisor = await city.sign_in("cic-operator"), await city.sign_in("cic-supervisor")
    event = await officer.open_event()
    await officer.opened(1, event)
    (told,) = (await supervisor.client.get("/api/v1/events")).json()["items"]
    (viewing,) = (await supervisor.streams())["items"]
    assert told["opened_by_label"] == viewing["agent"] == "Nom de cic-operator"
    closed = await supervisor.client.patch(f"/api/v1/events/{event}", json={"motive": "fini", "state": "closed"})
    assert closed.json()["opened_by_label"] == "Nom de cic-operator"

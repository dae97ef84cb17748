"""Who saw this camera? The journal answers with whole viewings, by the page and as a file. CSI R253-5; rules A23, C5."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from belvedere.domain.text import Language
from belvedere.web.journal_words import heads
from tests.flows.conftest import PIN, WEDNESDAY_10H, City, SignedIn

pytestmark = pytest.mark.anyio


def at(minutes: float) -> str:
    return (WEDNESDAY_10H + timedelta(minutes=minutes)).isoformat()


async def ask(reader: SignedIn, **question: object) -> dict[str, Any]:
    asked = {name.rstrip("_"): str(value) for name, value in question.items()}
    answer = await reader.client.get("/api/v1/journal/viewings", params=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_viewing_is_found_for_every_time_in_which_it_ran_and_for_no_other(city: City) -> None:
    officer, inspector = await city.sign_in("cic-operator"), await city.sign_in("inspector")
    event = await officer.open_event("levee-de-doute", motive="rixe signalée", dispatch_number="4512")
    viewing = await officer.opened(1, event)
    city.clock.move(timedelta(minutes=10))

    # It runs, and began before the time asked for.
    (found,) = (await ask(inspector, camera="vda-001", from_=at(5), to=at(6)))["items"]
    assert (found["viewing"], found["ended_at"], found["cause"]) == (viewing, None, None)
    assert found["station"] == {"id": "poste-4", "label": "poste-4"}, "a partner's station is known by its id"
    (given,) = found["event"].pop("motives")
    assert (given["words"], given["agent"]) == ("rixe signalée", officer.body["agent"]["pseudonym"])
    assert found["event"] == {
        "id": event,
        "kind": "levee-de-doute",
        "motive": "rixe signalée",
        "dispatch_number": None,
        "erased": False,
        "to_come": False,
        "of_its_party": False,
    }
    assert found["articles"] == ["vda-etat:art-3"]

    assert (await officer.client.delete(f"/api/v1/streams/{viewing}")).status_code == 204
    for since, until, ran in (
        (-5, 0, False),  # it began at the end of the time: the time ends before it
        (-5, 0.1, True),
        (3, 4, True),
        (9.9, 30, True),
        (10, 30, False),
        (-60, 60, True),
    ):
        items = (await ask(inspector, camera="vda-001", from_=at(since), to=at(until)))["items"]
        assert bool(items) is ran, (since, until)
    (found,) = (await ask(inspector))["items"]
    assert datetime.fromisoformat(found["ended_at"]) == WEDNESDAY_10H + timedelta(minutes=10)
    assert found["cause"] == "closed"
    assert (await ask(inspector, camera="vda-002"))["total"] == 0


async def test_a_relief_is_one_viewing_with_two_watchers_and_a_partners_names_stay_with_it(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    inspector = await city.sign_in("inspector")
    await officer.opened(1, await officer.open_event())
    await operator.opened(2, None)
    city.clock.move(timedelta(minutes=7))
    answer = await officer.client.post("/api/v1/session/relief", json={"login": "cic-second", "pin": PIN})
    assert answer.status_code == 200
    (relieved,) = (await ask(inspector, camera="vda-001"))["items"]
    first, second = relieved["watchers"]
    assert first["agent"] == officer.body["agent"]["pseudonym"]
    assert second["agent"] == answer.json()["agent"]["pseudonym"]
    assert datetime.fromisoformat(second["since"]) == WEDNESDAY_10H + timedelta(minutes=7)
    assert first["name"] is second["name"] is None
    (own,) = (await ask(inspector, camera="vda-002"))["items"]
    assert own["watchers"][0]["name"] == "Nom de csu-operator"
    assert own["event"] is None


async def test_the_chief_reads_the_journal_operators_and_the_state_do_not(city: City) -> None:
    for login in ("inspector", "police-director", "csu-room-chief"):
        reader = await city.sign_in(login)
        for path in ("journal", "journal/viewings", "journal/viewings.csv"):
            assert (await reader.client.get(f"/api/v1/{path}")).status_code == 200, (login, path)
    assert [record["detail"]["what"] for record in await city.records(kind="consulted")] == 3 * [
        "records",
        "viewings",
        "file",
    ]
    for login in ("csu-operator", "cic-operator", "cic-supervisor"):
        reader = await city.sign_in(login)
        for path in ("journal", "journal/viewings", "journal/viewings.csv"):
            answer = await reader.client.get(f"/api/v1/{path}")
            assert (answer.status_code, answer.json()["articles"]) == (403, ["csi:R253-5"]), (login, path)


async def test_what_was_asked_is_recorded_with_its_time(city: City) -> None:
    inspector = await city.sign_in("inspector")
    await ask(inspector, camera="vda-001", from_=at(0), to=at(60))
    (record,) = await city.records(kind="consulted")
    assert record["camera"] == "vda-001"
    assert record["subject"]["agent"] == inspector.body["agent"]["pseudonym"]
    assert record["detail"] == {"what": "viewings", "from": at(0), "to": at(60)}


async def test_a_long_answer_comes_by_the_page_and_says_how_long_it_is(city: City) -> None:
    operator, inspector = await city.sign_in("csu-operator"), await city.sign_in("inspector")
    for camera in range(1, 8):
        await operator.opened(camera, None)
        city.clock.move(timedelta(seconds=1))
    seen, after = [], None
    for size in (3, 3, 1):
        page = await ask(inspector, limit=3, **({} if after is None else {"after": after}))
        assert page["total"] == 7
        assert page["total_is_least"] is False
        assert len(page["items"]) == size
        seen += [item["camera"] for item in page["items"]]
        after = page["after"]
    assert after is None
    assert seen == [f"vda-{camera:03}" for camera in range(7, 0, -1)]
    records = await inspector.client.get("/api/v1/journal", params={"limit": 2})
    further = await inspector.client.get("/api/v1/journal", params={"limit": 2, "after": records.json()["after"]})
    first, second = records.json()["items"], further.json()["items"]
    assert [item["index"] for item in [*first, *second]] == sorted(
        (item["index"] for item in [*first, *second]), reverse=True
    )
    assert records.json()["total"] > 14


async def test_the_file_holds_the_whole_answer_and_no_cell_is_a_formula(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    inspector = await city.sign_in("inspector")
    event = await officer.open_event(
        "trouble-grave", motive='=HYPERLINK("http://example.org";"x")', dispatch_number="7"
    )
    viewing = await officer.opened(1, event)
    await officer.opened(6, event)
    for camera in range(2, 6):
        await operator.opened(camera, None)
    city.clock.move(timedelta(minutes=3))
    await officer.client.delete(f"/api/v1/streams/{viewing}")
    closed = await officer.client.patch(f"/api/v1/events/{event}", json={"state": "closed"})
    assert closed.status_code == 200
    answer = await inspector.client.get("/api/v1/journal/viewings.csv", params={"language": "fr"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="journal.csv"'
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 6
    (row,) = [row for row in rows if row["Caméra n°"] == "1"]
    assert row["De (heure de Paris)"] == "2026-03-25 10:00:00"
    assert row["À (heure de Paris)"] == "2026-03-25 10:03:00"
    assert row["Durée, min"] == "3.0"
    assert row["Événement"] == "trouble grave"
    assert row["Motif"].startswith("'=HYPERLINK")
    assert [row["Fin : cause"] for row in rows if row["Caméra n°"] in {"1", "6"}] == ["Événement clos", "Vue fermée"]
    english = await inspector.client.get("/api/v1/journal/viewings.csv", params={"language": "en", "camera": "vda-001"})
    assert english.headers["content-disposition"] == 'attachment; filename="journal-1.csv"'
    assert len(list(csv.DictReader(io.StringIO(english.content.decode("utf-8-sig"))))) == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": at(1), "to": at(0)}, "to"),
        ({"from": at(1), "to": at(1)}, "to"),
        ({"from": "2026-01-01T00:00:00"}, "from"),
        ({"after": "yesterday"}, "after"),
        ({"limit": "0"}, "limit"),
    ],
)
async def test_a_question_that_cannot_be_answered_names_its_field(
    city: City, asked: dict[str, str], field: str
) -> None:
    inspector = await city.sign_in("inspector")
    for path in ("journal", "journal/viewings"):
        answer = await inspector.client.get(f"/api/v1/{path}", params=asked)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert not await city.records(kind="consulted")


async def test_a_camera_that_the_inventory_no_longer_holds_keeps_its_journal(city: City) -> None:
    operator, inspector = await city.sign_in("csu-operator"), await city.sign_in("inspector")
    await operator.opened(1, None)
    body = await ask(inspector, camera="vda-removed")
    assert (body["items"], body["total"]) == ([], 0)


async def test_station_acts_name_the_station_and_the_one_who_acted_sits_elsewhere(city: City) -> None:
    chief, inspector = await city.sign_in("csu-room-chief"), await city.sign_in("inspector")
    made = await chief.client.post("/api/v1/stations", json={"label": "CSU · mur 9"})
    await chief.client.delete(f"/api/v1/stations/{made.json()['id']}")
    body = (await inspector.client.get("/api/v1/journal", params={"from": at(-1)})).json()
    told = [item for item in body["items"] if item["kind"] == "station" and item["subject"]["agent"] is not None]
    assert [item["cause"] for item in told] == ["ended", "registered"]
    assert {item["subject"]["station"] for item in told} == {chief.body["station"]["id"]}
    assert {item["detail"]["station"] for item in told} == {made.json()["id"]}
    assert body["stations"][made.json()["id"]] == "CSU · mur 9"


def test_the_files_columns_say_whose_wall_clock_they_follow() -> None:
    for zone, said, told in (("Europe/Paris", "heure de Paris", "Paris time"), ("UTC", "heure UTC", "UTC time")):
        assert list(heads(ZoneInfo(zone), Language.FR))[2:4] == [f"De ({said})", f"À ({said})"]
        assert list(heads(ZoneInfo(zone), Language.EN))[2:4] == [f"From ({told})", f"To ({told})"]

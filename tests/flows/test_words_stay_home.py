"""A party's words stay home: what the State's people type is found nowhere that the city's can reach.

Source: reliability 27; rules C5, A23. What an article owes is told: the motive and the sector of an event that opened a
camera of the city's, each version with who gave it and when.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from belvedere.clock import SystemClock
from belvedere.domain.journal import JournalState
from belvedere.store.comparison import JournalComparison
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.flows.conftest import WEDNESDAY_10H, City, SignedIn
from tests.flows.test_suspensions import MASK, screen

pytestmark = pytest.mark.anyio

CITYS = ("csu-operator", "csu-room-chief", "police-director", "inspector")
TRIED = {
    "/api/v1/preview": {"action": "view", "camera": "vda-002"},
    "/api/v1/centre/activity/preview": {"inactive": True},
    "/api/v1/convention/withdrawal/preview": {"withdrawn": True},
    "/api/v1/convention/term/preview": {"word": "non-renewal", "on": "2026-05-01"},
}
"""What a key would do tells what it would end."""


@dataclass
class Typed:
    """What the State's people typed: `private` is theirs alone, `owed` is told to the owner of a camera that it opened."""

    private: dict[str, str] = field(default_factory=dict)
    owed: dict[str, str] = field(default_factory=dict)
    opened: str = ""

    def alone(self, field_name: str) -> str:
        return self.private.setdefault(field_name, f"canari-{len(self.private)}-{field_name.replace(' ', '-')}")

    def told(self, field_name: str) -> str:
        return self.owed.setdefault(field_name, f"serin-{len(self.owed)}-{field_name.replace(' ', '-')}")

    def found_in(self, content: str) -> list[str]:
        """Return the private fields that `content` holds."""
        return [name for name, text in self.private.items() if text in content]


async def typed_by_the_state(city: City, officer: SignedIn, supervisor: SignedIn) -> Typed:
    """Have the State's people type in every field that they have."""
    typed = Typed()
    nowhere = await officer.open_event(
        sector=typed.alone("sector"), motive=typed.alone("motive"), dispatch_number=typed.alone("number")
    )
    answer = await officer.client.patch(
        f"/api/v1/events/{nowhere}",
        json={"motive": typed.alone("later motive"), "dispatch_number": typed.alone("later number")},
    )
    assert answer.status_code == 200
    closed = await officer.open_event("intervention", motive=typed.alone("motive before the close"))
    answer = await officer.client.patch(
        f"/api/v1/events/{closed}", json={"state": "closed", "motive": typed.alone("motive at the close")}
    )
    assert answer.status_code == 200
    refused = await officer.open_event(motive=typed.alone("motive of a refused request"))
    assert (await officer.client.post("/api/v1/ptz/leases", json={"camera": "vda-003", "event": refused})).is_error
    typed.opened = await officer.open_event(
        "trouble-grave",
        motive=typed.told("motive"),
        sector=typed.told("sector"),
        dispatch_number=typed.alone("number of an event that opened a camera"),
    )
    viewing = await officer.opened(1, typed.opened)
    answer = await officer.client.patch(
        f"/api/v1/events/{typed.opened}",
        json={
            "motive": typed.told("later motive"),
            "dispatch_number": typed.alone("later number of an event that opened a camera"),
        },
    )
    assert answer.status_code == 200
    city.clock.move(timedelta(minutes=5))
    assert (await officer.client.delete(f"/api/v1/streams/{viewing}")).status_code == 204
    await officer.opened(2, typed.opened)
    for author in (officer, supervisor):
        note = {"words": typed.alone(f"note of {author.body['agent']['role']}")}
        assert (await author.client.post("/api/v1/handover", json=note)).status_code == 201
    notes = (await supervisor.client.get("/api/v1/handover")).json()["items"]
    (officers,) = (each["id"] for each in notes if not each["mine"])
    answer = await supervisor.client.post(f"/api/v1/handover/{officers}/acknowledgement")
    assert answer.status_code == 204
    station = await supervisor.client.post("/api/v1/stations", json={"label": typed.alone("station")})
    assert station.status_code == 201
    return typed


async def whatever_the_city_reaches(city: City, login: str) -> Iterator[tuple[str, str]]:
    """Return all that one of the city's people is answered: reads, tries, pushes, pages of records, the file."""
    reader, found = await city.sign_in(login), []
    described = (await reader.client.get("/openapi.json")).json()["paths"]
    paths = [path for path, methods in described.items() if "get" in methods and "{" not in path]
    assert len(paths) > 20
    asked = {"from": WEDNESDAY_10H.isoformat(), "camera": "vda-001"}
    for path in (*paths, "/metrics", "/readyz", "/healthz", "/openapi.json", "/api/v1/ledger/tile/entries/000.p/20"):
        if path.endswith("/changes"):
            continue
        found.append((f"GET {path}", (await reader.client.get(path)).text))
        if "/journal" in path:
            found.append((f"GET {path} of a camera", (await reader.client.get(path, params=asked)).text))
    for path, body in TRIED.items():
        found.append((f"POST {path}", (await reader.client.post(path, json=body)).text))
    async with screen(reader) as seen:
        found.append(("GET /api/v1/changes", json.dumps(seen)))
    return iter(found)


async def test_what_the_state_types_is_found_nowhere_that_the_city_can_reach(city: City) -> None:
    officer, supervisor = await city.sign_in("cic-operator"), await city.sign_in("cic-supervisor")
    typed = await typed_by_the_state(city, officer, supervisor)
    assert len(typed.private) > 12
    director = await city.sign_in("police-director")
    running = (await officer.streams())["items"][0]["id"]
    assert (await director.client.post(f"/api/v1/streams/{running}/suspension", json=MASK)).status_code == 201
    found: dict[str, list[str]] = {}
    for login in CITYS:
        for place, content in await whatever_the_city_reaches(city, login):
            found[f"{login} {place}"] = typed.found_in(content)
    found["the export"] = typed.found_in(b"".join(exported(city)).decode())
    assert len(found) > 100
    assert {place: fields for place, fields in found.items() if fields} == {}
    # Records name no text of anybody's, the node's own ledger whole included.
    whole = json.dumps(await city.records())
    assert [name for name, text in (typed.private | typed.owed).items() if text in whole] == ["station"]


def exported(city: City, *, whole: bool = False) -> Iterator[bytes]:
    return exported_ledger(city.settings.node.data_dir / DATABASE_FILE, whole=whole)


async def test_its_author_reads_it_and_the_search_finds_it_there(city: City) -> None:
    officer, supervisor = await city.sign_in("cic-operator"), await city.sign_in("cic-supervisor")
    typed = await typed_by_the_state(city, officer, supervisor)
    own = [(await officer.client.get(f"/api/v1/{path}")).text for path in ("events", "streams", "handover")]
    own.append((await supervisor.client.get("/api/v1/stations")).text)
    read = {name for content in own for name in typed.found_in(content)}
    replaced = {"motive", "number", "motive before the close", "number of an event that opened a camera"}
    acknowledged = {name for name in typed.private if name.startswith("note of cic-operator")}
    assert read == set(typed.private) - replaced - acknowledged


async def test_an_event_that_opened_a_camera_tells_its_owner_why_and_where_and_each_change_of_it(city: City) -> None:
    officer, supervisor = await city.sign_in("cic-operator"), await city.sign_in("cic-supervisor")
    typed = await typed_by_the_state(city, officer, supervisor)
    inspector, operator = await city.sign_in("inspector"), await city.sign_in("csu-operator")
    (running,) = (await operator.streams())["items"]
    assert (running["event"]["motive"], running["event"]["sector"]) == (
        typed.owed["later motive"],
        typed.owed["sector"],
    )
    assert running["event"]["dispatch_number"] is None
    viewings = (await inspector.client.get("/api/v1/journal/viewings")).json()["items"]
    assert len(viewings) == 2
    for viewing in viewings:
        told = viewing["event"]
        assert [each["words"] for each in told["motives"]] == [typed.owed["motive"], typed.owed["later motive"]]
        assert {each["agent"] for each in told["motives"]} == {officer.body["agent"]["pseudonym"]}
        assert told["dispatch_number"] is None
    file = (await inspector.client.get("/api/v1/journal/viewings.csv")).text
    assert typed.owed["later motive"] in file


async def test_what_a_party_did_for_itself_is_neither_listed_nor_counted_nor_exported_to_another(city: City) -> None:
    inspector, chief = await city.sign_in("inspector"), await city.sign_in("csu-room-chief")
    answer = await chief.client.post("/api/v1/handover", json={"words": "ronde à 4 h"})
    assert answer.status_code == 201
    own = await chief.open_event(motive="rixe", dispatch_number="17")

    async def page() -> dict[str, Any]:
        body: dict[str, Any] = (await inspector.client.get("/api/v1/journal")).json()
        return body

    before = await page()
    officer, supervisor = await city.sign_in("cic-operator"), await city.sign_in("cic-supervisor")
    await typed_by_the_state(city, officer, supervisor)
    after = await page()
    told = [each for each in after["items"] if each["index"] > before["items"][0]["index"]]
    assert {each["kind"] for each in told} == {"decision", "opened", "ended", "consulted"}
    assert after["total"] == before["total"] + len(told), "what is not listed is not counted"
    theirs = [
        each["index"]
        for each in await city.records()
        if each["subject"] is not None and each["subject"]["party"] == "etat" and each["camera"] is None
    ]
    assert {json.loads(line).get("record") for line in exported(city) if json.loads(line).get("index") in theirs} == {
        None
    }
    assert not set(theirs) & {each["index"] for each in after["items"]}
    # What the city's own people typed is told to its inspector, beside the record that names it.
    event = next(each for each in after["items"] if (each["event"] or {}).get("id") == own)
    assert after["words"][event["detail"]["motive"]["sha256"]] == "rixe"
    assert after["words"][event["detail"]["dispatch_number"]["sha256"]] == "17"
    note = next(each for each in after["items"] if each["kind"] == "handover")
    assert after["words"][note["detail"]["words"]["sha256"]] == "ronde à 4 h"


async def test_words_are_erased_with_the_last_record_that_names_them(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event(motive="rixe", sector="Centre")
    answer = await officer.client.patch(f"/api/v1/events/{event}", json={"motive": "agression"})
    assert answer.status_code == 200
    assert (await officer.client.post("/api/v1/handover", json={"words": "ronde à 4 h"})).status_code == 201
    opened, amended = (each["index"] for each in await city.records(kind="event"))
    (note,) = (each["index"] for each in await city.records(kind="handover"))
    assert await city.node.database.erase_records([opened], reason="retention")
    listed = (await officer.client.get("/api/v1/events")).json()["items"]
    assert (listed[0]["motive"], listed[0]["sector"]) == ("agression", "Centre")
    assert await city.node.database.erase_records([amended, note], reason="retention")
    listed = (await officer.client.get("/api/v1/events")).json()["items"]
    assert (listed[0]["motive"], listed[0]["sector"]) == (None, None)
    assert (await officer.client.get("/api/v1/handover")).json()["items"] == []
    directory = city.settings.node.data_dir
    for word in (b"rixe", b"agression", b"ronde"):
        holding = [file.name for file in directory.iterdir() if file.is_file() and word in file.read_bytes()]
        assert holding == [], word
    comparison = JournalComparison(city.node.database, clock=SystemClock(), zone=ZoneInfo("UTC"))
    compared = (await comparison.begun()).compared
    assert (compared.state, compared.mended) == (JournalState.COMPARED, None), "nothing is missed"

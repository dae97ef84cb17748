"""A convention lives: what is declared, told or replaced takes effect on what runs. vda-etat, articles 2, 3, 7."""

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest

from belvedere.demo.signing import signed_by_all
from belvedere.domain.failures import Unreadable
from belvedere.media.relay import DeadlinePassed
from belvedere.store.database import DATABASE_FILE
from tests.flows.conftest import City, CityMaker, SignedIn
from tests.flows.test_suspensions import screen, told

pytestmark = pytest.mark.anyio
SUNDAY_29_MARCH_20H = datetime(2026, 3, 29, 18, 0, tzinfo=UTC)


def changed_text(city: City, before: str, after: str) -> bytes:
    text = (city.settings.conventions[0].directory / "convention.md").read_text()
    assert before in text, "the text that the test changes is no longer there"
    return text.replace(before, after).encode()


def signatures(city: City, markdown: bytes) -> str:
    directory = city.settings.conventions[0].directory
    return signed_by_all(markdown, directory)


async def replace(director: SignedIn, markdown: bytes, note: str) -> httpx.Response:
    return await director.client.post(
        "/api/v1/convention/replacement", json={"markdown": markdown.decode(), "signatures": note}
    )


async def test_the_rooms_hours_turn_with_the_clock_and_every_screen_is_told(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    assert (await officer.client.get("/api/v1/centre")).json() == {
        "open": True,
        "active": True,
        "inactive": False,
        "authorisation_withdrawn": False,
        "changes_at": "2026-03-26T01:00:00Z",
        "varied": None,
    }
    async with screen(officer) as seen:
        await city.watch.tick()
        seen.clear()
        city.clock.move(timedelta(hours=16))
        await city.watch.tick()
        centre = await told(seen, "centre")
    assert (centre["open"], centre["active"]) == (False, False)
    assert centre["changes_at"] == "2026-03-26T06:30:00Z"


async def test_the_same_button_means_another_thing_once_the_csu_is_closed(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    ask = {"action": "take_ptz", "camera": "vda-003", "event": await officer.open_event("trouble-grave")}
    while_open = (await officer.client.post("/api/v1/preview", json=ask)).json()
    city.clock.move(timedelta(hours=16))
    officer = await city.sign_in("cic-operator")
    while_closed = (await officer.client.post("/api/v1/preview", json=ask)).json()
    assert while_open["verdict"] == "pending"
    assert while_closed["verdict"] == "granted"
    due = {each["kind"]: each["due"] for each in while_closed["obligations"]}
    assert datetime.fromisoformat(due["notice-after"]) == datetime(2026, 3, 26, 6, 30, tzinfo=UTC)


async def test_the_director_alone_varies_sunday_hours_and_no_other_days(city: City) -> None:
    director, chief = await city.sign_in("police-director"), await city.sign_in("csu-room-chief")
    body = {"open": "10:00", "close": "23:00", "reason": "braderie"}
    assert (await chief.client.put("/api/v1/centre/hours/2026-03-29", json=body)).status_code == 403
    fixed = await director.client.put("/api/v1/centre/hours/2026-03-26", json=body)
    assert (fixed.status_code, fixed.json()["articles"]) == (403, ["vda-etat:art-2"])
    assert (await director.client.put("/api/v1/centre/hours/2026-03-29", json=body)).status_code == 200
    city.clock.move(SUNDAY_29_MARCH_20H - city.clock.now())
    director = await city.sign_in("police-director")
    assert (await director.client.get("/api/v1/centre")).json()["open"] is True
    assert (await director.client.delete("/api/v1/centre/hours/2026-03-29")).status_code == 204
    assert (await director.client.get("/api/v1/centre")).json()["open"] is False
    assert [record["cause"] for record in await city.records(kind="centre")] == ["hours-varied", "hours-usual"]


async def test_a_room_declared_inactive_is_no_longer_active_within_its_hours(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    ask = {"action": "take_ptz", "camera": "vda-003", "event": await officer.open_event("trouble-grave")}
    body = {"inactive": True, "reason": "évacuation"}
    assert (await officer.client.post("/api/v1/centre/activity", json=body)).status_code == 403
    assert (await director.client.post("/api/v1/centre/activity", json=body)).status_code == 204
    assert (await director.client.get("/api/v1/centre")).json()["active"] is False
    assert (await officer.client.post("/api/v1/preview", json=ask)).json()["verdict"] == "granted"


async def test_an_order_that_expires_ends_the_states_viewing_and_not_the_own_rooms(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    viewing, own = await officer.opened(1, await officer.open_event()), await operator.opened(1, None)
    city.clock.move(datetime(2031, 12, 2, 23, 0, 1, tzinfo=UTC) - city.clock.now())
    await city.watch.tick()
    assert city.relay.ended(viewing) == (4408, "order-expired")
    assert city.relay.ended(own) != (4408, "order-expired")


async def test_a_text_that_both_parties_signed_is_put_in_force_and_recorded(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    event = await officer.open_event()
    viewings = [await officer.opened(camera, event) for camera in (1, 2)]
    markdown = changed_text(city, "cameras = 8", "cameras = 1")
    answer = await replace(director, markdown, signatures(city, markdown))
    assert answer.status_code == 204, answer.text
    convention = (await officer.client.get("/api/v1/convention")).json()
    assert convention["quota"] == 1
    (record,) = await city.records(kind="convention", cause="replaced")
    assert record["convention"]["sha256"] == convention["sha256"]
    refused = await officer.open(3, event)
    assert (refused.status_code, refused.json()["cause"]) == (409, "quota")
    assert all(city.relay.ended(viewing) is None for viewing in viewings), "a camera in flow takes no new slot"


async def test_a_text_that_one_party_has_not_signed_changes_nothing(city: City) -> None:
    director = await city.sign_in("police-director")
    before = (await director.client.get("/api/v1/convention")).json()["sha256"]
    markdown = changed_text(city, "cameras = 8", "cameras = 99")
    whole = signatures(city, markdown)
    city_only = "".join(line for line in whole.splitlines(keepends=True) if "etat" not in line or "— " not in line)
    other_text = signatures(city, markdown + b"\n")
    for note in (city_only, other_text, "not a note"):
        answer = await replace(director, markdown, note)
        assert (answer.status_code, answer.json()["cause"]) == (403, "not-signed")
    assert (await director.client.get("/api/v1/convention")).json()["sha256"] == before
    assert not await city.records(kind="convention", cause="replaced")


@pytest.mark.parametrize(
    ("before", "after"), [("cameras = 8", "cameras = 8\nkamera = 9"), ('id = "vda-etat"', 'id = "other"')]
)
async def test_a_text_that_cannot_be_read_or_is_another_convention_is_a_bad_request(
    city: City, before: str, after: str
) -> None:
    director = await city.sign_in("police-director")
    markdown = changed_text(city, before, after)
    answer = await replace(director, markdown, signatures(city, markdown))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "markdown"


async def test_the_replaced_text_is_still_in_force_after_a_restart(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        director = await city.sign_in("police-director")
        markdown = changed_text(city, "cameras = 8", "cameras = 5")
        assert (await replace(director, markdown, signatures(city, markdown))).status_code == 204
    async with city_maker() as city:
        officer = await city.sign_in("cic-operator")
        assert (await officer.client.get("/api/v1/convention")).json()["quota"] == 5


async def test_a_non_renewal_told_in_time_ends_the_convention_on_its_day(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    viewing = await officer.opened(1, await officer.open_event())
    body = {"word": "non-renewal", "on": "2026-03-25", "act": "lettre recommandée du 25 mars 2026"}
    assert (await director.client.post("/api/v1/convention/term", json=body)).status_code == 204
    agenda = (await director.client.get("/api/v1/convention/agenda")).json()
    assert agenda["ends_at"] == "2028-09-30T22:00:00Z"
    assert city.relay.ended(viewing) is None
    city.clock.move(datetime(2028, 9, 30, 22, 0, 1, tzinfo=UTC) - city.clock.now())
    await city.watch.tick()
    code_and_cause = city.relay.ended(viewing)
    assert code_and_cause is not None
    assert code_and_cause[1] == "not-in-force"


async def test_the_agenda_tells_the_last_day_for_the_letter_and_orders_near_their_end(city: City) -> None:
    director = await city.sign_in("police-director")
    agenda = (await director.client.get("/api/v1/convention/agenda", params={"days": 10})).json()
    assert agenda["next_term"] == {"term_on": "2028-10-01", "letter_by": "2028-04-01", "renewal": "tacit"}
    assert {entry["kind"] for entry in agenda["items"]} == {"opening"}
    assert agenda["orders"] == []
    city.clock.move(datetime(2031, 11, 20, tzinfo=UTC) - city.clock.now())
    orders = (await (await city.sign_in("police-director")).client.get("/api/v1/convention/agenda")).json()["orders"]
    assert {(order["standing"], order["alarm_months"], order["confirmed"]) for order in orders} == {
        ("ending", 1, False)
    }
    assert len(orders) == 12
    feed = await (await city.sign_in("police-director")).client.get("/api/v1/convention/calendar.ics")
    assert feed.headers["content-type"].startswith("text/calendar")
    assert feed.text.count("BEGIN:VEVENT") > 300
    assert "vda-001" in feed.text


async def test_the_director_confirms_an_order_that_has_ended(city: City) -> None:
    city.clock.move(datetime(2031, 12, 10, tzinfo=UTC) - city.clock.now())
    director = await city.sign_in("police-director")
    body = {"act": "renouvellement déposé le 1er octobre 2031"}
    assert (await director.client.post("/api/v1/cameras/vda-999/order-confirmation", json=body)).status_code == 404
    assert (await director.client.post("/api/v1/cameras/vda-001/order-confirmation", json=body)).status_code == 204
    orders = (await director.client.get("/api/v1/convention/agenda")).json()["orders"]
    assert [order["camera"] for order in orders if order["confirmed"]] == ["vda-001"]
    assert (await director.open(1, None)).status_code == 201


async def test_a_what_if_question_is_answered_by_the_same_engine_without_a_record(city: City) -> None:
    director = await city.sign_in("police-director")
    before = len(await city.records())
    body = {
        "action": "record",
        "at": "2026-03-25T10:00:00+01:00",
        "agent": {"party": "etat", "service": "cic", "habilitated": True, "station_registered": True},
        "camera": {"id": "vda-001", "owner": "villeneuve-dascq"},
    }
    answer = (await director.client.post("/api/v1/convention/what-if", json=body)).json()
    assert answer["verdict"] == "refused"
    bad = await director.client.post("/api/v1/convention/what-if", json=body | {"at": "yesterday"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "at")
    assert len(await city.records()) == before


async def test_the_conventions_page_is_served_to_whoever_is_bound_by_it(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    page = await officer.client.get("/api/v1/convention/page", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    assert "Délibération" in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]


async def test_the_clock_cannot_be_moved_outside_the_demo(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    assert (await officer.client.post("/demo/clock", content="at=02:00")).status_code in (404, 405)


async def test_a_viewing_that_the_relay_stops_at_its_term_ends_for_the_reason_of_the_rule(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    city.clock.move(datetime(2031, 12, 2, 22, 59, 59, 500_000, tzinfo=UTC) - city.clock.now())
    await city.relay.tell(DeadlinePassed(viewing))
    (ended,) = await eventually(lambda: city.records(kind="ended", viewing=viewing))
    assert (ended["cause"], ended["articles"]) == ("order-expired", ["csi:L252-1", "csi:L252-4"])


async def test_a_viewing_that_nobody_confirmed_ends_as_such(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(DeadlinePassed(viewing))
    (ended,) = await eventually(lambda: city.records(kind="ended", viewing=viewing))
    assert ended["cause"] == "expired"


async def eventually(asked: Callable[[], Awaitable[list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    with anyio.fail_after(30):
        while not (found := await asked()):
            await anyio.sleep(0.05)
    return found


@pytest.mark.parametrize(
    ("word", "on", "why"),
    [
        ("non-renewal", "2020-01-01", "before it was in force"),
        ("non-renewal", "2099-01-01", "a day to come"),
        ("non-renewal", "2024-05-01", "it would have ended in 2025"),
        ("correction", "2026-03-01", "nothing was told then"),
    ],
)
async def test_a_term_told_for_an_impossible_day_is_a_bad_request_and_changes_nothing(
    city: City, word: str, on: str, why: str
) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    viewing = await officer.opened(1, await officer.open_event())
    answer = await director.client.post("/api/v1/convention/term", json={"word": word, "on": on, "act": "lettre"})
    assert answer.status_code == 422, why
    assert [each["field"] for each in answer.json()["errors"]] == ["on"]
    assert city.relay.ended(viewing) is None
    assert (await director.client.get("/api/v1/convention/agenda")).json()["ends_at"] is None
    assert not [each for each in await city.records(kind="convention") if each["cause"] != "installed"]


async def test_what_was_told_by_mistake_is_taken_back_and_both_are_recorded(city: City) -> None:
    director = await city.sign_in("police-director")
    for word, ends in (("non-renewal", True), ("correction", False)):
        body = {"word": word, "on": "2026-03-20", "act": "lettre"}
        assert (await director.client.post("/api/v1/convention/term", json=body)).status_code == 204
        agenda = (await director.client.get("/api/v1/convention/agenda")).json()
        assert (agenda["ends_at"] is not None) is ends
        assert (agenda["next_term"] is None) is ends, "the next term is that of a convention which goes on"
    told = [each["cause"] for each in await city.records(kind="convention") if each["cause"] != "installed"]
    assert told == ["non-renewal", "correction"]


async def test_a_text_that_was_replaced_is_not_brought_back_by_one_party_alone(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        director = await city.sign_in("police-director")
        first = (city.settings.conventions[0].directory / "convention.md").read_bytes()
        second = changed_text(city, "cameras = 8", "cameras = 5")
        assert (await replace(director, second, signatures(city, second))).status_code == 204
        again = await replace(director, first, signatures(city, first))
        assert (again.status_code, again.json()["cause"]) == (409, "already-replaced")
        officer = await city.sign_in("cic-operator")
        assert (await officer.client.get("/api/v1/convention")).json()["quota"] == 5


async def test_a_text_installed_anew_takes_the_place_of_the_one_kept_and_is_recorded(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        markdown = changed_text(city, "cameras = 8", "cameras = 3")
        directory = city.settings.conventions[0].directory
        (directory / "signatures.note").write_text(signatures(city, markdown))
        (directory / "convention.md").write_bytes(markdown)
    async with city_maker() as city:
        officer = await city.sign_in("cic-operator")
        assert (await officer.client.get("/api/v1/convention")).json()["quota"] == 3
        first, second = await city.records(kind="convention", cause="installed")
        assert second["detail"]["before"] == first["convention"]["sha256"]


async def test_a_kept_text_that_nobody_signed_stops_the_start(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        director = await city.sign_in("police-director")
        markdown = changed_text(city, "cameras = 8", "cameras = 5")
        assert (await replace(director, markdown, signatures(city, markdown))).status_code == 204
        path = city.settings.node.data_dir / DATABASE_FILE
    with sqlite3.connect(path) as database:
        forged = markdown.replace(b"cameras = 5", b"cameras = 99")
        database.execute("UPDATE convention_texts SET markdown = ?", (forged,))
    database.close()
    with pytest.raises(Unreadable, match="every party signed"):
        async with city_maker():
            pass


async def test_hours_are_not_varied_for_a_day_that_is_over(city: City) -> None:
    director = await city.sign_in("police-director")
    body = {"open": "10:00", "close": "23:00", "reason": "braderie"}
    answer = await director.client.put("/api/v1/centre/hours/2026-03-22", json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["day"]


async def test_the_calendar_feed_holds_the_term_the_letter_and_the_orders_however_far(city: City) -> None:
    feed = (await (await city.sign_in("police-director")).client.get("/api/v1/convention/calendar.ics")).text
    for day in ("20280401", "20281001", "20311202"):
        assert f"DTSTART;VALUE=DATE:{day}" in feed
    assert feed.count("SUMMARY:Dernier jour de l'autorisation de 12 caméras") == 1

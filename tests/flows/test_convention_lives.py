"""A convention lives: what is declared, told or replaced takes effect on what runs. vda-etat, articles 2, 3, 7."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from belvedere.demo.signing import signed_by_all
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
    return signed_by_all(markdown, directory, city.settings.node.data_dir / "node-key.pem")


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

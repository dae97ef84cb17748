"""Reliability 9 and 10: an act whose record lands late is carried out all the same; an end that can't be recorded too.

Decisions 0008 and 0010. What was answered 503 may have become true: then what follows from it has happened.
"""

import dataclasses
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import anyio
import httpx
import pytest

from belvedere.changes import Decided, ViewingOpened
from belvedere.domain.failures import NotRecorded
from belvedere.media.relay import ViewingConnected
from belvedere.store.database import DATABASE_FILE
from tests.faults.test_slow_ledger import in_a_hurry, late_commits
from tests.flows.conftest import PIN, City, CityMaker, SignedIn
from tests.flows.making import give_last_day
from tests.flows.test_convention_lives import changed_text, replace, signatures
from tests.flows.test_own_room import DeafLedger
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
Act = Callable[[City, dict[str, SignedIn], str, str], Awaitable[httpx.Response]]


async def suspend(city: City, who: dict[str, SignedIn], viewing: str, event: str) -> httpx.Response:
    body = {"ground": "mask-fault", "reason": "masque"}
    return await who["police-director"].client.post(f"/api/v1/streams/{viewing}/suspension", json=body)


async def withdraw(city: City, who: dict[str, SignedIn], viewing: str, event: str) -> httpx.Response:
    body = {"withdrawn": True, "act": "arrêté"}
    return await who["police-director"].client.post("/api/v1/convention/withdrawal", json=body)


async def close_the_event(city: City, who: dict[str, SignedIn], viewing: str, event: str) -> httpx.Response:
    body = {"state": "closed", "motive": "rixe"}
    return await who["cic-operator"].client.patch(f"/api/v1/events/{event}", json=body)


async def end_the_habilitation(city: City, who: dict[str, SignedIn], viewing: str, event: str) -> httpx.Response:
    supervisor = who["cic-supervisor"]
    agents = (await supervisor.client.get("/api/v1/habilitations")).json()["items"]
    (agent,) = [each["agent"] for each in agents if each["label"] == "Nom de cic-operator"]
    return await supervisor.client.delete(f"/api/v1/habilitations/{agent}")


async def end_the_station(city: City, who: dict[str, SignedIn], viewing: str, event: str) -> httpx.Response:
    station = who["cic-operator"].body["station"]["id"]
    return await who["cic-supervisor"].client.delete(f"/api/v1/stations/{station}")


async def replace_the_text(city: City, who: dict[str, SignedIn], viewing: str, event: str) -> httpx.Response:
    kinds = 'kinds = ["levee-de-doute", "intervention", "evenement-planifie", "trouble-grave"]'
    markdown = changed_text(city, kinds, 'kinds = ["intervention", "evenement-planifie", "trouble-grave"]')
    return await replace(who["police-director"], markdown, signatures(city, markdown))


async def until_ended(city: City, viewing: str) -> None:
    """Wait until a viewing has ended: what landed late is told to the loop by the writer's thread."""
    with anyio.fail_after(allowed_s(2.0)):
        while city.relay.ended(viewing) is None:
            await city.watch.tick()
            await anyio.sleep(0.01)


ACTS: dict[str, tuple[Act, tuple[int, str]]] = {
    "suspend": (suspend, (4403, "suspended")),
    "withdraw": (withdraw, (4403, "authorisation-withdrawn")),
    "close the event": (close_the_event, (4403, "event-closed")),
    "end the habilitation": (end_the_habilitation, (4403, "not-habilitated")),
    "end the station": (end_the_station, (4403, "station-unregistered")),
    "replace the text": (replace_the_text, (4403, "no-event")),
}


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_that_becomes_durable_late_is_carried_out_with_its_cause(
    city: City, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    act, how = ACTS[name]
    who = {login: await city.sign_in(login) for login in ("cic-operator", "cic-supervisor", "police-director")}
    event = await who["cic-operator"].open_event("levee-de-doute")
    viewing = await who["cic-operator"].opened(1, event)
    await city.relay.tell(ViewingConnected(viewing))
    in_a_hurry(city)
    async with late_commits(city, monkeypatch) as slow:
        answer = await act(city, who, viewing, event)
        assert slow.held, "the fault never fired"
        assert answer.status_code == 503, answer.text
    await until_ended(city, viewing)
    assert city.relay.ended(viewing) == how
    (ended,) = await city.records(kind="ended")
    assert ended["cause"] == how[1]
    assert (await who["police-director"].streams())["slots"][0]["used"] == 0


async def test_a_relief_that_becomes_durable_late_ends_the_pictures_that_nobody_holds(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    in_a_hurry(city)
    async with late_commits(city, monkeypatch) as slow:
        answer = await officer.client.post("/api/v1/session/relief", json={"login": "cic-second", "pin": PIN})
        assert slow.held, "the fault never fired"
        assert answer.status_code == 503, answer.text
    await until_ended(city, viewing)
    assert city.relay.ended(viewing) == (4408, "came-late")
    assert (await officer.client.get("/api/v1/session")).status_code == 401


@pytest.fixture
def deaf(city: City, monkeypatch: pytest.MonkeyPatch) -> DeafLedger:
    ledger = DeafLedger(city.node.database.write)
    ledger.deaf = False
    monkeypatch.setattr(city.node.database, "write", ledger)
    return ledger


async def test_what_cannot_be_recorded_ends_all_the_same_and_its_slot_comes_back(city: City, deaf: DeafLedger) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    event = await officer.open_event()
    closed, suspended, lost = [await officer.opened(camera, event) for camera in (1, 2, 3)]
    for viewing in (closed, suspended, lost):
        await city.relay.tell(ViewingConnected(viewing))
    deaf.deaf = True
    assert (await officer.client.delete(f"/api/v1/streams/{closed}")).status_code == 204
    body = {"ground": "mask-fault", "reason": "masque"}
    answer = await director.client.post(f"/api/v1/streams/{suspended}/suspension", json=body)
    assert answer.status_code == 503, "the suspension itself is not recorded: it has to be asked for again"
    assert deaf.turned_away >= 2, "the fault never fired"
    assert city.relay.ended(closed) == (1000, "closed")
    assert city.relay.ended(suspended) == (4403, "suspended")
    assert [each["id"] for each in (await officer.streams())["items"]] == [lost], "what has ended is not shown"
    assert not await city.records(kind="ended")

    deaf.deaf = False
    await city.node.spine.drain()
    assert (await officer.streams())["slots"][0]["used"] == 1
    causes = {each["viewing"]: each["cause"] for each in await city.records(kind="ended")}
    assert causes == {closed: "closed", suspended: "suspended"}


async def test_a_picture_opened_again_after_an_unrecorded_end_is_a_viewing_of_its_own(
    city: City, deaf: DeafLedger
) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    viewing = await officer.opened(1, event)
    deaf.deaf = True
    assert (await officer.client.delete(f"/api/v1/streams/{viewing}")).status_code == 204
    deaf.deaf = False
    again = await officer.opened(1, event)
    assert again != viewing
    await city.node.spine.drain()
    assert [each["viewing"] for each in await city.records(kind="ended")] == [viewing]
    assert city.relay.ended(again) is None


async def test_three_thousand_records_of_the_own_room_are_written_once_each(city: City, deaf: DeafLedger) -> None:
    operator = await city.sign_in("csu-operator")
    deaf.deaf = True
    viewing = await operator.opened(1, None)
    tail = city.node.spine.tail
    decided, opened = (each.change for each in tail.entries)
    assert isinstance(opened, ViewingOpened)
    assert isinstance(decided, Decided)
    tail.keep([dataclasses.replace(decided, opens=False)] * 2998, now=city.clock.now())
    assert tail.own_room_records == 3000
    before = (await city.browser().get("/api/v1/ledger/checkpoint")).text.split("\n")[1]
    deaf.deaf = False
    await city.node.spine.drain()
    await city.node.spine.drain()
    after = (await city.browser().get("/api/v1/ledger/checkpoint")).text.split("\n")[1]
    assert int(after) - int(before) == 3001, "each record once, and the gap"
    assert not tail.owes
    assert [each["id"] for each in (await operator.streams())["items"]] == [viewing]


async def test_a_picture_asked_for_again_while_nothing_is_recorded_is_the_same_viewing(
    city: City, deaf: DeafLedger
) -> None:
    operator = await city.sign_in("csu-operator")
    recorded = await operator.opened(1, None)
    deaf.deaf = True
    unrecorded = await operator.opened(2, None)
    queued = city.node.spine.tail.own_room_records
    for _ in range(3):
        assert await operator.opened(1, None) == recorded
        assert await operator.opened(2, None) == unrecorded
    assert city.node.spine.tail.own_room_records == queued
    assert (await operator.client.post("/api/v1/logout")).status_code == 204, "its end waits to be recorded"
    assert (await operator.client.get("/api/v1/streams")).status_code == 401
    assert city.relay.ended(unrecorded) == (4403, "session-ended")
    assert city.relay.ended(recorded) == (4403, "session-ended")


async def test_a_node_whose_ledger_was_rewritten_starts_for_its_own_room_whatever_ran_before(
    city_maker: CityMaker,
) -> None:
    async with city_maker() as city:
        officer = await city.sign_in("cic-operator")
        await officer.opened(1, await officer.open_event())
        path = city.settings.node.data_dir / DATABASE_FILE
    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER ledger_records_refuses_update")
        database.execute("UPDATE ledger_records SET record = record || ' ' WHERE idx = 0")
        assert database.execute("SELECT count(*) FROM viewings").fetchone() == (1,), "a viewing was left"
    database.close()
    async with city_maker() as city:
        assert not city.node.database.ledger_check.sound
        assert (await city.browser().get("/healthz")).status_code == 200
        await city.watch.tick()
        assert city.node.spine.tail.owes
        with pytest.raises(NotRecorded):
            await city.node.spine.drain()  # what waits goes on waiting; so does the node


async def test_a_screen_that_takes_its_picture_up_again_and_again_writes_one_record_a_minute(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    viewing = await officer.opened(1, event)
    for _ in range(20):
        assert await officer.opened(1, event) == viewing
    assert len(await city.records(kind="decision")) == 1
    city.clock.passed_s += 61
    assert await officer.opened(1, event) == viewing
    assert len(await city.records(kind="decision")) == 2


async def test_a_habilitation_that_reaches_its_last_day_ends_the_viewing_at_midnight(city: City) -> None:
    officer = await city.sign_in("cic-operator")

    await give_last_day(city.node, "cic-operator", date(2026, 3, 25))
    answer = await officer.open(1, await officer.open_event())
    assert answer.json()["valid_until"] == "2026-03-25T23:00:00Z", "midnight in Paris"
    viewing = answer.json()["id"]
    await city.relay.tell(ViewingConnected(viewing))
    city.clock.move(timedelta(hours=13, minutes=59))
    officer = await city.sign_in("cic-second")
    await city.watch.tick()
    assert city.relay.ended(viewing) is None
    city.clock.move(timedelta(minutes=1))
    await city.watch.tick()
    assert city.relay.ended(viewing) == (4408, "not-habilitated")
    (ended,) = await city.records(kind="ended", viewing=viewing)
    assert ended["articles"]

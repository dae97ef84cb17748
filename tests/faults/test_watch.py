"""Reliability 9, 11b, 24, 25: the watch lives through whatever it meets, and never cuts what it only hasn't seen yet."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anyio
import pytest

from belvedere.domain.causes import DROPPED_BY_RELAY, Cause
from belvedere.domain.failures import NotRecorded
from belvedere.media.relay import DeadlinePassed, EventsLost, MediaEvent, ViewingConnected, ViewingDropped
from belvedere.rights import endings
from belvedere.rights.watch import TICK_S, Watch
from belvedere.store.database import StoreLimits, TooManyReads
from tests.faults.quota_crowd import requester
from tests.flows.conftest import CAMERAS, City

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not holds():
            await anyio.sleep(0.05)


async def test_a_picture_that_begins_while_the_watch_is_busy_is_not_taken_for_a_lost_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    begun: list[Any] = []
    give_up_waiting = city.watch._give_up_waiting

    async def busy(*running: Any, **seen: Any) -> None:
        if not begun:
            begun.append(await officer.opened(1, event))
            await city.relay.tell(ViewingConnected(begun[0]))
        await give_up_waiting(*running, **seen)

    monkeypatch.setattr(city.watch, "_give_up_waiting", busy)
    await city.watch.tick()
    viewing = begun[0]
    assert city.relay.ended(viewing) is None
    await city.watch.tick()
    assert city.relay.ended(viewing) is None
    assert [each["id"] for each in (await officer.streams())["items"]] == [viewing]


async def test_a_viewing_that_the_relay_still_serves_after_its_end_is_stopped_at_the_next_second(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    monkeypatch.setattr(city.node.spine, "_followers", ())  # as if what follows from its end had failed
    await city.node.watch.end(lambda _: True, lambda _: endings.closed_by_agent())
    await city.watch.tick()
    ended = city.relay.ended(viewing)
    assert ended is not None
    assert ended[0] == 4408


@pytest.mark.parametrize("failure", [TooManyReads("all readers are taken"), RuntimeError("a bug of our own")])
async def test_the_node_goes_on_when_the_watch_fails(
    city: City, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    viewing, own = await officer.opened(1, await officer.open_event()), await operator.opened(2, None)
    for each in (viewing, own):
        await city.relay.tell(ViewingConnected(each))
    failed = 0

    async def read(*_: object, **__: object) -> Any:
        nonlocal failed
        failed += 1
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(city.node.database, "read", read)
        await until(lambda: failed >= 2)
        extended = len(city.relay.extended)
        await anyio.sleep(1.5 * TICK_S)
        assert len(city.relay.extended) == extended, "what can't be read is not confirmed to a partner"
        assert city.relay.ended(own) is None, "the own room goes on"
    await until(lambda: len(city.relay.extended) > extended)
    assert {each["id"] for each in (await officer.streams())["items"]} == {viewing}
    await city.relay.tell(ViewingDropped(viewing, Cause.CONNECTION_LOST))
    assert (await operator.open(3, None)).status_code == 201


async def test_a_socket_whose_end_was_not_told_gives_its_slot_back_ten_seconds_after_it_is_found(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    gone, stays = await officer.opened(1, event), await officer.opened(2, event)
    for each in (gone, stays):
        await city.relay.tell(ViewingConnected(each))
    city.relay.sockets = {stays}
    await city.relay.tell(EventsLost(3))
    city.clock.move(timedelta(seconds=9))
    await city.watch.tick()
    assert city.relay.ended(gone) is None, "it may come back"
    city.clock.move(timedelta(seconds=2))
    await city.watch.tick()
    assert city.relay.ended(gone) == (4408, "socket-lost")
    assert [each["id"] for each in (await officer.streams())["items"]] == [stays]


async def test_a_socket_that_was_not_told_is_found_and_its_picture_is_not_cut(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    untold, never = await officer.opened(1, event), await officer.opened(2, event)
    await city.watch.tick()
    city.relay.sockets = {untold}
    await city.relay.tell(EventsLost(1))
    city.clock.move(timedelta(seconds=31))
    await city.watch.tick()
    assert city.relay.ended(never) == (4408, "ticket-lapsed")
    assert city.relay.ended(untold) is None
    assert [each["id"] for each in (await officer.streams())["items"]] == [untold]


async def test_what_happens_after_events_were_lost_counts_on(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    city.relay.sockets = {viewing}
    for event in (EventsLost(1), ViewingDropped(viewing, Cause.CONNECTION_LOST), ViewingConnected(viewing)):
        await city.relay.tell(event)
    city.clock.move(timedelta(seconds=31))
    await city.watch.tick()
    assert city.relay.ended(viewing) is None


async def test_every_camera_is_told_anew_where_events_were_lost(city: City) -> None:
    with city.node.web.screens.changes.subscribe(await requester(city.node, "csu-operator")) as screen:
        await city.relay.tell(EventsLost(1))
        assert len(screen.cameras) == CAMERAS


BY_RELAY = {
    Cause.INTERNAL: (4408, "internal"),
    Cause.UNREAD: (4410, "unread"),
    Cause.FLOOD: (4403, "flood"),
    Cause.SOURCE_LOST: (4503, "source-lost"),
    Cause.CAMERA_REMOVED: (4503, "camera-removed"),
}


def test_each_cause_for_which_the_relay_ends_a_session_has_an_ending_and_no_other_has() -> None:
    assert set(BY_RELAY) == DROPPED_BY_RELAY - {Cause.CONNECTION_LOST, Cause.CLOSED_BY_VIEWER}
    assert set(endings.BY_RELAY) == set(BY_RELAY)
    assert {cause: (int(end().code), end().cause) for cause, end in endings.BY_RELAY.items()} == BY_RELAY


@pytest.mark.parametrize("cause", BY_RELAY)
async def test_a_session_that_the_relay_ends_by_itself_is_over_at_once_and_recorded_with_its_cause(
    city: City, cause: Cause
) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    await city.relay.tell(ViewingDropped(viewing, cause))
    await until(lambda: city.relay.ended(viewing) is not None)
    assert city.relay.ended(viewing) == BY_RELAY[cause]
    (ended,) = await city.records(kind="ended")
    assert (ended["viewing"], ended["cause"]) == (viewing, cause)
    assert (await officer.streams())["slots"][0]["used"] == 0


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what, while it is set, keeps the watch from looking again."""
    standing, tick = threading.Event(), Watch.tick

    async def tick_or_stand(watch: Watch) -> None:
        if standing.is_set():
            await anyio.sleep_forever()
        await tick(watch)

    monkeypatch.setattr(Watch, "tick", tick_or_stand)
    return standing


@pytest.mark.parametrize("broken", ["the ledger takes nothing", "a bug of our own"])
async def test_while_ends_cannot_be_written_sockets_are_still_heard_and_each_end_follows_with_its_cause(
    standing: threading.Event, city: City, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    failed, passed, late = [await officer.opened(number, event) for number in (1, 2, 3)]
    tried = 0

    async def fail(*_: object, **__: object) -> Any:
        nonlocal tried
        tried += 1
        raise NotRecorded(broken) if broken.startswith("the ledger") else RuntimeError(broken)

    told: list[MediaEvent] = [
        ViewingDropped(failed, Cause.INTERNAL),
        DeadlinePassed(passed),
        ViewingConnected(late),
    ]
    with monkeypatch.context() as patch:
        standing.set()
        patch.setattr(city.node.database, "write", fail)
        await anyio.sleep(1.5 * TICK_S)
        for each in told:
            await city.relay.tell(each)
        await until(lambda: late in city.watch._connected)
        assert tried, "the fault never fired"
    standing.clear()
    await city.watch.tick()
    assert city.relay.ended(failed) == (4408, "internal")
    assert city.relay.ended(passed) == (4408, "expired")
    assert city.relay.ended(late) is None


async def test_a_crowd_that_reads_does_not_keep_the_watch_from_confirming_pictures(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    release = threading.Event()
    limits = StoreLimits()

    async def stuck() -> None:
        await city.node.database.read(lambda _: release.wait(60))

    async with anyio.create_task_group() as tasks:
        try:
            for _ in range(limits.reads_waiting_max):
                tasks.start_soon(stuck)
            await until(lambda: city.node.database.reads_waiting >= limits.reads_waiting_max)
            with pytest.raises(TooManyReads):
                await city.node.database.read(lambda _: None)
            confirmed = len(city.relay.extended)
            with anyio.fail_after(30):
                await city.watch.tick()
            assert len(city.relay.extended) > confirmed
        finally:
            release.set()

"""RELIABILITY 9, 11b, 25: the watch lives through whatever it meets, and never cuts what it only hasn't seen yet."""

import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from belvedere.live.watch import TICK_S
from belvedere.media.relay import ViewingConnected, ViewingDropped
from belvedere.store.database import StoreLimits, TooManyReads
from tests.flows.conftest import City

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
    review = city.watch._review
    end_abandoned = review.end_abandoned

    async def busy() -> None:
        await end_abandoned()
        if not begun:
            begun.append(await officer.opened(1, event))
            await city.relay.tell(ViewingConnected(begun[0]))

    monkeypatch.setattr(review, "end_abandoned", busy)
    await city.watch.tick()
    viewing = begun[0]
    assert city.relay.ended(viewing) is None
    await city.watch.tick()
    assert city.relay.ended(viewing) is None
    assert [each["id"] for each in (await officer.streams())["items"]] == [viewing]


async def test_a_viewing_that_the_relay_still_serves_after_its_end_is_stopped_at_the_next_second(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    await city.node.web.live.store.transact(lambda tx: tx.remove_viewings([viewing]))
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
    await city.relay.tell(ViewingDropped(viewing, "connection-lost"))
    assert (await operator.open(3, None)).status_code == 201


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

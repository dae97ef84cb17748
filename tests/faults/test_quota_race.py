"""Reliability 13: 64 clients race for the last slot; a crash in the middle. vda-etat, article 3: eight at once.

Every race runs over the real store. The checker is itself held to histories that it must refuse, and to bugs planted
in the node.
"""

import random
import time
from collections import Counter

import anyio
import httpx
import pytest

from belvedere.rights import endings
from belvedere.spine.step import Step
from tests.faults.quota_crowd import QUOTA, CheckedBeforeTheTransaction, Client, Crowd, LosesASlot
from tests.faults.quota_history import (
    Answer,
    Call,
    Close,
    Closed,
    Full,
    Granted,
    Look,
    NotLinearizable,
    Open,
    Seen,
    Unheard,
    Wish,
    check,
)
from tests.flows.conftest import CityMaker

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

OFFICERS = ("cic-operator", "cic-second", "cic-supervisor")
SEED = 20261122


def story(*calls: tuple[Wish, Answer]) -> list[Call]:
    """Return calls made one after the other."""
    return [Call(wish, answer, 2 * at, 2 * at + 1) for at, (wish, answer) in enumerate(calls)]


def together(*calls: tuple[Wish, Answer]) -> list[Call]:
    """Return calls all of which were made before any was answered."""
    return [Call(wish, answer, at, len(calls) + at) for at, (wish, answer) in enumerate(calls)]


A, B, C = Open("a"), Open("b"), Open("c")


@pytest.mark.parametrize(
    "calls",
    [
        story((A, Granted("1", 1, 1)), (B, Granted("2", 2, 2)), (C, Full(("a", "b")))),
        story(
            (A, Granted("1", 1, 1)), (A, Granted("2", 1, 1)), (Close("1"), Closed(True)), (Look(), Seen((("2", "a"),)))
        ),
        together((C, Full(("b", "a"))), (A, Granted("1", 2, 2)), (B, Granted("2", 1, 1))),
        story((A, Unheard()), (B, Granted("2", 2, 2)), (C, Full(("a", "b")))),
        story((A, Unheard()), (B, Granted("2", 1, 1)), (C, Granted("3", 2, 2))),
        story((A, Unheard()), (B, Granted("2", 2, 2)), (Look(), Seen((("2", "b"),)))),
        story((A, Granted("1", 1, 1)), (Close("1"), Unheard()), (Look(), Seen(()))),
    ],
)
def test_a_history_that_an_order_explains_passes(calls: list[Call]) -> None:
    assert len(check(calls, quota=2)) >= sum(not isinstance(call.answer, Unheard) for call in calls)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param(
            together((A, Granted("1", 1, 1)), (B, Granted("2", 2, 2)), (C, Granted("3", 3, 3))), id="over the quota"
        ),
        pytest.param(together((A, Granted("1", 1, 1)), (B, Granted("2", 1, 1))), id="two first slots"),
        pytest.param(story((A, Granted("1", 1, 1)), (B, Full(("a", "c")))), id="full while a slot is free"),
        pytest.param(
            story((A, Granted("1", 1, 1)), (Close("1"), Closed(True)), (B, Granted("2", 2, 2))),
            id="a slot never given back",
        ),
        pytest.param(story((A, Granted("1", 1, 1)), (Look(), Seen(()))), id="an acknowledged viewing is gone"),
        pytest.param(story((Look(), Seen((("1", "a"),))), (A, Granted("1", 1, 1))), id="seen before it was asked for"),
        pytest.param(story((A, Granted("1", 1, 1)), (Close("1"), Closed(False))), id="one's own viewing not found"),
    ],
)
def test_a_history_that_no_order_explains_is_caught(calls: list[Call]) -> None:
    with pytest.raises(NotLinearizable, match="no order explains"):
        check(calls, quota=2)


async def test_64_clients_race_over_http_for_the_last_slot_and_exactly_one_wins(crowded_city_maker: CityMaker) -> None:
    async with crowded_city_maker() as city:
        officer = await city.sign_in("cic-operator")
        event = await officer.open_event()
        for camera in range(1, QUOTA):
            await officer.opened(camera, event)
        cookie = dict(officer.client.cookies)
        answers: list[httpx.Response] = []
        gate = anyio.Event()

        async def ask(camera: int) -> None:
            async with httpx.AsyncClient(
                base_url=city.node.app_url, cookies=cookie, headers={"Origin": city.node.app_url}, trust_env=False
            ) as client:
                await client.get("/healthz")
                await gate.wait()
                body = {"camera": f"vda-{camera:03}", "event": event}
                answers.append(await client.post("/api/v1/streams", json=body, timeout=120))

        async with anyio.create_task_group() as clients:
            for camera in range(10, 74):
                clients.start_soon(ask, camera)
            await anyio.sleep(0.5)
            gate.set()
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 63}
        (winner,) = (answer.json() for answer in answers if answer.status_code == 201)
        assert (winner["slot"], winner["slots_used"], winner["slots"]) == (QUOTA, QUOTA, QUOTA)
        for answer in answers:
            if answer.status_code == 409:
                assert [each["camera"] for each in answer.json()["holders"]][-1] == winner["camera"]
        opened = [each for each in await city.records(kind="opened") if each["camera"] > "vda-009"]
        assert [each["viewing"] for each in opened] == [winner["id"]]


async def rush(crowd: Crowd, *, source: random.Random, clients: int, calls: int, cut_off: float) -> None:
    """Let `clients` make `calls` calls each at once; cut that share of them off in the middle."""

    async def run(client: Client) -> None:
        for _ in range(calls):
            with anyio.CancelScope() as scope:
                if source.random() < cut_off:
                    scope.deadline = anyio.current_time() + source.random() * 0.004
                await client.step(source)

    async with anyio.create_task_group() as tasks:
        for client in [await crowd.client(source) for _ in range(clients)]:
            tasks.start_soon(run, client)
    await crowd.look()


async def settled(crowd: Crowd) -> None:
    """Wait until what was cut off has been taken back or stands."""
    for _ in range(5):
        await crowd.node.spine.commit(lambda _, __: Step(None))
        await anyio.sleep(0.01)


async def test_concurrent_opens_closes_and_cut_off_clients_are_explained_by_one_order(
    crowded_city_maker: CityMaker,
) -> None:
    source = random.Random(SEED)
    async with crowded_city_maker() as city:
        crowd = await Crowd.gather(city.node, OFFICERS)
        await rush(crowd, source=source, clients=64, calls=6, cut_off=0.05)
        answers = Counter(type(call.answer).__name__ for call in crowd.history.calls)
        assert answers["Granted"] >= QUOTA
        assert answers["Full"] > 20, "the race was for slots that were taken"
        assert answers["Unheard"] > 0, "no client was cut off"
        check(crowd.history.calls, quota=QUOTA, hint=await crowd.claimed_order())


@pytest.mark.parametrize("bug", [CheckedBeforeTheTransaction, LosesASlot])
async def test_the_checker_catches_a_bug_planted_in_the_node(crowded_city_maker: CityMaker, bug: type) -> None:
    source = random.Random(SEED)
    async with crowded_city_maker() as city:
        crowd = await Crowd.gather(city.node, OFFICERS, store=bug(city.node.store))
        # Few at once: refuting takes every order, and there are as many as the clients allow.
        await rush(crowd, source=source, clients=6, calls=20, cut_off=0.0)
        with pytest.raises(NotLinearizable, match="no order explains"):
            check(crowd.history.calls, quota=QUOTA)


async def test_no_slot_is_lost_when_the_node_goes_down_in_the_middle_of_a_race(crowded_city_maker: CityMaker) -> None:
    source = random.Random(SEED)
    async with crowded_city_maker() as city:
        crowd = await Crowd.gather(city.node, OFFICERS)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: rush(crowd, source=source, clients=32, calls=50, cut_off=0.0))
            while len(crowd.history.calls) < 100:
                await anyio.sleep(0.001)
            tasks.cancel_scope.cancel()
        assert any(isinstance(call.answer, Unheard) for call in crowd.history.calls), "nothing was in flight"
        check(crowd.history.calls, quota=QUOTA, hint=await crowd.claimed_order())
    async with crowded_city_maker() as city:
        assert await city.node.spine.read(lambda reading: list(reading.viewings())) == []
        opened = {each["viewing"] for each in await city.records(kind="opened")}
        ended = [each["viewing"] for each in await city.records(kind="ended")]
        assert len(ended) == len(set(ended))
        assert opened == set(ended), "each viewing that began has ended, once"
        crowd = await Crowd.gather(city.node, OFFICERS)
        client = await crowd.client(source)
        for camera in range(1, QUOTA + 1):
            await crowd.open(client.who, client.event, f"vda-{camera:03}")
        assert [type(call.answer) for call in crowd.history.calls] == [Granted] * QUOTA


@pytest.mark.sweep
@pytest.mark.timeout(7200)
async def test_100_000_concurrent_opens_closes_and_kills_are_explained_by_one_order(
    crowded_city_maker: CityMaker,
) -> None:
    began_s, calls, restarts = time.perf_counter(), 0, 0
    source = random.Random(SEED)
    while calls < 100_000:
        async with crowded_city_maker() as city:
            restarts += 1
            for _ in range(10):
                crowd = await Crowd.gather(city.node, OFFICERS)
                await rush(crowd, source=source, clients=32, calls=32, cut_off=0.01)
                check(crowd.history.calls, quota=QUOTA, hint=await crowd.claimed_order())
                calls += len(crowd.history.calls)
                await settled(crowd)
                await city.node.watch.end(lambda _: True, lambda _: endings.closed_by_agent())
                print(f"{calls} calls after {time.perf_counter() - began_s:.0f} s", flush=True)
    print(f"{calls} calls, {restarts} starts, {time.perf_counter() - began_s:.0f} s, seed {SEED}")

"""Reliability 9b, 22, 25: guessing in parallel, with fresh logins, from many addresses; and the room signs in all the same."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import anyio
import httpx
import pytest

from belvedere.agents import passwords
from belvedere.agents.passwords import Passwords
from belvedere.agents.throttle import FREE_FAILURES, FREE_FAILURES_OF_ANY
from tests.flows.conftest import PASSWORD, City, station_secret

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

LOGIN = "/api/v1/login"
PATIENCE_S = 60


def body(login: str = "cic-operator", password: str = "guess", station: str = "elsewhere") -> dict[str, str]:
    return {"login": login, "password": password, "station": station}


async def asked_together(client: httpx.AsyncClient, bodies: list[dict[str, str]]) -> Counter[int]:
    told: Counter[int] = Counter()

    async def ask(each: dict[str, str]) -> None:
        told[(await client.post(LOGIN, json=each, timeout=PATIENCE_S)).status_code] += 1

    async with anyio.create_task_group() as tasks:
        for each in bodies:
            tasks.start_soon(ask, each)
    return told


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(PATIENCE_S):
        while not holds():
            await anyio.sleep(0.02)


async def metric(client: httpx.AsyncClient, name: str) -> float:
    for line in (await client.get("/metrics")).text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[-1])
    raise AssertionError(name)


@contextmanager
def guesses_stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let every guess stay in its thread until the event is set; right passwords are verified as ever."""
    release, verify = threading.Event(), Passwords._verify

    def stuck(self: Passwords, password: str, encoded: str) -> bool:
        if password == "guess":
            assert release.wait(PATIENCE_S)
        return verify(self, password, encoded)

    monkeypatch.setattr(Passwords, "_verify", stuck)
    try:
        yield release
    finally:
        release.set()


@pytest.mark.parametrize("station", ["elsewhere", station_secret("cic-operator")])
async def test_guesses_made_at_once_are_no_more_than_guesses_made_in_a_row(city: City, station: str) -> None:
    told = await asked_together(city.browser(), [body(station=station)] * 20)
    assert told == {401: FREE_FAILURES, 429: 20 - FREE_FAILURES}


async def test_one_agent_signs_in_many_times_at_once_and_none_is_taken_for_a_guess(city: City) -> None:
    told = await asked_together(city.browser(), [body(password=PASSWORD, station=station_secret("cic-operator"))] * 12)
    assert told == {200: 12}


async def test_a_right_password_at_no_station_counts_as_a_guess(city: City) -> None:
    client = city.browser()
    told = [(await client.post(LOGIN, json=body(password=PASSWORD))).status_code for _ in range(FREE_FAILURES + 1)]
    assert told == [403] * FREE_FAILURES + [429]
    assert await metric(client, "belvedere_login_failures_total") == FREE_FAILURES
    await city.sign_in("cic-operator")


async def test_an_ended_or_foreign_station_tells_nothing_more_than_none(city: City) -> None:
    client, supervisor = city.browser(), await city.sign_in("cic-supervisor")
    stations = (await supervisor.client.get("/api/v1/stations")).json()["items"]
    (own,) = [each["id"] for each in stations if each["label"] == "poste 5"]
    assert (await supervisor.client.delete(f"/api/v1/stations/{own}")).status_code == 204
    for station in (station_secret("cic-second"), station_secret("csu-operator")):
        given = [body("cic-second", PASSWORD, station), body("cic-second", "guess", station)]
        assert [(await client.post(LOGIN, json=each)).status_code for each in given] == [403, 401]


async def test_an_address_that_tries_one_login_after_another_is_slowed_and_no_station_is(city: City) -> None:
    client = city.browser()
    told = [(await client.post(LOGIN, json=body(f"nobody-{at}"))).status_code for at in range(FREE_FAILURES_OF_ANY + 5)]
    assert told == [401] * FREE_FAILURES_OF_ANY + [429] * 5
    for login in ("csu-operator", "cic-operator", "cic-second"):
        await city.sign_in(login)
    city.clock.move(timedelta(seconds=16))
    assert (await client.post(LOGIN, json=body("nobody-again"))).status_code == 401, "slowed, not locked out"


async def test_a_crowd_that_guesses_waits_in_a_bounded_queue_and_every_console_signs_in(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, of_one = passwords.STRANGERS.in_all, passwords.STRANGERS.of_one
    told: Counter[int] = Counter()
    watcher = city.browser()

    async def guess(address: str, login: str) -> None:
        # The node takes the word of a proxy on its own machine for whom it asks.
        answer = await city.browser().post(
            LOGIN, json=body(login), headers={"X-Forwarded-For": address}, timeout=2 * PATIENCE_S
        )
        told[answer.status_code] += 1
        assert answer.status_code == 401 or answer.headers["retry-after"]

    with guesses_stuck(monkeypatch) as release:
        async with anyio.create_task_group() as tasks:
            for at in range(of_one + 3):
                tasks.start_soon(guess, "192.0.2.1", f"one-{at}")
            await until(lambda: told[429] == 3)
            for at in range(places):
                tasks.start_soon(guess, f"192.0.3.{at}", f"many-{at}")
            await until(lambda: told[503] == of_one)
            assert told == {429: 3, 503: of_one}, "one address has so many places, and all together so many"
            assert await metric(watcher, "belvedere_logins_waiting") == places
            for login in ("csu-operator", "cic-operator"):
                await city.sign_in(login)
            release.set()
    assert told[401] == places
    assert await metric(watcher, "belvedere_logins_waiting") == 0
    assert await metric(watcher, "belvedere_logins_refused_total") == 3 + of_one


async def test_a_station_has_a_place_in_the_queue_however_many_others_wait(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = city.node.web.asking.sign_in._passwords._stations
    monkeypatch.setattr(queue, "limits", passwords.QueueLimits(of_one=3, in_all=2))
    told: Counter[int] = Counter()

    async def guess(login: str) -> None:
        answer = await city.browser().post(
            LOGIN, json=body(login, station=station_secret("cic-second")), timeout=2 * PATIENCE_S
        )
        told[answer.status_code] += 1

    with guesses_stuck(monkeypatch) as release:
        async with anyio.create_task_group() as tasks:
            for at in range(5):
                tasks.start_soon(guess, f"other-{at}")
            await until(lambda: told[503] == 3)
            tasks.start_soon(city.sign_in, "csu-operator")
            await until(lambda: queue.waiting == 3)
            release.set()
    assert told == {503: 3, 401: 2}

"""Reliability 9b and 22: floods are counted, not written; guessing is slowed and blinds nobody; nobody exists by default."""

from pathlib import Path

import anyio
import httpx
import pytest

from belvedere.domain.ids import PartyId
from tests.flows.conftest import City, CityMaker, station_secret

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


async def ledger_size(city: City) -> int:
    return int((await city.browser().get("/api/v1/ledger/checkpoint")).text.split("\n")[1])


async def metric(city: City, name: str) -> float:
    for line in (await city.browser().get("/metrics")).text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[-1])
    raise AssertionError(f"no metric {name}")


async def test_a_flood_of_bad_logins_is_counted_and_adds_nothing_to_the_ledger(city: City) -> None:
    client, before = city.browser(), await ledger_size(city)
    failures = await metric(city, "belvedere_login_failures_total")
    told = [
        (
            await client.post("/api/v1/login", json={"login": f"nobody-{at % 3}", "password": "x", "station": "x"})
        ).status_code
        for at in range(40)
    ]
    assert set(told) == {401, 429}, "the flood was answered and slowed"
    assert await metric(city, "belvedere_login_failures_total") - failures == told.count(401)
    assert await ledger_size(city) == before


async def test_a_flood_of_foreign_origins_and_unknown_sessions_adds_nothing_to_the_ledger(city: City) -> None:
    before = await ledger_size(city)
    evil = city.browser(origin="http://evil.example")
    nobody = httpx.AsyncClient(
        base_url=city.node.app_url,
        headers={"Origin": city.node.app_url},
        cookies={"villeneuve-dascq": "x"},
        trust_env=False,
    )
    city.clients.append(nobody)
    for _ in range(50):
        assert (await evil.post("/api/v1/streams", json={"camera": "vda-001"})).status_code == 403
        assert (await nobody.post("/api/v1/streams", json={"camera": "vda-001"})).status_code == 401
    assert await ledger_size(city) == before


async def test_a_flood_of_refusals_is_written_once_a_minute_and_camera(city: City) -> None:
    officer, before = await city.sign_in("cic-operator"), await ledger_size(city)

    async def flood() -> None:
        for _ in range(10):
            for camera in (1, 2, 3):
                assert (await officer.open(camera, None)).status_code == 403

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(flood)
    assert await ledger_size(city) - before == 3
    city.clock.passed_s += 61
    await flood()
    assert await ledger_size(city) - before == 6


async def test_unknown_cameras_and_events_add_nothing_to_the_ledger(city: City) -> None:
    officer, before = await city.sign_in("cic-operator"), await ledger_size(city)
    for at in range(30):
        assert (await officer.open(f"vda-9{at:02}", None)).status_code == 404
        assert (await officer.open(1, f"e-{at}")).status_code == 404
    assert await ledger_size(city) == before


async def test_whoever_guesses_elsewhere_does_not_delay_the_console_of_the_same_agent(city: City) -> None:
    guesser = city.browser()
    for _ in range(12):
        await guesser.post("/api/v1/login", json={"login": "csu-operator", "password": "guess", "station": "elsewhere"})
    slowed = await guesser.post(
        "/api/v1/login", json={"login": "csu-operator", "password": "guess", "station": "elsewhere"}
    )
    assert slowed.status_code == 429, "the guessing was slowed"
    await city.sign_in("csu-operator")


async def test_a_node_that_nobody_was_enrolled_on_lets_nobody_in(city_maker: CityMaker, tmp_path: Path) -> None:
    for file in (tmp_path / "data").glob("belvedere.sqlite3*"):
        file.unlink()
    async with city_maker() as city:
        for party in (PartyId("villeneuve-dascq"), PartyId("etat")):
            assert list(await city.node.spine.read(lambda snapshot, party=party: snapshot.accounts(party))) == []
        client = city.browser()
        for login in ("admin", "root", "csu-operator", "police-director", "belvedere", "demo"):
            body = {"login": login, "password": "admin", "station": station_secret("csu-operator")}
            assert (await client.post("/api/v1/login", json=body)).status_code == 401

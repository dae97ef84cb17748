"""/readyz means it: each part, lacking, is named and answers 503. Reliability 7, 9, 9b, 12."""

import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest

from belvedere.store.database import DATABASE_FILE
from tests.flows.conftest import City
from tests.flows.operation.conftest import Site

pytestmark = pytest.mark.anyio
PARTS = {"records", "ledger", "journal", "disk", "media", "convention", "clock", "witness"}


async def ask(city: City, language: str = "fr") -> httpx.Response:
    return await city.browser().get("/readyz", headers={"Accept-Language": language})


async def lacking(city: City) -> set[str]:
    answer = await ask(city)
    body: dict[str, Any] = answer.json()
    named = {each["part"] for each in body["lacking"]}
    assert answer.status_code == (503 if named else 200)
    assert {part for part in PARTS if not body[part]} == named
    assert all(each["detail"] for each in body["lacking"])
    return named


async def within(city: City, wanted: Callable[[set[str]], bool]) -> bool:
    for _ in range(100):
        if wanted(await lacking(city)):
            return True
        city.clock.move(timedelta(seconds=1))
        await anyio.sleep(0.1)
    return False


async def test_a_node_that_can_do_its_work_is_ready_and_says_each_part(city: City) -> None:
    answer = await ask(city)
    assert answer.status_code == 200
    assert answer.json() == dict.fromkeys(PARTS, True) | {"lacking": [], "cameras": {"lost": 0, "by_cause": []}}


async def test_a_store_that_stands_still_is_named_and_comes_back(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = city.node.database._writer

    def failing() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(writer, "_connected", failing)
        officer = await city.browser().post("/api/v1/login", json={"login": "x", "password": "y", "station": "z"})
        assert officer.status_code == 401
        with pytest.raises(Exception, match="I/O"):
            await city.node.database.write(lambda transaction: transaction.connection.closed, timeout_s=10)
        assert await lacking(city) == {"records"}
        assert (await city.browser().get("/healthz")).status_code == 200, "the process lives on"
    assert await within(city, lambda named: not named)


async def test_a_ledger_that_was_rewritten_is_named(site: Site) -> None:
    path = site.settings.node.data_dir / DATABASE_FILE
    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER ledger_records_refuses_update")
        database.execute("UPDATE ledger_records SET record = record || ' ' WHERE idx = 0")
    database.close()
    async with site.serving() as city:
        assert await lacking(city) == {"records", "ledger"}
        assert "record 0" in (await ask(city, "en")).json()["lacking"][0]["detail"]


async def test_a_disk_without_room_is_named_and_room_made_is_seen(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.statvfs

    def full(path: str) -> os.statvfs_result:
        told = list(real(path))
        told[4] = 0  # f_bavail: what is left for others than root
        return os.statvfs_result(told)

    with monkeypatch.context() as broken:
        broken.setattr("belvedere.store.space.os.statvfs", full)
        assert await within(city, lambda named: named == {"records", "disk"})
        assert "0 octets" in (await ask(city)).text
    assert await within(city, lambda named: not named)


async def test_a_relay_that_does_not_listen_is_named(city: City) -> None:
    city.relay._listener.close()
    await city.relay._listener.wait_closed()
    assert await lacking(city) == {"media"}


async def test_a_convention_put_in_force_unsigned_is_named(site: Site) -> None:
    (convention,) = site.settings.conventions
    site.settings = site.settings.model_copy(update={"conventions": [convention.model_copy(update={"unsigned": True})]})
    async with site.serving() as city:
        assert await lacking(city) == {"convention"}
        assert "vda-etat" in (await ask(city)).text


async def test_a_day_before_the_convention_is_in_force_is_named_and_so_is_the_clock(site: Site) -> None:
    site.clock.at = datetime(2022, 9, 30, 21, 0, tzinfo=UTC)
    async with site.serving() as city:
        assert await lacking(city) == {"convention", "clock"}


async def test_a_clock_set_back_behind_the_newest_record_is_named_and_leases_do_not_care(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    await officer.opened(1, await officer.open_event())
    city.clock.at -= timedelta(hours=2)
    assert await lacking(city) == {"clock"}
    assert "7200 s" in (await ask(city)).text
    assert len((await officer.streams())["items"]) == 1, "what runs goes on: leases follow the monotonic clock"
    city.clock.at += timedelta(hours=2)
    assert await lacking(city) == set()


async def test_what_lacks_is_said_in_the_language_of_the_person(city: City) -> None:
    city.clock.at -= timedelta(days=1)
    assert "horloge" in (await ask(city, "fr-FR")).text
    assert "clock is" in (await ask(city, "en")).text

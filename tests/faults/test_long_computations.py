"""Reliability 25: what takes long to work out holds nobody else up, waits in a bounded queue, and is worked out once."""

import sys
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from belvedere.domain.ids import PartyId
from belvedere.domain.text import Language
from belvedere.policy.page import convention_page
from belvedere.web import convention_life, off_loop
from tests.flows.conftest import CITY, City, CityMaker

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

PATIENCE_S = 60


class Long:
    """A computation that ends when it is told to: only a loop that goes on can tell it."""

    def __init__(self, then: Callable[..., Any]) -> None:
        self.begun, self.end = threading.Event(), threading.Event()
        self.times = 0
        self._then = then

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.times += 1
        self.begun.set()
        assert self.end.wait(PATIENCE_S), "nobody was served meanwhile"
        return self._then(*given, **named)


@pytest.mark.parametrize(
    ("path", "module", "name"),
    [
        ("/api/v1/convention/page", off_loop, "convention_page"),
        ("/api/v1/convention/calendar.ics", convention_life, "icalendar_feed"),
        ("/api/v1/convention/agenda?days=800", convention_life, "agenda"),
    ],
)
async def test_a_long_computation_holds_nobody_else_up(
    city: City, monkeypatch: pytest.MonkeyPatch, path: str, module: Any, name: str
) -> None:
    officer = await city.sign_in("cic-operator")
    long = Long(getattr(module, name))
    monkeypatch.setattr(module, name, long)
    told: list[int] = []

    async def ask() -> None:
        told.append((await officer.client.get(path, timeout=PATIENCE_S)).status_code)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        assert await anyio.to_thread.run_sync(long.begun.wait, PATIENCE_S)
        assert (await officer.client.get("/api/v1/streams")).status_code == 200
        assert told == []
        long.end.set()
    assert told == [200]


async def test_the_page_is_rendered_once_for_all_who_ask_and_anew_with_the_convention(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    long = Long(convention_page)
    monkeypatch.setattr(off_loop, "convention_page", long)
    long.end.set()
    pages: list[bytes] = []

    async def ask() -> None:
        pages.append((await officer.client.get("/api/v1/convention/page?language=fr")).content)

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(ask)
    assert (len(set(pages)), long.times) == (1, 1)
    await officer.client.get("/api/v1/convention/page?language=en")
    assert long.times == 2
    before = city.node.in_force.convention_for(PartyId(CITY))
    told = {"word": "non-renewal", "on": "2026-01-05", "act": "lettre du 5 janvier"}
    assert (await director.client.post("/api/v1/convention/term", json=told)).status_code == 204
    assert city.node.in_force.convention_for(PartyId(CITY)) is not before
    await ask()
    assert long.times == 3, "what was told of the term makes the page anew"


async def test_more_computations_than_may_wait_are_answered_503(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(off_loop, "WAITING_MAX", 0)
    officer = await city.sign_in("cic-operator")
    full = await officer.client.get("/api/v1/convention/page")
    assert (full.status_code, full.json()["cause"]) == (503, "busy")
    monkeypatch.undo()
    assert (await officer.client.get("/api/v1/convention/page")).status_code == 200


async def test_the_pages_kept_are_bounded(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(off_loop, "PAGES_KEPT_MAX", 1)
    convention = city.node.in_force.convention_for(PartyId(CITY))
    assert convention is not None
    pages = off_loop.ConventionPages(off_loop.OffLoop())
    french, english = await pages.page(convention, Language.FR), await pages.page(convention, Language.EN)
    assert french != english
    assert len(pages._kept) == 1
    assert await pages.page(convention, Language.FR) == french


async def test_what_calendars_are_made_of_is_imported_before_the_doors_open(
    city_maker: CityMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "icalendar", raising=False)
    async with city_maker():
        assert "icalendar" in sys.modules

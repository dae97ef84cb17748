"""Every act over HTTP makes the records that it always made. The kept file is `records.txt`.

Where a change of the program means to change them, write the file anew and look at what git shows:

    BELVEDERE_GOLDEN=write .venv/bin/pytest tests/flows/golden
"""

import os
import re
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from belvedere.acts import steering_watch
from belvedere.domain.record import RecordKind
from belvedere.rights import watch
from belvedere.web import demo_clock
from belvedere.web.app import API_PREFIX, describe
from tests.flows.conftest import CityMaker, NotedCameras
from tests.flows.golden import telling
from tests.flows.golden.story import DemoClock, tell_first_start, tell_restart
from tests.flows.golden.telling import Act, Teller

KEPT = Path(__file__).with_name("records.txt")
WRITE_ENV = "BELVEDERE_GOLDEN"
READ_METHODS = {"GET", "HEAD", "OPTIONS"}
NOT_BY_AN_ACT = {RecordKind.ANSWERED, RecordKind.FAULT, RecordKind.GAP, RecordKind.WITNESS}
"""Written where a ledger took nothing for a time, a camera is lost, or another node speaks: each has tests of its own."""


@pytest.mark.anyio
@pytest.mark.timeout(300)
async def test_every_act_makes_the_records_that_it_always_made(
    city_maker: CityMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The watch wakes when the story says so, and at no other time: else records would stand under another act.
    monkeypatch.setattr(watch, "TICK_S", 3600.0)
    monkeypatch.setattr(steering_watch, "LOOK_EVERY_S", 3600.0)
    clock = DemoClock()
    async with city_maker(clock, NotedCameras()) as city:
        first_start = Teller(city)
        await tell_first_start(first_start)
    async with city_maker(clock, NotedCameras()) as city:
        restart = Teller(city, names=first_start.names, filed=first_start.filed)
        await tell_restart(restart)
    told = [*first_start.acts(), *restart.acts()]
    if os.environ.get(WRITE_ENV) == "write":
        KEPT.write_text(telling.written(told))
    differing = telling.differences(telling.read(KEPT.read_text()), told)
    if differing:
        pytest.fail(f"acts make other records than before:\n{differing}\n\nMeant so? {__doc__}", pytrace=False)


def _routes() -> list[tuple[str, str]]:
    """Return the method and path of every route of the API, and of every other that may change something."""
    return [
        (method, context.path or "")
        for context in iter_route_contexts([*describe().routes, *demo_clock.router.routes])
        for method in context.methods or ()
        if method not in READ_METHODS or (method == "GET" and (context.path or "").startswith(API_PREFIX))
    ]


def _exercised(acts: list[Act], routes: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the routes that the acts ask for; a path without a parameter goes before one with."""
    ordered = sorted(routes, key=lambda route: "{" in route[1])
    found = set()
    for act in acts:
        method, address, *_ = [*act.heading.partition(": ")[2].split(" "), "", ""]
        fits = (each for each in ordered if each[0] == method and compile_path(each[1])[0].match(address))
        found.add(next(fits, ("", "")))
    return found


def test_every_route_of_the_application_has_an_act_in_the_story() -> None:
    routes = _routes()
    assert ("POST", "/api/v1/streams") in routes
    assert ("POST", "/demo/clock") in routes
    missing = set(routes) - _exercised(telling.read(KEPT.read_text()), routes)
    assert missing == set(), "give each an act in tests/flows/golden/story.py, then write the file anew"


def test_a_route_without_an_act_is_found() -> None:
    routes = [*_routes(), ("POST", "/api/v1/new/{thing}")]
    assert set(routes) - _exercised(telling.read(KEPT.read_text()), routes) == {("POST", "/api/v1/new/{thing}")}


def test_every_kind_of_record_stands_in_the_story() -> None:
    text = KEPT.read_text()
    assert [kind for kind in RecordKind if f'"kind":"{kind}"' not in text] == sorted(
        NOT_BY_AN_ACT, key=list(RecordKind).index
    )


def test_no_agent_stands_in_the_story_by_a_pseudonym() -> None:
    agents = re.findall(r'"(?:agent|by)":"([^"]*)"', KEPT.read_text())
    assert {each for each in agents if not each.startswith("agent ")} == set(), "drawn anew in each run"


def test_a_difference_is_shown_by_its_act_and_its_members() -> None:
    before = [
        Act("a: POST /x → 201", ['{"kind":"decision","verdict":"granted"}', '{"kind":"opened"}']),
        Act("b: GET /y → 200", []),
    ]
    after = [
        Act("a: POST /x → 403 quota", ['{"cause":"quota","kind":"decision","verdict":"refused"}']),
        Act("c: DELETE /z → 204", []),
        Act("b: GET /y → 200", []),
    ]
    shown = telling.differences(before, after)
    assert telling.differences(before, before) == ""
    assert shown.splitlines() == [
        "# a: POST /x → 201   now: a: POST /x → 403 quota",
        "  decision quota:",
        '    cause: (none) → "quota"',
        '    verdict: "granted" → "refused"',
        '  - {"kind":"opened"}',
        "+ # c: DELETE /z → 204",
    ]

"""The demo's clock over HTTP: moved by JSON, answered once every right has been decided again at the new hour."""

from datetime import UTC
from typing import Any

import pytest

from belvedere.domain.text import Language
from tests.flows.conftest import City, CityMaker
from tests.flows.golden.story import DemoClock

pytestmark = pytest.mark.anyio
ORDER_ENDS = "2031-12-03T00:00:30"


async def move(city: City, content: bytes) -> tuple[int, dict[str, Any]]:
    answer = await city.browser().post("/demo/clock", content=content, headers={"Content-Type": "application/json"})
    return answer.status_code, answer.json() if answer.content else {}


async def test_a_move_is_answered_once_what_ends_by_then_has_ended(city_maker: CityMaker) -> None:
    async with city_maker(DemoClock()) as city:
        officer = await city.sign_in("cic-operator")
        viewing = await officer.opened(2, await officer.open_event())
        assert (await move(city, f'{{"at": "{ORDER_ENDS}"}}'.encode()))[0] == 204
        assert city.relay.ended(viewing) is not None
        assert [each["viewing"] for each in await city.records(kind="ended")] == [viewing]


async def test_an_hour_with_a_zone_is_that_instant_and_without_one_the_conventions(city_maker: CityMaker) -> None:
    async with city_maker(DemoClock()) as city:
        for at, utc in (("2026-03-26T10:00:00Z", "10:00"), ("2026-03-26T12:00", "11:00"), ("12:30", "11:30")):
            assert (await move(city, f'{{"at": "{at}"}}'.encode()))[0] == 204
            assert f"{city.clock.now().astimezone(UTC):%H:%M}" == utc


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"at=02:00",
        b"{}",
        b'{"at": null}',
        b'{"at": 1}',
        b'["at"]',
        b'{"at": "yesterday"}',
        b'{"at": "2026-03-01T00:00"}',
        b'{"at": "9999-01-01T00:00"}',
        b'{"at": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"at": "' + b"2" * 100_000 + b'"}',
        b"\xff\xfe",
    ],
    ids=lambda content: content[:24].decode("ascii", "replace"),
)
async def test_what_is_no_later_hour_is_refused_and_moves_nothing(city_maker: CityMaker, content: bytes) -> None:
    async with city_maker(DemoClock()) as city:
        before = city.clock.now()
        status, problem = await move(city, content)
        assert status in (413, 422), problem
        assert {language.value for language in Language} <= set(problem["texts"])
        assert city.clock.now() == before

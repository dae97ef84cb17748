"""How long a session goes on: the longest shift, and half an hour without a screen; in time that passes. Decision 0016."""

from datetime import timedelta

import pytest

from belvedere.media.relay import ViewingConnected
from tests.flows.conftest import PIN, City, SignedIn

pytestmark = pytest.mark.anyio


async def stands(agent: SignedIn) -> bool:
    """Return whether the agent's session still answers; asking is using it."""
    return (await agent.client.get("/api/v1/session")).status_code == 200


async def use_for(city: City, agent: SignedIn, minutes: int) -> None:
    """Let time pass with a screen that asks for something every twenty minutes."""
    for _ in range(minutes // 20):
        city.clock.move(timedelta(minutes=20))
        assert await stands(agent)


async def test_a_session_whose_screen_is_gone_is_over_after_half_an_hour(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    city.clock.move(timedelta(minutes=29))
    assert await stands(officer)
    city.clock.move(timedelta(minutes=31))
    assert not await stands(officer)


async def test_a_session_in_use_ends_after_the_longest_shift_and_what_it_watches_with_it(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    await use_for(city, officer, 13 * 60 + 40)
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    city.clock.move(timedelta(minutes=19))
    await city.watch.tick()
    assert city.relay.ended(viewing) is None
    city.clock.move(timedelta(minutes=1))
    await city.watch.tick()
    ending = city.relay.ended(viewing)
    assert ending is not None
    assert ending[1] == "session-ended"
    (ended,) = await city.records(kind="ended", viewing=viewing)
    assert ended["cause"] == "session-ended"
    assert not await stands(officer)


async def test_the_end_of_a_session_is_told_from_its_beginning(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    assert officer.body["ends_at"] == (city.clock.now() + timedelta(hours=14)).isoformat().replace("+00:00", "Z")


async def test_a_jump_of_the_wall_clock_signs_nobody_out(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    for jump in (timedelta(hours=20), timedelta(hours=-30)):
        city.clock.at += jump
        await city.sign_in("cic-second")
        assert await stands(officer)


async def test_the_agents_own_pin_begins_its_session_anew_and_the_pictures_stay(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    await use_for(city, officer, 13 * 60 + 40)
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    again = await officer.client.post("/api/v1/session/relief", json={"login": "cic-operator", "pin": PIN})
    assert again.status_code == 200
    await use_for(city, officer, 60)
    await city.watch.tick()
    assert city.relay.ended(viewing) is None

"""Reliability 12: the clock jumps, or changes to summer time. Viewings are confirmed, hours are right, the journal verifies."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from belvedere.ledger.note import verifier_key
from belvedere.ledger.verify import verify_ledger
from belvedere.media.relay import ViewingConnected
from belvedere.node.database import identity_of
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.flows.conftest import City

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]


async def room(city: City) -> tuple[bool, str]:
    operator = await city.sign_in("csu-operator")
    body = (await operator.client.get("/api/v1/centre")).json()
    return body["open"], body["changes_at"]


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(days=-30), timedelta(hours=5), timedelta(days=40)])
async def test_a_jump_of_the_wall_clock_ends_no_viewing(city: City, jump: timedelta) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    city.relay.extended.clear()
    city.clock.at += jump
    await city.watch.tick()
    assert city.relay.ended(viewing) is None
    assert viewing in {extended for extended, _ in city.relay.extended}, "the relay's deadline is monotonic"
    assert all(0 < held_ms <= 10_000 for _, held_ms in city.relay.extended)


async def test_a_jump_past_its_term_ends_a_viewing_and_a_jump_back_does_not_bring_it_back(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    city.clock.at = datetime(2032, 1, 1, tzinfo=UTC)  # the camera's order ran until 2 December 2031
    await city.watch.tick()
    ended = city.relay.ended(viewing)
    assert ended is not None
    city.clock.at = datetime(2026, 3, 25, 9, tzinfo=UTC)
    await city.watch.tick()
    assert len(await city.records(kind="ended", viewing=viewing)) == 1


async def test_a_journal_written_while_the_clock_jumped_verifies(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    for jump in (timedelta(hours=-2), timedelta(hours=10), timedelta(hours=-10)):
        city.clock.at += jump
        await officer.opened(len(city.relay.admitted) + 1, event)
    ats = [record["at"] for record in await city.records(kind="opened")]
    assert ats != sorted(ats), "the clock really ran back"
    identity = identity_of(city.settings)
    content = b"".join(exported_ledger(city.settings.node.data_dir / DATABASE_FILE))
    verify_ledger(lambda: io.BytesIO(content), vkeys=[verifier_key(identity.origin, identity.key)])


async def test_saturdays_opening_ends_at_the_first_instant_of_two_o_clock_when_clocks_go_forward(city: City) -> None:
    city.clock.at = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)  # 01:59:59; the next second reads 03:00:00
    assert await room(city) == (True, "2026-03-29T01:00:00Z")
    city.clock.at = datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC)
    assert (await room(city))[0] is False


async def test_saturdays_opening_ends_at_the_first_two_o_clock_when_clocks_go_back(city: City) -> None:
    city.clock.at = datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)  # 01:59:59 in summer time
    assert await room(city) == (True, "2026-10-25T00:00:00Z")
    city.clock.at = datetime(2026, 10, 25, 0, 0, 0, tzinfo=UTC)
    assert (await room(city))[0] is False
    city.clock.at = datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC)  # 02:30 a second time
    assert (await room(city))[0] is False

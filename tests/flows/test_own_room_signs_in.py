"""On a disk that takes nothing the own room's shift changes all the same: signing in, watching, leaving. Reliability 9."""

import pytest

from belvedere.domain.agents import Session
from tests.flows.conftest import PASSWORD, PIN, City, SignedIn, station_secret
from tests.flows.test_own_room import DeafLedger

pytestmark = pytest.mark.anyio


@pytest.fixture
def deaf(city: City, monkeypatch: pytest.MonkeyPatch) -> DeafLedger:
    """A disk that takes nothing from now on."""
    ledger = DeafLedger(city.node.database.write)
    monkeypatch.setattr(city.node.database, "write", ledger)
    return ledger


async def sessions_in_tables(city: City) -> dict[str, Session]:
    """Return the sessions that are written down, by the login of their agents."""
    return await city.node.store.read(
        lambda reading: {
            account.login: each
            for each in reading.snapshot.open_sessions()
            if (account := reading.snapshot.account(each.agent)) is not None
        }
    )


async def sign_in(city: City, login: str, password: str = PASSWORD) -> tuple[int, str]:
    body = {"login": login, "password": password, "station": station_secret(login)}
    answer = await city.browser().post("/api/v1/login", json=body)
    return answer.status_code, answer.json().get("cause", "")


async def status(agent: SignedIn) -> int:
    return (await agent.client.get("/api/v1/session")).status_code


async def test_on_a_disk_that_takes_nothing_an_own_rooms_agent_signs_in_works_and_leaves_and_another_comes(
    city: City, deaf: DeafLedger
) -> None:
    operator = await city.sign_in("csu-operator")
    first = await operator.opened(2, None)
    assert (await operator.client.delete(f"/api/v1/streams/{first}")).status_code == 204
    second = await operator.opened(3, None)
    assert (await operator.client.post("/api/v1/logout")).status_code == 204
    assert city.relay.ended(second) == (4403, "session-ended")
    assert await status(operator) == 401
    chief = await city.sign_in("csu-room-chief")
    third = await chief.opened(4, None)
    assert await status(chief) == 200
    assert deaf.turned_away >= 7, "the fault never fired"
    assert await sessions_in_tables(city) == {}
    assert await city.records(kind="decision") == []

    deaf.deaf = False
    await city.node.spine.drain()
    assert list(await sessions_in_tables(city)) == ["csu-room-chief"]
    assert await status(chief) == 200
    assert await status(operator) == 401
    records = await city.records()
    (gap,) = (number for number, record in enumerate(records) if record["kind"] == "gap")
    told = [(record["kind"], record.get("viewing")) for record in records[gap:]]
    assert told == [
        ("gap", None),
        *(("decision", first), ("opened", first), ("ended", first)),
        *(("decision", second), ("opened", second), ("ended", second)),
        *(("decision", third), ("opened", third)),
    ]
    assert records[gap]["detail"]["late"] == 8
    assert [each["id"] for each in (await chief.streams())["items"]] == [third]


async def test_a_partners_agent_does_not_sign_in_while_nothing_can_be_recorded(city: City, deaf: DeafLedger) -> None:
    assert await sign_in(city, "cic-operator") == (503, "not-recorded")
    assert city.node.spine.tail.entries == ()
    deaf.deaf = False
    assert (await sign_in(city, "cic-operator"))[0] == 200


async def test_a_wrong_password_is_refused_as_ever_while_nothing_can_be_recorded(city: City, deaf: DeafLedger) -> None:
    assert await sign_in(city, "csu-operator", "not the password") == (401, "wrong-password")
    assert city.node.spine.tail.entries == ()


async def test_a_relief_in_the_own_room_is_made_while_nothing_can_be_recorded(city: City, deaf: DeafLedger) -> None:
    operator = await city.sign_in("csu-operator")
    viewing = await operator.opened(2, None)
    relief = await operator.client.post("/api/v1/session/relief", json={"login": "csu-operator", "pin": PIN})
    assert relief.status_code == 200
    assert await status(operator) == 200
    assert city.relay.ended(viewing) is None
    deaf.deaf = False
    await city.node.spine.drain()
    assert list(await sessions_in_tables(city)) == ["csu-operator"]
    assert await status(operator) == 200
    assert [each["id"] for each in (await operator.streams())["items"]] == [viewing]

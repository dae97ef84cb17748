"""The owner's own room is never blinded; a partner gets no image without a record: reliability 9, 10."""

from collections.abc import Callable
from typing import Any

import pytest

from belvedere.changes import AuthorisationDeclared
from belvedere.domain.centre import CentreState
from belvedere.domain.failures import NotRecorded
from belvedere.domain.record import Subject
from belvedere.store.spine_store import SqlTransaction
from tests.flows.conftest import CITY, City
from tests.flows.making import make

pytestmark = pytest.mark.anyio


class DeafLedger:
    """Lets no write through while `deaf`, and counts what it turned away."""

    def __init__(self, write: Callable[..., Any]) -> None:
        self._write = write
        self.deaf = True
        self.turned_away = 0

    async def __call__(self, *args: Any, **named: Any) -> Any:
        if self.deaf:
            self.turned_away += 1
            raise NotRecorded("the test lets nothing through")
        return await self._write(*args, **named)


async def test_while_nothing_can_be_recorded_the_state_sees_nothing_and_the_own_room_goes_on(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    event = await officer.open_event()
    ledger = DeafLedger(city.node.database.write)
    monkeypatch.setattr(city.node.database, "write", ledger)

    refused = await officer.open(1, event)
    assert (refused.status_code, refused.json()["cause"]) == (503, "not-recorded")
    own = await operator.open(2, None)
    assert own.status_code == 201
    closed = await operator.opened(3, None)
    assert (await operator.client.delete(f"/api/v1/streams/{closed}")).status_code == 204
    assert ledger.turned_away >= 3, "the fault never fired"
    assert not await city.records(camera="vda-002")

    ledger.deaf = False
    await city.node.spine.drain()
    (gap,) = await city.records(kind="gap")
    assert gap["detail"]["late"] == 5
    assert [record["kind"] for record in await city.records(camera="vda-002")] == ["decision", "opened"]
    assert [record["kind"] for record in await city.records(camera="vda-003")] == ["decision", "opened", "ended"]
    assert own.json()["id"] in {item["id"] for item in (await operator.streams())["items"]}
    assert (await officer.open(1, event)).status_code == 201


async def test_an_end_that_cannot_be_recorded_still_stops_the_picture(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event(motive="rixe")
    viewing = await officer.opened(1, event)
    by = Subject(CITY, None, None, None)
    withdrawn = AuthorisationDeclared(CentreState(authorisation_withdrawn=True), "", by, city.clock.now(), None)
    await make(city.node, withdrawn)
    ledger = DeafLedger(city.node.database.write)
    monkeypatch.setattr(city.node.database, "write", ledger)
    await city.node.watch.review()
    assert ledger.turned_away, "the fault never fired"
    assert city.relay.ended(viewing) == (4403, "authorisation-withdrawn")
    assert not await city.records(kind="ended")
    ledger.deaf = False
    await city.node.spine.drain()
    (ended,) = await city.records(kind="ended")
    assert ended["cause"] == "authorisation-withdrawn"


async def test_an_opening_that_becomes_durable_too_late_holds_no_slot(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    settled = []

    store = city.node.store

    async def impatient(
        work: Any, *, durable: Callable[[Any], None], unclaimed: Callable[[Any], None], **_: Any
    ) -> Any:
        made = await city.node.database.write(
            lambda tx: work(SqlTransaction(tx, store._place, kept=store._kept)), durable=durable
        )
        settled.append(made)
        unclaimed(made)
        raise NotRecorded("the test gave up before the commit came back")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(store), "write", lambda _store, work, **named: impatient(work, **named))
        answer = await officer.open(1, event)
    assert answer.status_code == 503
    assert settled, "the late write never happened"
    assert (await officer.streams())["slots"][0]["used"] == 1
    await city.watch.tick()
    assert (await officer.streams())["slots"][0]["used"] == 0
    (ended,) = await city.records(kind="ended")
    assert ended["cause"] == "came-late"

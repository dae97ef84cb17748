"""An agent of one party watches a camera of another's, each on its own node: who decides, what each records, what ends.

Rules A5, A6, A23; reliability 5, 7, 8, 11. Pictures between nodes are not asked for here: the relay of the test takes any.
"""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from belvedere.domain.ids import PartyId
from belvedere.node.compose import run_node
from belvedere.peers.link import HOLD_S
from belvedere.rights.watched import watched
from belvedere.settings import Settings
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.flows.conftest import CITY, STATE, City, MovedClock, NotingRelay, SignedIn
from tests.flows.two_nodes import TwoNodes, two_nodes

pytestmark = pytest.mark.anyio
CANARY = "Xq7-numero-d-appel"
NOTE = "mot-de-releve-Zk4"
UNDISCLOSED = "motif-qui-n-ouvre-rien-Wp2"


@dataclass
class Both:
    """The two nodes, joined."""

    city: City
    state: City
    nodes: TwoNodes
    stop_city: Callable[[], Awaitable[None]]

    async def officer(self, login: str = "cic-operator") -> tuple[SignedIn, str]:
        """Sign an officer in on the State's node, with an event of its own."""
        signed_in = await self.state.sign_in(login)
        return signed_in, await signed_in.open_event(motive="rixe", dispatch_number=CANARY)

    async def running_there(self) -> list[str]:
        """Return the viewings of the State that the city holds."""
        found = await self.city.node.spine.read(lambda snapshot: snapshot.viewings())
        return [each.id for each in found if each.party == STATE]

    async def running_here(self) -> list[str]:
        """Return the viewings that the State holds."""
        return [each.id for each in await self.state.node.spine.read(lambda snapshot: snapshot.viewings())]


@asynccontextmanager
async def running(settings: Settings, clock: MovedClock) -> AsyncIterator[City]:
    relay = NotingRelay()
    async with run_node(settings, clock=clock, relay=relay, record_within_s=20.0) as node:
        city = City(node, clock, relay, settings)
        try:
            yield city
        finally:
            for client in city.clients:
                await client.aclose()


@pytest.fixture
async def both(tmp_path: Path, enrolled_data: Path, enrolled_state_data: Path) -> AsyncIterator[Both]:
    nodes = two_nodes(tmp_path, enrolled_data, enrolled_state_data)
    async with running(nodes.state, MovedClock()) as state, AsyncExitStack() as stack:
        city = await stack.enter_async_context(running(nodes.city, MovedClock()))
        await until(lambda: is_joined(city, state))
        yield Both(city, state, nodes, stack.aclose)


async def is_joined(city: City, state: City) -> bool:
    replica = await state.node.spine.read(lambda snapshot: snapshot.replica(PartyId(CITY)))
    ready = (await city.browser().get("/readyz")).json()["witness"]
    return bool(ready) and len(replica.cameras) == 12 and state.node.channel.states()[PartyId(CITY)].up


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(20):
        while not await holds():
            await anyio.sleep(0.03)


async def test_an_officer_opens_a_camera_of_the_city_on_the_states_node_and_both_ledgers_say_so(both: Both) -> None:
    officer, event = await both.officer()
    answer = await officer.open(1, event)
    assert answer.status_code == 201, answer.text
    opened = answer.json()
    assert (opened["slot"], opened["slots"], opened["slots_used"]) == (1, 8, 1)
    assert "vda-etat:art-3" in opened["articles"]
    (slots,) = (await officer.streams())["slots"]
    assert (slots["party"], slots["used"], slots["total"]) == (STATE, 1, 8)
    # The city's room sees it, by a pseudonym.
    operator = await both.city.sign_in("csu-operator")
    (seen,) = (await operator.client.get("/api/v1/streams")).json()["items"]
    assert (seen["id"], seen["party"], seen["camera"]) == (opened["id"], STATE, "vda-001")
    assert (seen["event"]["id"], seen["event"]["dispatch_number"]) == (event, None)
    # Each ledger has the other's word.
    there = await both.city.records(viewing=opened["id"])
    here = await both.state.records(viewing=opened["id"])
    assert [record["kind"] for record in there] == ["decision", "opened"]
    assert [record["kind"] for record in here] == ["decision", "answered", "opened"]
    assert there[0]["evidence"] == here[1]["evidence"]
    assert len(there[0]["evidence"]) == 2
    assert {record["subject"]["agent"] for record in (*there, *here)} == {seen["agent"]}
    assert seen["agent"] not in {"cic-operator", "Nom de cic-operator"}


async def test_nothing_that_the_citys_node_wrote_holds_an_officers_name_or_an_undisclosed_word(both: Both) -> None:
    officer, event = await both.officer()
    await officer.opened(1, event)
    await officer.client.post("/api/v1/handover", json={"words": NOTE})
    refused = await officer.open(2, None)
    assert refused.status_code == 403
    await officer.open_event(motive=UNDISCLOSED, sector=UNDISCLOSED, dispatch_number=CANARY)
    await until(lambda: is_told(both, "rixe"))
    settings = both.nodes.city
    await both.stop_city()
    enrolled_here = (b"Nom de cic-operator", b"cic-operator")
    written = b"".join(path.read_bytes() for path in settings.node.data_dir.iterdir() if path.is_file())
    # Accounts that the city hosts too are written there, under their names: only what crossed is looked for.
    assert all(name in written for name in enrolled_here), "the search reads what it says that it reads"
    records = repr(told_by_records(settings))
    for canary in (CANARY, NOTE, UNDISCLOSED, "rixe", "Nom de cic-operator", "cic-operator"):
        assert canary not in records, canary
    assert b"rixe" in written, "what the owner may read is there, beside its record"
    for word in (CANARY, NOTE, UNDISCLOSED):
        assert word.encode() not in written, word


async def is_told(both: Both, motive: str) -> bool:
    """Whether the city's room sees this motive beside what the State watches."""
    seen = await both.city.node.spine.read(lambda snapshot: watched(snapshot, PartyId(CITY)))
    return motive in [each.event.motive for each in seen.viewings if each.event is not None]


def told_by_records(settings: Settings) -> list[Any]:
    """Return what the stopped node's ledger holds, evidence decoded."""
    found = []
    for line in b"".join(exported_ledger(settings.node.data_dir / DATABASE_FILE)).splitlines():
        entry = json.loads(line)
        found.append(entry)
        record = entry.get("record")
        for jws in (record or {}).get("evidence", []) if isinstance(record, dict) else []:
            if jws.count(".") == 2:
                part = jws.split(".")[1]
                found.append(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode())
    assert any("cic" in each for each in found if isinstance(each, str)), "the evidence is read"
    return found


async def test_what_the_owner_refuses_does_not_open_and_its_words_reach_the_officer(both: Both) -> None:
    director, operator = await both.city.sign_in("police-director"), await both.city.sign_in("csu-operator")
    officer, event = await both.officer()
    first = await officer.opened(1, event)
    answer = await director.client.post(
        f"/api/v1/streams/{first}/suspension", json={"ground": "mask-fault", "reason": "masque tombé"}
    )
    assert answer.status_code == 201, answer.text
    await until(lambda: is_ended_here(both, first))
    assert both.state.relay.ended(first) == (4403, "suspended")
    (ended,) = await both.state.records(kind="ended", viewing=first)
    assert (ended["cause"], len(ended["evidence"])) == ("suspended", 1)
    again = await officer.open(1, event)
    assert (again.status_code, again.json()["cause"]) == (403, "suspended")
    assert "défaut de masquage" in again.json()["detail"], "the owner's words, and none that its director typed"
    assert (await both.running_there(), await both.running_here()) == ([], [])
    del operator


async def is_ended_here(both: Both, viewing: str) -> bool:
    return viewing not in await both.running_here()


async def test_a_closed_picture_gives_its_slot_back_at_once(both: Both) -> None:
    officer, event = await both.officer()
    viewing = await officer.opened(1, event)
    assert await both.running_there() == [viewing]
    await officer.client.delete(f"/api/v1/streams/{viewing}")
    await until(lambda: is_empty_there(both))
    (ended,) = await both.city.records(kind="ended", viewing=viewing)
    assert (ended["cause"], len(ended["evidence"])) == ("closed", 1)
    assert len(await both.state.records(kind="ended", viewing=viewing)) == 1


async def is_empty_there(both: Both) -> bool:
    return not await both.running_there()


async def test_the_owner_counts_hosted_accounts_and_node_together(both: Both) -> None:
    hosted = await both.city.sign_in("cic-second")
    of_hosted = await hosted.open_event()
    for number in range(1, 5):
        await hosted.opened(number, of_hosted)
    officer, event = await both.officer()
    await until(lambda: is_told_used(officer, 4))
    for number in range(5, 9):
        await officer.opened(number, event)
    full = await officer.open(9, event)
    assert full.status_code == 409, full.text
    assert len(full.json()["holders"]) == 8
    assert (await officer.open(5, event)).status_code == 201, "a camera that flows takes no new slot"
    assert len(await both.running_there()) == 8
    # What the owner's node hosts is among them, once it has told so.
    await until(lambda: is_told_used(officer, 8))
    assert len((await officer.streams())["slots"][0]["holders"]) == 4, "whose they are it does not tell"


async def is_told_used(officer: SignedIn, used: int) -> bool:
    (slots,) = (await officer.streams())["slots"]
    return bool(slots["used"] == used)


async def test_without_the_owners_node_nothing_opens_and_the_officer_is_told_why(both: Both) -> None:
    officer, event = await both.officer()
    await both.stop_city()
    answer = await officer.open(1, event)
    assert (answer.status_code, answer.json()["cause"]) == (403, "owner-away")
    (replied,) = await both.state.records(kind="answered")
    assert (replied["cause"], replied["verdict"], replied["evidence"]) == ("owner-away", None, [])
    assert await both.running_here() == []


async def test_when_the_link_is_gone_for_the_hold_both_sides_end_and_slots_come_back_once(both: Both) -> None:
    officer, event = await both.officer()
    viewing = await officer.opened(1, event)
    await both.stop_city()
    both.state.clock.move(timedelta(seconds=HOLD_S + 1))
    await until(lambda: is_ended_here(both, viewing))
    (ended,) = await both.state.records(kind="ended", viewing=viewing)
    assert ended["cause"] == "link-lost"
    async with running(both.nodes.city, both.city.clock) as city:
        found = await city.node.spine.read(lambda snapshot: snapshot.viewings())
        assert list(found) == []
        (over,) = await city.records(kind="ended", viewing=viewing)
        assert over["cause"] == "restart"

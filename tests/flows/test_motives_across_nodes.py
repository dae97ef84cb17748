"""The motive of an event crosses to the owner of the cameras that it opened, as its party's word, and nothing else does.

Rules C5; reliability 8, 27. Each party runs its own node.
"""

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from belvedere.domain.ids import EventId, PartyId
from belvedere.ledger.agreed_text import KEYS_FILE
from belvedere.ledger.pinned_keys import parse_keys
from belvedere.peers.evidence import check_file, keys_of
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.flows.conftest import CITY, MovedClock
from tests.flows.test_across_nodes import Both, is_joined, is_told, running, until
from tests.flows.two_nodes import two_nodes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def both(tmp_path: Path, enrolled_data: Path, enrolled_state_data: Path) -> AsyncIterator[Both]:
    nodes = two_nodes(tmp_path, enrolled_data, enrolled_state_data)
    async with running(nodes.state, MovedClock()) as state, AsyncExitStack() as stack:
        city = await stack.enter_async_context(running(nodes.city, MovedClock()))
        await until(lambda: is_joined(city, state))
        yield Both(city, state, nodes, stack.aclose)


async def test_the_owners_room_and_journal_tell_each_version_as_another_partys_word(both: Both) -> None:
    officer = await both.state.sign_in("cic-operator")
    event = await officer.open_event(motive="rixe", sector="Centre", dispatch_number="26-77")
    await officer.opened(1, event)
    await until(lambda: is_told(both, "rixe"))
    answer = await officer.client.patch(f"/api/v1/events/{event}", json={"motive": "agression"})
    assert answer.status_code == 200, answer.text
    await until(lambda: is_told(both, "agression"))
    operator, inspector = await both.city.sign_in("csu-operator"), await both.city.sign_in("inspector")
    (seen,) = (await operator.streams())["items"]
    assert seen["event"] == {
        "id": event,
        "kind": "levee-de-doute",
        "motive": "agression",
        "dispatch_number": None,
        "sector": "Centre",
        "motive_to_come": False,
    }
    (viewing,) = (await inspector.client.get("/api/v1/journal/viewings")).json()["items"]
    told: dict[str, Any] = viewing["event"]
    assert [each["words"] for each in told["motives"]] == ["rixe", "agression"]
    assert {(each["agent"], each["name"]) for each in told["motives"]} == {(seen["agent"], None)}
    assert (told["of_its_party"], told["to_come"], told["erased"], told["dispatch_number"]) == (
        True,
        False,
        False,
        None,
    )
    # A motive that was told is owed no more, on either side.
    assert await both.state.node.spine.read(lambda snapshot: snapshot.disclosures_due(PartyId(CITY))) == []
    # Whoever has the file and the keys proves it.
    settings = both.nodes.city
    await both.stop_city()
    file = io.BytesIO(b"".join(exported_ledger(settings.node.data_dir / DATABASE_FILE)))
    keys = parse_keys((settings.conventions[0].directory / KEYS_FILE).read_bytes(), parties=None)
    checked = check_file(file, keys_of(keys))
    # The decision's, and one for each version of the motive.
    assert (checked.records, checked.false) == (3, None)


async def test_a_motive_that_has_not_arrived_is_to_come_and_arrives_once_the_link_is_back(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, event = await both.officer()
    link = both.state.node.channel.links[PartyId(CITY)]
    monkeypatch.setattr(link, "say", lambda message: None)  # the words are lost on the way
    viewing = await officer.opened(1, event)
    operator, inspector = await both.city.sign_in("csu-operator"), await both.city.sign_in("inspector")
    (seen,) = (await operator.streams())["items"]
    assert (seen["event"]["motive"], seen["event"]["motive_to_come"]) == (None, True)
    (told,) = (await inspector.client.get("/api/v1/journal/viewings")).json()["items"]
    assert (told["event"]["to_come"], told["event"]["erased"], told["event"]["motive"]) == (True, False, None)
    assert told["event"]["kind"] == "levee-de-doute"
    file = (await inspector.client.get("/api/v1/journal/viewings.csv")).text
    assert "motif à venir" in file
    monkeypatch.undo()
    # It is told although its picture is closed, and its event too.
    await officer.client.delete(f"/api/v1/streams/{viewing}")
    closed = await officer.client.patch(f"/api/v1/events/{event}", json={"state": "closed"})
    assert closed.status_code == 200, closed.text
    await until(lambda: is_recorded(both, event))
    (told,) = (await inspector.client.get("/api/v1/journal/viewings")).json()["items"]
    assert (told["event"]["motive"], told["event"]["to_come"]) == ("rixe", False)


async def is_recorded(both: Both, event: str) -> bool:
    told = await both.city.node.spine.read(lambda snapshot: snapshot.told_event(EventId(event)))
    return told is not None and told.number == 1


async def test_a_pseudonym_is_resolved_on_its_own_node_and_both_sides_record_it_without_the_name(both: Both) -> None:
    officer, event = await both.officer()
    await officer.opened(1, event)
    pseudonym = officer.body["agent"]["pseudonym"]
    supervisor, director = await both.state.sign_in("cic-supervisor"), await both.city.sign_in("police-director")
    path, body = f"/api/v1/pseudonyms/{pseudonym}/resolution", {"ground": "requisition", "act": "réquisition 26/4"}
    assert (await director.client.post(path, json=body)).status_code == 404, "another party's names stay with it"
    assert (await officer.client.post(path, json=body)).status_code == 403
    answer = await supervisor.client.post(path, json=body)
    assert (answer.status_code, answer.json()["name"]) == (200, "Nom de cic-operator")
    await until(lambda: is_resolution_recorded(both))
    (here,), (there,) = [await node.records(cause="resolved") for node in (both.state, both.city)]
    assert (here["detail"]["agent"], here["detail"]["told"]) == (pseudonym, [CITY])
    assert (there["detail"]["agent"], there["detail"]["party"], len(there["evidence"])) == (pseudonym, "etat", 1)
    assert "Nom de cic-operator" not in repr((here, there))
    listed = (await director.client.get("/api/v1/journal")).json()["items"]
    assert there["index"] in [each["index"] for each in listed], "the owner of the cameras reads it"


async def is_resolution_recorded(both: Both) -> bool:
    due = await both.state.node.spine.read(lambda snapshot: snapshot.resolutions_due(PartyId(CITY)))
    return bool(await both.city.records(cause="resolved")) and not due


async def test_words_that_were_told_are_erased_with_their_record(both: Both) -> None:
    officer, event = await both.officer()
    await officer.opened(1, event)
    await until(lambda: is_told(both, "rixe"))
    (index,) = [record["index"] for record in await both.city.records(kind="event", cause="told")]
    assert await both.city.node.database.erase_records([index], reason="retention")
    assert not await is_told(both, "rixe")
    directory = both.nodes.city.node.data_dir
    assert [each.name for each in directory.iterdir() if each.is_file() and b"rixe" in each.read_bytes()] == []

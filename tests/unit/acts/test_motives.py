"""An event's motive crosses to the owners of the cameras that it opened, each version once, and to nobody else. Rules C5."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from belvedere.acts.motives import MotiveDesk, MotiveRefused
from belvedere.changes import MotiveDisclosed, MotiveReceived
from belvedere.domain.disclosures import MotiveTaken, MotiveTold
from belvedere.domain.events import Event
from belvedere.domain.ids import EventId, PartyId
from belvedere.domain.peer_requests import EventTold
from belvedere.domain.words import Words
from belvedere.peers.motive_exchange import messages_of
from belvedere.rights.disclosure import at_opening, of_change
from belvedere.spine.after import After
from tests.unit.acts.test_across_nodes import ASKED, ask, brought
from tests.unit.changes.small_city import AT, CITY, event, requester, words
from tests.unit.peers.messages_made import STATE
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
RIXE, VOL, CENTRE = words("rixe"), words("vol"), words("Centre")
OFFICER = requester("cic-operator")
THEIRS = EventId("e-theirs")
FIRST = MotiveTold(THEIRS, "levee-de-doute", 1, RIXE.sha256, CENTRE.sha256, OFFICER.pseudonym, OFFICER.service, AT)
SAID = {each.sha256: each for each in (RIXE, VOL, CENTRE)}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SmallNode]:
    """The owner's node, at which an event of another node opened a camera."""
    async with small_node(tmp_path) as running:
        await ask(running, replace(ASKED, event=EventTold(THEIRS, "levee-de-doute", RIXE.sha256)))
        yield running


async def tell(
    node: SmallNode, told: MotiveTold = FIRST, jti: str = "m-7", *, party: PartyId = STATE, **changed: Any
) -> MotiveTaken | MotiveRefused:
    return await MotiveDesk(node.spine).told(replace(told, **changed), SAID, brought(jti, party))


async def test_the_owner_keeps_each_version_as_its_partys_word(node: SmallNode) -> None:
    assert await tell(node) == MotiveTaken(THEIRS, 1)
    assert await tell(node, jti="m-8", number=2, motive_sha256=VOL.sha256) == MotiveTaken(THEIRS, 2)
    one, other = await node.records(kind="event", event={"id": THEIRS, "kind": "levee-de-doute"})
    assert (one["cause"], one["camera"]) == ("told", ASKED.camera)
    assert one["detail"] == {"motive": {"sha256": RIXE.sha256}, "sector": {"sha256": CENTRE.sha256}}
    assert (one["evidence"], one["subject"]["agent"]) == (["question m-7"], OFFICER.pseudonym)
    assert other["detail"]["motive"] == {"sha256": VOL.sha256}
    told = await node.spine.read(lambda snapshot: snapshot.told_event(THEIRS))
    assert told is not None
    assert (told.number, told.motive, told.sector) == (2, VOL, CENTRE)


async def test_a_version_that_is_told_again_is_answered_and_recorded_once(node: SmallNode) -> None:
    await tell(node)
    assert await tell(node, jti="m-8") == MotiveTaken(THEIRS, 1)
    assert len(await node.records(kind="event", cause="told")) == 1


REFUSED: dict[str, dict[str, Any]] = {
    "of an event that opened nothing here": {"event": EventId("e-1")},
    "of another party's event": {"party": PartyId("lille")},
    "with another motive than the question named": {"motive_sha256": VOL.sha256},
    "without the motive that the question named": {"motive_sha256": None},
    "without the words that it names": {"sector_sha256": "0" * 64},
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_told_otherwise_is_not_taken(node: SmallNode, what: str) -> None:
    assert isinstance(await tell(node, **REFUSED[what]), MotiveRefused)
    assert node.follower.of(MotiveReceived) == []


async def owed(node: SmallNode, before: Event, now: Event, *known: MotiveDisclosed) -> list[tuple[int, Words | None]]:
    found = await node.spine.read(
        lambda snapshot: at_opening(After(snapshot, known), now, OFFICER, CITY, AT, asked=before)
    )
    return [(each.disclosure.number, each.disclosure.motive) for each in found]


async def test_an_event_is_told_once_to_an_owner_and_its_changes_in_order(node: SmallNode) -> None:
    as_asked = event("e-1", motive="rixe")
    assert await owed(node, as_asked, as_asked) == [(1, RIXE)]
    assert await owed(node, as_asked, event("e-1", motive="vol")) == [(1, RIXE), (2, VOL)]
    assert await owed(node, event("e-1", motive="  "), event("e-1", motive="  ")) == [(1, None)]
    (first,) = await node.spine.read(lambda snapshot: at_opening(snapshot, as_asked, OFFICER, CITY, AT, asked=as_asked))
    assert await owed(node, as_asked, as_asked, first) == [], "a second camera of the same owner discloses nothing more"
    (changed,) = await node.spine.read(
        lambda snapshot: of_change(After(snapshot, (first,)), event("e-1", motive="vol"), OFFICER, AT)
    )
    assert (changed.disclosure.number, changed.disclosure.motive) == (2, VOL)
    assert await node.spine.read(lambda snapshot: of_change(snapshot, as_asked, OFFICER, AT)) == (), "nobody was told"


async def test_no_message_of_a_motive_has_the_number_of_a_call_a_name_or_a_note(node: SmallNode) -> None:
    full = event("e-1", motive="rixe", sector="Centre", dispatch_number="26-77")
    (first,) = await node.spine.read(lambda snapshot: at_opening(snapshot, full, OFFICER, CITY, AT, asked=full))
    said = repr(messages_of(first.disclosure))
    assert "rixe" in said
    assert not any(private in said for private in ("26-77", OFFICER.label, str(OFFICER.agent), str(full.opened_by)))


async def test_what_was_taken_is_owed_no_more_and_its_words_stand_in_the_ledger_alone(node: SmallNode) -> None:
    as_asked, desk = event("e-1", motive="rixe"), MotiveDesk(node.spine)
    (first,) = await node.spine.read(lambda snapshot: at_opening(snapshot, as_asked, OFFICER, CITY, AT, asked=as_asked))
    await node.make(first)
    assert [each.number for each in await desk.due(CITY)] == [1]
    assert await desk.due(STATE) == []
    await desk.taken(CITY, MotiveTaken(EventId("e-1"), 2))
    await desk.taken(STATE, MotiveTaken(EventId("e-1"), 1))
    assert [each.number for each in await desk.due(CITY)] == [1], (
        "another's word, or of another version, settles nothing"
    )
    await desk.taken(CITY, MotiveTaken(EventId("e-1"), 1))
    assert await desk.due(CITY) == []
    (kept,) = await node.spine.read(lambda snapshot: snapshot.disclosures(EventId("e-1")))
    assert (kept.taken, kept.motive) == (True, None)

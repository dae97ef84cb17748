"""Another party's leaving ends the convention here too, once, by its signed word. Reliability 8."""

from dataclasses import replace
from datetime import date

import pytest

from belvedere.acts.leaving import LeavingDesk, PartyLeaves
from belvedere.changes import PartyLeft
from belvedere.domain.ids import PartyId, Pseudonym
from tests.unit.acts.test_across_nodes import brought
from tests.unit.changes.small_city import STATE, TODAY
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
LEAVES = PartyLeaves("délibération 12", date(2026, 3, 25), Pseudonym("cic-4PPA"))


async def test_the_convention_ends_with_what_ran_under_it_and_the_word_is_kept(node: SmallNode) -> None:
    states = [each.id for each in await node.spine.read(lambda snapshot: snapshot.viewings()) if each.party == STATE]
    assert states, "something runs"
    desk = LeavingDesk(node.spine)
    for jti in ("m-1", "m-2"):
        await desk.left(LEAVES, brought(jti))
    (left,) = node.follower.of(PartyLeft)
    assert (left.party, left.evidence, left.proposal) == (STATE, ("question m-1",), None)
    (record,) = await node.records(kind="convention", cause="left")
    assert record["detail"] == {"act": "délibération 12", "on": "2026-03-25", "party": "etat"}
    assert (record["subject"]["agent"], record["evidence"]) == ("cic-4PPA", ["question m-1"])
    assert not set(states) & set(await node.running())


@pytest.mark.parametrize("on", [date(1, 1, 1), date(2099, 1, 1)])
async def test_a_leaving_of_any_day_ends_the_convention_on_the_day_on_which_it_is_heard(
    node: SmallNode, on: date
) -> None:
    await LeavingDesk(node.spine).left(replace(LEAVES, on=on), brought())
    (left,) = node.follower.of(PartyLeft)
    assert left.told.on == TODAY
    assert await node.spine.read(lambda snapshot: len(snapshot.conventions())) == 1, "every text is still read"


async def test_the_word_of_a_party_of_no_convention_ends_nothing(node: SmallNode) -> None:
    await LeavingDesk(node.spine).left(LEAVES, brought(party=PartyId("lille")))
    assert node.follower.of(PartyLeft) == []

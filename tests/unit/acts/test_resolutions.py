"""A pseudonym is resolved by name to whoever may ask on its own node, and the other parties learn that it was. Rules A23, C5."""

from dataclasses import replace

import pytest

from belvedere.acts.resolutions import PseudonymUnknown, ResolutionDesk
from belvedere.changes import ResolutionMade, ResolutionReceived
from belvedere.clock import SystemIds
from belvedere.domain.agents import Account
from belvedere.domain.ids import Pseudonym
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.resolutions import ResolutionGround, ResolutionTaken
from tests.unit.acts.test_across_nodes import brought
from tests.unit.changes.small_city import CITY, STATE, account, requester, resolved
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
DIRECTOR = requester("police-director")
OPERATOR = account("csu-operator")


def desk_of(node: SmallNode) -> ResolutionDesk:
    return ResolutionDesk(node.spine, SystemIds(), lambda: [STATE])


async def test_whoever_inspects_learns_the_name_and_the_record_has_it_not(node: SmallNode) -> None:
    desk = desk_of(node)
    found = await desk.resolve(DIRECTOR, OPERATOR.pseudonym, ResolutionGround.REQUISITION, "réquisition 26/4")
    assert isinstance(found, Account)
    assert found.label == OPERATOR.label
    (record,) = await node.records(cause="resolved")
    assert record["detail"] == {
        "act": "réquisition 26/4",
        "agent": OPERATOR.pseudonym,
        "ground": "requisition",
        "told": ["etat"],
    }
    assert record["subject"]["agent"] == DIRECTOR.pseudonym
    assert OPERATOR.label not in repr(record)
    (owed,) = await desk.due(STATE)
    assert (owed.agent, owed.by) == (OPERATOR.pseudonym, DIRECTOR.pseudonym)
    assert OPERATOR.label not in repr(owed), "no member in which a name could stand"
    await desk.taken(CITY, ResolutionTaken(owed.id))
    assert len(await desk.due(STATE)) == 1, "another party's word settles nothing"
    await desk.taken(STATE, ResolutionTaken(owed.id))
    assert await desk.due(STATE) == []


async def test_another_partys_pseudonym_and_an_unknown_one_have_one_answer_and_no_record(node: SmallNode) -> None:
    for pseudonym in (account("cic-operator").pseudonym, Pseudonym("nobody")):
        answer = await desk_of(node).resolve(DIRECTOR, pseudonym, ResolutionGround.INSPECTION, "contrôle")
        assert answer == PseudonymUnknown()
    assert node.follower.of(ResolutionMade) == []


async def test_an_operator_and_a_guest_of_another_party_resolve_nothing(node: SmallNode) -> None:
    for login in ("csu-operator", "cic-supervisor"):
        answer = await desk_of(node).resolve(
            requester(login), OPERATOR.pseudonym, ResolutionGround.INSPECTION, "contrôle"
        )
        assert isinstance(answer, ActRefused)
    assert node.follower.of(ResolutionMade) == []


async def test_what_another_party_resolved_is_recorded_once_and_answered_each_time(node: SmallNode) -> None:
    desk, told = desk_of(node), resolved("r-1")
    for jti in ("m-1", "m-2"):
        assert await desk.told(told, brought(jti)) == ResolutionTaken("r-1")
    (record,) = await node.records(cause="resolved")
    assert (record["subject"], record["evidence"]) == (None, ["question m-1"]), "its owner may read it"
    assert record["detail"]["party"] == "etat"
    assert len(node.follower.of(ResolutionReceived)) == 1
    await desk.told(replace(told, id="r-2"), brought("m-3"))
    assert len(node.follower.of(ResolutionReceived)) == 2

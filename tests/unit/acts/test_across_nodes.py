"""What another party's node asks is decided here with authority, once, and its words stand in the record. Rules A5, A6, A23."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from belvedere.acts.across_nodes import (
    Brought,
    OpenForPeer,
    PeerDesk,
    Replayed,
    not_held,
    open_for_peer,
    over_there,
)
from belvedere.changes import MessageTaken, ViewingEnded, ViewingOpened, ViewingProlonged
from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, EventId, PartyId, Pseudonym, StationId, ViewingId
from belvedere.domain.partner_waits import PartnerWaits
from belvedere.domain.peer_requests import EventTold, OpenAnswer, OpenAsked, ViewingOver, Watching
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action
from belvedere.rights.review import review
from tests.unit.changes.small_city import AT, SUSPENDED_CAMERA, camera
from tests.unit.peers.messages_made import OPEN_ASKED, STATE
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
ASKED = replace(OPEN_ASKED, viewing=ViewingId("v-theirs"), camera=camera(4))
MOTIVE = "0" * 64


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SmallNode]:
    async with small_node(tmp_path) as running:
        yield running


def signed(answer: OpenAnswer) -> str:
    """Stand in for a signature: the answer's own words."""
    return f"signed {answer.verdict} {answer.cause}"


def brought(jti: str = "m-1", party: PartyId = STATE) -> Brought:
    return Brought(party, f"question {jti}", MessageTaken(party, jti, 40, 0))


async def ask(
    node: SmallNode, asked: OpenAsked = ASKED, jti: str = "m-1", *, waits: PartnerWaits | None = None, **changed: Any
) -> str | Replayed:
    command = OpenForPeer(replace(asked, **changed), brought(jti), signed, waits)
    return await node.spine.commit(lambda snapshot, now: open_for_peer(snapshot, command, now))


async def test_the_owner_decides_and_keeps_question_and_answer_in_its_record(node: SmallNode) -> None:
    assert await ask(node) == "signed granted None"
    decision, opened = await node.records(viewing="v-theirs")
    assert (decision["kind"], opened["kind"]) == ("decision", "opened")
    assert decision["evidence"] == ["question m-1", "signed granted None"]
    assert decision["subject"] == {"party": "etat", "service": "cic", "agent": "cic-7Q2M", "station": "poste-4"}
    assert opened["event"] == {"id": "e-1", "kind": "levee-de-doute"}
    (viewing,) = [each.viewing for each in node.follower.of(ViewingOpened) if each.viewing.id == "v-theirs"]
    assert (viewing.attested, viewing.slot) == (ASKED.attested, 3)


async def test_a_retry_with_the_same_viewing_gets_the_same_grant_and_no_second_slot(node: SmallNode) -> None:
    await ask(node)
    assert await ask(node, jti="m-2") == "signed granted None"
    assert len([each for each in node.follower.of(ViewingOpened) if each.viewing.id == "v-theirs"]) == 1
    assert [each.viewing.id for each in node.follower.of(ViewingProlonged)] == ["v-theirs"]


async def test_a_message_that_comes_again_does_nothing(node: SmallNode) -> None:
    await ask(node)
    records = len(await node.records())
    assert await ask(node) == Replayed()
    assert len(await node.records()) == records


REFUSED: dict[str, tuple[dict[str, Any], Cause]] = {
    "without a habilitation": ({"habilitated": False}, Cause.NOT_HABILITATED),
    "at a station that is not registered": ({"station_registered": False}, Cause.STATION_UNREGISTERED),
    "without an event": ({"event": None}, Cause.NO_EVENT),
    "for a kind of event that nobody knows": (
        {"event": EventTold(EventId("e-1"), "guerre-des-etoiles", MOTIVE)},
        Cause.NO_EVENT,
    ),
    "a camera that is suspended": ({"camera": camera(SUSPENDED_CAMERA)}, Cause.SUSPENDED),
    "a camera that does not exist": ({"camera": CameraId("vda-999")}, Cause.NOT_OFFERED),
    "another act than to view": ({"action": Action.RECORD}, Cause.NOT_OFFERED),
    "an id that another viewing has": ({"viewing": ViewingId("v-1")}, Cause.NOT_OFFERED),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_the_owner_does_not_grant_is_refused_and_opens_nothing(node: SmallNode, what: str) -> None:
    changed, cause = REFUSED[what]
    assert await ask(node, **changed) == f"signed refused {cause}"
    assert node.follower.of(ViewingOpened) == []
    # What is decided is recorded with its evidence; what is not, for an unknown id, only counts.
    decisions = [record for record in await node.records(kind="decision") if record["cause"] == cause]
    assert [record["evidence"] for record in decisions] == (
        [] if cause is Cause.NOT_OFFERED else [["question m-1", f"signed refused {cause}"]]
    )


async def test_an_id_is_used_once_whoever_used_it(node: SmallNode) -> None:
    await ask(node)
    others: list[dict[str, Any]] = [
        {"station": StationId("poste-5")},
        {"agent": Pseudonym("cic-other")},
        {"camera": camera(5)},
    ]
    for number, changed in enumerate(others, 2):
        assert await ask(node, jti=f"m-{number}", **changed) == "signed refused not-offered"
    await node.spine.commit(lambda snapshot, now: over_there(snapshot, OVER, brought("m-8"), now))
    assert await ask(node, jti="m-9") == "signed refused not-offered", "it is over: a second one has another id"


async def test_a_party_that_is_not_served_now_is_told_why_and_nothing_is_decided(node: SmallNode) -> None:
    waits = PartnerWaits(Cause.NOT_WITNESSED, Text("pas encore", "not yet"), AT)
    assert await ask(node, waits=waits) == "signed refused not-witnessed"
    assert await node.records(kind="decision", viewing="v-theirs") == []


async def test_slots_are_counted_by_the_owner_for_accounts_and_node_together(node: SmallNode) -> None:
    # Two cameras flow to the State's hosted accounts; six more are free.
    for number in range(4, 10):
        if number != SUSPENDED_CAMERA:
            assert await ask(node, jti=f"m-{number}", viewing=ViewingId(f"v-peer-{number}"), camera=camera(number)) == (
                "signed granted None"
            )
    assert await ask(node, jti="m-10", viewing=ViewingId("v-peer-10"), camera=camera(10)) == "signed granted None"
    # The ninth takes the slot of a camera that another service of the party watches alone, an account hosted here or not.
    assert await ask(node, jti="m-11", viewing=ViewingId("v-peer-11"), camera=camera(11)) == "signed granted None"
    (taken,) = node.follower.of(ViewingEnded)
    assert (taken.viewing.id, taken.ending.cause, taken.ending.by) == ("v-3", Cause.PREEMPTED, "cic")
    assert await ask(node, jti="m-12", viewing=ViewingId("v-peer-12"), camera=camera(12)) == "signed refused quota"
    assert await ask(node, jti="m-13", viewing=ViewingId("v-peer-13"), camera=camera(4)) == "signed granted None"


async def test_what_its_node_vouched_for_ends_with_its_term(node: SmallNode) -> None:
    until = AT + timedelta(hours=1)
    await ask(node, habilitated_until=until)
    (viewing,) = [each.viewing for each in node.follower.of(ViewingOpened)]
    assert viewing.valid_until == until
    later = await node.spine.read(
        lambda snapshot: review(snapshot, AT + timedelta(minutes=30), lambda each: each.id == "v-theirs")
    )
    assert later == (), "reviewed before, it goes on as it is"


OVER = ViewingOver(ViewingId("v-theirs"), "session-ended", 4403, (), Text("fin", "over"), None, None)


async def test_what_is_over_there_ends_here_with_its_word_as_evidence(node: SmallNode) -> None:
    await ask(node)
    assert await node.spine.commit(lambda snapshot, now: over_there(snapshot, OVER, brought("m-2"), now))
    (ended,) = await node.records(kind="ended", viewing="v-theirs")
    assert (ended["cause"], ended["evidence"]) == ("session-ended", ["question m-2"])


async def test_a_party_ends_nothing_that_is_not_between_the_two(node: SmallNode) -> None:
    await ask(node)
    for viewing, party in (("v-theirs", PartyId("lille")), ("v-1", STATE), ("v-4", STATE), ("v-nowhere", STATE)):
        over = replace(OVER, viewing=ViewingId(viewing))
        message = brought(f"m-{viewing}", party)
        assert not await node.spine.commit(
            lambda snapshot, now, over=over, message=message: over_there(snapshot, over, message, now)
        )
    everything = [ViewingId(each) for each in ("v-1", "v-4")]
    await node.spine.commit(lambda snapshot, now: not_held(snapshot, STATE, everything, now))
    assert node.follower.of(ViewingEnded) == []


async def test_who_took_over_on_its_own_node_stands_in_this_ledger_too(node: SmallNode) -> None:
    await ask(node)
    watching = [Watching(ASKED.viewing, Pseudonym("cic-relief")), Watching(ViewingId("v-1"), Pseudonym("cic-relief"))]
    for jti in ("m-2", "m-3"):
        await PeerDesk(node.spine, lambda _: None).relieved(watching, brought(jti))
    (relieved,) = await node.records(kind="relieved")
    assert (relieved["viewing"], relieved["detail"], relieved["evidence"]) == (
        "v-theirs",
        {"former": "cic-7Q2M"},
        ["question m-2"],
    )
    assert relieved["subject"]["agent"] == "cic-relief"


async def test_what_the_other_node_no_longer_knows_ends_and_says_so(node: SmallNode) -> None:
    await ask(node)
    await PeerDesk(node.spine, lambda _: None).not_held(STATE, [ASKED.viewing])
    assert [each.ending.cause for each in node.follower.of(ViewingEnded)] == [Cause.NOT_HELD]


def test_the_question_has_no_member_in_which_a_name_could_stand() -> None:
    assert set(OpenAsked.__dataclass_fields__) == {
        "viewing", "action", "camera", "service", "agent", "station", "habilitated", "habilitated_until",
        "station_registered", "event", "purpose", "joined",
    }  # fmt: skip
    assert set(EventTold.__dataclass_fields__) == {"id", "kind", "motive_sha256"}

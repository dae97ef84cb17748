"""A camera of another owner's: this party decides first, the owner is asked, and what it answers is made so. Rules A5, A23."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from belvedere.acts.open_stream import NotOpened, Opened, OpenStream, StreamOpener
from belvedere.changes import EventClosed, SessionClosed, ViewingOpened
from belvedere.clock import SystemIds
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Refused
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import ArticleRef, CameraId, EventId, PartyId, ServiceId, ViewingId
from belvedere.domain.peer_requests import HolderTold, OpenAnswer, OwnerAnswered, OwnerAsked, OwnerAway, OwnerTold
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Verdict
from belvedere.rights.watched import SlotHolder
from tests.unit.changes import small_city
from tests.unit.changes.small_city import AT, CITY, REF, STATE, camera, event, requester, session, subject
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
OFFICER = requester("cic-operator")
ART_3 = (ArticleRef("vda-etat:art-3"),)


@dataclass
class Owner:
    """The owner's node, as a test lets it answer (implements `acts.open_stream.Owners`)."""

    answer: dict[str, Any] = field(default_factory=dict)
    away: bool = False
    meanwhile: list[Any] = field(default_factory=list)
    asked: list[OwnerAsked] = field(default_factory=list)
    given_back: list[ViewingId] = field(default_factory=list)
    is_near: bool = False
    told: list[tuple[OwnerTold, Callable[[OwnerAnswered], Awaitable[None]]]] = field(default_factory=list)

    def near(self) -> frozenset[PartyId]:
        return frozenset({CITY}) if self.is_near else frozenset()

    def tell_joined(self, told: OwnerTold, settle: Callable[[OwnerAnswered], Awaitable[None]]) -> None:
        self.told.append((told, settle))

    @asynccontextmanager
    async def asking(self, asked: OwnerAsked) -> AsyncIterator[OwnerAnswered | OwnerAway]:
        self.asked.append(asked)
        for act in self.meanwhile:
            await act()
        if self.away:
            yield OwnerAway(Text("coupé", "cut"))
            return
        granted = OpenAnswer(asked.asked.viewing, Verdict.GRANTED, ART_3, slot=3, slots_used=5, slots=8)
        yield OwnerAnswered(replace(granted, **self.answer), ("question", "answer"), "m-1", 40, 0)

    def give_back(self, asked: OwnerAsked) -> None:
        self.given_back.append(asked.asked.viewing)


class Tickets:
    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        return f"/media/{viewing}"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SmallNode]:
    """The State's own node, which was told of the city's cameras."""
    city = small_city.place()
    cameras = small_city.Inventory({camera(number): small_city.watched(number) for number in range(1, 13)}, told=True)
    async with small_node(tmp_path, replace(city, party=STATE, cameras=cameras)) as running:
        yield running


async def open_at(node: SmallNode, owner: Owner, event_: str | None = "e-1", *, login: str = "cic-operator") -> Any:
    opener = StreamOpener(node.spine, Tickets(), SystemIds(), owner)
    event_id = None if event_ is None else EventId(event_)
    return await opener(OpenStream(requester(login), CameraId(camera(5)), event_id))


async def kinds(node: SmallNode) -> list[str]:
    """Return the kinds of the records that came with the asking, in order."""
    return [str(record["kind"]) for record in await node.records(camera=camera(5))]


async def test_what_the_owner_grants_is_opened_with_its_slot_its_articles_and_its_word(node: SmallNode) -> None:
    owner = Owner()
    opened = await open_at(node, owner)
    assert isinstance(opened, Opened)
    assert (opened.viewing.slot, opened.slots_used, opened.slots, opened.viewing.articles) == (3, 5, 8, ART_3)
    assert await kinds(node) == ["decision", "answered", "opened"]
    (asked,) = owner.asked
    assert (asked.owner, asked.asked.viewing, asked.asked.agent) == (CITY, opened.viewing.id, OFFICER.pseudonym)
    (answered,) = await node.records(kind="answered")
    assert (answered["evidence"], answered["verdict"]) == (["question", "answer"], "granted")
    assert owner.given_back == []


async def test_what_this_party_refuses_itself_is_not_asked_on(node: SmallNode) -> None:
    owner = Owner()
    refused = await open_at(node, owner, None)
    assert isinstance(refused, NotOpened)
    assert owner.asked == []
    assert await kinds(node) == ["decision"]


async def test_the_owners_refusal_stands_with_its_words_and_its_holders(node: SmallNode) -> None:
    held = HolderTold(camera(1), (ServiceId("cic"),), AT)
    said = {
        "verdict": Verdict.REFUSED,
        "cause": "quota",
        "reason": Text("pris", "taken"),
        "holders": (held,),
        "slot": None,
    }
    refused = await open_at(node, Owner(said))
    assert isinstance(refused, NotOpened)
    assert isinstance(refused.decision, Refused)
    assert (refused.decision.cause, refused.decision.reason) == (Cause.QUOTA, Text("pris", "taken"))
    assert refused.holders == (SlotHolder(camera(1), (ServiceId("cic"),), AT),)
    assert await kinds(node) == ["decision", "answered"]
    assert [each for each in node.follower.of(ViewingOpened) if each.viewing.camera == camera(5)] == []


async def test_an_owner_that_is_away_opens_nothing_and_stands_in_the_record(node: SmallNode) -> None:
    refused = await open_at(node, Owner(away=True))
    assert isinstance(refused, NotOpened)
    assert isinstance(refused.decision, Refused)
    assert refused.decision.cause is Cause.OWNER_AWAY
    assert "cut" in refused.decision.reason.en
    (answered,) = await node.records(kind="answered")
    assert (answered["cause"], answered["verdict"]) == ("owner-away", None)


async def test_what_changed_while_the_owner_was_asked_is_looked_at_again_and_the_grant_given_back(
    node: SmallNode,
) -> None:
    async def the_event_closes() -> None:
        await node.make(EventClosed(event("e-1", closed_at=AT), subject("cic-operator"), AT, REF))

    owner = Owner(meanwhile=[the_event_closes])
    refused = await open_at(node, owner)
    assert isinstance(refused, NotOpened)
    assert [each.asked.viewing for each in owner.asked] == owner.given_back
    assert await kinds(node) == ["decision", "answered"]


async def test_who_left_while_the_owner_was_asked_opens_nothing_and_the_grant_is_given_back(node: SmallNode) -> None:
    async def the_officer_leaves() -> None:
        await node.make(SessionClosed(session("cic-operator").cookie_sha256))

    owner = Owner(meanwhile=[the_officer_leaves])
    assert isinstance(await open_at(node, owner), ActRefused)
    assert len(owner.given_back) == 1


async def test_without_a_record_nothing_opens_and_the_grant_is_given_back(node: SmallNode) -> None:
    async def the_disk_is_full() -> None:
        node.store.deaf = True

    owner = Owner(meanwhile=[the_disk_is_full])
    with pytest.raises(NotRecorded):
        await open_at(node, owner)
    assert len(owner.given_back) == 1
    node.store.deaf = False
    assert await kinds(node) == ["decision"]
    never_asked = Owner()
    node.store.deaf = True
    with pytest.raises(NotRecorded):
        await open_at(node, never_asked)
    assert never_asked.asked == [], "what is not recorded is not asked"


# What flows already.


async def test_the_same_officer_who_asks_again_has_the_same_viewing_and_the_owner_is_not_asked(node: SmallNode) -> None:
    owner = Owner()
    first, again = await open_at(node, owner), await open_at(node, owner)
    assert isinstance(first, Opened)
    assert isinstance(again, Opened)
    assert (again.viewing.id, again.slots) == (first.viewing.id, 8)
    assert len(owner.asked) == 1


async def test_a_second_officer_joins_what_flows_at_once_and_the_owner_is_told(node: SmallNode) -> None:
    owner = Owner(is_near=True)
    first, second = await open_at(node, owner), await open_at(node, owner, login="cic-second")
    assert isinstance(first, Opened)
    assert isinstance(second, Opened)
    assert second.viewing.slot == first.viewing.slot
    assert len(owner.asked) == 1
    ((told, settle),) = owner.told
    assert (told.owner, told.joined.viewing, told.joined.joined) == (CITY, second.viewing.id, True)
    granted = OpenAnswer(second.viewing.id, Verdict.GRANTED, ART_3)
    await settle(OwnerAnswered(granted, ("question", "answer"), "m-2", 40, 0))
    kinds_ = [str(each["kind"]) for each in await node.records(viewing=second.viewing.id)]
    assert kinds_ == ["decision", "opened", "answered"]


async def test_what_the_owner_does_not_grant_of_what_was_joined_ends_with_its_words(node: SmallNode) -> None:
    owner = Owner(is_near=True)
    await open_at(node, owner)
    second = await open_at(node, owner, login="cic-second")
    ((_, settle),) = owner.told
    no = OpenAnswer(second.viewing.id, Verdict.REFUSED, ART_3, cause="suspended", reason=Text("suspendu", "suspended"))
    await settle(OwnerAnswered(no, ("question", "answer"), "m-2", 40, 0))
    (ended,) = await node.records(kind="ended", viewing=second.viewing.id)
    assert (ended["cause"], ended["evidence"]) == ("suspended", ["question", "answer"])
    assert second.viewing.id not in await node.running()


async def test_what_flows_is_not_joined_while_the_owners_node_is_not_near(node: SmallNode) -> None:
    owner = Owner()
    await open_at(node, owner)
    await open_at(node, owner, login="cic-second")
    assert (len(owner.asked), owner.told) == (2, [])

"""Two nodes speak: cameras cross, and whoever lies, freezes, floods or is replaced is told so and put off.

Reliability 5, 11, 25, 28. Time is moved by hand; what is waited for comes at once.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import anyio
import pytest

from belvedere.acts.across_nodes import Brought, Replayed
from belvedere.acts.catalogue import NotReceived, Received
from belvedere.acts.leaving import OwnLeaving, PartyLeaves
from belvedere.changes import CataloguePublished, CatalogueReceived, MessageTaken, ViewingRelieved
from belvedere.clock import SystemIds
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import CameraId, PartyId, Pseudonym, ViewingId
from belvedere.domain.peer_requests import (
    OpenAnswer,
    OpenAsked,
    OwnerAnswered,
    OwnerAsked,
    OwnerAway,
    OwnerTold,
    ViewingOver,
    Watching,
)
from belvedere.domain.reconciliation import ViewingAccount
from belvedere.domain.record import ConventionRef
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Verdict
from belvedere.followers.catalogues import CataloguesFollower
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import CatalogueTold, changes_to, differs, exported
from belvedere.peers import conversation as links
from belvedere.peers.account_exchange import AccountExchange
from belvedere.peers.catalogue_exchange import CatalogueExchange
from belvedere.peers.leaving_exchange import LeavingExchange, OwedWord
from belvedere.peers.link import PeerLink
from belvedere.peers.messages import CatalogueAsked, Hello, PeerMessage, Renew, TicketTold
from belvedere.peers.motive_exchange import MotiveExchange
from belvedere.peers.resolution_exchange import ResolutionExchange
from belvedere.peers.signed_message import Claims, Flaw, Signed, SigningKey, believe, sign
from belvedere.peers.speaker import Listener, Speaker
from belvedere.peers.ticket_exchange import ASKED_MAX
from belvedere.peers.viewing_exchange import ViewingExchange
from belvedere.peers.wire import LinkEnd, WireClosed
from tests.unit.changes.colliding import ATTESTED
from tests.unit.changes.small_city import ended, opened, subject, viewing
from tests.unit.peers.messages_made import CITY, CITYS, NOW, OPEN_ASKED, PINNED, STATE, STATES, TEXT, camera

pytestmark = pytest.mark.anyio
OTHER = ConventionRef(TEXT.id, "1" * 64)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "RENEW_EVERY_S", 0.01)
    monkeypatch.setattr(links, "LOOK_EVERY_S", 0.01)


@dataclass
class PipeWire:
    """One end of a pipe in memory (implements `peers.wire.Wire`)."""

    outgoing: asyncio.Queue[str | None]
    incoming: asyncio.Queue[str | None]
    closed_with: int | None = None
    other: "PipeWire | None" = None
    heard: list[str] = field(default_factory=list)

    async def send(self, text: str) -> None:
        if self.is_closed:
            raise WireClosed(self.code)
        await self.outgoing.put(text)

    async def receive(self) -> str:
        text = None if self.is_closed and self.incoming.empty() else await self.incoming.get()
        if text is None:
            raise WireClosed(self.code)
        self.heard.append(text)
        return text

    async def close(self, code: int, word: str) -> None:
        self.closed_with = self.closed_with or code
        for queue in (self.outgoing, self.incoming):
            with suppress(asyncio.QueueFull):
                queue.put_nowait(None)

    @property
    def is_closed(self) -> bool:
        return self.closed_with is not None or (self.other is not None and self.other.closed_with is not None)

    @property
    def code(self) -> int | None:
        return None if self.other is None else self.other.closed_with


def pipe() -> tuple[PipeWire, PipeWire]:
    to_city: asyncio.Queue[str | None] = asyncio.Queue()
    to_state: asyncio.Queue[str | None] = asyncio.Queue()
    here, there = PipeWire(to_state, to_city), PipeWire(to_city, to_state)
    here.other, there.other = there, here
    return here, there


@dataclass
class HandClock:
    at: datetime = NOW
    passed_s: float = 100.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.passed_s

    def move(self, by_s: float) -> None:
        self.at += timedelta(seconds=by_s)
        self.passed_s += by_s


@dataclass
class NotingDesk:
    """Answers what is asked as a test says, and takes down the rest (implements `viewing_exchange.Desk`)."""

    answers: Callable[[OpenAsked], OpenAnswer | None] = lambda asked: OpenAnswer(asked.viewing, Verdict.GRANTED, ())
    asked: list[tuple[OpenAsked, Brought]] = field(default_factory=list)
    told_over: list[tuple[ViewingOver, Brought]] = field(default_factory=list)
    lost: list[tuple[PartyId, frozenset[ViewingId]]] = field(default_factory=list)
    relieved_there: list[Watching] = field(default_factory=list)

    async def open(self, asked: OpenAsked, brought: Brought, sign: Callable[[OpenAnswer], str]) -> str | Replayed:
        self.asked.append((asked, brought))
        answer = self.answers(asked)
        return Replayed() if answer is None else sign(answer)

    async def over(self, over: ViewingOver, brought: Brought) -> None:
        self.told_over.append((over, brought))

    async def relieved(self, watching: Sequence[Watching], brought: Brought) -> None:
        self.relieved_there += watching

    async def not_held(self, party: PartyId, which: Collection[ViewingId]) -> None:
        self.lost.append((party, frozenset(which)))


@dataclass
class NotingFlows:
    """Tells the tickets that a test gives, and takes down those that come (implements `ticket_exchange.Flows`)."""

    tickets: dict[tuple[PartyId, CameraId], str] = field(default_factory=dict)
    taken: list[tuple[PartyId, CameraId, str]] = field(default_factory=list)
    waiting: list[CameraId] = field(default_factory=list)

    def ticket_for(self, party: PartyId, camera: CameraId) -> str | None:
        return self.tickets.get((party, camera))

    def take_ticket(self, owner: PartyId, camera: CameraId, ticket: str) -> None:
        self.taken.append((owner, camera, ticket))

    def without_ticket(self, owner: PartyId) -> Sequence[CameraId]:
        return self.waiting


class NoAccounts:
    """A ledger that holds no viewing (`account_exchange.Accounts`)."""

    async def between(self, party: PartyId, *, since: datetime, most: int) -> Sequence[ViewingAccount]:
        return ()


class Node:
    """A node's link to the other party, with its lists kept in memory (`Receiver`)."""

    def __init__(self, party: PartyId, peer: PartyId, key: SigningKey, *, epoch: int = 1) -> None:
        self.party, self.peer = party, peer
        self.clock = HandClock()
        self.text: ConventionRef | None = TEXT
        self.lists = CataloguesFollower(lambda owner, replica: None)
        self.pages: list[CatalogueTold] = []
        self.refuses: Text | None = None
        speaker = Speaker(party, epoch, key, self.clock.now, self.clock, SystemIds())
        listener = Listener(
            peer, lambda: {kid: each for kid, each in PINNED.items() if each.party == peer}, lambda: self.text
        )
        self.viewings = ViewingExchange(lambda camera: CITY if party == STATE else None)
        self.desk = NotingDesk()
        self.flows = NotingFlows()
        self.motives = MotiveExchange()
        self.leaving = LeavingExchange()
        self.heard_leaving: list[tuple[PartyLeaves, Brought]] = []
        self.link = PeerLink(
            speaker,
            listener,
            catalogue=CatalogueExchange(self.lists, self),
            viewings=self.viewings,
            flows=self.flows,
            motives=self.motives,
            resolutions=ResolutionExchange(),
            leaving=self.leaving,
            accounts=AccountExchange(NoAccounts(), self.clock),
        )
        self.viewings.speak_over({peer: self.link}, self.desk)
        self.leaving.speak_over({peer: self.link}, self)

    async def left(self, leaves: PartyLeaves, brought: Brought) -> None:
        self.heard_leaving.append((leaves, brought))

    def publish(self, *cameras: Camera) -> None:
        told = self.lists.told(self.peer).catalogue
        entries = changes_to(told, {each.id: each for each in cameras})
        self.lists.follow([CataloguePublished(self.peer, entries)])

    async def receive(self, told: CatalogueTold, message: MessageTaken) -> Received | NotReceived:
        self.pages.append(told)
        if self.refuses is not None:
            return NotReceived(self.refuses)
        self.lists.follow([CatalogueReceived(message.party, told)])
        replica = self.lists.known(message.party)
        return Received(replica.upto, differs(replica, told))

    def knows(self) -> bytes:
        return exported(self.lists.known(self.peer).cameras.values())


def city() -> Node:
    return Node(CITY, STATE, CITYS)


def state(**changed: Any) -> Node:
    return Node(STATE, CITY, STATES, **changed)


@dataclass
class Talk:
    """What became of two nodes' conversation."""

    ended: dict[PartyId, LinkEnd] = field(default_factory=dict)


@asynccontextmanager
async def talking(*ends: tuple[Node, PipeWire]) -> AsyncIterator[Talk]:
    talk = Talk()

    async def converse(node: Node, wire: PipeWire) -> None:
        talk.ended[node.party] = await node.link.converse(wire)

    async with anyio.create_task_group() as tasks:
        for node, wire in ends:
            tasks.start_soon(converse, node, wire)
        yield talk
        tasks.cancel_scope.cancel()


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not holds():
            await anyio.sleep(0.005)


async def test_cameras_that_one_node_tells_are_known_at_the_other_and_so_is_every_change() -> None:
    one, other = city(), state()
    here, there = pipe()
    one.publish(*(camera(number, name="é" * 200) for number in range(1, 300)))
    async with talking((one, here), (other, there)):
        await until(lambda: other.lists.known(CITY).upto == 299)
        assert other.knows() == exported(one.lists.told(STATE).catalogue.cameras())
        assert len(other.pages) > 3, "in several pages"
        assert one.link.state.up
        assert other.link.state.up
        one.publish(*(camera(number) for number in range(2, 301)))
        await until(lambda: other.knows() == exported(camera(number) for number in range(2, 301)))


async def test_a_link_that_was_cut_goes_on_where_it_was() -> None:
    one, other = city(), state()
    one.publish(camera(1), camera(2))
    for cameras in ((camera(1), camera(2)), (camera(2), camera(3))):
        one.publish(*cameras)
        here, there = pipe()
        async with talking((one, here), (other, there)) as talk:
            await until(lambda cameras=cameras: other.knows() == exported(cameras))  # type: ignore[misc]  # bound now
            await here.close(1006, "")
            await until(lambda: STATE in talk.ended)
    assert [each.after for each in other.pages] == [0, 2]
    assert not other.link.state.up


async def test_nothing_is_told_twice_that_did_not_change() -> None:
    one, other = city(), state()
    one.publish(camera(1))
    here, there = pipe()
    async with talking((one, here), (other, there)):
        await until(lambda: other.lists.known(CITY).upto == 1)
        heard = len(there.heard)
        await until(lambda: len(there.heard) > heard + 10)
    assert len(other.pages) == 1


async def test_a_frozen_peer_is_noticed_within_three_seconds_and_said_so() -> None:
    one = city()
    here, there = pipe()
    async with talking((one, here)) as talk:
        await there.send(said_by_state(Hello(1, 1)))
        await until(lambda: one.link.state.up)
        one.clock.move(2.0)
        await anyio.sleep(0.05)
        assert one.link.state.up
        one.clock.move(0.75)
        await until(lambda: CITY in talk.ended)
    assert talk.ended[CITY] is LinkEnd.SILENT
    assert here.closed_with == LinkEnd.SILENT.code
    assert (one.link.state.up, one.link.state.said) == (False, LinkEnd.SILENT.said)
    assert one.link.state.since == one.clock.at


async def test_a_second_connection_takes_the_place_of_the_first_which_is_told() -> None:
    one, other, again = city(), state(), state(epoch=2)
    first, theirs = pipe()
    async with talking((one, first), (other, theirs)) as talk:
        await until(lambda: one.link.state.up)
        second, anew = pipe()
        async with talking((one, second), (again, anew)):
            await until(lambda: STATE in talk.ended)
            assert talk.ended == {CITY: LinkEnd.REPLACED, STATE: LinkEnd.REPLACED}
            await until(lambda: again.link.state.up)
            assert one.link.state.up


async def test_a_connection_that_does_not_say_who_it_is_takes_nobodys_place() -> None:
    one, other = city(), state()
    first, theirs = pipe()
    async with talking((one, first), (other, theirs)) as talk:
        await until(lambda: one.link.state.up)
        second, anew = pipe()
        await anew.send("nobody")
        assert await one.link.converse(second) is LinkEnd.NOT_BELIEVED
        assert talk.ended == {}
        assert one.link.state.up


def said_by_state(message: PeerMessage, key: SigningKey = STATES, **changed: Any) -> str:
    seconds = int(NOW.timestamp())
    claims = Claims(STATE, CITY, seconds, seconds + 20, SystemIds().fresh("m"), 1, TEXT)
    return sign(message, replace(claims, **changed), key)


async def heard_by_city(*texts: str, node: Node | None = None, hello: bool = True) -> LinkEnd:
    """Let the city's node hear these; return how it ends."""
    one = node or city()
    here, there = pipe()
    for text in (*([said_by_state(Hello(1, 1))] if hello else []), *texts):
        await there.send(text)
    with anyio.fail_after(5):
        return await one.link.converse(here)


TWICE = said_by_state(Renew(1))
BAD = {
    "no message": ["x"],
    "by a stranger": [said_by_state(Renew(1), CITYS)],
    "altered": [TWICE[:-3] + ("AAA" if TWICE[-3:] != "AAA" else "BBB")],
    "replayed": [TWICE, TWICE],
    "a second first word": [said_by_state(Hello(1, 1))],
    "for another party": [said_by_state(Renew(1), aud=PartyId("lille"))],
}


@pytest.mark.parametrize("what", BAD)
async def test_a_message_that_is_not_believed_ends_the_conversation(what: str) -> None:
    assert await heard_by_city(*BAD[what]) is LinkEnd.NOT_BELIEVED


@pytest.mark.parametrize("first", [said_by_state(Renew(1)), "x", said_by_state(Hello(1, 1), STATES, aud=STATE)])
async def test_who_does_not_say_who_he_is_first_is_not_spoken_with(first: str) -> None:
    assert await heard_by_city(first, hello=False) is LinkEnd.NOT_BELIEVED


async def test_versions_that_have_none_in_common_are_said_so() -> None:
    assert await heard_by_city(said_by_state(Hello(3, 2)), hello=False) is LinkEnd.VERSION
    older_too = city()
    here, there = pipe()
    async with talking((older_too, here)):
        await there.send(said_by_state(Hello(2, 1)))
        await until(lambda: older_too.link.state.up)


async def test_a_node_that_was_set_back_is_not_spoken_with() -> None:
    node = city()
    await heard_by_city(said_by_state(Hello(1, 1), epoch=7), "x", node=node, hello=False)
    assert await heard_by_city(said_by_state(Hello(1, 1), epoch=6), node=node, hello=False) is LinkEnd.OLD_EPOCH


async def test_a_flood_ends_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "BURST", 20.0)
    assert await heard_by_city(*(said_by_state(Renew(number)) for number in range(30))) is LinkEnd.FLOOD


async def test_a_peer_that_takes_nothing_is_left_and_nothing_piles_up() -> None:
    one = city()
    to_city: asyncio.Queue[str | None] = asyncio.Queue()
    await to_city.put(said_by_state(Hello(1, 1)))
    with anyio.fail_after(10):
        assert await one.link.converse(PipeWire(asyncio.Queue(1), to_city)) is LinkEnd.SLOW


async def test_under_another_text_nothing_is_told_and_the_link_stays_and_says_so() -> None:
    one, other = city(), state()
    one.publish(camera(1))
    other.text = OTHER
    here, there = pipe()
    async with talking((one, here), (other, there)) as talk:
        await until(lambda: one.link.state.other_text == OTHER and other.link.state.other_text == TEXT)
        await anyio.sleep(0.1)
        assert (other.pages, talk.ended) == ([], {})
        other.text = TEXT
        await until(lambda: other.knows() == exported([camera(1)]))
        assert one.link.state.other_text is None


async def test_without_a_convention_in_force_nobody_speaks() -> None:
    node = city()
    node.text = None
    assert await heard_by_city(node=node) is LinkEnd.NO_TEXT


async def test_a_list_that_nobody_asked_for_is_not_taken() -> None:
    one = city()
    here, there = pipe()
    lie = CatalogueTold(0, 0, 0, "0" * 64, ())
    async with talking((one, here)):
        await there.send(said_by_state(Hello(1, 1)))
        await there.send(said_by_state(lie, answers="0" * 64))
        await there.send(said_by_state(CatalogueAsked(0)))
        await until(lambda: any(is_a("catalogue-told", text) for text in sent_to(there)))
        assert one.pages == []


def is_a(kind: str, text: str) -> bool:
    header = text.split(".", maxsplit=1)[0]
    return bool(
        json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["typ"] == f"belvedere-{kind}+jws"
    )


def sent_to(wire: PipeWire) -> list[str]:
    """Take what has been sent to this end."""
    while not wire.incoming.empty():
        wire.heard.append(wire.incoming.get_nowait() or "")
    return wire.heard


async def test_a_list_that_is_refused_is_not_asked_for_again_until_there_is_another() -> None:
    one, other = city(), state()
    one.publish(camera(1))
    other.refuses = Text("non", "no")
    here, there = pipe()
    async with talking((one, here), (other, there)):
        await until(lambda: len(other.pages) == 1)
        heard = len(there.heard)
        await until(lambda: len(there.heard) > heard + 10)
        assert len(other.pages) == 1
        other.refuses = None
        one.publish(camera(1), camera(2))
        await until(lambda: other.knows() == exported([camera(1), camera(2)]))


async def test_a_list_that_comes_out_otherwise_is_asked_for_once_more_and_then_let_be() -> None:
    one, other = city(), state()
    one.publish(camera(1))
    told = one.lists.told(STATE)
    one.lists._told[STATE] = replace(told, sha256="2" * 64)
    here, there = pipe()
    async with talking((one, here), (other, there)):
        await until(lambda: len(other.pages) == 2)
        heard = len(there.heard)
        await until(lambda: len(there.heard) > heard + 10)
        assert len(other.pages) == 2


def test_every_end_has_a_code_and_words_of_its_own() -> None:
    assert len({each.code for each in LinkEnd}) == len({each.word for each in LinkEnd}) == len(LinkEnd)
    assert len({each.said for each in LinkEnd}) == len(LinkEnd)


# Viewings.


async def ask(node: Node, asked: OpenAsked = OPEN_ASKED) -> OwnerAnswered | OwnerAway:
    async with node.viewings.asking(OwnerAsked(CITY, asked)) as reply:
        return reply


async def test_a_camera_that_is_asked_for_is_answered_and_both_words_are_evidence() -> None:
    one, other = city(), state()
    here, there = pipe()
    async with talking((one, here), (other, there)):
        await until(lambda: other.link.state.up)
        reply = await ask(other)
        assert isinstance(reply, OwnerAnswered)
        assert reply.answer == OpenAnswer(OPEN_ASKED.viewing, Verdict.GRANTED, ())
        ((asked, brought),) = one.desk.asked
        assert (asked, brought.jws) == (OPEN_ASKED, reply.evidence[0])
        question, answer = (believed_anywhere(jws) for jws in reply.evidence)
        assert (question.message, answer.message) == (OPEN_ASKED, reply.answer)
        assert answer.claims.answers == question.sha256


def believed_anywhere(jws: str) -> Signed:
    header = json.loads(base64.urlsafe_b64decode(jws.split(".", maxsplit=1)[0] + "=="))
    own = CITY if PINNED[header["kid"]].party == STATE else STATE
    found = believe(jws, keys=PINNED, own=own, text=TEXT, now=NOW)
    assert isinstance(found, Signed)
    return found


async def test_who_is_not_reached_or_does_not_answer_is_said_so_within_three_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(links, "ANSWER_WITHIN_S", 0.1)
    one, other = city(), state()
    assert await ask(other) == OwnerAway(other.link.state.said)
    one.desk.answers = lambda asked: None
    here, there = pipe()
    async with talking((one, here), (other, there)):
        await until(lambda: other.link.state.up)
        reply = await ask(other)
        assert isinstance(reply, OwnerAway)
        assert reply.question is not None, "it was sent"
        one.text = OTHER
        await until(lambda: other.link.state.other_text == OTHER)
        assert await ask(other) == OwnerAway(Flaw.OTHER_TEXT.said)
        assert len(one.desk.asked) == 1


async def test_whoever_waits_for_an_answer_is_told_at_once_when_the_link_goes() -> None:
    one, other = city(), state()
    here, there = pipe()
    async with talking((other, there)):
        await here.send(said_by_city(Hello(1, 1)))
        await until(lambda: other.link.state.up)
        async with anyio.create_task_group() as tasks:
            replies: list[OwnerAnswered | OwnerAway] = []

            async def wait() -> None:
                replies.append(await ask(other))

            tasks.start_soon(wait)
            await until(lambda: any(is_a("open", text) for text in sent_to(here)))
            with anyio.fail_after(1):
                await here.close(1001, "")
                await until(lambda: bool(replies))
        assert isinstance(replies[0], OwnerAway)
    assert one.desk.asked == []


LEAVES = PartyLeaves("délibération", date(2026, 3, 25), Pseudonym("cic-4PPA"))


def owe(leaver: Node) -> None:
    """Have a node owe the other the word that its party left: the text is in force there no more."""
    messages = {kid: each for kid, each in PINNED.items() if each.party == leaver.peer}
    leaver.text = None
    leaver.leaving.owe({leaver.peer: OwedWord(OwnLeaving(LEAVES, TEXT), (), messages)})


async def test_a_party_that_left_says_so_under_the_text_that_it_left_until_the_other_has_none_either() -> None:
    one, other = city(), state()
    here, there = pipe()
    async with talking((one, here), (other, there)) as talk:
        await until(lambda: one.link.state.up and other.link.state.up)
        owe(other)
        await until(lambda: len(talk.ended) == 2)
    assert one.heard_leaving == [], "the conversation under way ends"
    # Heard, and not recorded: the text is in force there, so it is told again.
    here, there = pipe()
    async with talking((one, here), (other, there)) as talk:
        await until(lambda: bool(one.heard_leaving))
        await here.close(1006, "")
        await until(lambda: len(talk.ended) == 2)
    assert other.leaving.owed(CITY) is not None
    here, there = pipe()
    async with talking((one, here), (other, there)) as talk:
        await until(lambda: len(one.heard_leaving) == 2)
        one.text = None
        await until(lambda: len(talk.ended) == 2)
    assert [(told, brought.party) for told, brought in one.heard_leaving] == [(LEAVES, STATE)] * 2
    assert (other.leaving.owed(CITY), one.link.state.up, other.link.state.up) == (None, False, False)


async def test_nothing_is_heard_of_a_peer_that_is_told_that_this_party_left() -> None:
    other = state()
    owe(other)
    here, there = pipe()
    async with talking((other, there)) as talk:
        await here.send(said_by_city(Hello(1, 1)))
        for number in range(200):
            await here.send(said_by_city(Renew(number)))
        await until(lambda: bool(talk.ended))
    greeting, word = filter(None, sent_to(here))
    assert is_a("hello", greeting)
    assert is_a("leaving", word)
    assert other.leaving.owed(CITY) is not None


async def test_two_parties_that_both_left_while_the_link_was_down_wait_for_neither() -> None:
    one, other = city(), state()
    for node in (one, other):
        owe(node)
    here, there = pipe()
    async with talking((one, here), (other, there)) as talk:
        with anyio.fail_after(2):
            await until(lambda: len(talk.ended) == 2)
    assert (one.leaving.owed(STATE), other.leaving.owed(CITY)) == (None, None)


async def test_who_is_not_known_by_a_pinned_key_is_told_nothing() -> None:
    other = state()
    owe(other)
    here, there = pipe()
    async with talking((other, there)) as talk:
        seconds = int(NOW.timestamp())
        claims = Claims(CITY, STATE, seconds, seconds + 20, SystemIds().fresh("m"), 1, TEXT)
        await here.send(sign(Hello(1, 1), claims, STATES))
        await until(lambda: bool(talk.ended))
    assert not any(is_a("leaving", text) for text in filter(None, sent_to(here)))


def said_by_city(message: PeerMessage, **changed: Any) -> str:
    seconds = int(NOW.timestamp())
    claims = Claims(CITY, STATE, seconds, seconds + 20, SystemIds().fresh("m"), 1, TEXT)
    return sign(message, replace(claims, **changed), CITYS)


async def test_an_answer_to_another_question_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "ANSWER_WITHIN_S", 0.2)
    other = state()
    here, there = pipe()
    yes = OpenAnswer(OPEN_ASKED.viewing, Verdict.GRANTED, ())
    async with talking((other, there)):
        await here.send(said_by_city(Hello(1, 1)))
        await until(lambda: other.link.state.up)
        await here.send(said_by_city(yes, answers="0" * 64))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.send, said_by_city(yes, answers="0" * 64))
            assert isinstance(await ask(other), OwnerAway)


async def test_each_side_lists_what_it_wants_and_holds_and_what_only_one_has_ends() -> None:
    one, other = city(), state()
    here, there = pipe()
    theirs = replace(viewing("v-lost-there", "cic-operator", 1, None), attested=ATTESTED)
    async with talking((one, here), (other, there)):
        await until(lambda: one.link.state.up and other.link.state.up)
        one.viewings.follow([opened(theirs)])
        await until(lambda: (STATE, frozenset({theirs.id})) in one.desk.lost)
        ours = viewing("v-lost-here", "cic-operator", 1, None)
        other.viewings.follow([opened(ours)])
        await until(lambda: (CITY, frozenset({ours.id})) in other.desk.lost)
        # One that both have ends nowhere.
        one.viewings.follow([ended(theirs)])
        other.viewings.follow([ended(ours)])
        both = viewing("v-both", "cic-operator", 2, None)
        other.viewings.follow([opened(both)])
        one.viewings.follow([opened(replace(both, attested=ATTESTED))])
        await anyio.sleep(0.1)
        del one.desk.lost[:], other.desk.lost[:]
        await anyio.sleep(0.1)
        assert (one.desk.lost, other.desk.lost) == ([], [])


async def test_who_relieves_an_officer_on_its_own_node_is_known_at_the_owners() -> None:
    one, other = city(), state()
    here, there = pipe()
    ours = viewing("v-both", "cic-operator", 2, None)
    async with talking((one, here), (other, there)):
        await until(lambda: one.link.state.up and other.link.state.up)
        other.viewings.follow([opened(ours)])
        one.viewings.follow([opened(replace(ours, attested=ATTESTED))])
        await anyio.sleep(0.1)
        assert one.desk.relieved_there == []
        relief = replace(ours, pseudonym=Pseudonym("p-relief"))
        other.viewings.follow([ViewingRelieved(relief, ours.pseudonym, subject("cic-second"), NOW, None)])
        await until(lambda: Watching(ours.id, relief.pseudonym) in one.desk.relieved_there)


async def test_an_end_is_told_at_once_and_not_told_back() -> None:
    one, other = city(), state()
    here, there = pipe()
    both = viewing("v-both", "cic-operator", 2, None)
    async with talking((one, here), (other, there)):
        await until(lambda: one.link.state.up and other.link.state.up)
        other.viewings.follow([opened(both)])
        one.viewings.follow([opened(replace(both, attested=ATTESTED))])
        one.viewings.follow([ended(replace(both, attested=ATTESTED))])
        await until(lambda: len(other.desk.told_over) == 1)
        over, brought = other.desk.told_over[0]
        assert (over.viewing, over.cause, over.code, brought.party) == (both.id, "closed", 1000, CITY)
        other.viewings.follow([replace(ended(both), evidence=(brought.jws,))])
        await anyio.sleep(0.1)
        assert one.desk.told_over == []


async def test_a_viewing_across_the_link_is_held_while_renewals_come_and_not_for_ten_seconds_more() -> None:
    one, other = city(), state()
    here, there = pipe()
    ours = viewing("v-1", "cic-operator", 1, None)
    theirs = replace(ours, attested=ATTESTED)
    assert not one.viewings.is_held(theirs)
    async with talking((one, here), (other, there)):
        await until(lambda: one.viewings.is_held(theirs) and other.viewings.is_held(ours))
    for node, watched in ((one, theirs), (other, ours)):
        node.clock.move(9)
        assert node.viewings.is_held(watched)
        node.clock.move(0.5)
        assert not node.viewings.is_held(watched)
    own = viewing("v-2", "csu-operator", 1, None)
    assert one.viewings.is_held(own), "what runs on this node alone needs no link"


async def test_a_fault_of_ours_ends_one_conversation_and_the_node_goes_on() -> None:
    one = city()

    async def fails(over: ViewingOver, brought: Brought) -> None:
        raise RuntimeError("a bug")

    one.desk.over = fails  # type: ignore[method-assign]  # the test's own
    over = ViewingOver(ViewingId("v-1"), "closed", 1000, (), Text("fermé", "closed"), None, None)
    assert await heard_by_city(said_by_state(over), node=one) is LinkEnd.INTERNAL
    assert one.link.state.said == LinkEnd.INTERNAL.said
    assert await heard_by_city("x", node=one) is LinkEnd.NOT_BELIEVED


async def test_where_nothing_is_recorded_the_asker_is_told_at_once() -> None:
    one, other = city(), state()

    async def refuses(asked: OpenAsked, brought: Brought, sign: Callable[[OpenAnswer], str]) -> str | Replayed:
        raise NotRecorded("the disk is full")

    one.desk.open = refuses  # type: ignore[method-assign]  # the test's own
    here, there = pipe()
    async with talking((one, here), (other, there)):
        await until(lambda: other.link.state.up)
        reply = await ask(other)
        assert isinstance(reply, OwnerAnswered)
        assert (reply.answer.verdict, reply.answer.cause) == (Verdict.REFUSED, "not-recorded")


async def test_what_was_joined_is_told_and_not_taken_for_lost_while_its_answer_is_on_its_way() -> None:
    one, other = city(), state()
    here, there = pipe()
    ours = viewing(str(OPEN_ASKED.viewing), "cic-operator", 1, None)
    settled: list[OwnerAnswered] = []

    async def settle(answered: OwnerAnswered) -> None:
        settled.append(answered)

    async with talking((one, here), (other, there)):
        await until(lambda: other.viewings.near() == {CITY})
        other.viewings.follow([opened(ours)])
        other.viewings.tell_joined(OwnerTold(CITY, replace(OPEN_ASKED, joined=True)), settle)
        # As the owner's commit does, before its answer leaves.
        one.viewings.follow([opened(replace(ours, attested=ATTESTED))])
        await until(lambda: len(settled) == 1)
        assert settled[0].answer.verdict is Verdict.GRANTED
        assert other.desk.lost == []
        # One that is never answered is taken for lost once an answer would have come.
        one.desk.answers = lambda asked: None
        unanswered = viewing("v-unanswered", "cic-operator", 1, None)
        other.viewings.follow([opened(unanswered)])
        other.viewings.tell_joined(OwnerTold(CITY, replace(OPEN_ASKED, viewing=unanswered.id, joined=True)), settle)
        await anyio.sleep(0.1)
        assert other.desk.lost == []
        for node in (one, other):
            node.clock.move(2)
        await anyio.sleep(0.1)
        for node in (one, other):
            node.clock.move(2)
        await until(lambda: (CITY, frozenset({unanswered.id})) in other.desk.lost)
    other.clock.move(4)
    assert other.viewings.near() == frozenset()


async def test_a_viewing_of_a_camera_that_its_owner_tells_no_more_of_still_ends_and_is_listed_no_more() -> None:
    told = {camera(1).id}
    exchange = ViewingExchange(lambda each: CITY if each in told else None)
    ours = viewing("v-1", "cic-operator", 1, None)
    exchange.follow([opened(ours)])
    told.clear()
    assert not exchange.is_held(ours), "there is no link"
    exchange.follow([ended(ours)])
    assert (exchange.wanted(CITY), exchange.ours(CITY)) == ((), frozenset())


async def test_a_ticket_is_told_to_whom_a_camera_flows_and_to_no_other() -> None:
    ours, theirs = city(), state()
    ours.flows.tickets[STATE, CameraId("vda-001")] = "T-1"
    async with talking(*zip((ours, theirs), pipe(), strict=True)):
        await until(lambda: theirs.link.state.up and ours.link.state.up)
        for name in ("vda-002", "vda-001"):
            theirs.link.ask_ticket(CameraId(name))
        await until(lambda: bool(theirs.flows.taken))
        await anyio.sleep(0.05)
    assert theirs.flows.taken == [(CITY, "vda-001", "T-1")], "where nothing flows nothing is told"


async def test_what_waited_for_a_ticket_asks_for_it_as_soon_as_the_link_is_back() -> None:
    ours, theirs = city(), state()
    ours.flows.tickets[STATE, CameraId("vda-001")] = "T-1"
    theirs.link.ask_ticket(CameraId("vda-001"))
    theirs.flows.waiting.append(CameraId("vda-001"))
    async with talking(*zip((ours, theirs), pipe(), strict=True)):
        await until(lambda: bool(theirs.flows.taken))


async def test_a_ticket_that_nobody_asked_for_or_for_another_camera_is_not_taken() -> None:
    ours, theirs = city(), state()
    async with talking(*zip((ours, theirs), pipe(), strict=True)):
        await until(lambda: theirs.link.state.up and ours.link.state.up)
        ours.link.say(TicketTold(CameraId("vda-001"), "unasked"))
        theirs.link.ask_ticket(CameraId("vda-001"))
        ours.link.say(TicketTold(CameraId("vda-001"), "no-answer"))
        await anyio.sleep(0.05)
    assert theirs.flows.taken == []


async def test_tickets_are_asked_for_within_bounds_and_not_twice_at_once() -> None:
    ours, theirs = city(), state()
    ours.flows.tickets = {(STATE, CameraId(f"vda-{number:03}")): "T" for number in range(1, 100)}
    async with talking(*zip((ours, theirs), pipe(), strict=True)) as talk:
        await until(lambda: theirs.link.state.up and ours.link.state.up)
        for number in range(1, 100):
            for _ in range(2):
                theirs.link.ask_ticket(CameraId(f"vda-{number:03}"))
        await until(lambda: len(theirs.flows.taken) >= ASKED_MAX)
        await anyio.sleep(0.05)
        assert talk.ended == {}, "neither side took it for a flood"
    assert len(theirs.flows.taken) == ASKED_MAX


def test_a_ticket_stands_in_no_repr() -> None:
    assert "T-1" not in repr(TicketTold(CameraId("vda-001"), "T-1"))

"""Two nodes whose link is cut, and which start again, at any moment: each time they come to hold the same. Reliability 11, 13.

Real steps, real tables, real messages; the wires are in memory, and what is on them is lost when they are cut.
"""

import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.abc
import pytest

from belvedere.acts.across_nodes import PeerDesk
from belvedere.acts.close_stream import close_stream
from belvedere.acts.open_stream import OpenStream, StreamOpener
from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import CameraId, EventId, PartyId, ViewingId
from belvedere.domain.reconciliation import by_viewing, compare
from belvedere.domain.viewings import Viewing
from belvedere.followers.catalogues import CataloguesFollower
from belvedere.peers import conversation
from belvedere.peers.account_exchange import AccountExchange
from belvedere.peers.catalogue_exchange import CatalogueExchange
from belvedere.peers.leaving_exchange import LeavingExchange
from belvedere.peers.link import PeerLink
from belvedere.peers.motive_exchange import MotiveExchange
from belvedere.peers.resolution_exchange import ResolutionExchange
from belvedere.peers.signed_message import SigningKey
from belvedere.peers.speaker import Listener, Speaker
from belvedere.peers.viewing_exchange import ViewingExchange
from belvedere.rights import endings
from belvedere.rights.review import end
from belvedere.spine.commit import Spine
from belvedere.spine.step import Step
from belvedere.store.reconciliation_rows import SqlAccounts
from tests.unit.acts.test_ask_owner import Tickets
from tests.unit.changes import small_city
from tests.unit.changes.small_city import AT, CITY, STATE, camera, requester
from tests.unit.peers.messages_made import CITYS, PINNED, STATES, TEXT
from tests.unit.peers.test_link import NotingFlows, PipeWire, city, pipe
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
SEED = 20261130
CAMERAS = tuple(range(4, 8))
"""Those that nobody watches at first, and that nobody suspended."""


def accounts_of(node: SmallNode) -> SqlAccounts:
    return SqlAccounts(node.database, lambda camera, *_: not node.place.cameras.is_here(camera))


class Side:
    """A node, as it runs since its last start."""

    def __init__(self, node: SmallNode, peer: PartyId, key: SigningKey) -> None:
        self.node, self.peer, self._key, self.epoch = node, peer, key, 0
        self.start()

    def start(self) -> None:
        """Come up: nothing is remembered but what the tables hold."""
        self.epoch += 1
        node, clock = self.node, SystemClock()
        self.exchange = ViewingExchange(lambda each: None if node.place.cameras.is_here(each) else CITY)
        self.spine = Spine(store=node.store, followers=(self.exchange,), place=node.place, clock=node.clock)
        speaker = Speaker(node.place.party, self.epoch, self._key, clock.now, clock, SystemIds())
        keys = {kid: each for kid, each in PINNED.items() if each.party == self.peer}
        lists = CataloguesFollower(lambda owner, replica: None)
        self.link = PeerLink(
            speaker,
            Listener(self.peer, lambda: keys, lambda: TEXT),
            catalogue=CatalogueExchange(lists, city()),
            viewings=self.exchange,
            flows=NotingFlows(),
            motives=MotiveExchange(),
            resolutions=ResolutionExchange(),
            leaving=LeavingExchange(),
            accounts=AccountExchange(accounts_of(node), clock),
        )
        self.exchange.speak_over({self.peer: self.link}, PeerDesk(self.spine, lambda _: None))

    async def start_again(self) -> None:
        """Go down without a word, and come up: what ran is ended, as the watch begins with."""
        self.start()
        # Asked in the step: what the node had under way lands before it, as it would have before the process was gone.
        await self.spine.commit(
            lambda snapshot, now: Step(None, end(snapshot, now, _is_across, lambda _: endings.restarted()))
        )

    async def running(self) -> list[ViewingId]:
        """Return what runs across to the other node."""
        found = await self.spine.read(lambda snapshot: snapshot.viewings())
        return sorted(each.id for each in found if _is_across(each))


def _is_across(viewing: Viewing) -> bool:
    return viewing.party == STATE and int(viewing.camera.removeprefix("vda-")) in CAMERAS


class Two:
    """The two nodes and what is between them."""

    def __init__(self, city_: Side, state: Side, chance: random.Random, tasks: anyio.abc.TaskGroup) -> None:
        self.city, self.state, self.chance, self._tasks = city_, state, chance, tasks
        self.done: Counter[str] = Counter()
        self._wires: tuple[PipeWire, PipeWire] | None = None
        self._asking: set[anyio.CancelScope] = set()

    def join(self) -> None:
        """Connect them, anew."""
        here, there = self._wires = pipe()
        self._tasks.start_soon(self.city.link.converse, here)
        self._tasks.start_soon(self.state.link.converse, there)

    async def cut(self) -> None:
        """Cut the wires; what is on them is lost."""
        for wire in self._wires or ():
            while not wire.incoming.empty():
                wire.incoming.get_nowait()
            await wire.close(1006, "")
        self._wires = None

    async def act(self) -> None:
        """Let something happen, by chance."""
        acts = {
            "opens": self._opens,
            "opens another": self._opens,
            "closes": self._closes,
            "is revoked": self._is_revoked,
            "is cut": self._is_cut,
            "the city starts again": self._city_starts_again,
            "the state starts again": self._state_starts_again,
        }
        name = self.chance.choice(sorted(acts))
        self.done[name] += 1
        await acts[name]()

    async def _opens(self) -> None:
        login, number = self.chance.choice(("cic-operator", "cic-second")), self.chance.choice(CAMERAS)
        opener = StreamOpener(self.state.spine, Tickets(), SystemIds(), self.state.exchange)
        asked = OpenStream(requester(login), CameraId(camera(number)), EventId("e-1"))
        # The act goes on while others happen, as over HTTP.
        self._tasks.start_soon(self._opening, opener, asked)
        await anyio.sleep(self.chance.choice((0, 0.002, 0.02)))

    async def _opening(self, opener: StreamOpener, asked: OpenStream) -> None:
        with anyio.CancelScope() as scope, suppress(NotRecorded):
            self._asking.add(scope)
            await opener(asked)
        self._asking.discard(scope)

    async def _closes(self) -> None:
        for viewing in (await self.state.running())[:1]:
            for login in ("cic-operator", "cic-second"):
                await self.state.spine.commit(
                    lambda snapshot, now, viewing=viewing, login=login: close_stream(
                        snapshot, requester(login), viewing, now
                    )
                )

    async def _is_revoked(self) -> None:
        these = (await self.city.running())[:1]
        await self.city.spine.commit(
            lambda snapshot, now: Step(
                None, end(snapshot, now, lambda each: each.id in these, lambda _: endings.unread())
            )
        )

    async def _is_cut(self) -> None:
        await self.cut()

    async def _city_starts_again(self) -> None:
        await self.cut()
        await self.city.start_again()

    async def _state_starts_again(self) -> None:
        await self.cut()
        # Whoever asked is gone with the process.
        for scope in self._asking:
            scope.cancel()
        await self.state.start_again()

    async def come_to_hold_the_same(self) -> None:
        """Join them, and wait until both hold the same for a while."""
        with anyio.fail_after(20):
            same = apart = 0
            while same < 3:
                if self._wires is None or apart > 5:
                    # As the dialling node does: again, until it is up.
                    await self.cut()
                    self.join()
                    apart = 0
                await anyio.sleep(conversation.RENEW_EVERY_S)
                is_up = self.city.link.state.up and self.state.link.state.up
                apart = 0 if is_up else apart + 1
                same = same + 1 if is_up and await self.city.running() == await self.state.running() else 0


@asynccontextmanager
async def two_nodes(folder: Path, seed: int) -> AsyncIterator[Two]:
    city_place = small_city.place()
    cameras = small_city.Inventory({camera(number): small_city.watched(number) for number in range(1, 13)}, told=True)
    for name in ("city", "state"):
        (folder / name).mkdir()
    async with (
        small_node(folder / "city", city_place) as at_city,
        small_node(folder / "state", replace(city_place, party=STATE, cameras=cameras)) as at_state,
        anyio.create_task_group() as tasks,
    ):
        yield Two(Side(at_city, STATE, CITYS), Side(at_state, CITY, STATES), random.Random(seed), tasks)
        tasks.cancel_scope.cancel()


async def cycles(folder: Path, *, count: int, seed: int) -> Counter[str]:
    async with two_nodes(folder, seed) as two:
        two.join()
        for cycle in range(count):
            for _ in range(two.chance.randint(1, 6)):
                await two.act()
            await two.come_to_hold_the_same()
            slots = await two.city.spine.read(lambda snapshot: snapshot.slots(STATE))
            assert len(slots) <= 8, cycle
        # Each viewing that was opened at either, and no longer runs, ended there, once.
        for side in (two.city, two.state):
            opened = Counter(str(each["viewing"]) for each in await side.node.records(kind="opened"))
            ended = Counter(str(each["viewing"]) for each in await side.node.records(kind="ended"))
            assert max(opened.values(), default=1) == max(ended.values(), default=1) == 1
            across = {each for each in opened if each not in {"v-1", "v-2", "v-3", "v-4"}}
            assert across - set(ended) == set(await side.running())
        await both_ledgers_agree(two)
        return two.done


async def both_ledgers_agree(two: Two) -> None:
    """Compare what the two ledgers hold: whatever was cut, each holds all that was granted, and no viewing runs for one alone."""
    since, now = AT - timedelta(days=1), AT + timedelta(days=1)
    here, there = [
        by_viewing(await accounts_of(side.node).between(side.peer, since=since, most=100_000))
        for side in (two.city, two.state)
    ]
    assert len(here) > 5
    found = compare(here, there, since=since, now=now)
    assert [each for each in found if each.kind.is_disagreement] == []


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "RENEW_EVERY_S", 0.03)
    monkeypatch.setattr(conversation, "ANSWER_WITHIN_S", 0.2)


async def test_after_cuts_and_starts_at_any_moment_no_slot_is_lost_or_doubled_on_either_side(tmp_path: Path) -> None:
    done = await cycles(tmp_path, count=25, seed=SEED)
    assert all(done.values()), "each of what may happen happened"
    assert len(done) == 7


@pytest.mark.sweep
@pytest.mark.timeout(3600)
async def test_after_a_thousand_cycles_of_cuts_and_starts_no_slot_is_lost_or_doubled(tmp_path: Path) -> None:
    began_s = time.perf_counter()
    done = await cycles(tmp_path, count=1000, seed=SEED)
    print(f"1000 cycles, seed {SEED}, {time.perf_counter() - began_s:.0f} s: {done}")

"""A crowd of agents at one node's use cases, and the bugs that are planted there to see whether they are found."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel

from belvedere.acts.close_stream import StreamCloser
from belvedere.acts.events import Typed
from belvedere.acts.open_stream import NotOpened, Opened, OpenStream, StreamOpener
from belvedere.agents.requesters import requester_of
from belvedere.changes import SessionOpened, ViewingEnded
from belvedere.clock import SystemIds
from belvedere.domain.agents import Session
from belvedere.domain.events import Event
from belvedere.domain.ids import CameraId, EventId, PartyId, StationId, ViewingId
from belvedere.domain.requester import Requester
from belvedere.domain.vocabulary import EventKind
from belvedere.node.cameras import CommandedRelay
from belvedere.node.compose import RunningNode
from belvedere.peers.viewing_exchange import ViewingExchange
from belvedere.spine.commit import Spine
from belvedere.spine.ports import Follower
from belvedere.spine.running import Running
from belvedere.spine.step import Step
from tests.faults.quota_history import (
    Close,
    Closed,
    Full,
    Granted,
    History,
    Look,
    Open,
    Seen,
    Unheard,
)
from tests.flows.conftest import AGENTS, STATE
from tests.stored import stored_records

QUOTA = 8
CAMERAS = [f"vda-{number:03}" for number in range(1, 25)]
"""More than twice the quota, few enough that several clients ask for the same."""


def alone(node: RunningNode, *, store: Any = None, followers: Sequence[Follower] = ()) -> Spine:
    """Return a spine beside the node's own, over its store or one that stands before it."""
    clock, place = node.web.site.clock, node.store._place
    return Spine(store=store or node.store, followers=followers, place=place, clock=clock)


async def requester(node: RunningNode, login: str) -> Requester:
    """Return the agent at its own station, without the time that a password takes."""
    station_id = StationId(f"poste-{list(AGENTS).index(login)}")

    account, station = await node.spine.read(lambda each: (each.account_by_login(login), each.station(station_id)))
    assert account is not None
    assert station is not None
    now = node.web.site.clock.now()
    session = Session(login.encode().ljust(32), account.agent, station_id, now, now)
    if not await node.spine.read(lambda each: each.signed_in(session.cookie_sha256)):
        # Nothing follows: no clock of sessions counts it, whose end is no matter of these tests.
        await alone(node).commit(lambda _, __: Step(None, (SessionOpened(session, account.party),)))
    return requester_of(account, station, session, ends_at=session.ends_at)


@dataclass
class Crowd:
    """Calls the use cases and takes the history down."""

    opener: StreamOpener
    closer: StreamCloser
    node: RunningNode
    requesters: Sequence[Requester]
    first_index: int
    history: History = field(default_factory=History)

    @classmethod
    async def gather(cls, node: RunningNode, logins: Sequence[str], *, store: Any = None) -> "Crowd":
        """Return a crowd of the State's agents; `store` stands before the node's own."""
        requesters = [await requester(node, login) for login in logins]
        spine = node.spine if store is None else alone(node, store=store, followers=node.spine._followers)
        newest = (await stored_records(node.database))[-1]
        return cls(
            StreamOpener(spine, CommandedRelay(node.relay), SystemIds(), ViewingExchange(lambda _: None)),
            StreamCloser(spine),
            node,
            requesters,
            int(str(newest["index"])),
        )

    async def client(self, source: random.Random) -> "Client":
        """Return a client with an event of its own, so that no viewing is another client's too."""
        who = source.choice(list(self.requesters))
        event = await self.node.web.events.desk.open(who, EventKind.TROUBLE_GRAVE, Typed())
        assert isinstance(event, Event)
        return Client(self, who, event.id)

    async def open(self, who: Requester, event: EventId, camera: str) -> str | None:
        """Open a camera; return the viewing, or None where no slot was free."""
        wish = Open(camera)
        invoked = self.history.invoke()
        try:
            outcome = await self.opener(OpenStream(requester=who, camera=CameraId(camera), event=event))
        except anyio.get_cancelled_exc_class():
            self.history.answer(wish, invoked, Unheard())
            raise
        match outcome:
            case Opened(viewing, _, used):
                assert viewing.slot is not None
                self.history.answer(wish, invoked, Granted(viewing.id, viewing.slot, used))
                return viewing.id
            case NotOpened(_, holders):
                self.history.answer(wish, invoked, Full(tuple(holder.camera for holder in holders)))
                return None
            case _:
                raise AssertionError(outcome)

    async def close(self, who: Requester, viewing: str) -> None:
        wish = Close(viewing)
        invoked = self.history.invoke()
        try:
            found = await self.closer(who, ViewingId(viewing))
        except anyio.get_cancelled_exc_class():
            self.history.answer(wish, invoked, Unheard())
            raise
        self.history.answer(wish, invoked, Closed(found))

    async def look(self) -> None:
        invoked = self.history.invoke()
        running = await self.node.spine.read(lambda reading: list(reading.viewings()))
        seen = Seen(tuple((each.id, each.camera) for each in running if each.party == STATE))
        self.history.answer(Look(), invoked, seen)

    async def claimed_order(self) -> dict[tuple[str, str], int]:
        """Return where the ledger says that each viewing was opened and ended, unheard ones by their calls."""
        known = await stored_records(self.node.database)
        records = [each for each in reversed(known) if int(str(each["index"])) > self.first_index]
        order = {
            (str(each["kind"]), str(each["viewing"])): int(str(each["index"])) for each in records if "viewing" in each
        }
        heard = {call.answer.viewing for call in self.history.calls if isinstance(call.answer, Granted)}
        orphans = [
            (str(each["camera"]), str(each["viewing"]))
            for each in reversed(records)
            if each["kind"] == "opened" and each["viewing"] not in heard
        ]
        for call in sorted(self.history.calls, key=lambda call: call.invoked):
            if isinstance(call.wish, Open) and isinstance(call.answer, Unheard):
                orphan = next((each for each in orphans if each[0] == call.wish.camera), None)
                if orphan is not None:
                    orphans.remove(orphan)
                    for kind in ("opened", "ended"):
                        if (kind, orphan[1]) in order:
                            order[kind, f"unheard-{call.invoked}"] = order[kind, orphan[1]]
        return order


@dataclass
class Client:
    """One agent's screen: opens cameras, closes what it has, some of it twice.

    It asks for no camera again of which it never heard what became, so that each viewing is one call's.
    """

    crowd: Crowd
    who: Requester
    event: EventId
    asked: set[str] = field(default_factory=set)
    running: list[tuple[str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    async def step(self, source: random.Random) -> None:
        chance = source.random()
        if self.running and chance < 0.4:
            viewing, camera = self.running.pop(source.randrange(len(self.running)))
            await self.crowd.close(self.who, viewing)
            self.closed.append(viewing)
            self.asked.remove(camera)
        elif self.closed and chance < 0.45:
            await self.crowd.close(self.who, source.choice(self.closed))
        else:
            camera = source.choice([each for each in CAMERAS if each not in self.asked])
            self.asked.add(camera)
            opened = await self.crowd.open(self.who, self.event, camera)
            if opened is None:
                self.asked.remove(camera)
            else:
                self.running.append((opened, camera))


class _StaleSlots:
    """A snapshot that believes viewings read before its transaction began."""

    def __init__(self, snapshot: Any, running: Running) -> None:
        self._snapshot = snapshot
        self._running = running

    def __getattr__(self, name: str) -> Any:
        return getattr(self._snapshot, name)

    def running(self) -> Running:
        return self._running

    def slots(self, party: PartyId) -> Any:
        return self._running.slots(party)

    def holders(self, party: PartyId) -> Any:
        return self._running.holders(party)


@dataclass
class _StaleTransaction:
    tx: Any
    running: Running

    @property
    def snapshot(self) -> Any:
        return _StaleSlots(self.tx.snapshot, self.running)

    def make(self, changes: Any, records: Any) -> None:
        self.tx.make(changes, records)


@dataclass
class CheckedBeforeTheTransaction:
    """The planted bug of every booking system: look first, then write what was seen to be free."""

    store: Any

    async def write(self, work: Callable[[Any], Any], **named: Any) -> Any:
        running = await self.store.read(lambda reading: reading.snapshot.running())
        await anyio.lowlevel.checkpoint()
        return await self.store.write(lambda tx: work(_StaleTransaction(tx, running)), **named)

    async def read(self, work: Callable[[Any], Any], **named: Any) -> Any:
        return await self.store.read(work, **named)


@dataclass
class _Forgetful:
    """A transaction that says it made every end so and keeps every third viewing."""

    tx: Any
    ended: list[ViewingEnded]

    @property
    def snapshot(self) -> Any:
        return self.tx.snapshot

    def make(self, changes: Any, records: Any) -> None:
        kept = []
        for change in changes:
            if isinstance(change, ViewingEnded):
                self.ended.append(change)
                if len(self.ended) % 3 == 0:
                    continue
            kept.append(change)
        self.tx.make(kept, records)


@dataclass
class LosesASlot:
    """The other planted bug: an end that is answered and leaves its slot taken."""

    store: Any
    ended: list[ViewingEnded] = field(default_factory=list)

    async def write(self, work: Callable[[Any], Any], **named: Any) -> Any:
        return await self.store.write(lambda tx: work(_Forgetful(tx, self.ended)), **named)

    async def read(self, work: Callable[[Any], Any], **named: Any) -> Any:
        return await self.store.read(work, **named)

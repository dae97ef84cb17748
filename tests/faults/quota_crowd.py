"""A crowd of agents at one node's use cases, and the bugs that are planted there to see whether they are found."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import anyio.lowlevel

from belvedere.agents.model import Session, asker_of
from belvedere.agents.ports import AgentsTransaction
from belvedere.domain.asker import Asker
from belvedere.domain.ids import CameraId, EventId, PartyId, StationId, ViewingId
from belvedere.domain.vocabulary import EventKind
from belvedere.live.close_stream import StreamCloser
from belvedere.live.events import OpenEvent
from belvedere.live.model import Event, Viewing
from belvedere.live.open_stream import NotOpened, Opened, OpenStream, StreamOpener
from belvedere.live.own_room import OwnRoomQueue
from belvedere.live.review import ViewingReview
from belvedere.node.compose import RunningNode
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

QUOTA = 8
CAMERAS = [f"vda-{number:03}" for number in range(1, 25)]
"""More than twice the quota, few enough that several clients ask for the same."""


async def asker(node: RunningNode, login: str) -> Asker:
    """Return the agent at its own station, without the time that a password takes."""
    station_id = StationId(f"poste-{list(AGENTS).index(login)}")

    def find(tx: AgentsTransaction) -> Asker:
        account, station = tx.account_by_login(login), tx.station(station_id)
        assert account is not None
        assert station is not None
        now = node.live.clock.now()
        session = Session(login.encode().ljust(32), account.agent, station_id, now, now)
        if tx.session(session.cookie_sha256) is None:
            tx.put_session(session)
        return asker_of(account, station, session, ends_at=session.ends_at)

    return await node.agents.transact(find)


@dataclass
class Crowd:
    """Calls the use cases and takes the history down."""

    opener: StreamOpener
    closer: StreamCloser
    node: RunningNode
    askers: Sequence[Asker]
    first_index: int
    history: History = field(default_factory=History)

    @classmethod
    async def gather(cls, node: RunningNode, logins: Sequence[str], *, store: Any = None) -> "Crowd":
        """Return a crowd of the State's agents; `store` stands before the node's own."""
        askers = [await asker(node, login) for login in logins]
        live = node.live if store is None else replace(node.live, store=store)
        review = ViewingReview(live)
        own_room = OwnRoomQueue(live)
        (newest,) = await node.web.journal.ledger.records(camera=None, since=None, until=None, most=1)
        return cls(
            StreamOpener(live, review, own_room),
            StreamCloser(live, review, own_room),
            node,
            askers,
            int(str(newest["index"])),
        )

    async def client(self, source: random.Random) -> "Client":
        """Return a client with an event of its own, so that no viewing is another client's too."""
        who = source.choice(list(self.askers))
        event = await self.node.web.events.desk.open(OpenEvent(who, EventKind.TROUBLE_GRAVE))
        assert isinstance(event, Event)
        return Client(self, who, event.id)

    async def open(self, who: Asker, event: EventId, camera: str) -> str | None:
        """Open a camera; return the viewing, or None where no slot was free."""
        wish = Open(camera)
        invoked = self.history.invoke()
        try:
            outcome = await self.opener(OpenStream(asker=who, camera=CameraId(camera), event=event))
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

    async def close(self, who: Asker, viewing: str) -> None:
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
        running = await self.node.live.store.read(lambda reading: list(reading.viewings()))
        seen = Seen(tuple((each.id, each.camera) for each in running if each.party == STATE))
        self.history.answer(Look(), invoked, seen)

    async def claimed_order(self) -> dict[tuple[str, str], int]:
        """Return where the ledger says that each viewing was opened and ended, unheard ones by their calls."""
        known = await self.node.web.journal.ledger.records(camera=None, since=None, until=None, most=100_000)
        records = [each for each in known if int(str(each["index"])) > self.first_index]
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
    who: Asker
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
    """A transaction that believes slots read before it began, until it has put a viewing itself."""

    def __init__(self, tx: Any, slots: Mapping[CameraId, Sequence[Viewing]]) -> None:
        self._tx = tx
        self._slots: Mapping[CameraId, Sequence[Viewing]] | None = slots

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def slots(self, party: PartyId) -> Any:
        return self._tx.slots(party) if self._slots is None else self._slots

    def put_viewing(self, viewing: Viewing) -> None:
        self._slots = None
        self._tx.put_viewing(viewing)


@dataclass
class CheckedBeforeTheTransaction:
    """The planted bug of every booking system: look first, then write what was seen to be free."""

    store: Any

    async def transact(self, work: Callable[[Any], Any], **named: Any) -> Any:
        slots = await self.store.read(lambda reading: dict(reading.slots(PartyId(STATE))))
        await anyio.lowlevel.checkpoint()
        return await self.store.transact(lambda tx: work(_StaleSlots(tx, slots)), **named)

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return await self.store.read(work)


class _Forgetful:
    """A transaction that says it removed viewings and keeps every third."""

    def __init__(self, tx: Any, removed: list[ViewingId]) -> None:
        self._tx = tx
        self._removed = removed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def remove_viewings(self, viewings: Sequence[ViewingId]) -> None:
        for viewing in viewings:
            self._removed.append(viewing)
            if len(self._removed) % 3:
                self._tx.remove_viewings([viewing])


@dataclass
class LosesASlot:
    """The other planted bug: an end that is answered and leaves its slot taken."""

    store: Any
    removed: list[ViewingId] = field(default_factory=list)

    async def transact(self, work: Callable[[Any], Any], **named: Any) -> Any:
        return await self.store.transact(lambda tx: work(_Forgetful(tx, self.removed)), **named)

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return await self.store.read(work)

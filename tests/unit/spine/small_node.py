"""The spine over a real database that a test makes deaf, slow or forgetful; no web, no relay.

What follows is taken down in order, with the moments at which whoever asked went on.
"""

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.lowlevel

from belvedere.acts.close_stream import close_stream
from belvedere.acts.open_stream import Joined, NotOpened, OpenStream, Running, open_stream
from belvedere.acts.unknown import Unknown
from belvedere.changes import Change
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import CameraId, EventId, ViewingId
from belvedere.domain.peer_requests import OwnerAsked
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.viewings import Viewing
from belvedere.spine.commit import Spine
from belvedere.spine.ports import Reading, Transaction
from belvedere.spine.snapshot import Place
from belvedere.spine.step import Step
from belvedere.store.database import Database
from belvedere.store.spine_store import SqlSpineStore
from tests.stored import stored_records
from tests.unit.changes import small_city
from tests.unit.changes.small_city import MovedClock, requester
from tests.unit.store.opening import store_in

T = TypeVar("T")
PATIENT_S = 30.0
HURRIED_S = 0.05


class _AskedAgain(Exception):
    """The transaction of the first run is rolled back."""


@dataclass
class FaultyStore:
    """The node's store, with the faults that a test asks for (implements `spine.ports.Store`)."""

    store: SqlSpineStore
    deaf: bool = False
    """It takes nothing."""
    twice: bool = False
    """It runs each job, takes it back, and asks for it again."""
    slow: "SlowCommits | None" = None
    writes: int = 0
    after_write: list[Callable[[], Any]] = field(default_factory=list)
    """Awaited, each once, after a write is durable and before its caller goes on."""
    after_read: list[Callable[[], Any]] = field(default_factory=list)
    """Awaited, each once, between what a read finds and its caller's going on."""

    async def write(
        self,
        work: Callable[[Transaction], T],
        *,
        durable: Callable[[T], None],
        unclaimed: Callable[[T], None],
        essential: bool = False,
        patient: bool = False,
    ) -> T:
        if self.deaf:
            raise NotRecorded("the test lets nothing through")
        if self.twice:
            await self._run_and_take_back(work)
        self.writes += 1
        if self.slow is not None and not patient:
            work = self.slow.holding(work)
        answer = await self.store.write(
            work, durable=durable, unclaimed=unclaimed, essential=essential, patient=patient
        )
        due, self.after_write = self.after_write, []
        for each in due:
            await each()
        return answer

    async def _run_and_take_back(self, work: Callable[[Transaction], T]) -> None:
        def first(tx: Transaction) -> None:
            work(tx)
            raise _AskedAgain

        try:
            await self.store.write(first, durable=lambda _: None, unclaimed=lambda _: None)
        except _AskedAgain:
            return
        raise AssertionError("the first run was not taken back")

    async def read(self, work: Callable[[Reading], T], *, essential: bool = False) -> T:
        found = await self.store.read(work, essential=essential)
        due, self.after_read = self.after_read, []
        for each in due:
            await each()
        return found


@dataclass
class SlowCommits:
    """Holds what is written on the writer's thread: whoever asked is told `NotRecorded`, and it lands once released."""

    begun: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def holding(self, work: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
        def held(tx: Transaction) -> T:
            made = work(tx)
            self.begun.set()
            assert self.release.wait(60), "never released"
            return made

        return held


@dataclass
class NotingFollower:
    """Takes down what follows (implements `spine.ports.Follower`)."""

    told: list[tuple[Change, ...]] = field(default_factory=list)

    def follow(self, changes: Sequence[Change]) -> None:
        self.told.append(tuple(changes))

    @property
    def changes(self) -> list[Change]:
        return [change for step in self.told for change in step]

    def of(self, kind: type[T]) -> list[T]:
        """Return what followed of one kind, in order."""
        return [change for change in self.changes if isinstance(change, kind)]


@dataclass
class SmallNode:
    """A spine and all that it rests on."""

    database: Database
    store: FaultyStore
    place: Place
    clock: MovedClock
    follower: NotingFollower
    spine: Spine

    async def make(self, *changes: Change) -> None:
        """Commit these changes."""
        await self.spine.commit(lambda _, __: Step(None, changes))

    async def open(
        self, login: str, number: int, event: str | None = None, *, name: str
    ) -> Running | Joined | NotOpened | Unknown | OwnerAsked | ActRefused:
        """Ask for a camera, in a viewing that would have this name."""
        command = OpenStream(
            requester(login), CameraId(small_city.camera(number)), None if event is None else EventId(event), id=name
        )
        return await self.spine.act(open_stream, command)

    async def opened(self, login: str, number: int, event: str | None = None, *, name: str) -> Viewing:
        """Open a camera and return the viewing."""
        answer = await self.open(login, number, event, name=name)
        assert isinstance(answer, Running), answer
        return answer.viewing

    async def close(self, login: str, name: str) -> bool:
        """Close a viewing of the agent's own."""
        return await self.spine.commit(
            lambda snapshot, now: close_stream(snapshot, requester(login), ViewingId(name), now), essential=True
        )

    async def running(self) -> list[str]:
        """Return the viewings that are shown."""
        return await self.spine.read(lambda snapshot: [str(each.id) for each in snapshot.viewings()])

    async def in_tables(self) -> list[str]:
        """Return the viewings that the tables hold, whatever waits."""
        return await self.store.store.read(lambda reading: [str(each.id) for each in reading.snapshot.viewings()])

    async def records(self, **wanted: object) -> list[dict[str, Any]]:
        """Return the ledger's records that have these members, oldest first."""
        return await stored_records(self.database, **wanted)

    async def kinds(self, viewing: str) -> list[str]:
        """Return the kinds of the records that name a viewing, in order."""
        return [str(record["kind"]) for record in await self.records(viewing=viewing)]

    @contextmanager
    def slow_commits(self) -> Iterator[SlowCommits]:
        """Hold each commit within the block, until it is released; the requesters are in a hurry."""
        slow, sql = SlowCommits(), self.store.store
        self.store.slow, sql._record_within_s = slow, HURRIED_S
        try:
            yield slow
        finally:
            slow.release.set()
            self.store.slow, sql._record_within_s = None, PATIENT_S

    async def landed(self) -> None:
        """Wait until all that was held has landed, and everybody has heard of it."""
        for _ in range(2):
            await self.store.store.write(lambda _: None, durable=lambda _: None, unclaimed=lambda _: None, patient=True)
            await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def small_node(directory: Path, place: Place | None = None) -> AsyncIterator[SmallNode]:
    """Run the small city's node, with what runs in it at its beginning; or another party's, at its own `place`."""
    async with store_in(directory) as database:
        place, clock, follower = place or small_city.place(), MovedClock(), NotingFollower()
        sql = SqlSpineStore(database, place, record_within_s=PATIENT_S)
        await sql.begin()
        await sql.write(lambda tx: tx.make(small_city.begun(), ()), durable=lambda _: None, unclaimed=lambda _: None)
        store = FaultyStore(sql)
        spine = Spine(store=store, followers=(follower,), place=place, clock=clock)
        yield SmallNode(database, store, place, clock, follower, spine)

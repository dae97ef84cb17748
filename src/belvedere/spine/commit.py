"""Where what a step says is made so: tables and records in one transaction, then followed once.

Owns "durable", "late" and "pending", alone. A step may be run again: it draws nothing from chance and reads no clock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, Protocol, TypeVar

import structlog

from belvedere.changes import (
    Change,
    Decided,
    LeaseGranted,
    OwnRoomUnrecorded,
    SessionRelieved,
    ViewingOpened,
)
from belvedere.changes.records import record_of
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import LeaseId, ViewingId
from belvedere.domain.leases import Lease
from belvedere.domain.record import Record
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs, act_refused
from belvedere.domain.viewings import Viewing
from belvedere.spine.ports import Follower, Reading, Store, Transaction
from belvedere.spine.repeats import Repeats
from belvedere.spine.snapshot import Place, Snapshot
from belvedere.spine.step import Step
from belvedere.spine.tail import Tail, Waiting, is_needless, may_wait, outlives_a_death, unrecorded

T = TypeVar("T")
A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)
C = TypeVar("C", bound="Command")
DRAIN_GROUP_MAX = 200
"""How many changes one transaction takes from the tail: others are written in between."""
AGAIN_MAX = 8
"""How often a step is run again because the tail grew while it was read."""
UNCLAIMED_MAX = 10_000
log = structlog.get_logger(__name__)


class PureStep(Protocol[A_co]):
    """A use case bound to its command."""

    def __call__(self, snapshot: Snapshot, now: Instant, /) -> Step[A_co]:
        """Return the answer and the changes that make it true."""


C_contra = TypeVar("C_contra", bound="Command", contravariant=True)


class Command(Protocol):
    """What somebody asks for. Its type says what it takes, and whether it passes while the disk is short of space."""

    @property
    def requester(self) -> Requester:
        """Who asks."""

    @property
    def needs(self) -> Needs:
        """What it takes to ask it."""

    @property
    def essential(self) -> bool:
        """Whether it is an end, which is recorded while openings no longer are."""


class Act(Protocol[C_contra, A_co]):
    """A pure use case."""

    def __call__(self, snapshot: Snapshot, command: C_contra, now: Instant, /) -> Step[A_co]:
        """Return the answer to the command and the changes that make it true."""


@dataclass
class _Try(Generic[A]):
    """One asking. `written` are the decisions whose records it appended; `answered`: its requester was told the answer.

    `given_up`: it was told that nothing is recorded, so what is written all the same counts as no decision's first record.
    `landed` is what became durable after all while it was run again, before its requester was told anything.
    """

    step: PureStep[A]
    written: list[Decided] = field(default_factory=list)
    answered: bool = False
    run_again: bool = False
    given_up: bool = False
    landed: Step[A] | None = None


@dataclass(frozen=True, slots=True)
class _Unclaimed:
    """Rights that became durable although nobody was told."""

    viewings: dict[ViewingId, Viewing] = field(default_factory=dict)
    leases: dict[LeaseId, Lease] = field(default_factory=dict)
    sessions: set[bytes] = field(default_factory=set)


class Spine:
    """The only one that commits. Used on the event loop."""

    def __init__(self, *, store: Store, followers: Sequence[Follower], place: Place, clock: Clock) -> None:
        self._store = store
        self._followers = tuple(followers)
        self._place = place
        self._clock = clock
        self._repeats = Repeats()
        self._unclaimed = _Unclaimed()
        self._draining = False
        self.tail = Tail(place)
        self.failures_total = 0
        """How often a follower raised: a fault of ours."""

    async def read(self, work: Callable[[Snapshot], T], *, essential: bool = False) -> T:
        """Return what `work` finds in one snapshot, after what waits; raises `NotRead`."""
        return await self._store.read(lambda reading: work(self._over(reading)), essential=essential)

    async def act(self, act: Act[C, A], command: C) -> A | ActRefused:
        """Do what somebody asks, as `commit` does; refuse whoever lacks the standing for it, in the same transaction."""

        def step(snapshot: Snapshot, now: Instant) -> Step[A | ActRefused]:
            refused = act_refused(snapshot, command.requester, command.needs, owner=self._place.party, at=now)
            return act(snapshot, command, now) if refused is None else Step(refused)

        return await self.commit(step, essential=command.essential)

    async def commit(self, step: PureStep[A], *, essential: bool = False) -> A:
        """Return the step's answer once its changes are durable and followed.

        Where nothing can be recorded, what may wait is carried out and waits; raises `NotRecorded` unless that was all.
        """
        asked = _Try(step)
        try:
            outcome = await self._store.write(
                lambda tx: self._make(tx, asked),
                essential=essential,
                durable=self._followed,
                unclaimed=lambda late: self._came_late(asked, late),
            )
        except NotRecorded as failure:
            # The writer may be in the midst of it: whichever of the two comes last forgets.
            asked.given_up = True
            self._repeats.forget(asked.written)
            return await self._carry_out(asked, failure)
        return outcome.answer

    # On the writer's thread.

    def _make(self, tx: Transaction, asked: _Try[A]) -> Step[A]:
        self._repeats.forget(asked.written)  # a store may ask for the step again
        asked.written.clear()
        step = asked.step(self._over(tx), self._clock.now())
        if self.tail.owes and self.tail.holds_subject_of(step.changes, drained=tx.drained):
            raise NotRecorded("what it changes waits to be recorded itself")
        if step.changes:
            tx.make(step.changes, self._records(step.changes, asked.written))
        if asked.given_up:
            self._repeats.forget(asked.written)
        return step

    def _over(self, reading: Transaction | Reading) -> Snapshot:
        if not self.tail.owes:
            return reading.snapshot
        return self.tail.over(reading.snapshot, drained=reading.drained)

    def _records(self, changes: Sequence[Change], written: list[Decided]) -> list[Record]:
        records = []
        for change in changes:
            if isinstance(change, Decided):
                if self._repeats.is_repeat(change, now_s=self._clock.monotonic_s()):
                    continue
                written.append(change)
            record = record_of(change)
            if record is not None:
                records.append(record)
        return records

    # What follows.

    def _followed(self, step: Step[A]) -> None:
        if not self.tail.owes:
            self._follow(step.changes)
            return
        unfollowed = self.tail.unfollowed(step.changes)
        self.tail.land(step.changes)
        self._follow(unfollowed)

    def _follow(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        for follower in self._followers:
            try:
                follower.follow(changes)
            except Exception:
                self.failures_total += 1
                log.exception("follower_failed", follower=type(follower).__name__)

    def _came_late(self, asked: _Try[A], late: Step[A]) -> None:
        """Note the rights that nobody was told of: the watch ends them, unless somebody asks again before."""
        if asked.answered:
            return
        if asked.run_again:
            asked.landed = late
            return
        self._note_unclaimed(late)

    def _note_unclaimed(self, late: Step[A]) -> None:
        for change in late.changes:
            match change:
                case ViewingOpened(viewing) if len(self._unclaimed.viewings) < UNCLAIMED_MAX:
                    self._unclaimed.viewings[viewing.id] = viewing
                case LeaseGranted(lease) if len(self._unclaimed.leases) < UNCLAIMED_MAX:
                    self._unclaimed.leases[lease.id] = lease
                case SessionRelieved(session=session):
                    self._unclaimed.sessions.add(session.cookie_sha256)

    def take_unclaimed(self) -> tuple[Sequence[Viewing], frozenset[bytes]]:
        """Return the viewings and sessions that became durable although nobody was told, and forget them."""
        taken, self._unclaimed = self._unclaimed, _Unclaimed(leases=self._unclaimed.leases)
        return tuple(taken.viewings.values()), frozenset(taken.sessions)

    def take_unclaimed_leases(self) -> Sequence[Lease]:
        """Return the leases that were granted although nobody was told, and forget them."""
        taken = tuple(self._unclaimed.leases.values())
        self._unclaimed.leases.clear()
        return taken

    # While nothing is recorded.

    async def _carry_out(self, asked: _Try[A], failure: NotRecorded) -> A:
        """Run the step again on a snapshot, and let what may wait of its changes wait, carried out."""
        asked.run_again = True
        try:
            step = await self._again(asked)
            if asked.landed is not None:
                # In time after all: it is durable, and has been followed.
                asked.answered = True
                return asked.landed.answer
            kept = self._what_may_wait(step)
            if kept:
                self.tail.keep(kept, now=self._clock.now())
                self._follow(kept)
            if not all(may_wait(change, self._place) or is_needless(change) for change in step.changes):
                raise failure
            if any(outlives_a_death(change) for change in step.changes):
                # It counts no more; but were the node to die before it is written, it would count again: say it again.
                raise failure
            asked.answered = True
            return step.answer
        finally:
            asked.run_again = False
            if asked.landed is not None and not asked.answered:
                self._note_unclaimed(asked.landed)

    def _what_may_wait(self, step: Step[A]) -> tuple[Change, ...]:
        now_s = self._clock.monotonic_s()
        return tuple(
            change
            for change in step.changes
            if may_wait(change, self._place)
            and not (isinstance(change, Decided) and self._repeats.is_repeat(change, now_s=now_s))
        )

    async def _again(self, asked: _Try[A]) -> Step[A]:
        """Run the step on a snapshot, and again while the tail grows meanwhile, a few times."""
        left = AGAIN_MAX
        while True:
            left, version = left - 1, self.tail.version
            step = await self.read(lambda snapshot: asked.step(snapshot, self._clock.now()), essential=True)
            if self.tail.version == version or left == 0:
                return step

    async def drain(self) -> None:
        """Record what waits, a group at a time; raises `NotRecorded` where nothing is taken.

        Waits for each group's outcome however long the disk takes: a group given up could land all the same, and be
        written twice. One drains at a time.
        """
        if self._draining or not (self.tail.owes or self.tail.lost):
            return
        self._draining = True
        try:
            await self._drain_all()
        finally:
            self._draining = False

    async def _drain_all(self) -> None:
        since, late = self.tail.since, self.tail.own_room_records
        begins = True
        while self.tail.owes or self.tail.lost:
            group, told = self.tail.first(DRAIN_GROUP_MAX), self.tail.lost
            gap = None
            if since is not None and (begins or told):
                gap = OwnRoomUnrecorded(since, late if begins else 0, told, self._clock.now())
            await self._store.write(
                partial(self._record_late, group=group, gap=gap),
                durable=lambda _: None,
                unclaimed=lambda _: None,
                essential=True,
                patient=True,
            )
            begins = False
            self.tail.lost -= told
            self.tail.drop(group[-1].number if group else 0)
        if since is not None:
            log.warning("own_room_recorded_late", records=late)

    def _record_late(self, tx: Transaction, group: Sequence[Waiting], gap: OwnRoomUnrecorded | None) -> None:
        told: list[Change] = [] if gap is None else [replace(gap, at=self._clock.now())]
        late = unrecorded(tx.snapshot, group)
        made = [*((change, True) for change in told), *((each.change, each.recorded) for each in late)]
        records = [record_of(change) for change, recorded in made if recorded]
        if made:
            tx.make([change for change, _ in made], [record for record in records if record is not None])
        if group:
            tx.drain(group[-1].number)

"""Commit and what follows: once, in order, before whoever asked goes on; late, and while nothing is recorded."""

from dataclasses import replace

import anyio
import pytest

from belvedere.acts.open_stream import NotOpened
from belvedere.acts.relief import Relieve, relieve
from belvedere.changes import (
    Decided,
    EventOpened,
    NoteWritten,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
)
from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import EventId, ViewingId
from belvedere.rights.review import review
from belvedere.rights.watch import end_unclaimed
from belvedere.spine import commit
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step
from tests.unit.changes.small_city import AT, CLOSED, REF, STATE, event, note, requester, subject
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio


def opening(number: int) -> EventOpened:
    """Return the beginning of one of many events."""
    named = replace(event("e-4"), id=EventId(f"e-{number}"))
    return EventOpened(named, subject("cic-operator"), AT, REF)


async def end_what_nobody_was_told_of(node: SmallNode) -> None:
    """Do as the watch does each second."""
    viewings, sessions = node.spine.take_unclaimed()
    await node.spine.commit(lambda snapshot, now: end_unclaimed(snapshot, viewings, sessions, now), essential=True)


# In time.


async def test_what_follows_follows_once_in_the_order_of_commits_and_before_the_requester_goes_on(
    node: SmallNode,
) -> None:
    told_before: dict[int, int] = {}

    async def ask(number: int) -> None:
        await node.make(opening(number))
        told_before[number] = [each.event.id for each in node.follower.of(EventOpened)].index(EventId(f"e-{number}"))

    async with anyio.create_task_group() as requesters:
        for number in range(100, 160):
            requesters.start_soon(ask, number)
    followed = [each.event.id for each in node.follower.of(EventOpened)]
    assert followed == [record["event"]["id"] for record in await node.records(kind="event")]
    assert len(followed) == len(set(followed)) == len(told_before) == 60


async def test_a_step_that_changes_nothing_writes_nothing_and_nothing_follows(node: SmallNode) -> None:
    before = len(await node.records())
    assert await node.spine.commit(lambda _, __: Step("answer")) == "answer"
    assert node.follower.told == []
    assert len(await node.records()) == before


async def test_the_changes_of_a_step_follow_together(node: SmallNode) -> None:
    await node.make(opening(100), opening(101))
    assert [len(step) for step in node.follower.told] == [2]


async def test_what_a_step_raises_leaves_nothing_and_nothing_follows(node: SmallNode) -> None:
    def step(_: Snapshot, __: Instant) -> Step[None]:
        raise ValueError("a bug of our own")

    before = len(await node.records())
    with pytest.raises(ValueError, match="our own"):
        await node.spine.commit(step)
    assert (node.follower.told, len(await node.records())) == ([], before)


async def test_a_grant_in_time_is_nobody_elses_to_end(node: SmallNode) -> None:
    viewing = await node.opened("cic-operator", 4, "e-1", name="v-new")
    assert node.spine.take_unclaimed() == ((), frozenset())
    assert await node.kinds(viewing.id) == ["decision", "opened"]


# Asked for twice by the store.


async def test_a_step_that_a_store_asks_for_twice_writes_once_its_decisions_record_included(node: SmallNode) -> None:
    node.store.twice = True
    await node.opened("cic-operator", 4, "e-1", name="v-new")
    assert await node.kinds("v-new") == ["decision", "opened"]
    assert [type(change) for change in node.follower.changes] == [Decided, ViewingOpened]
    assert await node.in_tables() == ["v-1", "v-2", "v-3", "v-4", "v-new"]


async def test_a_refusal_is_written_once_a_minute_whether_or_not_the_store_asks_for_it_twice(node: SmallNode) -> None:
    async def refused() -> int:
        answer = await node.open("cic-operator", 4, None, name="v-never")
        assert isinstance(answer, NotOpened)
        return len(await node.records(kind="decision"))

    node.store.twice = True
    assert [await refused() for _ in range(3)] == [1, 1, 1]
    assert len(node.follower.of(Decided)) == 3, "each is followed: answered and counted"
    node.clock.passed_s += 59.9
    assert await refused() == 1
    node.clock.passed_s += 0.1
    assert await refused() == 2


async def test_a_decision_that_was_lost_is_no_repeat_the_next_time(node: SmallNode) -> None:
    with node.slow_commits() as slow:
        node.database._writer._group_max = 1
        with pytest.raises(NotRecorded):
            await node.open("cic-operator", 4, None, name="v-never")
        assert slow.begun.is_set()
        node.store.deaf = True
        with pytest.raises(NotRecorded):
            await node.open("srpj", 4, None, name="v-never")
        node.store.deaf = False
    await node.landed()
    for login in ("cic-operator", "srpj"):
        assert isinstance(await node.open(login, 4, None, name="v-never"), NotOpened)
    who = [record["subject"]["service"] for record in await node.records(kind="decision")]
    assert who.count("srpj") == 1, "the one that was never written"


# Late.


async def test_what_lands_late_follows_once_and_is_nobodys(node: SmallNode) -> None:
    with node.slow_commits() as slow:
        with pytest.raises(NotRecorded):
            await node.open("cic-operator", 4, "e-1", name="v-new")
        assert slow.begun.is_set(), "the fault never fired"
        assert node.follower.told == [], "nothing follows from what is not durable"
    await node.landed()
    assert [type(change) for change in node.follower.changes] == [Decided, ViewingOpened]
    viewings, sessions = node.spine.take_unclaimed()
    assert ([each.id for each in viewings], sessions) == (["v-new"], frozenset())
    assert node.spine.take_unclaimed() == ((), frozenset()), "once"


async def test_a_right_that_nobody_was_told_of_is_ended_with_its_cause(node: SmallNode) -> None:
    with node.slow_commits(), pytest.raises(NotRecorded):
        await node.open("cic-operator", 4, "e-1", name="v-new")
    await node.landed()
    await end_what_nobody_was_told_of(node)
    assert [record.get("cause") for record in await node.records(viewing="v-new")] == [None, None, "came-late"]


async def test_a_right_that_was_asked_for_again_since_goes_on(node: SmallNode) -> None:
    with node.slow_commits(), pytest.raises(NotRecorded):
        await node.open("cic-operator", 4, "e-1", name="v-new")
    await node.landed()
    again = await node.opened("cic-operator", 4, "e-1", name="v-newer")
    assert (again.id, again.asked) == ("v-new", 2)
    await end_what_nobody_was_told_of(node)
    assert "v-new" in await node.running()
    assert await node.kinds("v-new") == ["decision", "opened", "decision"]


async def test_a_requester_that_goes_away_in_the_middle_leaves_a_right_that_is_nobodys(node: SmallNode) -> None:
    with node.slow_commits() as slow:
        node.store.store._record_within_s = 30
        async with anyio.create_task_group() as requesters:
            requesters.start_soon(lambda: node.open("cic-operator", 4, "e-1", name="v-new"))
            while not slow.begun.is_set():
                await anyio.sleep(0.01)
            requesters.cancel_scope.cancel()
    await node.landed()
    viewings, _ = node.spine.take_unclaimed()
    assert [each.id for each in viewings] == ["v-new"]
    assert len(node.follower.of(ViewingOpened)) == 1


async def test_a_refusal_that_lands_late_leaves_nothing_to_end(node: SmallNode) -> None:
    with node.slow_commits(), pytest.raises(NotRecorded):
        await node.open("cic-operator", 4, None, name="v-never")
    await node.landed()
    assert node.spine.take_unclaimed() == ((), frozenset())


async def test_a_relief_that_nobody_was_told_of_ends_its_pictures_and_its_session(node: SmallNode) -> None:
    relief = requester("cic-second", 1)
    with node.slow_commits(), pytest.raises(NotRecorded):
        await node.spine.act(relieve, Relieve(requester("cic-operator"), relief))
    await node.landed()
    viewings, sessions = node.spine._unclaimed.viewings, node.spine._unclaimed.sessions
    assert (viewings, sessions) == ({}, {relief.session_sha256})
    await end_what_nobody_was_told_of(node)
    assert [record.get("cause") for record in await node.records(viewing="v-1")] == [None, "came-late"]
    assert await node.kinds("v-2") == [], "another session's"
    assert relief.session_sha256 not in await node.spine.read(lambda now: now.sessions_open())


async def test_what_nobody_was_told_of_is_noted_within_bounds(node: SmallNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "UNCLAIMED_MAX", 1)
    for number in (4, 5):
        with node.slow_commits(), pytest.raises(NotRecorded):
            await node.open("cic-operator", number, "e-1", name=f"v-new-{number}")
        await node.landed()
    viewings, _ = node.spine.take_unclaimed()
    assert [each.id for each in viewings] == ["v-new-4"]


# By the tail, and then late.


async def test_what_waits_in_the_tail_and_lands_late_all_the_same_follows_once_and_is_its_requesters(
    node: SmallNode,
) -> None:
    with node.slow_commits():
        viewing = await node.opened("csu-operator", 4, name="v-new")
        assert [type(change) for change in node.follower.changes] == [Decided, ViewingOpened]
    await node.landed()
    assert len(node.follower.of(ViewingOpened)) == 1
    assert node.spine.take_unclaimed() == ((), frozenset()), "its requester was told"
    await node.spine.drain()
    assert await node.kinds(viewing.id) == ["decision", "opened"], "and nothing is written twice"
    assert await node.in_tables() == ["v-1", "v-2", "v-3", "v-4", "v-new"]


async def test_an_opening_that_lands_while_it_is_asked_for_again_follows_once_and_stays(node: SmallNode) -> None:
    """Between the snapshot on which it is run again and its answer: it was in time after all."""
    with node.slow_commits() as slow:

        async def land() -> None:
            slow.release.set()
            node.store.slow = None
            await node.landed()

        node.store.after_read.append(land)
        viewing = await node.opened("csu-operator", 4, name="v-new")
    assert viewing.id == "v-new"
    assert len(node.follower.of(ViewingOpened)) == 1, "followed twice"
    await end_what_nobody_was_told_of(node)
    await node.spine.drain()
    assert "v-new" in await node.running(), "an image that was answered was taken away as nobody's"
    assert (await node.kinds("v-new")).count("opened") == 1


async def test_an_opening_that_lands_while_its_requester_goes_away_is_nobodys(node: SmallNode) -> None:
    with node.slow_commits() as slow:

        async def land() -> None:
            slow.release.set()
            node.store.slow = None
            await node.landed()
            raise TimeoutError("the requester is gone")

        node.store.after_read.append(land)
        with pytest.raises(TimeoutError):
            await node.open("csu-operator", 4, name="v-new")
    viewings, _ = node.spine.take_unclaimed()
    assert [each.id for each in viewings] == ["v-new"]


# While nothing is recorded.


async def test_a_partner_gets_nothing_without_a_record_and_nothing_follows(node: SmallNode) -> None:
    node.store.deaf = True
    with pytest.raises(NotRecorded):
        await node.open("cic-operator", 4, "e-1", name="v-new")
    assert (node.follower.told, list(node.spine.tail.entries)) == ([], [])


async def test_a_pre_emption_that_is_not_recorded_takes_nobodys_picture(node: SmallNode) -> None:
    for number in (3, 4, 5, 6, 7, 9):
        await node.opened("srpj", number, "e-2", name=f"v-srpj-{number}")
    assert len(await node.spine.read(lambda snapshot: snapshot.slots(STATE))) == 8
    running = await node.running()
    node.store.deaf = True
    node.follower.told.clear()
    with pytest.raises(NotRecorded):
        await node.open("cic-operator", 11, "e-1", name="v-new")
    assert (node.follower.told, await node.running()) == ([], running)


async def test_of_a_step_that_may_wait_in_part_the_ends_are_carried_out_and_the_requester_is_told_no(
    node: SmallNode,
) -> None:
    def step(snapshot: Snapshot, now: Instant) -> Step[str]:
        viewing = snapshot.viewing(ViewingId("v-3"))
        assert viewing is not None
        from_nobody = ViewingEnded(viewing, CLOSED, now, REF, None)
        return Step("done", (NoteWritten(note("h-22"), subject("cic-operator")), from_nobody))

    node.store.deaf = True
    with pytest.raises(NotRecorded):
        await node.spine.commit(step)
    assert [type(change) for change in node.follower.changes] == [ViewingEnded]
    assert "v-3" not in await node.running()


async def test_a_prolonging_that_may_not_wait_is_left_out_and_its_requester_answered(node: SmallNode) -> None:
    """It is worked out again at the next review anyway."""
    node.store.deaf = True

    def step(now: Snapshot, at: Instant) -> Step[int]:
        changes = review(now, at)
        return Step(len(changes), changes)

    assert await node.spine.commit(step, essential=True) == 3
    assert (node.follower.told, list(node.spine.tail.entries)) == ([], [])


async def test_an_own_rooms_opening_that_ran_on_an_older_tail_runs_again(node: SmallNode) -> None:
    """Two windows of one agent ask for the same picture: one viewing, whoever comes first."""
    node.store.deaf = True
    answers: list[str] = []

    async def another_first() -> None:
        answers.append((await node.opened("csu-operator", 4, name="v-first")).id)

    node.store.after_read.append(another_first)
    answers.append((await node.opened("csu-operator", 4, name="v-second")).id)
    assert answers == ["v-first", "v-first"]
    assert [each.viewing.id for each in node.follower.of(ViewingOpened)] == ["v-first"]
    assert [each.viewing.asked for each in node.follower.of(ViewingProlonged)] == [2]


async def test_a_step_is_not_run_again_for_ever_where_the_tail_never_rests(node: SmallNode) -> None:
    node.store.deaf = True
    ran: list[int] = []

    async def grow() -> None:
        node.spine.tail.version += 1
        node.store.after_read.append(grow)

    def step(_: Snapshot, __: Instant) -> Step[int]:
        ran.append(1)
        return Step(len(ran))

    node.store.after_read.append(grow)
    with anyio.fail_after(20):
        await node.spine.commit(step)
    assert len(ran) == 8


async def test_an_end_that_cannot_be_recorded_is_carried_out_and_answered(node: SmallNode) -> None:
    node.store.deaf = True
    assert await node.close("cic-operator", "v-1")
    assert [each.viewing.id for each in node.follower.of(ViewingEnded)] == ["v-1"]
    assert not await node.close("cic-operator", "v-1"), "it is over"
    node.store.deaf = False
    await node.spine.drain()
    assert await node.kinds("v-1") == ["ended"]

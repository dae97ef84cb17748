"""What may wait while nothing is recorded, what is shown of it, and how it gets into the ledger. Reliability 9."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

import anyio
import pytest

from belvedere.acts.close_stream import leave
from belvedere.acts.relief import Relieve, relieve
from belvedere.changes import (
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationWithdrawn,
    CameraStays,
    Change,
    DeputyEnded,
    DeputyNamed,
    EventAmended,
    EventClosed,
    EventKept,
    LeaseAsked,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
    SessionClosed,
    SessionOpened,
    SessionRelieved,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
)
from belvedere.domain.authorisations import AuthorisationState, Deputy
from belvedere.domain.causes import Cause
from belvedere.domain.failures import NotRecorded
from belvedere.domain.leases import Awaits
from belvedere.domain.text import Text
from belvedere.domain.viewings import PREEMPTED, Ending
from belvedere.spine.commit import DRAIN_GROUP_MAX
from belvedere.spine.tail import QUEUED_MAX, VIEWINGS_MAX, Tail, Waiting, is_needless, may_wait, unrecorded
from tests.unit.changes.small_city import (
    AT,
    CITY,
    E1_REF,
    GIVEN_BACK,
    GRANTED,
    REF,
    RUNNING,
    STATE,
    WHO,
    account,
    authorisation,
    camera,
    decided,
    ended,
    event,
    lease,
    opened,
    place,
    requester,
    session,
    subject,
    viewing,
    words,
)
from tests.unit.changes.test_records import ROWS
from tests.unit.spine.small_node import SmallNode

OWN, PARTNER = "csu-operator", "cic-operator"
ASKED = authorisation("a-1", "l-5")
GIVEN = replace(ASKED, state=AuthorisationState.GIVEN, until=AT + timedelta(hours=1))
TAKEN_BACK = replace(GIVEN, state=AuthorisationState.WITHDRAWN)
DEPUTY = Deputy(
    account("csu-second").agent,
    account("csu-second").pseudonym,
    AT + timedelta(days=30),
    account("police-director").pseudonym,
)
TAKEN = Ending(Cause.PREEMPTED, PREEMPTED, (), Text("Pris.", "Taken."))


def own(name: str, number: int = 4) -> ViewingOpened:
    """Return that a viewing of the own room begins."""
    return opened(viewing(name, OWN, number, None))


# What may wait.


def _of(login: str) -> Mapping[str, Change]:
    """Return each change that may wait for somebody, as it is for an agent."""
    watching = viewing("v-5", login, 4, None)
    party = WHO[login][0]
    steering = lease("l-5", login)
    return {
        "ViewingEnded": ended(watching),
        "ViewingEnded, pre-empted": ended(watching, TAKEN),
        "ViewingOpened": opened(watching),
        "ViewingProlonged": ViewingProlonged(watching),
        "ViewingRelieved": ViewingRelieved(watching, None, subject(login), AT, REF),
        "Decided": decided(login),
        "EventKept": EventKept(event("e-3" if login == OWN else "e-1")),
        "SessionOpened": SessionOpened(session(login), party),
        "SessionRelieved": SessionRelieved(b"former", session(login), party),
        "SessionClosed": SessionClosed(b"former"),
        "LeaseAsked": LeaseAsked(replace(steering, awaits=Awaits.HOLDER), None, (), REF, None),
        "LeaseGranted": LeaseGranted(steering, REF, None),
        "LeaseProlonged": LeaseProlonged(steering),
        "LeaseRelieved": LeaseRelieved(steering, None, subject(login), AT, REF),
        "LeaseEnded": LeaseEnded(steering, GIVEN_BACK, AT, REF, None),
        "LeaseEnded, the owner steers": LeaseEnded(
            steering, replace(GIVEN_BACK, cause=Cause.OWNER_STEERS), AT, REF, None
        ),
        "LeaseEnded, taken by a service": LeaseEnded(
            steering, replace(GIVEN_BACK, cause=Cause.TAKEN_BY_SERVICE), AT, REF, None
        ),
        "LeaseEnded, handed on": LeaseEnded(steering, replace(GIVEN_BACK, cause=Cause.HANDED_ON), AT, REF, None),
        "AuthorisationOver": AuthorisationOver(authorisation("a-1", "l-5")),
        "AuthorisationWithdrawn": AuthorisationWithdrawn(TAKEN_BACK, subject("csu-chief"), AT, REF, E1_REF),
        "AuthorisationDenied": AuthorisationDenied(TAKEN_BACK, subject("csu-chief"), AT, REF, E1_REF),
        "DeputyEnded": DeputyEnded(DEPUTY, subject("police-director"), AT, REF),
        "CameraStays": CameraStays(camera(3), STATE, event("e-1").id, subject(login), AT, REF, E1_REF),
    }


MAY_WAIT = {
    "ViewingEnded": (True, True),
    "ViewingEnded, pre-empted": (False, False),
    "ViewingOpened": (True, False),
    "ViewingProlonged": (True, False),
    "ViewingRelieved": (True, False),
    "Decided": (True, False),
    "EventKept": (True, False),
    "SessionOpened": (True, False),
    "SessionRelieved": (True, False),
    "SessionClosed": (True, True),
    "LeaseAsked": (True, False),
    "LeaseGranted": (True, False),
    "LeaseProlonged": (True, False),
    "LeaseRelieved": (True, False),
    "LeaseEnded": (True, True),
    "LeaseEnded, the owner steers": (True, True),
    "LeaseEnded, taken by a service": (False, False),
    "LeaseEnded, handed on": (False, False),
    "AuthorisationOver": (True, True),
    "AuthorisationWithdrawn": (True, True),
    "AuthorisationDenied": (True, True),
    "DeputyEnded": (True, True),
    "CameraStays": (True, True),
}
"""What may be carried out before it is recorded: in the own room, for a partner. Nothing else may, for anybody."""


@pytest.mark.parametrize("name", MAY_WAIT)
def test_what_may_wait_is_what_the_table_says_for_each_side(name: str) -> None:
    where = place()
    assert tuple(may_wait(_of(login)[name], where) for login in (OWN, PARTNER)) == MAY_WAIT[name]


def test_no_other_change_of_the_union_may_wait() -> None:
    named = {name.split(",")[0] for name in MAY_WAIT}
    others = [change for change, _ in ROWS if type(change).__name__ not in named]
    assert len({type(change) for change in others}) == len(get_args(Change)) - len(named)
    assert [change for change in others if may_wait(change, place()) or is_needless(change)] == []


def test_the_own_room_is_the_nodes_party_at_a_camera_of_its_own() -> None:
    where = place()
    elsewhere = replace(viewing("v-5", OWN, 4, None), camera=camera(99))
    assert not may_wait(opened(elsewhere), where), "no camera of the inventory's"
    assert not may_wait(opened(replace(elsewhere, camera=camera(4), party=STATE)), where)
    request = replace(decided(OWN).request, camera=replace(decided(OWN).request.camera, id="vda-099"))
    assert not may_wait(replace(decided(OWN), request=request), where)


def test_only_a_prolonging_may_be_left_out() -> None:
    assert [name for name, change in _of(OWN).items() if is_needless(change)] == ["ViewingProlonged"]


# What is shown meanwhile.


@pytest.mark.anyio
async def test_a_right_that_is_ending_keeps_its_slot_and_is_shown_to_nobody(node: SmallNode) -> None:
    node.store.deaf = True
    assert await node.close("srpj", "v-3")
    state = await node.spine.read(
        lambda now: (
            now.viewing(RUNNING[2].id),
            [str(each.id) for each in now.viewings()],
            {str(each) for each in now.ending()},
            [str(each) for each in now.slots(STATE)],
            [(each.camera, each.service) for each in now.holders(STATE)],
            sorted(now.running().by_id),
        )
    )
    cameras = [str(camera(1)), str(camera(2))]
    shown, listed, ending, *slots = state
    assert (shown, listed, ending) == (None, ["v-1", "v-2", "v-4"], {"v-3"})
    assert tuple(slots) == (cameras, [(cameras[0], "cic"), (cameras[1], "srpj")], ["v-1", "v-2", "v-3", "v-4"])
    node.store.deaf = False
    await node.spine.drain()
    left = await node.spine.read(lambda now: ([str(each) for each in now.slots(STATE)], len(now.ending())))
    assert left == ([str(camera(1))], 0)


@pytest.mark.anyio
async def test_what_was_opened_and_ended_while_nothing_is_recorded_holds_nothing(node: SmallNode) -> None:
    node.store.deaf = True
    await node.opened(OWN, 4, name="v-new")
    assert await node.running() == ["v-1", "v-2", "v-3", "v-4", "v-new"]
    assert await node.close(OWN, "v-new")
    running, ending = await node.spine.read(lambda now: (list(now.running().by_id), now.ending()))
    assert (running, ending) == (["v-1", "v-2", "v-3", "v-4"], frozenset())
    node.store.deaf = False
    await node.spine.drain()
    assert await node.kinds("v-new") == ["decision", "opened", "ended"]
    assert await node.in_tables() == ["v-1", "v-2", "v-3", "v-4"]


@pytest.mark.anyio
async def test_an_entry_that_has_landed_is_not_made_a_second_time_in_a_snapshot(node: SmallNode) -> None:
    """Between the drain's commit and its going on, a snapshot holds already what waits still."""
    node.store.deaf = True
    await node.opened(OWN, 4, name="v-new")
    node.store.deaf = False
    seen: list[object] = []

    async def look() -> None:
        assert node.spine.tail.owes, "too late to see it"
        seen.append(await node.spine.read(lambda now: (now.ending(), [each.id for each in now.viewings()])))
        await node.make(replace(ended(viewing("v-new", OWN, 4, None))))
        seen.append(await node.spine.read(lambda now: [each.id for each in now.viewings()]))

    node.store.after_write.append(look)
    await node.spine.drain()
    assert seen == [(frozenset(), ["v-1", "v-2", "v-3", "v-4", "v-new"]), ["v-1", "v-2", "v-3", "v-4"]]
    assert await node.kinds("v-new") == ["decision", "opened", "ended"]
    assert await node.in_tables() == ["v-1", "v-2", "v-3", "v-4"]


# How it gets into the ledger.


@pytest.mark.anyio
async def test_an_end_that_waits_and_lands_late_all_the_same_is_recorded_once(node: SmallNode) -> None:
    with node.slow_commits():
        assert await node.close(PARTNER, "v-1")
    await node.landed()
    await node.spine.drain()
    assert await node.kinds("v-1") == ["ended"]
    assert len(node.follower.of(ViewingEnded)) == 1
    assert not node.spine.tail.owes


@pytest.mark.anyio
async def test_a_session_that_waits_and_lands_late_all_the_same_is_opened_once(node: SmallNode) -> None:
    opening = SessionOpened(session(OWN, 1), CITY)
    with node.slow_commits():
        await node.make(opening)
    await node.landed()
    assert node.follower.changes == [opening]
    await node.spine.drain()
    assert opening.session.cookie_sha256 in await node.spine.read(lambda now: now.sessions_open())


@pytest.mark.anyio
async def test_a_relief_that_waits_is_made_whole_once_the_disk_takes_it(node: SmallNode) -> None:
    command = Relieve(requester(OWN), requester("csu-second", 1))
    node.store.deaf = True
    await node.spine.act(relieve, command)
    by_relief = await node.spine.read(lambda now: now.viewing(RUNNING[3].id))
    assert by_relief is not None
    assert by_relief.agent == command.relief.agent
    node.store.deaf = False
    await node.spine.drain()
    kept = await node.spine.read(lambda now: (now.viewing(RUNNING[3].id), now.event(event("e-3").id)))
    assert kept[0] == by_relief
    assert kept[1] is not None
    assert kept[1].kept_by == command.relief.agent
    opened_now = await node.spine.read(lambda now: now.sessions_open())
    assert command.relief.session_sha256 in opened_now
    assert command.requester.session_sha256 not in opened_now
    assert await node.kinds("v-4") == ["relieved"]


@pytest.mark.anyio
async def test_an_unrecorded_viewing_that_is_closed_once_the_disk_takes_writes_again_is_over(node: SmallNode) -> None:
    """The disk is back, the drain has not come by yet."""
    node.store.deaf = True
    await node.opened(OWN, 4, name="v-new")
    node.store.deaf = False
    assert await node.close(OWN, "v-new")
    await node.spine.drain()
    assert await node.kinds("v-new") == ["decision", "opened", "ended"], "in the order in which it happened"
    assert await node.running() == ["v-1", "v-2", "v-3", "v-4"], "a viewing that was closed runs again"
    assert len(node.follower.of(ViewingEnded)) == 1


@pytest.mark.anyio
async def test_a_viewing_that_landed_late_and_was_closed_before_the_drain_is_over(node: SmallNode) -> None:
    with node.slow_commits():
        await node.opened(OWN, 4, name="v-new")
    await node.landed()
    assert await node.close(OWN, "v-new")
    await node.spine.drain()
    assert await node.kinds("v-new") == ["decision", "opened", "ended"]
    assert await node.running() == ["v-1", "v-2", "v-3", "v-4"]


@pytest.mark.anyio
async def test_a_viewing_that_was_taken_up_again_while_nothing_is_recorded_can_be_closed_before_the_drain(
    node: SmallNode,
) -> None:
    node.store.deaf = True
    assert (await node.opened(OWN, 3, name="v-again")).id == "v-4"
    node.store.deaf = False
    assert await node.close(OWN, "v-4")
    await node.spine.drain()
    assert await node.running() == ["v-1", "v-2", "v-3"]
    assert (await node.kinds("v-4"))[-1] == "ended"


@pytest.mark.anyio
async def test_a_session_that_was_left_before_the_drain_stays_closed(node: SmallNode) -> None:
    node.store.deaf = True
    signed_in = session(OWN, 1)
    await node.make(SessionOpened(signed_in, CITY))
    node.store.deaf = False
    await node.spine.commit(lambda now, at: leave(now, signed_in.cookie_sha256, at), essential=True)
    await node.spine.drain()
    assert signed_in.cookie_sha256 not in await node.spine.read(lambda now: now.sessions_open()), "signed in again"


@pytest.mark.anyio
async def test_an_event_that_is_closed_after_an_unrecorded_relief_stays_closed(node: SmallNode) -> None:
    node.store.deaf = True
    await node.spine.act(relieve, Relieve(requester(OWN), requester("csu-second", 1)))
    node.store.deaf = False
    kept = await node.spine.read(lambda now: now.event(event("e-3").id))
    assert kept is not None
    over = EventClosed(replace(kept, motive=words("fini"), closed_at=AT), subject("csu-second"), AT, REF)
    await node.make(over)
    await node.spine.drain()
    found = await node.spine.read(lambda now: now.event(event("e-3").id))
    assert found == over.event


@pytest.mark.anyio
async def test_words_that_land_late_after_an_unrecorded_relief_are_kept(node: SmallNode) -> None:
    worded = event("e-3", motive="rixe")
    with node.slow_commits() as slow:
        with pytest.raises(NotRecorded):
            await node.make(EventAmended(worded, subject(OWN), AT, REF))
        node.store.slow, node.store.deaf = None, True
        await node.spine.act(relieve, Relieve(requester(OWN), requester("csu-second", 1)))
        node.store.deaf = False
        slow.release.set()
    await node.landed()
    await node.spine.drain()
    found = await node.spine.read(lambda now: now.event(event("e-3").id))
    assert found is not None
    assert (found.motive, found.kept_by) == (words("rixe"), requester("csu-second").agent)


@pytest.mark.anyio
async def test_a_viewing_whose_end_lands_late_is_not_taken_up_again_by_what_waits(node: SmallNode) -> None:
    with node.slow_commits() as slow:
        held = node.store.slow
        node.store.slow, node.store.deaf = None, True
        await node.opened(OWN, 3, name="v-again")
        node.store.slow, node.store.deaf = held, False
        assert await node.close(OWN, "v-4")
        slow.release.set()
    await node.landed()
    await node.spine.drain()
    assert await node.running() == ["v-1", "v-2", "v-3"]
    assert (await node.kinds("v-4")).count("ended") == 1


@pytest.mark.anyio
async def test_a_relief_that_waits_and_lands_late_all_the_same_is_recorded_once(node: SmallNode) -> None:
    with node.slow_commits():
        await node.spine.act(relieve, Relieve(requester(OWN), requester("csu-second", 1)))
    await node.landed()
    await node.spine.drain()
    assert await node.kinds("v-4") == ["relieved"]
    assert len(node.follower.of(ViewingRelieved)) == len(node.follower.of(SessionRelieved)) == 1
    assert requester("csu-second", 1).session_sha256 in await node.spine.read(lambda now: now.sessions_open())


@pytest.mark.anyio
async def test_an_end_that_lands_after_its_requester_went_away_ends_what_waits_of_it(node: SmallNode) -> None:
    with node.slow_commits() as slow:
        node.store.store._record_within_s = 30
        async with anyio.create_task_group() as requesters:
            requesters.start_soon(node.close, OWN, "v-4")
            while not slow.begun.is_set():
                await anyio.sleep(0.01)
            requesters.cancel_scope.cancel()
        node.store.deaf = True
        assert (await node.opened(OWN, 3, name="v-again")).id == "v-4"
    await node.landed()
    assert await node.running() == ["v-1", "v-2", "v-3"], "it is over, whatever waits"
    node.store.deaf = False
    await node.spine.drain()
    assert await node.in_tables() == ["v-1", "v-2", "v-3"]


LATE_ENDS: Sequence[tuple[Change, Change, str]] = (
    (
        AuthorisationGiven(GIVEN, subject("csu-chief"), AT, REF, E1_REF),
        AuthorisationWithdrawn(TAKEN_BACK, subject("csu-chief"), AT, REF, E1_REF),
        "taken-back",
    ),
    (
        DeputyNamed(DEPUTY, subject("police-director"), AT, REF),
        DeputyEnded(DEPUTY, subject("police-director"), AT, REF),
        "deputy-ended",
    ),
)


async def rests(node: SmallNode) -> tuple[list[str], list[str]]:
    """Return the words that are given, and the deputies."""
    return await node.spine.read(
        lambda now: ([each.id for each in now.authorisations()], [each.agent for each in now.deputies()])
    )


@pytest.mark.anyio
@pytest.mark.parametrize(("begins", "ends", "cause"), LATE_ENDS, ids=["a word", "a deputy"])
async def test_what_ends_a_right_while_nothing_is_recorded_counts_at_once_and_is_written_once(
    node: SmallNode, begins: Change, ends: Change, cause: str
) -> None:
    await node.make(begins)
    assert await rests(node) != ([], [])
    node.store.deaf = True
    with pytest.raises(NotRecorded):
        await node.make(ends)  # a death before it is written would bring it back: nobody is told that it is done
    assert await rests(node) == ([], [])
    node.store.deaf = False
    with pytest.raises(NotRecorded):
        await node.make(begins)  # what becomes of it waits behind its end
    await node.spine.drain()
    assert await rests(node) == ([], [])
    assert len(await node.records(cause=cause)) == 1
    await node.make(begins)
    assert await rests(node) != ([], [])


@pytest.mark.anyio
@pytest.mark.parametrize(("begins", "ends", "cause"), LATE_ENDS, ids=["a word", "a deputy"])
async def test_what_ends_a_right_and_lands_late_all_the_same_is_recorded_once(
    node: SmallNode, begins: Change, ends: Change, cause: str
) -> None:
    await node.make(begins)
    with node.slow_commits(), pytest.raises(NotRecorded):
        await node.make(ends)
    await node.landed()
    await node.spine.drain()
    assert len(await node.records(cause=cause)) == 1
    assert len(node.follower.of(type(ends))) == 1
    assert await rests(node) == ([], [])


@pytest.mark.anyio
async def test_a_slot_whose_end_waits_is_pre_empted_by_nobody(node: SmallNode) -> None:
    """Its viewing ended for its own cause, and is not ended a second time for another."""
    for number in (3, 4, 5, 6, 7, 9):
        await node.opened("srpj", number, "e-2", name=f"v-srpj-{number}")
    node.store.deaf = True
    assert await node.close("srpj", "v-3")
    node.store.deaf = False
    with pytest.raises(NotRecorded):
        await node.open(PARTNER, 11, "e-1", name="v-new")
    await node.spine.drain()
    await node.opened(PARTNER, 11, "e-1", name="v-new")
    assert [record["cause"] for record in await node.records(viewing="v-3")] == ["closed"]


@pytest.mark.anyio
async def test_what_waits_is_recorded_in_groups_in_the_order_in_which_it_happened(node: SmallNode) -> None:
    kept = [replace(decided(OWN, 4), decision=replace(GRANTED, facts={"number": number})) for number in range(450)]
    node.spine.tail.keep(kept, now=node.clock.now())
    await node.spine.drain()
    assert node.store.writes == 3, f"groups of {DRAIN_GROUP_MAX}"
    records = await node.records()
    late = [record["facts"]["number"] for record in records if record["kind"] == "decision"]
    assert late == list(range(450))
    (gap,) = (record for record in records if record["kind"] == "gap")
    assert gap["index"] < min(record["index"] for record in records if record["kind"] == "decision")
    assert gap["detail"]["late"] == 450
    assert (node.spine.tail.owes, node.spine.tail.since) == (False, None)


@pytest.mark.anyio
async def test_the_gap_says_since_when_how_much_is_late_and_how_much_is_lost(node: SmallNode) -> None:
    node.store.deaf = True
    await node.opened(OWN, 4, name="v-new")
    node.clock.move(timedelta(minutes=5))
    assert await node.close(PARTNER, "v-1")
    node.spine.tail.lost = 3
    node.store.deaf = False
    await node.spine.drain()
    (gap,) = await node.records(kind="gap")
    assert gap["cause"] == "own-room-unrecorded"
    assert gap["detail"] == {"since": AT.isoformat(), "late": 2, "lost": 3}, "a partner's end is none of the own room's"
    assert gap["at"] == "2026-03-25T09:05:00.000000Z"
    await node.spine.drain()
    assert len(await node.records(kind="gap")) == 1


@pytest.mark.anyio
async def test_an_end_of_a_partners_alone_is_no_gap_of_the_own_room(node: SmallNode) -> None:
    node.store.deaf = True
    assert await node.close(PARTNER, "v-1")
    assert node.spine.tail.since is None
    node.store.deaf = False
    await node.spine.drain()
    assert await node.records(kind="gap") == []


@pytest.mark.anyio
async def test_what_is_lost_while_the_tail_is_drained_is_told_too(node: SmallNode) -> None:
    node.spine.tail.keep([own("v-new")], now=node.clock.now())

    async def lose() -> None:
        node.spine.tail.lost += 2

    node.store.after_write.append(lose)
    await node.spine.drain()
    gaps = await node.records(kind="gap")
    assert [(gap["detail"]["late"], gap["detail"]["lost"]) for gap in gaps] == [(1, 0), (0, 2)]
    assert node.spine.tail.lost == 0


@pytest.mark.anyio
async def test_what_cannot_be_recorded_goes_on_waiting_and_one_drains_at_a_time(node: SmallNode) -> None:
    node.store.deaf = True
    await node.opened(OWN, 4, name="v-new")
    entries = list(node.spine.tail.entries)
    with pytest.raises(NotRecorded):
        await node.spine.drain()
    assert list(node.spine.tail.entries) == entries
    node.store.deaf = False
    before = node.store.writes

    async def again() -> None:
        await node.spine.drain()

    node.store.after_write.append(again)
    await node.spine.drain()
    assert node.store.writes == before + 1
    assert not node.spine.tail.owes
    await node.spine.drain()
    assert node.store.writes == before + 1, "with nothing that waits nothing is written"


# Its bounds.


def tail_with(*changes: Change) -> Tail:
    """Return a tail in which these wait."""
    tail = Tail(place())
    tail.keep(changes, now=AT)
    return tail


def waits(tail: Tail) -> tuple[datetime | None, list[int]]:
    """Return since when what waits."""
    return tail.since, [each.number for each in tail.entries]


def test_no_more_than_256_viewings_of_the_own_room_wait() -> None:
    tail = tail_with(*(own(f"v-{number}") for number in range(VIEWINGS_MAX)))
    assert VIEWINGS_MAX == 256
    with pytest.raises(NotRecorded, match="256 unrecorded viewings"):
        tail.keep([own("v-more")], now=AT)
    tail.keep([ended(viewing("v-0", OWN, 4, None))], now=AT)
    assert len(tail.entries) == VIEWINGS_MAX + 1, "an end always waits"


def test_past_10_000_entries_decisions_are_lost_and_counted_and_nobody_signs_in() -> None:
    assert QUEUED_MAX == 10_000
    full = tail_with(*[decided(OWN)] * QUEUED_MAX)
    full.keep([decided(OWN)], now=AT)
    assert (len(full.entries), full.lost, full.own_room_records) == (QUEUED_MAX, 1, QUEUED_MAX)
    with pytest.raises(NotRecorded, match="10000 changes"):
        full.keep([SessionOpened(session(OWN, 1), CITY)], now=AT)
    full.keep([own("v-new")], now=AT)
    assert (len(full.entries), full.lost, full.own_room_records) == (QUEUED_MAX + 1, 2, QUEUED_MAX)
    full.keep([ended(RUNNING[0]), SessionClosed(b"any")], now=AT)
    assert (len(full.entries), full.lost) == (QUEUED_MAX + 3, 2)


def test_one_entry_short_of_the_bound_everything_waits() -> None:
    nearly = tail_with(*[decided(OWN)] * (QUEUED_MAX - 1))
    nearly.keep([SessionOpened(session(OWN, 1), CITY)], now=AT)
    assert (len(nearly.entries), nearly.lost) == (QUEUED_MAX, 0)


def test_a_viewing_opened_and_ended_while_its_record_found_no_place_leaves_nothing() -> None:
    full = tail_with(*[decided(OWN)] * QUEUED_MAX)
    full.keep([own("v-new")], now=AT)
    assert full.entries[-1].recorded is False
    full.keep([ended(viewing("v-new", OWN, 4, None))], now=AT)
    assert (len(full.entries), full.lost) == (QUEUED_MAX, 2), "its opening and its end"
    assert not any(isinstance(each.change, ViewingOpened | ViewingEnded) for each in full.entries)


@pytest.mark.anyio
async def test_a_viewing_whose_record_found_no_place_runs_and_is_counted_as_lost(node: SmallNode) -> None:
    node.store.deaf = True
    node.spine.tail.keep([decided(OWN)] * QUEUED_MAX, now=AT)
    await node.opened(OWN, 4, name="v-new")
    assert "v-new" in await node.running()
    assert node.spine.tail.lost == 2
    node.spine.tail._entries = node.spine.tail._entries[-1:]  # draining ten thousand takes its time
    node.store.deaf = False
    await node.spine.drain()
    assert await node.kinds("v-new") == []
    assert "v-new" in await node.in_tables(), "it holds its slot in the tables all the same"
    (gap,) = await node.records(kind="gap")
    assert gap["detail"]["lost"] == 2


@pytest.mark.anyio
async def test_a_screen_that_takes_its_picture_up_a_thousand_times_leaves_one_entry(node: SmallNode) -> None:
    node.store.deaf = True
    await node.opened(OWN, 3, name="v-again")
    kept = len(node.spine.tail.entries)
    for _ in range(100):
        assert (await node.opened(OWN, 3, name="v-again")).id == "v-4"
    running = await node.spine.read(lambda now: now.viewing(RUNNING[3].id))
    assert running is not None
    for asked in range(900):
        node.spine.tail.keep([ViewingProlonged(replace(running, asked=asked))], now=AT)
    assert len(node.spine.tail.entries) == kept
    (last,) = [each.change for each in node.spine.tail.entries if isinstance(each.change, ViewingProlonged)]
    assert last.viewing.asked == 899
    assert node.spine.tail.own_room_records == 1


def test_entries_are_numbered_on_and_dropped_up_to_a_number() -> None:
    tail = tail_with(own("v-5"), own("v-6"), own("v-7"))
    assert [each.number for each in tail.entries] == [1, 2, 3]
    version = tail.version
    tail.drop(2)
    assert [each.number for each in tail.entries] == [3]
    assert tail.version > version
    tail.keep([own("v-8")], now=AT + timedelta(minutes=1))
    assert [each.number for each in tail.first(1)] == [3]
    assert waits(tail) == (AT, [3, 4])
    tail.drop(4)
    assert waits(tail) == (None, [])


def test_as_long_as_something_lost_is_not_told_the_gap_goes_on() -> None:
    tail = tail_with(own("v-5"))
    tail.lost = 1
    tail.drop(1)
    assert tail.since == AT


def test_what_left_no_record_is_no_record_that_waits() -> None:
    silent = [change for name, change in _of(OWN).items() if name in {"ViewingProlonged", "EventKept", "SessionOpened"}]
    silent += [SessionRelieved(b"former", session(OWN), CITY), SessionClosed(b"any")]
    assert tail_with(*silent).own_room_records == 0
    recorded: list[Change] = [decided(OWN), own("v-5"), ended(viewing("v-5", OWN, 4, None))]
    assert tail_with(*recorded).own_room_records == 3
    assert tail_with(ended(RUNNING[0])).own_room_records == 0, "a partner's"


def test_from_a_late_landing_follows_what_does_not_wait_here() -> None:
    waiting: list[Change] = [own("v-5"), ended(RUNNING[0]), SessionOpened(session(OWN, 1), CITY), SessionClosed(b"any")]
    waiting += [ViewingRelieved(RUNNING[3], None, subject(OWN), AT, REF), SessionRelieved(b"f", session(OWN), CITY)]
    tail = tail_with(*waiting)
    assert tail.unfollowed(waiting) == ()
    others: list[Change] = [own("v-6"), ended(RUNNING[1]), SessionOpened(session(PARTNER, 1), STATE)]
    others += [SessionClosed(b"other"), decided(OWN), EventKept(event("e-3"))]
    assert tail.unfollowed(others) == tuple(others)
    assert tail.unfollowed([ended(viewing("v-5", OWN, 4, None))]) != (), "its opening waits, its end does not"


# What is still to be made so, and what is no longer.


def _about(name: str, number: int = 4) -> Mapping[str, Change]:
    """Return what can happen to one viewing of the own room."""
    watching = viewing(name, OWN, number, None)
    return {
        "decided": decided(OWN, number, opens=name),
        "opened": opened(watching),
        "prolonged": ViewingProlonged(watching),
        "relieved": ViewingRelieved(watching, None, subject(OWN), AT, REF),
        "ended": ended(watching),
    }


@pytest.mark.anyio
async def test_what_landed_late_or_is_over_is_not_made_so_again(node: SmallNode) -> None:
    async def left(*changes: Change) -> list[int]:
        group = [Waiting(number, change) for number, change in enumerate(changes)]
        return await node.spine.read(lambda now: [each.number for each in unrecorded(now, group)])

    new, running = _about("v-9"), _about("v-4", 3)
    assert await left(new["decided"], new["opened"], new["prolonged"], new["relieved"], new["ended"]) == [0, 1, 2, 3, 4]
    assert await left(running["decided"], running["opened"], running["prolonged"]) == [2]
    repeated = replace(decided(OWN, 3), viewing=RUNNING[3].id)
    assert await left(repeated) == [0], "a decision that opened nothing is recorded"
    assert await left(running["ended"], running["ended"]) == [0]
    assert await left(running["ended"], running["prolonged"], running["relieved"]) == [0]
    assert await left(new["ended"], new["prolonged"], new["relieved"]) == []
    assert await left(new["opened"], new["ended"], new["ended"], new["prolonged"]) == [0, 1]
    assert await left(SessionOpened(session(OWN), CITY), SessionOpened(session(OWN, 1), CITY)) == [1]
    others: list[Change] = [SessionRelieved(b"f", session(OWN), CITY), SessionClosed(b"any"), EventKept(event("e-3"))]
    assert await left(*others) == [0, 1, 2]


def test_a_right_that_waits_has_what_becomes_of_it_wait_behind_it_and_no_other() -> None:
    tail = tail_with(own("v-5"), SessionRelieved(b"former", session(OWN, 1), CITY), decided(OWN))
    mine, others = _about("v-5"), _about("v-6")
    for name in ("opened", "prolonged", "relieved", "ended"):
        assert tail.holds_subject_of([mine[name]], drained=0), name
        assert tail.holds_subject_of([others[name], mine[name]], drained=0), name
        assert not tail.holds_subject_of([others[name]], drained=0), name
        assert not tail.holds_subject_of([mine[name]], drained=1), "recorded already"
    closed = SessionClosed(session(OWN, 1).cookie_sha256)
    for change in (closed, SessionClosed(b"former"), SessionOpened(session(OWN, 1), CITY)):
        assert tail.holds_subject_of([change], drained=1)
        assert not tail.holds_subject_of([change], drained=2)
    assert tail.holds_subject_of([SessionRelieved(session(OWN, 1).cookie_sha256, session(OWN), CITY)], drained=0)
    assert not tail.holds_subject_of([SessionClosed(b"other"), decided(OWN), EventKept(event("e-3"))], drained=0)
    assert not tail.holds_subject_of([], drained=0)


def test_what_landed_leaves_the_tail_with_all_that_waits_of_what_is_over() -> None:
    mine, others = _about("v-5"), _about("v-6")

    def after(*landed: Change) -> list[int]:
        tail = tail_with(*mine.values(), *others.values())
        tail.land(landed)
        return [each.number for each in tail.entries]

    everything = list(range(1, 11))
    assert after(decided(OWN)) == everything
    assert after(mine["opened"]) == [3, 4, 5, *everything[5:]], "its decision with it"
    assert after(mine["relieved"]) == [1, 2, 3, 5, *everything[5:]]
    assert after(mine["prolonged"]) == everything
    assert after(mine["ended"]) == [1, *everything[5:]], "what was decided was decided"
    assert after(mine["ended"], others["ended"]) == [1, 6]


def test_a_session_that_landed_leaves_the_tail_and_nothing_is_left_to_tell() -> None:
    tail = tail_with(SessionOpened(session(OWN, 1), CITY), SessionRelieved(b"former", session("csu-second", 1), CITY))
    version = tail.version
    tail.land([SessionClosed(b"other")])
    assert (tail.version, len(tail.entries)) == (version, 2)
    tail.land([SessionClosed(session(OWN, 1).cookie_sha256)])
    assert tail.version > version
    assert waits(tail) == (AT, [2])
    tail.land([SessionRelieved(b"former", session("csu-second", 1), CITY)])
    assert waits(tail) == (None, [])

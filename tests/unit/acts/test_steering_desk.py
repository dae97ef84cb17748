"""Steering over a real ledger, and while it takes nothing: the owner's hand waits for no disk. Reliability 9, 14; rules A12."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from belvedere.acts.steering import HeldBy, Steers, Waits
from belvedere.acts.steering_desk import SteeringDesk
from belvedere.acts.steering_watch import SteeringWatch
from belvedere.acts.unknown import Unknown
from belvedere.changes import EventAmended
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Refused
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import CameraId, EventId, LeaseId, ViewingId
from belvedere.domain.leases import HEARTBEAT_S, LeaseRegime
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.rest import RETURNS_AFTER_S
from belvedere.domain.steering import (
    Abilities,
    GoHome,
    Movement,
    NotAtRest,
    NotDone,
    Preset,
    Steerable,
    Velocity,
)
from belvedere.domain.vocabulary import EventKind
from belvedere.followers.steering import SteeringFollower
from belvedere.ptz.arbitration import HoldersAnswer
from belvedere.spine.commit import Spine
from tests.unit.changes.small_city import AT, REF, camera, ended, event, opened, requester, subject, viewing
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
CAMERA, E1 = camera(3), EventId("e-1")
NIGHT = datetime.fromisoformat("2026-03-26T03:00+01:00")
LEFT = Velocity(-1.0, 0.0, 0.0)
OFFICER, SECOND, OPERATOR = requester("cic-operator"), requester("cic-second"), requester("csu-operator")


@dataclass
class Ids:
    """Ids in order (implements `IdSource`)."""

    number: int = 0

    def fresh(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}-{self.number}"

    def secret(self, size_bytes: int) -> bytes:
        return bytes(size_bytes)


@dataclass
class Cameras:
    """Takes down what is commanded (implements `followers.steering.CameraCommands`)."""

    told: list[str] = field(default_factory=list)
    watched: list[CameraId] = field(default_factory=list)

    def steers(self, camera: CameraId) -> bool:
        return True

    def turn(self, camera: CameraId, movement: Movement) -> None:
        self.told.append("home" if isinstance(movement, GoHome) else "turn")

    def stop(self, camera: CameraId) -> None:
        self.told.append("stop")

    async def steerable(self, camera: CameraId) -> Steerable | NotDone:
        return Steerable(Abilities(True, True, True, True, True, True), (Preset("1", "Accueil"),))

    def watch(self, camera: CameraId) -> None:
        self.watched.append(camera)

    def unwatch(self, camera: CameraId) -> None:
        self.watched.remove(camera)


@dataclass
class Room:
    """A desk over the small node, with who steers in memory and the watch over it."""

    node: SmallNode
    desk: SteeringDesk
    hands: SteeringFollower
    watch: SteeringWatch
    cameras: Cameras
    connected: set[ViewingId]

    async def records(self) -> list[tuple[str, object]]:
        """Return kind and cause of what the ledger tells of steering, in order."""
        told = [each for each in await self.node.records() if str(each["kind"]) in {"lease", "lease-ended", "gap"}]
        return [(str(each["kind"]), each["cause"]) for each in told]

    async def taken(self, who: object = OFFICER) -> Steers:
        answer = await self.desk.take(who, CAMERA, None if who is OPERATOR else E1)  # type: ignore[arg-type]  # a requester
        assert isinstance(answer, Steers), answer
        return answer


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """The small node at three in the morning, when officers who watch the third camera steer at once."""
    async with small_node(tmp_path) as node:
        await node.make(
            EventAmended(replace(event("e-1"), kind=EventKind.TROUBLE_GRAVE), subject("cic-operator"), AT, REF),
            opened(viewing("v-5", "cic-operator", 3, "e-1")),
            opened(viewing("v-6", "cic-second", 3, "e-1")),
        )
        node.clock.move(NIGHT - AT)
        cameras = Cameras()
        hands = SteeringFollower(cameras, clock=node.clock)
        spine = Spine(store=node.store, followers=(node.follower, hands), place=node.place, clock=node.clock)
        connected = {ViewingId("v-5"), ViewingId("v-6")}
        desk = SteeringDesk(spine, Ids(), hands, place=node.place)
        yield Room(node, desk, hands, SteeringWatch(spine, hands, lambda: connected), cameras, connected)


async def test_a_takeover_in_closed_hours_stands_in_the_ledger_with_its_article_and_the_notice_it_owes(
    room: Room,
) -> None:
    taken = await room.taken()
    (granted,) = await room.node.records(kind="lease")
    assert (granted["cause"], granted["camera"], granted["viewing"]) == ("granted", CAMERA, "v-5")
    assert granted["articles"] == ["vda-etat:art-3"]
    assert granted["detail"]["regime"] == "closed"
    assert granted["detail"]["notice"] == f"n-{taken.lease.id.removeprefix('l-')}-1"
    owed = await room.node.spine.read(lambda now: now.owed_notices())
    assert [each.id for each in owed] == [granted["detail"]["notice"]]
    assert room.hands.move(taken.lease.id, LEFT) is None


async def test_while_nothing_is_recorded_no_partner_is_given_a_camera(room: Room) -> None:
    room.node.store.deaf = True
    with pytest.raises(NotRecorded):
        await room.taken()
    assert room.cameras.told == []


async def test_the_owner_takes_its_camera_back_while_nothing_is_recorded_and_it_is_written_down_later(
    room: Room,
) -> None:
    officers = await room.taken()
    room.node.store.deaf = True
    owners = await room.taken(OPERATOR)
    assert owners.lease.regime is LeaseRegime.OWN
    assert room.hands.move(officers.lease.id, LEFT) is not None
    assert room.hands.move(owners.lease.id, LEFT) is None
    with pytest.raises(NotRecorded):
        await room.desk.take(SECOND, CAMERA, E1)
    room.node.store.deaf = False
    await room.desk._spine.drain()
    assert await room.records() == [
        ("lease", "granted"),
        ("gap", "own-room-unrecorded"),
        ("lease-ended", "owner-steers"),
        ("lease", "granted"),
    ]
    held = await room.node.spine.read(lambda now: [each.id for each in now.leases()])
    assert held == [owners.lease.id]


async def test_what_began_and_ended_while_nothing_was_recorded_is_written_down_in_order_and_runs_no_more(
    room: Room,
) -> None:
    room.node.store.deaf = True
    owners = await room.taken(OPERATOR)
    released = await room.desk.release(OPERATOR, owners.lease.id)
    assert not isinstance(released, ActRefused)
    room.node.store.deaf = False
    await room.desk._spine.drain()
    kinds = await room.records()
    assert [each for each in kinds if each[0] != "gap"] == [("lease", "granted"), ("lease-ended", "released")]
    assert await room.node.spine.read(lambda now: list(now.leases())) == []


async def test_the_owners_hand_is_on_the_camera_before_its_lease_is_written(room: Room) -> None:
    officers = await room.taken()
    assert room.hands.move(officers.lease.id, LEFT) is None
    with room.node.slow_commits() as slow:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(room.taken, OPERATOR)
            await anyio.to_thread.run_sync(slow.begun.wait)
            assert room.cameras.told == ["turn", "stop"]
            assert room.hands.move(officers.lease.id, LEFT) is not None
            slow.release.set()
    await room.node.landed()
    assert room.cameras.told == ["turn", "stop", "stop"], "once by the hand, and once as the officer's lease is over"


async def test_a_partner_without_its_picture_for_three_seconds_steers_no_more_and_its_movements_are_counted(
    room: Room,
) -> None:
    taken = await room.taken()
    room.hands.move(taken.lease.id, LEFT)
    room.node.clock.move(timedelta(seconds=HEARTBEAT_S - 1))
    await room.watch.look()
    room.connected.clear()
    room.node.clock.move(timedelta(seconds=HEARTBEAT_S))
    await room.watch.look()
    assert await room.records() == [
        ("lease", "granted"),
        ("lease-ended", "heartbeat-lost"),
        ("lease", "moved"),
    ]
    assert room.cameras.told == ["turn", "stop"]
    (counted,) = await room.node.records(kind="lease", cause="moved")
    assert counted["detail"]["count"] == 1


async def test_a_colleague_has_the_camera_after_the_holders_silence(room: Room) -> None:
    first = await room.taken()
    asked = await room.desk.take(SECOND, CAMERA, E1)
    assert isinstance(asked, Waits)
    assert await room.desk.answer(OFFICER, asked.lease.id, HoldersAnswer.MORE) == asked.lease
    room.node.clock.move(timedelta(seconds=11))
    await room.watch.look()
    assert room.hands.move(first.lease.id, LEFT) is None, "more was asked"
    room.node.clock.move(timedelta(seconds=30))
    room.hands.hear(room.connected)
    await room.watch.look()
    assert room.hands.move(asked.lease.id, LEFT) is None
    assert await room.records() == [
        ("lease", "granted"),
        ("lease", "asked"),
        ("lease-ended", "handed-on"),
        ("lease", "granted"),
        ("lease", "moved"),
    ]


async def test_an_officer_who_asks_for_the_owners_camera_is_told_who_steers(room: Room) -> None:
    await room.taken(OPERATOR)
    held = await room.desk.take(OFFICER, CAMERA, E1)
    assert isinstance(held, HeldBy)
    assert held.refused.cause is Cause.OWNER_STEERS


async def test_a_node_that_commands_no_camera_says_so(room: Room) -> None:
    desk = SteeringDesk(room.node.spine, Ids(), None, place=room.node.place)
    for who, at_event in ((OFFICER, E1), (OPERATOR, None)):
        refused = await desk.take(who, CAMERA, at_event)
        assert isinstance(refused, Refused)
        assert refused.cause is Cause.NOT_OFFERED


async def test_whoever_has_signed_out_steers_nothing(room: Room) -> None:
    taken = await room.taken()
    assert await room.desk.take(requester("cic-second", 1), CAMERA, E1) == ActRefused(Cause.NOT_SIGNED_IN)
    assert await room.desk.release(SECOND, LeaseId(taken.lease.id)) is not None


async def test_a_lease_that_is_granted_although_its_asker_was_told_otherwise_is_noted_to_be_ended(room: Room) -> None:
    with room.node.slow_commits() as slow:
        with pytest.raises(NotRecorded):
            await room.desk.take(OFFICER, CAMERA, E1)
        slow.release.set()
    await room.node.landed()
    (late,) = room.desk._spine.take_unclaimed_leases()
    assert late.agent == OFFICER.agent
    assert room.desk._spine.take_unclaimed_leases() == ()


# A camera that a partner left turned.


async def left_turned(room: Room, *, watched: bool = False) -> None:
    """Have the officer turn the camera at night and give it back; whoever watches it for the event leaves too."""
    taken = await room.taken()
    room.hands.move(taken.lease.id, LEFT)
    await room.desk.release(OFFICER, taken.lease.id)
    if not watched:
        await room.node.make(
            *(ended(viewing(name, login, 3, "e-1")) for name, login in (("v-5", "cic-operator"), ("v-6", "cic-second")))
        )


async def passes(room: Room, seconds: float) -> None:
    await room.watch.look()
    room.node.clock.move(timedelta(seconds=seconds))
    await room.watch.look()


async def test_a_camera_that_a_partner_left_turned_goes_back_once_nobody_watches_it_for_the_event(room: Room) -> None:
    await left_turned(room, watched=True)
    await passes(room, 600)
    (away,) = room.hands.away()
    assert (away.camera, away.event, away.at) == (CAMERA, E1, None), "somebody watches it"
    await room.node.make(
        *(ended(viewing(name, login, 3, "e-1")) for name, login in (("v-5", "cic-operator"), ("v-6", "cic-second")))
    )
    await passes(room, RETURNS_AFTER_S - 1)
    (away,) = room.hands.away()
    assert away.at == room.node.clock.now() + timedelta(seconds=1)
    assert room.cameras.told == ["turn", "stop"]
    await passes(room, 1)
    assert room.cameras.told == ["turn", "stop", "home"]
    assert list(room.hands.away()) == []
    assert room.cameras.watched == [], "nobody looks after it any more"
    assert (await room.records())[-1] == ("lease", "returned")
    await passes(room, 600)
    assert room.cameras.told == ["turn", "stop", "home"], "once"


async def test_whoever_has_it_stay_has_it_stay(room: Room) -> None:
    await left_turned(room)
    assert await room.desk.have_it_stay(requester("cic-operator"), camera(6)) == Unknown("camera")
    assert not isinstance(await room.desk.have_it_stay(OFFICER, CAMERA), Unknown | ActRefused)
    await passes(room, 600)
    assert room.cameras.told == ["turn", "stop"]
    assert ("lease", "stays") in await room.records()
    assert await room.desk.have_it_stay(OFFICER, CAMERA) == Unknown("camera"), "once"


async def test_a_camera_does_not_go_back_that_was_never_turned_or_that_the_owner_has_in_hand(room: Room) -> None:
    taken = await room.taken()
    await room.desk.release(OFFICER, taken.lease.id)
    assert list(room.hands.away()) == [], "never turned"
    await left_turned(room)
    owners = await room.taken(OPERATOR)
    await room.desk.release(OPERATOR, owners.lease.id)
    assert list(room.hands.away()) == []


async def test_a_camera_that_the_owner_turned_in_its_own_system_stays_where_it_was_put(room: Room) -> None:
    await left_turned(room)
    assert room.cameras.watched == [CAMERA]
    room.hands.turned_by_others(CAMERA)
    await passes(room, 600)
    assert room.cameras.told == ["turn", "stop"]


async def test_while_the_owners_room_is_active_the_camera_is_left_to_it(room: Room) -> None:
    await left_turned(room)
    await room.watch.look()
    room.node.clock.move(timedelta(hours=7))
    await room.watch.look()
    assert list(room.hands.away()) == []
    assert room.cameras.told == ["turn", "stop"]


async def test_while_nothing_is_recorded_no_camera_goes_back_and_then_it_does(room: Room) -> None:
    await left_turned(room)
    await room.watch.look()
    room.node.clock.move(timedelta(seconds=RETURNS_AFTER_S))
    room.node.store.deaf = True
    with pytest.raises(NotRecorded):
        await room.watch.look()
    assert room.cameras.told == ["turn", "stop"]
    room.node.store.deaf = False
    await room.watch.look()
    assert room.cameras.told == ["turn", "stop", "home"]


async def test_a_movement_that_nobody_here_commanded_ends_a_partners_lease_and_turns_nothing(room: Room) -> None:
    taken = await room.taken()
    room.hands.turned_by_others(CAMERA)
    assert room.hands.move(taken.lease.id, LEFT) is not None, "in memory first"
    await room.watch.look()
    assert await room.records() == [("lease", "granted"), ("lease-ended", "foreign-movement")]
    assert room.cameras.told == []
    assert room.cameras.watched == []


async def test_an_alarm_of_a_camera_that_does_not_rest_stands_until_it_rests(room: Room) -> None:
    alarm = NotAtRest({}, seen_moving=True)
    room.hands.alarm(CAMERA, alarm)
    assert room.hands.alarms == {CAMERA: alarm}
    room.hands.alarm(CAMERA, None)
    assert room.hands.alarms == {}

"""Who steers in memory: a movement waits for no disk, the owner's hand comes first, a camera whose lease ends stops."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from belvedere.changes import (
    AuthorisationGiven,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
)
from belvedere.domain.authorisations import AuthorisationState
from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, LeaseId, ViewingId
from belvedere.domain.leases import (
    ANSWER_S,
    HEARTBEAT_S,
    LEASE_IDLE_S,
    LEASE_MAX_S,
    MORE_S,
    Awaits,
    Lease,
    LeaseRegime,
    Rank,
)
from belvedere.domain.steering import Abilities, Movement, NotDone, Preset, Steerable, Velocity
from belvedere.followers.steering import SteeringFollower
from belvedere.ptz.arbitration import Lapse, Rejected, Silence
from tests.unit.changes.small_city import (
    AT,
    E1_REF,
    GIVEN_BACK,
    REF,
    MovedClock,
    authorisation,
    camera,
    lease,
    requester,
    subject,
)

LEFT = Velocity(-1.0, 0.0, 0.0)
L1, L2 = LeaseId("l-1"), LeaseId("l-2")
HERS = ViewingId("v-1")


@dataclass
class Cameras:
    """Takes down what is commanded (implements `followers.steering.CameraCommands`)."""

    told: list[str] = field(default_factory=list)
    watched: list[CameraId] = field(default_factory=list)

    def steers(self, camera: CameraId) -> bool:
        return True

    def turn(self, camera: CameraId, movement: Movement) -> None:
        self.told.append("turn")

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
    """A follower, its cameras and its clock."""

    clock: MovedClock = field(default_factory=MovedClock)
    cameras: Cameras = field(default_factory=Cameras)
    follower: SteeringFollower = field(init=False)

    def __post_init__(self) -> None:
        self.follower = SteeringFollower(self.cameras, clock=self.clock)

    def granted(self, name: str = "l-1", login: str = "cic-operator", **changed: object) -> Lease:
        held = lease(name, login, **changed)  # type: ignore[arg-type]  # a test says which members are other
        self.follower.follow([LeaseGranted(held, REF, E1_REF)])
        return held

    def ended(self, over: Lease, cause: Cause = Cause.RELEASED) -> None:
        self.follower.follow([LeaseEnded(over, replace(GIVEN_BACK, cause=cause), AT, REF, E1_REF)])

    def passes(self, seconds: float, *, heard: bool = True) -> None:
        self.clock.move(timedelta(seconds=seconds))
        if heard:
            self.follower.hear({HERS})


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_movement_goes_to_the_camera_at_once_while_its_lease_is_held(room: Room) -> None:
    assert room.follower.move(L1, LEFT) == Rejected(Cause.LEASE_OVER)
    room.granted()
    assert room.follower.move(L1, LEFT) is None
    assert room.follower.move(L1, LEFT, fence=1) is None
    assert room.follower.move(L1, LEFT, fence=0) == Rejected(Cause.FORMER_FENCE)
    assert room.cameras.told == ["turn", "turn"]


def test_what_is_only_asked_for_turns_nothing(room: Room) -> None:
    asked = lease("l-1", "cic-operator", awaits=Awaits.AUTHORISATION, since=None)
    room.follower.follow([LeaseAsked(asked, None, (), REF, E1_REF)])
    assert room.follower.move(L1, LEFT) == Rejected(Cause.LEASE_ONLY_ASKED)
    assert room.follower.stop(L1) == Rejected(Cause.LEASE_OVER)
    assert room.cameras.told == []


def test_a_camera_whose_lease_ends_stops_and_its_holders_late_command_turns_nothing(room: Room) -> None:
    held = room.granted()
    assert room.follower.move(L1, LEFT) is None
    room.ended(held)
    assert room.cameras.told == ["turn", "stop"]
    assert room.follower.move(L1, LEFT) == Rejected(Cause.LEASE_OVER)


def test_a_lease_under_which_nothing_was_commanded_ends_without_a_word_to_the_camera(room: Room) -> None:
    room.ended(room.granted())
    assert room.cameras.told == []
    room.ended(lease("l-0", "cic-operator"))
    assert room.cameras.told == ["stop"], "one of an earlier run may have left it turning"


def test_what_the_owner_turns_in_its_own_system_is_not_stopped(room: Room) -> None:
    held = room.granted()
    assert room.follower.move(L1, LEFT) is None
    room.ended(held, Cause.FOREIGN_MOVEMENT)
    assert room.cameras.told == ["turn"]


def test_the_owners_hand_stops_a_partner_before_anything_is_written_and_whatever_lands_between(room: Room) -> None:
    room.granted()
    fence = room.follower.seize(camera(3), Rank.OWN_ROOM)
    assert fence == 2
    assert room.cameras.told == ["stop"]
    assert room.follower.move(L1, LEFT) == Rejected(Cause.OWNER_STEERS)
    room.granted("l-9", fence=2)  # a colleague's grant that was on its way
    assert room.follower.move(LeaseId("l-9"), LEFT) == Rejected(Cause.OWNER_STEERS)
    room.granted("l-2", "csu-operator", fence=3)
    room.follower.let_go(camera(3))
    assert room.follower.move(L2, LEFT) is None
    assert room.follower.move(L1, LEFT) == Rejected(Cause.LEASE_OVER)


def test_a_hand_that_is_not_granted_after_all_lets_the_holder_go_on(room: Room) -> None:
    room.granted()
    room.follower.seize(camera(3), Rank.OWN_ROOM)
    room.follower.let_go(camera(3))
    assert room.follower.move(L1, LEFT) is None


def test_a_hand_of_the_own_room_stops_no_colleague_but_its_chiefs_does(room: Room) -> None:
    room.granted("l-1", "csu-operator")
    room.follower.seize(camera(3), Rank.OWN_ROOM)
    assert room.cameras.told == []
    room.follower.seize(camera(3), Rank.OWN_CHIEF)
    assert room.cameras.told == ["stop"]


def test_without_a_sign_for_three_seconds_a_partners_commands_turn_nothing_before_the_end_is_written(
    room: Room,
) -> None:
    room.granted()
    room.passes(HEARTBEAT_S - 0.1, heard=False)
    assert room.follower.move(L1, LEFT) is None
    room.passes(0.1, heard=False)
    assert room.follower.move(L1, LEFT) == Rejected(Cause.LEASE_OVER)
    assert list(room.follower.overdue()) == [Lapse(L1, Cause.HEARTBEAT_LOST)]


def test_past_its_term_by_the_wall_clock_a_lease_turns_nothing_even_while_nothing_is_recorded(room: Room) -> None:
    room.granted(valid_until=AT + timedelta(seconds=60))
    room.passes(59)
    assert room.follower.move(L1, LEFT) is None
    room.passes(1)
    assert room.follower.move(L1, LEFT) == Rejected(Cause.LEASE_OVER)


def test_idleness_and_the_longest_duration_are_counted_from_the_last_movement_and_the_last_asking(room: Room) -> None:
    held = room.granted()
    for _ in range(int(LEASE_MAX_S // 100) - 1):
        room.passes(100)
        assert room.follower.move(L1, LEFT) is None
    room.follower.follow([LeaseProlonged(replace(held, renewed=1))])
    room.passes(LEASE_IDLE_S - 1)
    assert list(room.follower.overdue()) == []
    room.passes(1)
    assert list(room.follower.overdue()) == [Lapse(L1, Cause.LEASE_IDLE)]


def test_the_own_rooms_lease_goes_on_while_its_steering_socket_is_there(room: Room) -> None:
    room.granted("l-1", "csu-operator")
    for _ in range(30):
        room.passes(LEASE_IDLE_S - 1)
        room.follower.hear_lease(L1)
    assert list(room.follower.overdue()) == []
    room.passes(LEASE_IDLE_S)
    assert list(room.follower.overdue()) == [Lapse(L1, Cause.LEASE_IDLE)]


def test_a_partners_sign_is_its_picture_its_steering_socket_is_none(room: Room) -> None:
    room.granted()
    room.passes(HEARTBEAT_S + 0.1, heard=False)
    room.follower.hear_lease(L1)
    assert list(room.follower.overdue()) == [Lapse(L1, Cause.HEARTBEAT_LOST)]


def test_a_lease_is_steered_in_the_session_that_took_it_and_in_no_other_of_the_same_agent(room: Room) -> None:
    held = room.granted()
    here, elsewhere = requester("cic-operator"), requester("cic-operator", 1)
    assert (room.follower.held(L1, here), room.follower.held(L1, elsewhere)) == (held, None)
    assert (room.follower.is_of(L1, here), room.follower.is_of(L1, elsewhere)) == (True, False)


def test_a_colleague_has_the_camera_after_ten_seconds_of_silence_or_after_the_more_that_was_asked(room: Room) -> None:
    room.granted()
    asked = lease("l-2", "cic-second", awaits=Awaits.HOLDER, since=None)
    room.follower.follow([LeaseAsked(asked, None, (), REF, E1_REF)])
    room.passes(ANSWER_S - 1)
    room.follower.give_more(L2)
    room.passes(MORE_S - 1)
    assert list(room.follower.overdue()) == []
    room.passes(1)
    assert list(room.follower.overdue()) == [Silence(L2)]


def test_a_lease_goes_on_under_another_regime_and_by_another_hand_with_its_fence(room: Room) -> None:
    held = room.granted()
    closed = replace(held, regime=LeaseRegime.CLOSED)
    room.follower.follow([LeaseContinued(closed, AT, REF, E1_REF)])
    relieved = replace(closed, agent=lease("l-9", "cic-second").agent)
    room.follower.follow([LeaseRelieved(relieved, None, subject("cic-second"), AT, REF)])
    assert room.follower.move(L1, LEFT, fence=1) is None
    assert room.cameras.told == ["turn"]


def test_how_often_a_camera_was_turned_is_told_once_its_lease_is_over(room: Room) -> None:
    held = room.granted()
    room.follower.move(L1, LEFT)
    room.passes(2)
    room.follower.move(L1, LEFT)
    assert list(room.follower.take_moved()) == []
    room.ended(held)
    (moved,) = room.follower.take_moved()
    assert (moved.lease, moved.first, moved.last, moved.count) == (held, AT, AT + timedelta(seconds=2), 2)
    assert list(room.follower.take_moved()) == []
    room.ended(room.granted("l-2"))
    assert list(room.follower.take_moved()) == [], "one under which nothing moved leaves no count"


def test_the_screens_are_told_each_time_that_a_word_is_asked_of_somebody_else() -> None:
    told: list[None] = []
    room = Room()
    room.follower = SteeringFollower(room.cameras, clock=room.clock, told=lambda: told.append(None))
    asked = lease("l-1", "cic-operator", awaits=Awaits.AUTHORISATION, since=None)
    word = authorisation("a-1", "l-1")
    room.follower.follow([LeaseAsked(asked, word, (), REF, E1_REF)])
    heard = []
    for _ in range(60):
        room.clock.move(timedelta(seconds=1))
        room.follower.escalate()
        heard.append(len(told))
    assert (heard[18], heard[19], heard[38], heard[39], heard[58]) == (0, 1, 1, 2, 2)
    given = replace(word, state=AuthorisationState.GIVEN)
    room.follower.follow([AuthorisationGiven(given, subject("police-director"), AT, REF, E1_REF)])
    before = len(told)
    room.clock.move(timedelta(seconds=60))
    room.follower.escalate()
    assert len(told) == before

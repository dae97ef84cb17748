"""Who comes before whom at one camera, what silence means, and which command is too late. Rules A10 to A14, B7."""

import time
from dataclasses import replace
from statistics import median

import pytest

from belvedere.domain.causes import Cause
from belvedere.domain.ids import AuthorisationId, LeaseId
from belvedere.domain.leases import ANSWER_S, HEARTBEAT_S, LEASE_IDLE_S, LEASE_MAX_S, MORE_S, Awaits, LeaseRegime
from belvedere.ptz.arbitration import (
    ASKED_MAX,
    Answer,
    Ask,
    CameraState,
    Continued,
    Dropped,
    Ended,
    ForeignMovement,
    Granted,
    Heard,
    HoldersAnswer,
    Input,
    Lapse,
    Move,
    Queued,
    Rejected,
    Renew,
    Renewed,
    Silence,
    Stand,
    Stop,
    Turn,
    overdue,
    step,
)
from tests.promises import allowed_s
from tests.unit.ptz.world import PEOPLE

FREE = CameraState()


def asks(name: str, *, authorised: bool = True) -> Ask:
    return Ask(PEOPLE[name].claim(name), authorised=authorised)


def after(*inputs: Input, state: CameraState = FREE, now_s: float = 0.0) -> CameraState:
    for given in inputs:
        state, _ = step(state, given, now_s)
    return state


def effects_of(state: CameraState, given: Input, now_s: float = 0.0) -> tuple[object, ...]:
    return step(state, given, now_s)[1]


def test_a_free_camera_is_given_at_once_and_its_fence_is_newer_than_any_before() -> None:
    state = after(asks("cic"), Lapse(LeaseId("cic"), Cause.RELEASED))
    assert effects_of(state, asks("srpj")) == (Granted(PEOPLE["srpj"].claim("srpj"), 2),)


def test_the_owners_room_takes_the_camera_at_once_from_a_partner_who_is_told_why() -> None:
    held = after(asks("cic"))
    assert effects_of(held, asks("csu")) == (
        Ended(PEOPLE["cic"].claim("cic"), Cause.OWNER_STEERS, PEOPLE["csu"].claim("csu")),
        Stop(1),
        Granted(PEOPLE["csu"].claim("csu"), 2),
    )


def test_a_partner_who_asks_while_the_owners_room_steers_is_told_who_does() -> None:
    held = after(asks("csu"))
    assert effects_of(held, asks("cic")) == (
        Dropped(PEOPLE["cic"].claim("cic"), Cause.OWNER_STEERS, PEOPLE["csu"].claim("csu")),
    )


def test_the_first_service_takes_the_camera_from_another_of_its_party_and_not_the_other_way_round() -> None:
    taken = effects_of(after(asks("srpj")), asks("cic"))
    assert taken[0] == Ended(PEOPLE["srpj"].claim("srpj"), Cause.TAKEN_BY_SERVICE, PEOPLE["cic"].claim("cic"))
    refused = effects_of(after(asks("cic")), asks("srpj"))
    assert refused == (Dropped(PEOPLE["srpj"].claim("srpj"), Cause.STEERED, PEOPLE["cic"].claim("cic")),)


def test_the_room_chief_takes_the_camera_from_an_operator_of_the_own_room_who_in_turn_asks() -> None:
    taken = effects_of(after(asks("csu")), asks("chief"))
    assert taken[0] == Ended(PEOPLE["csu"].claim("csu"), Cause.TAKEN_BY_CHIEF, PEOPLE["chief"].claim("chief"))
    refused = effects_of(after(asks("chief")), asks("csu"))
    assert refused == (Dropped(PEOPLE["csu"].claim("csu"), Cause.OWNER_STEERS, PEOPLE["chief"].claim("chief")),)


@pytest.mark.parametrize(("holder", "asker"), [("cic", "cic-2"), ("csu", "csu-2")])
def test_a_colleague_asks_the_holder_and_gets_the_camera_by_a_yes(holder: str, asker: str) -> None:
    held = after(asks(holder))
    assert effects_of(held, asks(asker)) == (Queued(PEOPLE[asker].claim(asker), Awaits.HOLDER),)
    waiting = after(asks(asker), state=held)
    given = effects_of(waiting, Answer(LeaseId(asker), HoldersAnswer.YES))
    assert given[0] == Ended(PEOPLE[holder].claim(holder), Cause.HANDED_ON, PEOPLE[asker].claim(asker))
    kept = effects_of(waiting, Answer(LeaseId(asker), HoldersAnswer.NO))
    assert kept == (Dropped(PEOPLE[asker].claim(asker), Cause.HOLDER_KEEPS, PEOPLE[holder].claim(holder)),)


def test_silence_is_a_yes_after_ten_seconds_without_a_movement_and_not_before() -> None:
    waiting = after(asks("cic"), asks("cic-2"))
    silent = (Silence(LeaseId("cic-2")),)
    heard = after(Heard(LeaseId("cic")), state=waiting, now_s=ANSWER_S - 1)
    assert overdue(heard, ANSWER_S - 0.001) == ()
    assert overdue(heard, ANSWER_S) == silent
    moved = after(Move(LeaseId("cic"), 1), Heard(LeaseId("cic")), state=waiting, now_s=8.0)
    assert overdue(moved, ANSWER_S) == ()
    signed = after(Heard(LeaseId("cic")), state=moved, now_s=17.0)
    assert overdue(signed, 8.0 + ANSWER_S) == silent


def test_a_holder_asks_for_more_once_and_not_for_ever() -> None:
    more = after(asks("cic"), asks("cic-2"), Answer(LeaseId("cic-2"), HoldersAnswer.MORE), now_s=1.0)
    again = after(Answer(LeaseId("cic-2"), HoldersAnswer.MORE), Heard(LeaseId("cic")), state=more, now_s=1.0 + MORE_S)
    assert overdue(replace(more, held=again.held), MORE_S + 0.9) == ()
    assert overdue(again, 1.0 + MORE_S) == (Silence(LeaseId("cic-2")),)


def test_a_command_with_a_former_fence_or_without_a_lease_turns_nothing() -> None:
    held = after(asks("cic"))
    assert effects_of(held, Move(LeaseId("cic"), 1)) == (Turn(1),)
    taken = after(asks("csu"), state=held)
    assert effects_of(taken, Move(LeaseId("cic"), 1)) == (Rejected(Cause.LEASE_OVER),)
    assert effects_of(taken, Move(LeaseId("csu"), 1)) == (Rejected(Cause.FORMER_FENCE),)
    asked = after(asks("cic", authorised=False))
    assert effects_of(asked, Move(LeaseId("cic"), 0)) == (Rejected(Cause.LEASE_ONLY_ASKED),)


@pytest.mark.parametrize(
    ("signs", "at_s", "cause"),
    [
        ((), HEARTBEAT_S, Cause.HEARTBEAT_LOST),
        ((Heard(LeaseId("cic")),), LEASE_IDLE_S, Cause.LEASE_IDLE),
        ((Heard(LeaseId("cic")), Move(LeaseId("cic"), 1)), LEASE_MAX_S, Cause.LEASE_MAXIMUM),
    ],
)
def test_a_partners_lease_ends_by_its_numbers(signs: tuple[Input, ...], at_s: float, cause: Cause) -> None:
    state = after(*signs, state=after(asks("cic")), now_s=at_s - 1)
    assert overdue(state, at_s - 0.001) == ()
    assert overdue(state, at_s) == (Lapse(LeaseId("cic"), cause),)


def test_an_own_lease_lasts_as_long_as_its_room_moves_the_camera_or_its_steering_socket_is_there() -> None:
    held = after(asks("csu"))
    assert overdue(held, LEASE_IDLE_S - 0.001) == ()
    assert overdue(held, LEASE_IDLE_S) == (Lapse(LeaseId("csu"), Cause.LEASE_IDLE),)
    seen = after(Heard(LeaseId("csu")), state=held, now_s=2 * LEASE_MAX_S)
    assert overdue(seen, 2 * LEASE_MAX_S + LEASE_IDLE_S - 1) == (), "and has no longest duration"


def test_one_key_begins_the_longest_duration_anew() -> None:
    held = after(asks("cic"))
    state, effects = step(held, Renew(LeaseId("cic")), LEASE_MAX_S - 1)
    assert effects == (Renewed(PEOPLE["cic"].claim("cic")),)
    moved = after(Move(LeaseId("cic"), 1), Heard(LeaseId("cic")), state=state, now_s=LEASE_MAX_S)
    assert overdue(moved, LEASE_MAX_S) == ()


def test_what_waits_for_the_owners_word_gets_the_camera_with_it_or_loses_it_to_who_came_before() -> None:
    asked = after(asks("cic", authorised=False))
    word = Stand(LeaseId("cic"), LeaseRegime.AUTHORISED, AuthorisationId("a-1"))
    given = effects_of(asked, word)
    assert given == (Granted(replace(PEOPLE["cic"].claim("cic"), authorisation=AuthorisationId("a-1")), 1),)
    taken = after(asks("csu"), state=asked)
    assert effects_of(taken, word)[0] == Dropped(
        replace(PEOPLE["cic"].claim("cic"), authorisation=AuthorisationId("a-1")),
        Cause.OWNER_STEERS,
        PEOPLE["csu"].claim("csu"),
    )


def test_a_lease_that_goes_on_under_another_regime_keeps_its_fence_and_says_so_once() -> None:
    held = after(asks("cic"))
    closed = Stand(LeaseId("cic"), LeaseRegime.CLOSED)
    state, effects = step(held, closed, 5.0)
    assert effects == (Continued(replace(PEOPLE["cic"].claim("cic"), regime=LeaseRegime.CLOSED)),)
    assert state.fence == held.fence
    assert effects_of(state, closed) == ()


def test_a_movement_that_nobody_here_commanded_ends_a_partners_lease_and_stops_nothing() -> None:
    waiting = after(asks("cic"), asks("cic-2"))
    state, effects = step(waiting, ForeignMovement(), 1.0)
    assert effects == (
        Ended(PEOPLE["cic"].claim("cic"), Cause.FOREIGN_MOVEMENT),
        Dropped(PEOPLE["cic-2"].claim("cic-2"), Cause.OWNER_STEERS),
    )
    assert (state.held, state.asked) == (None, ())
    own = after(asks("csu"))
    assert step(own, ForeignMovement(), 1.0) == (own, ())


def test_whoever_asked_a_holder_that_is_gone_has_the_camera() -> None:
    waiting = after(asks("cic"), asks("cic-2"))
    state, effects = step(waiting, Lapse(LeaseId("cic"), Cause.HEARTBEAT_LOST), 4.0)
    assert effects == (
        Ended(PEOPLE["cic"].claim("cic"), Cause.HEARTBEAT_LOST),
        Stop(1),
        Granted(PEOPLE["cic-2"].claim("cic-2"), 2),
    )
    assert state.asked == ()


def test_as_many_wait_for_one_camera_as_there_is_room_for_and_no_more() -> None:
    many = [replace(PEOPLE["cic"].claim("cic"), lease=LeaseId(f"l-{number}")) for number in range(ASKED_MAX)]
    full = after(*(Ask(each, authorised=False) for each in many))
    refused = effects_of(full, asks("cic-2", authorised=False))
    assert refused == (Dropped(PEOPLE["cic-2"].claim("cic-2"), Cause.BUSY),)


def test_a_step_takes_no_more_than_twenty_microseconds() -> None:
    held = after(asks("cic"), *(asks(name, authorised=False) for name in ("cic-2", "srpj")))
    inputs: list[Input] = [
        Move(LeaseId("cic"), 1),
        Heard(LeaseId("cic")),
        asks("csu"),
        Lapse(LeaseId("cic"), Cause.RELEASED),
        Stand(LeaseId("cic-2"), LeaseRegime.AUTHORISED, AuthorisationId("a-1")),
    ]
    taken_us = []
    for given in inputs:
        for _ in range(200):
            began_s = time.perf_counter()
            step(held, given, 1.0)
            taken_us.append((time.perf_counter() - began_s) * 1e6)
    assert median(taken_us) <= allowed_s(20)

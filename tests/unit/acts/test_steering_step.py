"""Who steers, by the convention of the small city: asked, authorised, taken back, across 02:00 and 07:30. Rules A10 to A13."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from belvedere.acts.authorise import (
    AnswerRequest,
    ConfirmOralWord,
    DeclareCrew,
    NotDone,
    WithdrawAuthorisation,
    WriteDownOralWord,
    answer_request,
    confirm_oral_word,
    declare_crew,
    withdraw_authorisation,
    write_down_oral_word,
)
from belvedere.acts.close_stream import close_stream, leave
from belvedere.acts.events import AmendEvent, EventWords, amend_event
from belvedere.acts.relief import Relieve, relieve
from belvedere.acts.steering import (
    AnswerColleague,
    HeldBy,
    ReleasePtz,
    Steers,
    Taken,
    TakePtz,
    Waits,
    answer_colleague,
    link_lost,
    moved_by_another,
    release_ptz,
    run_out,
    settle_silence,
    take_ptz,
)
from belvedere.acts.unknown import Unknown
from belvedere.changes import (
    AuthorisationGiven,
    AuthorisationOver,
    Change,
    Decided,
    EventAmended,
    HabilitationEnded,
    HabilitationRenewed,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
)
from belvedere.domain.authorisations import AnswerGround, AuthorisationScope, AuthorisationState, Channel
from belvedere.domain.causes import Cause
from belvedere.domain.decision import ObligationKind, Refused
from belvedere.domain.ids import AuthorisationId, CameraId, EventId, LeaseId, Pseudonym, ViewingId
from belvedere.domain.leases import LEASE_MAX_S, Awaits, LeaseRegime
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.vocabulary import EventKind, Role
from belvedere.ptz.arbitration import HoldersAnswer
from belvedere.rights.review import review
from belvedere.rights.steered import lease_until
from belvedere.spine.step import Step
from tests.unit.acts.in_memory import InMemory
from tests.unit.changes.small_city import (
    AT,
    CITY,
    REF,
    STATE,
    account,
    camera,
    event,
    opened,
    requester,
    subject,
    viewing,
)

CAMERA, OTHER, FIXED = camera(3), camera(6), camera(4)
E1 = EventId("e-1")
CLOSING = datetime.fromisoformat("2026-03-26T02:00+01:00")
OPENING = datetime.fromisoformat("2026-03-26T07:30+01:00")
NIGHT = CLOSING + timedelta(hours=1)
CHIEF, DIRECTOR, OPERATOR = requester("csu-chief"), requester("police-director"), requester("csu-operator")
OFFICER = requester("cic-operator")
MINUTE = timedelta(minutes=1)


def city(at: datetime = AT, *, kind: EventKind = EventKind.TROUBLE_GRAVE) -> InMemory:
    """Return the small city in which e-1 is serious trouble, and three officers watch the third camera."""
    worse = replace(event("e-1"), kind=kind)
    return InMemory(
        EventAmended(worse, subject("cic-operator"), AT, REF),
        opened(viewing("v-5", "cic-operator", 3, "e-1")),
        opened(viewing("v-6", "cic-second", 3, "e-1")),
        opened(viewing("v-7", "srpj", 3, "e-2")),
        opened(viewing("v-8", "cic-operator", 6, "e-1")),
        at=at,
    )


def take(
    node: InMemory, login: str, name: str = "l-1", *, of: CameraId = CAMERA, event: EventId | None = E1
) -> tuple[Taken, tuple[Change, ...]]:
    own = requester(login).party == CITY
    command = TakePtz(requester(login), of, None if own else event, id=name, authorisation=name.replace("l-", "a-"))
    return node.do(lambda now, at: take_ptz(now, command, at))


def answers(
    node: InMemory, name: str = "a-1", *, given: bool = True, **told: object
) -> tuple[object, tuple[Change, ...]]:
    command = replace(AnswerRequest(CHIEF, AuthorisationId(name), given), **told)  # type: ignore[arg-type]  # a test says what
    return node.do(lambda now, at: answer_request(now, command, at))


def reviewed(node: InMemory, at: datetime) -> tuple[Change, ...]:
    """Let time pass to `at`, and all be decided again."""
    node.at = at
    return node.do(lambda now, then: Step(None, review(now, then)))[1]


def steering(node: InMemory, of: CameraId = CAMERA) -> str | None:
    """Return who steers, by the pseudonym."""
    found = [each for each in node.snapshot.leases() if each.is_held and each.camera == of]
    assert len(found) <= 1, "two hold one camera"
    return str(found[0].pseudonym) if found else None


def ends(changes: tuple[Change, ...]) -> dict[str, Cause]:
    return {str(each.lease.id): each.ending.cause for each in changes if isinstance(each, LeaseEnded)}


def one(changes: tuple[Change, ...], kind: type[Change]) -> object:
    (found,) = (each for each in changes if isinstance(each, kind))
    return found


# While the room is active.


def test_while_the_room_is_active_an_officer_asks_and_the_chief_gives_it_with_one_key() -> None:
    node = city()
    answer, changes = take(node, "cic-operator")
    assert isinstance(answer, Waits)
    assert (answer.authorisation, answer.asked_of) == ("a-1", (Role.CSU_ROOM_CHIEF, Role.POLICE_DIRECTOR))
    asked = one(changes, LeaseAsked)
    assert isinstance(asked, LeaseAsked)
    assert asked.lease.awaits is Awaits.AUTHORISATION
    assert steering(node) is None
    _, given = answers(node)
    granted = one(given, LeaseGranted)
    assert isinstance(granted, LeaseGranted)
    assert (granted.lease.regime, granted.lease.authorisation, granted.lease.fence) == (
        LeaseRegime.AUTHORISED,
        "a-1",
        1,
    )
    assert granted.lease.valid_until == AT + timedelta(hours=1)
    assert granted.notice is None
    assert [str(each) for each in granted.lease.articles] == ["vda-etat:art-3", "vda-etat:deliberation"]
    assert steering(node) == "p-cic-operator"


def test_an_event_of_a_kind_that_does_not_open_steering_is_refused_and_asks_nobody() -> None:
    node = city(kind=EventKind.LEVEE_DE_DOUTE)
    answer, changes = take(node, "cic-operator")
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.EVENT_KIND
    assert [type(each) for each in changes] == [Decided]


def test_nobody_steers_a_camera_that_he_does_not_watch() -> None:
    node = city(NIGHT)
    answer, _ = take(node, "cic-second", of=OTHER)
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.NO_VIEWING


@pytest.mark.parametrize("of", [FIXED, camera(1)])
def test_a_camera_that_does_not_turn_is_refused_before_anything_else(of: CameraId) -> None:
    answer, _ = take(city(NIGHT), "cic-operator", of=of)
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.NO_PTZ


def test_another_partys_event_answers_as_one_that_is_not_there_and_is_written_down() -> None:
    node = city(NIGHT)
    foreign, changes = take(node, "cic-operator", event=EventId("e-3"))
    unknown, nothing = take(node, "cic-operator", event=EventId("e-nowhere"))
    assert foreign == unknown == Unknown("event")
    decided = one(changes, Decided)
    assert isinstance(decided, Decided)
    assert isinstance(decided.decision, Refused)
    assert nothing == ()


def test_a_refusal_of_the_chief_ends_the_asking_and_is_kept_with_its_ground() -> None:
    node = city()
    take(node, "cic-operator")
    _, changes = answers(node, given=False, reason="mon équipage est là", ground=AnswerGround.CREW_ENGAGED)
    ended = one(changes, LeaseEnded)
    assert isinstance(ended, LeaseEnded)
    assert ended.ending.cause is Cause.STEERING_REFUSED
    assert "mon équipage" not in ended.ending.reason.fr, "what he typed stays with the owner"
    over = node.snapshot.lease_over(LeaseId("l-1"))
    assert over is not None
    assert over.authorisation is not None
    word = node.snapshot.authorisation(over.authorisation)
    assert word is not None
    assert (word.ground, word.giver_role) == (AnswerGround.CREW_ENGAGED, Role.CSU_ROOM_CHIEF)
    assert answers(node)[0] == NotDone(Cause.NOT_ASKED)


def test_a_word_for_the_events_cameras_lets_every_one_of_them_be_steered_but_where_a_crew_is_engaged() -> None:
    node = city()
    take(node, "cic-operator", "l-1")
    take(node, "cic-operator", "l-2", of=OTHER)
    node.do(lambda now, at: declare_crew(now, DeclareCrew(CHIEF, OTHER, True), at))
    _, changes = answers(node, scope=AuthorisationScope.EVENT)
    assert steering(node) == "p-cic-operator"
    assert steering(node, OTHER) is None
    node.do(lambda now, at: declare_crew(now, DeclareCrew(CHIEF, OTHER, False), at))
    assert steering(node, OTHER) == "p-cic-operator"
    second = node.snapshot.authorisation(AuthorisationId("a-2"))
    assert second is not None
    assert second.state is AuthorisationState.OVER, "nobody need answer it any more"
    _, changes = node.do(lambda now, at: declare_crew(now, DeclareCrew(CHIEF, OTHER, True), at))
    assert ends(changes) == {"l-2": Cause.CREW_ENGAGED}


def test_a_camera_at_which_a_crew_is_engaged_is_refused_before_anybody_is_asked() -> None:
    node = city()
    node.do(lambda now, at: declare_crew(now, DeclareCrew(CHIEF, CAMERA, True), at))
    answer, changes = take(node, "cic-operator")
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.CREW_ENGAGED
    assert not any(isinstance(each, LeaseAsked) for each in changes)
    node.at = NIGHT
    assert isinstance(take(node, "cic-operator")[0], Steers), "outside the room's activity no word is needed"


def test_a_word_that_is_taken_back_ends_what_rests_on_it_and_says_by_whose_role_and_why() -> None:
    node = city()
    take(node, "cic-operator")
    answers(node)
    ground = AnswerGround.CREW_ENGAGED
    command = WithdrawAuthorisation(DIRECTOR, AuthorisationId("a-1"), "équipage en approche", ground)
    _, changes = node.do(lambda now, at: withdraw_authorisation(now, command, at))
    ended = one(changes, LeaseEnded)
    assert isinstance(ended, LeaseEnded)
    assert ended.ending.cause is Cause.STEERING_WITHDRAWN
    word = node.snapshot.authorisation(AuthorisationId("a-1"))
    assert word is not None
    assert (word.giver_role, word.withdrawn_by_role, word.ground) == (Role.CSU_ROOM_CHIEF, Role.POLICE_DIRECTOR, ground)
    assert steering(node) is None


def test_a_word_that_is_past_its_term_ends_what_rests_on_it() -> None:
    node = city()
    take(node, "cic-operator")
    answers(node, until=AT + 20 * MINUTE)
    assert ends(reviewed(node, AT + 19 * MINUTE)) == {}
    assert ends(reviewed(node, AT + 20 * MINUTE)) == {"l-1": Cause.STEERING_LAPSED}


@pytest.mark.parametrize("login", ["csu-operator", "csu-second"])
def test_whose_role_does_not_give_it_gives_no_word(login: str) -> None:
    node = city()
    take(node, "cic-operator")
    assert answers(node, requester=requester(login)) == (ActRefused(Cause.ROLE), ())
    assert answers(node, requester=requester("cic-supervisor")) == (Unknown("authorisation"), ())


# By voice.


def oral(**told: object) -> WriteDownOralWord:
    command = WriteDownOralWord(OPERATOR, AuthorisationId("a-1"), "csu-chief", Channel.RADIO, AT - MINUTE)
    return replace(command, **told)  # type: ignore[arg-type]  # a test says which members are other


@pytest.mark.parametrize("named", ["csu-chief", "a-csu-chief", "csu-room-chief"])
def test_a_word_given_by_radio_is_written_down_by_an_operator_and_counts_at_once(named: str) -> None:
    node = city()
    take(node, "cic-operator")
    _, changes = node.do(lambda now, at: write_down_oral_word(now, oral(given_by=named), at))
    given = one(changes, AuthorisationGiven)
    assert isinstance(given, AuthorisationGiven)
    assert (given.authorisation.giver, given.by.agent) == ("p-csu-chief", "p-csu-operator")
    assert steering(node) == "p-cic-operator"
    denied = ConfirmOralWord(CHIEF, AuthorisationId("a-1"), confirmed=False)
    _, changes = node.do(lambda now, at: confirm_oral_word(now, denied, at))
    assert ends(changes) == {"l-1": Cause.STEERING_DENIED}


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"given_by": "csu-second"}, Cause.GIVERS_ROLE),
        ({"given_by": "cic-supervisor"}, Cause.GIVERS_ROLE),
        ({"given_by": "nobody"}, Cause.GIVERS_ROLE),
        ({"requester": CHIEF}, Cause.OWN_WORD),
        ({"said_at": AT + MINUTE}, Cause.ORAL_TIME),
        ({"said_at": AT - 16 * MINUTE}, Cause.ORAL_TIME),
    ],
)
def test_a_word_by_voice_that_was_not_given_so_lets_nobody_steer(told: dict[str, object], cause: Cause) -> None:
    node = city()
    take(node, "cic-operator")
    assert node.do(lambda now, at: write_down_oral_word(now, oral(**told), at)) == (NotDone(cause), ())
    assert steering(node) is None


def test_a_chief_who_has_signed_out_is_off_duty_and_the_director_never_is() -> None:
    node = city()
    take(node, "cic-operator")
    for each in (CHIEF, DIRECTOR):
        node.do(lambda now, at, each=each: leave(now, each.session_sha256, at))  # type: ignore[misc]
    assert node.do(lambda now, at: write_down_oral_word(now, oral(), at))[0] == NotDone(Cause.OFF_DUTY)
    node.do(lambda now, at: write_down_oral_word(now, oral(given_by="police-director"), at))
    assert steering(node) == "p-cic-operator"


def test_the_word_by_voice_of_one_whose_habilitation_has_ended_lets_nobody_steer() -> None:
    node = city()
    take(node, "cic-operator")
    former = replace(account("police-director"), habilitation=None)
    node.do(lambda _, at: Step(None, (HabilitationEnded(former, Pseudonym("p"), "acte", at),)))
    named = oral(given_by="police-director")
    assert node.do(lambda now, at: write_down_oral_word(now, named, at)) == (NotDone(Cause.GIVERS_ROLE), ())
    assert steering(node) is None


def test_its_giver_confirms_a_word_and_it_no_longer_waits_to_be() -> None:
    node = city()
    take(node, "cic-operator")
    node.do(lambda now, at: write_down_oral_word(now, oral(), at))
    (word,) = node.snapshot.authorisations()
    assert word.is_unconfirmed
    confirmed = ConfirmOralWord(CHIEF, word.id, confirmed=True)
    node.do(lambda now, at: confirm_oral_word(now, confirmed, at))
    (word,) = node.snapshot.authorisations()
    assert not word.is_unconfirmed
    assert steering(node) == "p-cic-operator"


# Outside the room's activity, and across its hours.


def test_outside_the_rooms_activity_an_officer_steers_at_once_and_a_notice_is_owed() -> None:
    node = city(NIGHT, kind=EventKind.LEVEE_DE_DOUTE)
    answer, _ = take(node, "cic-operator")
    assert isinstance(answer, Steers)
    assert (ObligationKind.NOTICE_AFTER, OPENING) in {(each.kind, each.due) for each in answer.obligations}
    (owed,) = node.snapshot.owed_notices()
    assert (owed.lease, owed.camera, owed.event) == ("l-1", CAMERA, E1)
    assert (owed.from_party, owed.to_party, owed.since, owed.due, owed.until) == (STATE, CITY, NIGHT, OPENING, None)
    node.at = NIGHT + 5 * MINUTE
    node.do(lambda now, at: release_ptz(now, ReleasePtz(OFFICER, LeaseId("l-1")), at))
    (owed,) = node.snapshot.owed_notices()
    assert owed.until == NIGHT + 5 * MINUTE, "and stays owed"


def test_an_authorised_lease_is_granted_anew_when_the_room_closes_and_a_notice_is_owed_from_then_on() -> None:
    node = city(CLOSING - 20 * MINUTE)
    take(node, "cic-operator")
    answers(node, until=CLOSING + timedelta(hours=3))
    before = node.snapshot.lease(LeaseId("l-1"))
    assert before is not None
    assert before.valid_until == CLOSING
    changes = reviewed(node, CLOSING)
    going_on = one(changes, LeaseContinued)
    assert isinstance(going_on, LeaseContinued)
    assert going_on.notice is not None
    assert (going_on.notice.since, going_on.notice.due) == (CLOSING, OPENING)
    assert (going_on.lease.regime, going_on.lease.fence) == (LeaseRegime.CLOSED, before.fence)
    assert (going_on.lease.since, going_on.lease.regime_since) == (before.since, CLOSING)
    assert steering(node) == "p-cic-operator"


def test_a_lease_of_the_night_goes_on_when_the_room_opens_and_the_room_is_told() -> None:
    node = city(OPENING - 10 * MINUTE, kind=EventKind.LEVEE_DE_DOUTE)
    take(node, "cic-operator")
    changes = reviewed(node, OPENING)
    going_on = one(changes, LeaseContinued)
    assert isinstance(going_on, LeaseContinued)
    assert (going_on.lease.regime, going_on.notified, going_on.notice) == (LeaseRegime.CONTINUED, True, None)
    assert len(node.snapshot.owed_notices()) == 1
    assert ends(reviewed(node, OPENING + 15 * MINUTE)) == {}, "silence does not end it"
    _, changes = take(node, "csu-operator", "l-2")
    assert ends(changes) == {"l-1": Cause.OWNER_STEERS}, "a hand of the room does"


def test_a_lease_runs_to_the_end_of_its_agents_last_day_and_no_longer() -> None:
    node = city(NIGHT)
    taken, _ = take(node, "cic-operator")
    assert isinstance(taken, Steers)
    assert taken.lease.valid_until == OPENING
    node.make(HabilitationRenewed(account("cic-operator", until=date(2026, 3, 25)), False, AT))
    assert ends(reviewed(node, NIGHT + MINUTE)) == {"l-1": Cause.NOT_HABILITATED}
    node = city(AT)
    take(node, "csu-operator")
    node.make(HabilitationRenewed(account("csu-operator", until=date(2026, 3, 25)), False, AT))
    prolonged = one(reviewed(node, AT + MINUTE), LeaseProlonged)
    assert isinstance(prolonged, LeaseProlonged)
    assert prolonged.lease.valid_until == datetime.fromisoformat("2026-03-26T00:00+01:00")


def test_what_is_asked_for_and_not_answered_is_granted_when_the_room_closes() -> None:
    node = city(CLOSING - MINUTE)
    take(node, "cic-operator")
    changes = reviewed(node, CLOSING)
    granted = one(changes, LeaseGranted)
    assert isinstance(granted, LeaseGranted)
    assert granted.notice is not None
    assert any(isinstance(each, AuthorisationOver) for each in changes)


# Who comes first.


def test_the_owners_room_takes_the_camera_back_at_once_and_the_officer_is_told_who_and_why() -> None:
    node = city(NIGHT)
    take(node, "cic-operator")
    answer, changes = take(node, "csu-operator", "l-2")
    assert isinstance(answer, Steers)
    assert answer.lease.fence == 2
    ended = one(changes, LeaseEnded)
    assert isinstance(ended, LeaseEnded)
    assert (ended.ending.cause, ended.ending.by) == (Cause.OWNER_STEERS, "csu")
    assert "CSU" in ended.ending.reason.fr
    assert [str(each) for each in ended.ending.articles] == ["vda-etat:art-3"]
    again, _ = take(node, "cic-operator", "l-3")
    assert isinstance(again, HeldBy)
    assert (again.party, again.service, again.refused.cause) == (CITY, "csu", Cause.OWNER_STEERS)


def test_the_owners_room_needs_neither_an_event_nor_a_picture() -> None:
    node = city()
    answer, _ = take(node, "csu-second")
    assert isinstance(answer, Steers)
    assert (answer.lease.event, answer.lease.viewing, answer.lease.regime) == (None, None, LeaseRegime.OWN)
    assert ends(node.do(lambda now, at: leave(now, requester("csu-second").session_sha256, at))[1]) == {
        "l-1": Cause.SESSION_ENDED
    }


def test_the_first_service_takes_the_camera_from_another_which_is_told_who_steers_when_it_asks_again() -> None:
    node = city(NIGHT)
    take(node, "srpj", event=EventId("e-2"))
    answer, changes = take(node, "cic-operator", "l-2")
    assert isinstance(answer, Steers)
    assert ends(changes) == {"l-1": Cause.TAKEN_BY_SERVICE}
    held, _ = take(node, "srpj", "l-3", event=EventId("e-2"))
    assert isinstance(held, HeldBy)
    assert (held.party, held.service, held.refused.cause) == (STATE, "cic", Cause.STEERED)


def test_the_room_chief_takes_the_camera_from_an_operator_who_may_not_take_it_back() -> None:
    node = city()
    take(node, "csu-operator")
    _, changes = take(node, "csu-chief", "l-2")
    assert ends(changes) == {"l-1": Cause.TAKEN_BY_CHIEF}
    held, _ = take(node, "csu-operator", "l-3")
    assert isinstance(held, HeldBy)


def answered(node: InMemory, login: str, said: HoldersAnswer, lease: str = "l-2") -> tuple[object, tuple[Change, ...]]:
    command = AnswerColleague(requester(login), LeaseId(lease), said)
    return node.do(lambda now, at: answer_colleague(now, command, at))


def test_a_colleague_asks_and_the_holder_or_their_supervisor_answers_and_nobody_else() -> None:
    node = city(NIGHT)
    take(node, "cic-operator")
    asked, _ = take(node, "cic-second", "l-2")
    assert isinstance(asked, Waits)
    assert (asked.authorisation, asked.asked_of) == (None, ())
    assert answered(node, "cic-second", HoldersAnswer.YES)[0] == ActRefused(Cause.ROLE)
    assert answered(node, "csu-operator", HoldersAnswer.YES)[0] == Unknown("lease")
    assert ends(answered(node, "cic-operator", HoldersAnswer.NO)[1]) == {"l-2": Cause.HOLDER_KEEPS}
    take(node, "cic-second", "l-3")
    _, changes = answered(node, "cic-supervisor", HoldersAnswer.YES, "l-3")
    assert ends(changes) == {"l-1": Cause.HANDED_ON}
    assert steering(node) == "p-cic-second"
    granted = one(changes, LeaseGranted)
    assert isinstance(granted, LeaseGranted)
    assert granted.notice is not None, "his takeover is one of its own"


def test_silence_gives_the_camera_to_whoever_asked() -> None:
    node = city(NIGHT)
    take(node, "cic-operator")
    take(node, "cic-second", "l-2")
    node.do(lambda now, at: settle_silence(now, at, lease=LeaseId("l-2")))
    assert steering(node) == "p-cic-second"


def test_who_asks_again_keeps_the_lease_and_its_longest_duration_begins_anew() -> None:
    node = city(NIGHT)
    first, _ = take(node, "cic-operator")
    again, changes = take(node, "cic-operator", "l-2")
    assert isinstance(first, Steers)
    assert isinstance(again, Steers)
    assert (again.lease.id, again.lease.fence, again.lease.renewed) == (first.lease.id, first.lease.fence, 1)
    assert any(isinstance(each, LeaseProlonged) for each in changes)
    node.at += 20 * MINUTE
    renewed, _ = take(node, "cic-operator", "l-3")
    assert isinstance(renewed, Steers)
    assert lease_until(renewed.lease) == node.at + timedelta(seconds=LEASE_MAX_S), "its longest duration, not its term"
    asked = city()
    take(asked, "cic-operator")
    waits, changes = take(asked, "cic-operator", "l-2")
    assert isinstance(waits, Waits)
    assert waits.lease.id == "l-1"


# What ends it.


Ends = Callable[[InMemory], tuple[Change, ...]]


def _closed(node: InMemory) -> tuple[Change, ...]:
    motive = EventWords(motive=event("e-1", motive="fini").motive)
    return node.do(lambda now, at: amend_event(now, AmendEvent(OFFICER, E1, motive, close=True), at))[1]


ENDINGS: dict[str, tuple[Ends, Cause]] = {
    "its event is closed": (_closed, Cause.EVENT_CLOSED),
    "its picture is closed": (
        lambda node: node.do(lambda now, at: close_stream(now, OFFICER, ViewingId("v-5"), at))[1],
        Cause.VIEWING_OVER,
    ),
    "its session is over": (
        lambda node: node.do(lambda now, at: leave(now, OFFICER.session_sha256, at))[1],
        Cause.VIEWING_OVER,
    ),
    "its agent is no longer habilitated": (
        lambda node: (
            *node.make(
                HabilitationEnded(replace(account("cic-operator"), habilitation=None), Pseudonym("p"), "acte", AT)
            ),
            *reviewed(node, node.at),
        ),
        Cause.NOT_HABILITATED,
    ),
    "its time has run out": (
        lambda node: node.do(lambda now, at: run_out(now, at, lease=LeaseId("l-1"), cause=Cause.LEASE_MAXIMUM))[1],
        Cause.LEASE_MAXIMUM,
    ),
    "its link is lost": (lambda node: node.do(lambda now, at: link_lost(now, at, party=STATE))[1], Cause.LINK_LOST),
    "the camera is turned by its owner": (
        lambda node: node.do(lambda now, at: moved_by_another(now, at, camera=CAMERA))[1],
        Cause.FOREIGN_MOVEMENT,
    ),
    "it is given back": (
        lambda node: node.do(lambda now, at: release_ptz(now, ReleasePtz(OFFICER, LeaseId("l-1")), at))[1],
        Cause.RELEASED,
    ),
}


@pytest.mark.parametrize("why", ENDINGS)
def test_a_partners_lease_ends_in_the_same_step_as_what_it_rests_on(why: str) -> None:
    node = city(NIGHT)
    take(node, "cic-operator")
    what, cause = ENDINGS[why]
    assert ends(what(node)) == {"l-1": cause}
    assert steering(node) is None
    over = node.snapshot.lease_over(LeaseId("l-1"))
    assert over is not None
    assert over.cause is cause
    again = node.do(lambda now, at: release_ptz(now, ReleasePtz(OFFICER, LeaseId("l-1")), at))
    assert again == (over, ()), "told for ever after"


@pytest.mark.parametrize("why", sorted(set(ENDINGS) - {"its time has run out"}))
def test_what_is_only_asked_for_ends_with_what_it_rests_on_too(why: str) -> None:
    node = city()
    take(node, "cic-operator")
    what, cause = ENDINGS[why]
    if cause is Cause.FOREIGN_MOVEMENT:
        assert ends(what(node)) == {}, "the owner's word is still to come"
        return
    assert ends(what(node)) == {"l-1": cause}
    (word,) = [node.snapshot.authorisation(AuthorisationId("a-1"))]
    assert word is not None
    assert word.state is AuthorisationState.OVER


def test_a_lease_goes_with_its_picture_to_the_relief_and_keeps_its_fence() -> None:
    node = city(NIGHT)
    take(node, "cic-operator")
    relief = replace(requester("cic-second", 1), station=OFFICER.station)
    _, changes = node.do(lambda now, at: relieve(now, Relieve(OFFICER, relief), at))
    handed = one(changes, LeaseRelieved)
    assert isinstance(handed, LeaseRelieved)
    assert (handed.lease.pseudonym, handed.former, handed.lease.fence) == ("p-cic-second", "p-cic-operator", 1)
    assert ends(changes) == {}
    assert steering(node) == "p-cic-second"
    assert ends(reviewed(node, NIGHT + MINUTE)) == {}

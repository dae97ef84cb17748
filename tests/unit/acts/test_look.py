"""A partner asks the owner's room to look before it steers: who may, for what, and what the room makes of it."""

from dataclasses import replace

import pytest

from belvedere.acts.look import AnswerLook, AskToLook, LookAnswer, NotAnswered, answer_look, ask_to_look
from belvedere.acts.steering import TooMany
from belvedere.acts.unknown import Unknown
from belvedere.changes import AuthorisationDeclared, Change, EventClosed, LookAnswered, LookAsked
from belvedere.domain.causes import Cause
from belvedere.domain.centre import CentreState
from belvedere.domain.ids import CameraId, EventId, LookId
from belvedere.domain.looks import LOOKS_MAX, Look, LookPlace, LookState
from belvedere.domain.refused_act import ActRefused
from tests.unit.acts.in_memory import InMemory
from tests.unit.changes.small_city import AT, E1_REF, REF, camera, event, look, requester, subject

OFFICER, OPERATOR = requester("cic-operator"), requester("csu-operator")
ASKED = AskToLook(OFFICER, EventId("e-1"), "attroupement", camera=camera(3), id="k-1")
WAITS = LookAsked(look("k-1"), subject("cic-operator"), AT, REF, E1_REF, ())


def answers(node: InMemory, state: LookState, note: str | None = None) -> tuple[LookAnswer, tuple[Change, ...]]:
    command = AnswerLook(OPERATOR, LookId("k-1"), state, note)
    return node.do(lambda now, at: answer_look(now, command, at))


def test_a_look_is_asked_for_an_own_open_event_and_both_sides_cite_the_article_on_steering() -> None:
    node = InMemory()
    asked, (change,) = node.do(lambda now, at: ask_to_look(now, ASKED, at))
    assert isinstance(asked, Look)
    assert isinstance(change, LookAsked)
    assert (asked.state, asked.target, asked.camera, asked.event) == (LookState.ASKED, "attroupement", camera(3), "e-1")
    assert change.articles
    assert set(change.articles) <= {"vda-etat:art-3", "vda-etat:deliberation"}
    assert node.snapshot.look(LookId("k-1")) == asked


def test_a_place_is_asked_for_where_no_camera_is_named() -> None:
    place = LookPlace(3.14, 50.62)
    asked, _ = InMemory().do(lambda now, at: ask_to_look(now, replace(ASKED, camera=None, place=place), at))
    assert isinstance(asked, Look)
    assert (asked.camera, asked.place) == (None, place)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"camera": CameraId("vda-999")}, Unknown("camera")),
        ({"event": EventId("e-nowhere")}, Unknown("event")),
        ({"requester": OPERATOR}, Unknown("event")),
    ],
)
def test_what_is_not_there_or_anothers_is_asked_of_nobody(changed: dict[str, object], said: object) -> None:
    command = replace(ASKED, **changed)  # type: ignore[arg-type]  # a test says which members are other
    answer, changes = InMemory().do(lambda now, at: ask_to_look(now, command, at))
    assert (answer, changes) == (said, ())


def test_a_camera_that_a_party_may_not_find_in_a_list_answers_as_one_that_there_is_not() -> None:
    withdrawn = CentreState(authorisation_withdrawn=True)
    node = InMemory(AuthorisationDeclared(withdrawn, "arrêté", subject("police-director"), AT, REF))
    for each in (camera(3), CameraId("vda-999")):
        asked = replace(ASKED, camera=each)
        assert node.do(lambda now, at: ask_to_look(now, asked, at)) == (Unknown("camera"), ())  # noqa: B023 (called here)


def test_for_an_event_that_is_closed_nothing_is_asked() -> None:
    closed = replace(event("e-1"), closed_at=AT)
    node = InMemory(EventClosed(closed, subject("cic-operator"), AT, REF))
    answer, changes = node.do(lambda now, at: ask_to_look(now, ASKED, at))
    assert (answer, changes) == (ActRefused(Cause.EVENT_CLOSED), ())


def test_no_party_has_more_looks_waiting_than_a_room_can_answer() -> None:
    waiting = [replace(WAITS, look=look(f"k-{number}")) for number in range(10, 10 + LOOKS_MAX)]
    answer, changes = InMemory(*waiting).do(lambda now, at: ask_to_look(now, ASKED, at))
    assert (answer, changes) == (TooMany(), ())
    done = replace(look("k-10"), state=LookState.DONE)
    node = InMemory(*waiting, LookAnswered(done, subject("csu-operator"), AT, REF, E1_REF, ()))
    assert isinstance(node.do(lambda now, at: ask_to_look(now, ASKED, at))[0], Look)


def test_the_room_accepts_and_says_when_it_is_done_and_then_nothing_changes_it() -> None:
    node = InMemory(WAITS)
    accepted, (change,) = answers(node, LookState.ACCEPTED)
    assert isinstance(accepted, Look)
    assert isinstance(change, LookAnswered)
    assert (accepted.answered_by, accepted.state) == (OPERATOR.pseudonym, LookState.ACCEPTED)
    done, _ = answers(node, LookState.DONE, "une vingtaine de personnes")
    assert isinstance(done, Look)
    assert done.note == "une vingtaine de personnes"
    for state in (LookState.ACCEPTED, LookState.DECLINED, LookState.DONE):
        assert answers(node, state) == (NotAnswered(LookState.DONE), ())


def test_a_partner_answers_no_look() -> None:
    command = AnswerLook(OFFICER, LookId("k-1"), LookState.ACCEPTED)
    assert InMemory(WAITS).do(lambda now, at: answer_look(now, command, at)) == (Unknown("look"), ())

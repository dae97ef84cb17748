"""Whose word lets a partner steer, when it counts, and what ends it. Rules A11; vda-etat, article 3."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from belvedere.domain.authorisations import (
    Authorisation,
    AuthorisationScope,
    AuthorisationState,
    Channel,
    OralWord,
)
from belvedere.domain.causes import Cause
from belvedere.domain.ids import AuthorisationId, EventId, LeaseId, PartyId, Pseudonym, ServiceId, StationId
from belvedere.domain.vocabulary import Role
from belvedere.policy import read_convention
from belvedere.rights.authorisations import (
    AskedOf,
    Speaker,
    asked_of,
    confirm,
    give,
    givers,
    refuse,
    withdraw,
    write_down,
)
from tests.unit.changes.small_city import AT, CITY, MARKDOWN, PATH, STATE, camera

ROLES = (Role.CSU_ROOM_CHIEF, Role.POLICE_DIRECTOR)
CHIEF = Speaker(Pseudonym("p-chief"), CITY, Role.CSU_ROOM_CHIEF)
DIRECTOR = Speaker(Pseudonym("p-director"), CITY, Role.POLICE_DIRECTOR)
OPERATOR = Speaker(Pseudonym("p-operator"), CITY, Role.CSU_OPERATOR)
OFFICER = Speaker(Pseudonym("p-officer"), STATE, Role.CIC_SUPERVISOR)
ASKED = Authorisation(
    id=AuthorisationId("a-1"),
    lease=LeaseId("l-1"),
    camera=camera(3),
    party=STATE,
    service=ServiceId("cic"),
    station=StationId("poste-cic"),
    event=EventId("e-1"),
    asked_at=AT,
)
MINUTE = timedelta(minutes=1)
UNTIL = AT + timedelta(hours=2)


def given(scope: AuthorisationScope = AuthorisationScope.CAMERA) -> Authorisation:
    found = give(ASKED, CHIEF, roles=ROLES, scope=scope, until=UNTIL, at=AT)
    assert isinstance(found, Authorisation)
    return found


def oral(**changed: object) -> Authorisation | Cause:
    """Return what becomes of an operator's writing down that the chief said yes on the radio a minute ago."""
    told: dict[str, object] = {
        "asked": ASKED,
        "recorder": OPERATOR,
        "giver": CHIEF,
        "roles": ROLES,
        "channel": Channel.RADIO,
        "said_at": AT - MINUTE,
        "scope": AuthorisationScope.CAMERA,
        "until": None,
        "at": AT,
    }
    return write_down(**(told | changed))  # type: ignore[arg-type]  # a test says which members are other


def test_the_convention_says_whose_word_it_is_and_the_director_is_asked_last() -> None:
    convention = read_convention(MARKDOWN, path=PATH)
    assert givers(convention, owner=CITY, party=STATE) == ROLES
    assert givers(convention, owner=CITY, party=PartyId("lille")) == ()


@pytest.mark.parametrize(
    ("passed_s", "roles", "telephone"),
    [
        (-5, ROLES[:1], False),
        (0, ROLES[:1], False),
        (19.9, ROLES[:1], False),
        (20, ROLES, False),
        (39.9, ROLES, False),
        (40, ROLES, True),
        (4000, ROLES, True),
    ],
)
def test_unanswered_it_is_asked_of_one_more_every_twenty_seconds_and_then_the_telephone(
    passed_s: float, roles: tuple[Role, ...], telephone: bool
) -> None:
    assert asked_of(ROLES, asked_at=AT, at=AT + timedelta(seconds=passed_s)) == AskedOf(roles, telephone)


@pytest.mark.parametrize(
    ("state", "speaker", "until", "outcome"),
    [
        (AuthorisationState.ASKED, CHIEF, None, AT + timedelta(hours=1)),
        (AuthorisationState.ASKED, CHIEF, UNTIL, UNTIL),
        (AuthorisationState.ASKED, DIRECTOR, UNTIL, UNTIL),
        (AuthorisationState.ASKED, OPERATOR, UNTIL, Cause.ROLE),
        (AuthorisationState.ASKED, OFFICER, UNTIL, Cause.ROLE),
        (AuthorisationState.ASKED, CHIEF, AT, Cause.AUTHORISATION_TERM),
        (AuthorisationState.ASKED, CHIEF, AT + timedelta(hours=12, seconds=1), Cause.AUTHORISATION_TERM),
        (AuthorisationState.GIVEN, CHIEF, UNTIL, Cause.NOT_ASKED),
        (AuthorisationState.REFUSED, CHIEF, UNTIL, Cause.NOT_ASKED),
        (AuthorisationState.OVER, CHIEF, UNTIL, Cause.NOT_ASKED),
    ],
)
def test_a_word_is_given_by_whose_role_gives_it_once_and_for_a_time(
    state: AuthorisationState, speaker: Speaker, until: datetime | None, outcome: object
) -> None:
    found = give(replace(ASKED, state=state), speaker, roles=ROLES, scope=AuthorisationScope.CAMERA, until=until, at=AT)
    assert (found.until if isinstance(found, Authorisation) else found) == outcome


@pytest.mark.parametrize(
    ("scope", "asked_for", "covered"),
    [
        (AuthorisationScope.CAMERA, {}, True),
        (AuthorisationScope.CAMERA, {"camera": camera(6)}, False),
        (AuthorisationScope.EVENT, {"camera": camera(6)}, True),
        (AuthorisationScope.EVENT, {"event": EventId("e-2")}, False),
        (AuthorisationScope.EVENT, {"party": PartyId("lille")}, False),
        (AuthorisationScope.EVENT, {"at": AT + 119 * MINUTE}, True),
        (AuthorisationScope.EVENT, {"at": AT + 120 * MINUTE}, False),
    ],
)
def test_a_word_covers_its_camera_or_its_events_cameras_until_its_term(
    scope: AuthorisationScope, asked_for: dict[str, object], covered: bool
) -> None:
    asked: dict[str, object] = {"party": STATE, "camera": camera(3), "event": EventId("e-1"), "at": AT + MINUTE}
    assert given(scope).covers(**(asked | asked_for)) is covered  # type: ignore[arg-type]  # a test says what is other


@pytest.mark.parametrize("state", [each for each in AuthorisationState if each is not AuthorisationState.GIVEN])
def test_a_word_that_is_not_given_or_no_longer_stands_covers_nothing(state: AuthorisationState) -> None:
    word = replace(given(), state=state)
    assert not word.covers(party=STATE, camera=camera(3), event=EventId("e-1"), at=AT)


def test_a_refusal_says_why_and_is_by_whose_role_it_is() -> None:
    refused = refuse(ASKED, CHIEF, roles=ROLES, reason="équipage sur place")
    assert isinstance(refused, Authorisation)
    assert (refused.state, refused.reason) == (AuthorisationState.REFUSED, "équipage sur place")
    assert refuse(ASKED, OPERATOR, roles=ROLES, reason=None) is Cause.ROLE
    assert refuse(refused, CHIEF, roles=ROLES, reason=None) is Cause.NOT_ASKED


def test_a_word_is_withdrawn_by_any_whose_word_it_could_have_been_and_once() -> None:
    withdrawn = withdraw(given(), DIRECTOR, roles=ROLES, reason="mon équipage arrive")
    assert isinstance(withdrawn, Authorisation)
    assert (withdrawn.state, withdrawn.reason) == (AuthorisationState.WITHDRAWN, "mon équipage arrive")
    assert withdraw(given(), OPERATOR, roles=ROLES, reason=None) is Cause.ROLE
    assert withdraw(withdrawn, CHIEF, roles=ROLES, reason=None) is Cause.NOT_ASKED
    assert withdraw(ASKED, CHIEF, roles=ROLES, reason=None) is Cause.NOT_ASKED


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"giver": None}, Cause.GIVERS_ROLE),
        ({"giver": OPERATOR}, Cause.GIVERS_ROLE),
        ({"giver": OFFICER}, Cause.GIVERS_ROLE),
        ({"giver": replace(CHIEF, party=STATE)}, Cause.GIVERS_ROLE),
        ({"recorder": CHIEF}, Cause.OWN_WORD),
        ({"giver": replace(CHIEF, on_duty=False)}, Cause.OFF_DUTY),
        ({"said_at": AT + timedelta(seconds=1)}, Cause.ORAL_TIME),
        ({"said_at": AT - timedelta(minutes=15, seconds=1)}, Cause.ORAL_TIME),
        ({"asked": replace(ASKED, state=AuthorisationState.OVER)}, Cause.NOT_ASKED),
        ({"until": AT - MINUTE}, Cause.AUTHORISATION_TERM),
    ],
)
def test_a_word_by_voice_is_not_written_down(changed: dict[str, object], cause: Cause) -> None:
    assert oral(**changed) is cause


@pytest.mark.parametrize("changed", [{}, {"said_at": AT}, {"said_at": AT - 15 * MINUTE}, {"giver": DIRECTOR}])
def test_a_word_by_voice_counts_at_once_and_waits_to_be_confirmed(changed: dict[str, object]) -> None:
    word = oral(**changed)
    assert isinstance(word, Authorisation)
    assert word.covers(party=STATE, camera=camera(3), event=EventId("e-1"), at=AT)
    assert word.is_unconfirmed
    assert isinstance(word.oral, OralWord)
    assert word.oral.recorder == OPERATOR.pseudonym


def test_its_giver_alone_confirms_a_word_by_voice_or_denies_it_and_it_then_covers_nothing() -> None:
    word = oral()
    assert isinstance(word, Authorisation)
    assert confirm(word, OPERATOR, confirmed=True) is Cause.ANOTHERS_WORD
    kept = confirm(word, CHIEF, confirmed=True)
    assert isinstance(kept, Authorisation)
    assert kept.state is AuthorisationState.GIVEN
    assert not kept.is_unconfirmed
    denied = confirm(word, CHIEF, confirmed=False)
    assert isinstance(denied, Authorisation)
    assert denied.state is AuthorisationState.DENIED
    assert confirm(denied, CHIEF, confirmed=True) is Cause.NOT_ASKED
    assert confirm(given(), CHIEF, confirmed=True) is Cause.NOT_ASKED, "it was given on a screen"


def test_a_word_that_was_withdrawn_before_its_giver_looked_is_denied_and_stays_withdrawn() -> None:
    word = oral()
    assert isinstance(word, Authorisation)
    withdrawn = withdraw(word, DIRECTOR, roles=ROLES, reason=None)
    assert isinstance(withdrawn, Authorisation)
    denied = confirm(withdrawn, CHIEF, confirmed=False)
    assert isinstance(denied, Authorisation)
    assert (denied.state, denied.oral) == (
        AuthorisationState.WITHDRAWN,
        replace(word.oral, confirmed=False) if word.oral else None,
    )

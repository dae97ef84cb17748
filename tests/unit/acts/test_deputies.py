"""The director names deputies: whom, for how long, and what their word is worth. A reading of rules A11."""

from datetime import timedelta

import pytest

from belvedere.acts.authorise import AnswerRequest, answer_request
from belvedere.acts.deputies import EndDeputy, Named, NameDeputy, NotNamed, end_deputy, name_deputy
from belvedere.acts.unknown import Unknown
from belvedere.changes import Change, DeputyEnded, DeputyNamed
from belvedere.domain.authorisations import DEPUTY_FOR_MAX, Authorisation, AuthorisationState, Deputy
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, AuthorisationId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.vocabulary import Role
from tests.unit.acts.in_memory import InMemory
from tests.unit.acts.test_steering_step import city, take
from tests.unit.changes.small_city import AT, requester

DIRECTOR, OPERATOR = requester("police-director"), requester("csu-operator")
DAY = timedelta(days=1)


def names(
    node: InMemory, agent: AgentId = OPERATOR.agent, until: Instant = AT + DAY
) -> tuple[Named, tuple[Change, ...]]:
    return node.do(lambda now, at: name_deputy(now, NameDeputy(DIRECTOR, agent, until), at))


def answers(node: InMemory) -> object:
    return node.do(lambda now, at: answer_request(now, AnswerRequest(OPERATOR, AuthorisationId("a-1"), True), at))[0]


def test_a_deputys_word_counts_as_the_directors_while_its_term_runs() -> None:
    node = city()
    take(node, "cic-operator")
    assert answers(node) == ActRefused(Cause.ROLE)
    deputy, changes = names(node)
    assert isinstance(deputy, Deputy)
    assert [type(each) for each in changes] == [DeputyNamed]
    given = answers(node)
    assert isinstance(given, Authorisation)
    assert given.state is AuthorisationState.GIVEN
    assert (given.giver, given.giver_role) == (OPERATOR.pseudonym, Role.POLICE_DIRECTOR)


def test_after_its_term_or_its_end_a_deputys_word_counts_no_more() -> None:
    node = city()
    names(node)
    node.at = AT + DAY
    take(node, "cic-operator")
    assert answers(node) == ActRefused(Cause.ROLE)
    names(node, until=node.at + DAY)
    _, changes = node.do(lambda now, at: end_deputy(now, EndDeputy(DIRECTOR, OPERATOR.agent), at))
    assert [type(each) for each in changes] == [DeputyEnded]
    assert answers(node) == ActRefused(Cause.ROLE)
    assert node.do(lambda now, at: end_deputy(now, EndDeputy(DIRECTOR, OPERATOR.agent), at)) == (Unknown("agent"), ())


@pytest.mark.parametrize(
    ("agent", "until", "said"),
    [
        (AgentId("a-nobody"), AT + DAY, Unknown("agent")),
        (requester("cic-operator").agent, AT + DAY, Unknown("agent")),
        (OPERATOR.agent, AT, NotNamed(Cause.DEPUTY_TERM)),
        (OPERATOR.agent, AT + DEPUTY_FOR_MAX + timedelta(seconds=1), NotNamed(Cause.DEPUTY_TERM)),
    ],
)
def test_nobody_else_is_named_nor_for_longer(agent: AgentId, until: Instant, said: object) -> None:
    assert names(city(), agent, until) == (said, ())

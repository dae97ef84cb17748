"""Every example of both files is a test; every row of the rules is carried; nothing stands without its example."""

import re

import pytest

from belvedere.policy import Convention
from belvedere.policy.examples import Outcome, lacks_of, run_examples
from tests.conventions.texts import LOADED

OUTCOMES = [outcome for convention in LOADED.values() for outcome in run_examples(convention)]

ROWS_OF = {
    "vda-etat": {f"A{number}" for number in range(1, 27)},
    "rouen-mrn": {f"B{number}" for number in range(1, 13)},
}
LAW_ROWS = {
    "vda-etat": {f"C{number}" for number in range(1, 14)} - {"C11"},  # no video fines between the city and the State
    "rouen-mrn": {f"C{number}" for number in range(1, 14)},
}


def _name(outcome: Outcome) -> str:
    words = re.sub(r"\W+", "_", f"{outcome.example.situation} {outcome.example.at}").strip("_")
    return f"{outcome.section.article}:{outcome.example.line}:{words}"


@pytest.mark.parametrize("outcome", OUTCOMES, ids=_name)
def test_the_convention_answers_as_its_example_says(outcome: Outcome) -> None:
    assert outcome.complaint is None, f"{outcome.section.article}, line {outcome.example.line}: {outcome.complaint}"


def _rows(convention: Convention) -> set[str]:
    carried = {row for section in convention.sections for placed in section.clauses for row in placed.clause.rows}
    explained = {row for section in convention.sections for reason in section.reasons for row in reason.rows}
    return carried | explained


def test_every_row_of_the_facts_is_carried_by_a_clause_or_a_written_reason(convention: Convention) -> None:
    assert _rows(convention) == ROWS_OF[convention.id] | LAW_ROWS[convention.id]


def test_a_clause_has_an_example_that_passes_and_one_that_does_not(convention: Convention) -> None:
    assert lacks_of(convention) == ()


def test_every_article_has_a_clause_or_a_reason(convention: Convention) -> None:
    told = {section.article for section in convention.sections if section.clauses or section.reasons}
    assert told >= set(convention.articles)


def test_every_clause_cites_its_article(convention: Convention) -> None:
    for section in convention.sections:
        for placed in section.clauses:
            own = section.article in placed.clause.cites
            assert own or (section.article == "law" and any(":" in cite for cite in placed.clause.cites))


def test_every_phrase_of_the_examples_is_used(convention: Convention) -> None:
    assert convention.setting is not None
    said = {
        phrase.strip()
        for section in convention.sections
        for example in section.examples
        for phrase in example.situation.split(",")
    }
    assert set(convention.setting.phrases) == said


def test_each_reading_names_its_alternative_and_who_approved_it(convention: Convention) -> None:
    readings = [each for each in convention.clauses if each.basis.value == "reading"]
    assert readings
    assert all(each.alternative and each.approved_by for each in readings)

"""Changing any clause breaks an example, or the reading of the file, under an article that the clause cites."""

import pytest

from belvedere.policy import ConventionError, read_convention
from belvedere.policy.examples import Outcome, outcomes
from tests.conventions.mutants import Mutant, mutants
from tests.conventions.texts import CONVENTIONS, LOADED, SLUGS

MUTANTS = [
    (slug, mutant)
    for slug in SLUGS
    for mutant in mutants(
        (CONVENTIONS / slug / "convention.md").read_text(encoding="utf-8"),
        tuple(party.id for party in LOADED[slug].parties),
    )
]


def test_there_is_a_mutant_of_every_clause() -> None:
    taken_out = [mutant for _, mutant in MUTANTS if mutant.name.endswith("taken out")]
    clauses = sum(len(section.clauses) for each in LOADED.values() for section in each.sections)
    assert len(taken_out) == clauses


@pytest.mark.parametrize(("slug", "mutant"), MUTANTS, ids=[f"{slug} {mutant.name}" for slug, mutant in MUTANTS])
def test_a_changed_clause_breaks_an_example_that_names_its_article(slug: str, mutant: Mutant) -> None:
    try:
        changed = read_convention(mutant.text.encode())
        noticed = any(_names(outcome, mutant) for outcome in outcomes(changed) if outcome.complaint is not None)
        refused = ""
    except ConventionError as error:
        noticed, refused = False, str(error)
    assert noticed or any(cite in refused for cite in (*mutant.cites, "law")), f"{slug}, {mutant.name}: {refused}"


def _names(outcome: Outcome, mutant: Mutant) -> bool:
    return bool({outcome.section.article, *outcome.example.because} & set(mutant.cites))

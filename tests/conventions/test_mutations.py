"""Changing any clause breaks an example, or the reading of the file, under an article that the clause cites."""

import pytest

from belvedere.policy import ConventionError, read_convention
from belvedere.policy.examples import run_examples
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
        outcomes = run_examples(read_convention(mutant.text.encode()))
    except ConventionError as error:
        outcomes, refused = (), str(error)
    else:
        refused = ""
    if refused:
        assert any(cite in refused for cite in (*mutant.cites, "law")), refused
        return
    broken = [outcome for outcome in outcomes if outcome.complaint is not None]
    named = [outcome for outcome in broken if {outcome.section.article, *outcome.example.because} & set(mutant.cites)]
    assert named, f"{slug}, {mutant.name}: no example noticed"

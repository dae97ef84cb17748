"""Changing any clause breaks an example, or the reading of the file, under an article that the clause cites.

Where another clause is what cannot be read without it, the error names the kind that is missing.
"""

import pytest

from belvedere.policy import ConventionError, read_convention
from belvedere.policy.examples import Outcome, outcomes
from tests.conventions.mutants import SAID_BY_THE_LAW_TOO, Mutant, mutants
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
    if mutant.kind in SAID_BY_THE_LAW_TOO and mutant.name.endswith("taken out"):
        assert all(outcome.complaint is None for outcome in outcomes(read_convention(mutant.text.encode())))
        return
    try:
        changed = read_convention(mutant.text.encode())
        noticed = any(_names(outcome, mutant) for outcome in outcomes(changed) if outcome.complaint is not None)
        refused = ""
    except ConventionError as error:
        noticed, refused = False, str(error)
    told = (*mutant.cites, "law", f"`{mutant.kind}`")
    assert noticed or any(word in refused for word in told), f"{slug}, {mutant.name}: {refused}"


def _names(outcome: Outcome, mutant: Mutant) -> bool:
    return bool({outcome.section.article, *outcome.example.because} & set(mutant.cites))

"""An evaluator that shares no code with policy answers the same: over the whole table, and on requests at random."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from whenever import Instant

from belvedere.domain.decision import Granted
from belvedere.policy import Convention, decide, parse_request, verdict_of
from belvedere.policy.situations import situations_of
from belvedere.policy.table import COMPARED_MAX, _rows
from tests.conventions import naive
from tests.conventions.randomness import iso, requests_near

OPINIONS: dict[str, Callable[[Mapping[str, Any], Instant], naive.Answer]] = {
    "vda-etat": naive.vda,
    "rouen-mrn": naive.rouen,
}


def answer_of(convention: Convention, request: Mapping[str, object]) -> naive.Answer:
    decision = decide(convention, parse_request(request))
    granted = decision if isinstance(decision, Granted) else None
    owed = tuple(
        (each.kind.value, None if each.due is None else iso(each.due))
        for each in (granted.obligations if granted else ())
    )
    preempts = tuple(granted.preempts) if granted else ()
    return (verdict_of(decision).value, frozenset(decision.articles), owed, preempts)


def _instant(request: Mapping[str, object]) -> Instant:
    return Instant(datetime.fromisoformat(str(request["at"])))


def test_an_independent_evaluator_answers_the_same_over_the_whole_table(convention: Convention) -> None:
    opinion = OPINIONS[convention.id]
    asked = 0
    for row in _rows((convention,), situations_of(convention), COMPARED_MAX):
        asked += 1
        assert answer_of(convention, row.request) == opinion(row.request, _instant(row.request)), row.request
    assert asked > 400


def _compared_at_random(convention: Convention, requests: int) -> Counter[str]:
    """Return how often each verdict was given, over so many requests that are good but for a few members."""
    opinion = OPINIONS[convention.id]
    seen: Counter[str] = Counter()

    @settings(max_examples=requests, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(requests_near(convention.id))
    def same(request: Mapping[str, Any]) -> None:
        answer = answer_of(convention, request)
        seen[answer[0]] += 1
        assert answer == opinion(request, _instant(request))

    same()
    return seen


def _told_apart(convention: Convention) -> set[str]:
    return {"granted", "refused", "pending"} if convention.id == "vda-etat" else {"granted", "refused"}


def test_an_independent_evaluator_answers_the_same_at_random(convention: Convention) -> None:
    seen = _compared_at_random(convention, 200)
    assert all(seen[verdict] >= 4 for verdict in _told_apart(convention)), seen


@pytest.mark.sweep
@pytest.mark.timeout(3600)
def test_an_independent_evaluator_answers_the_same_over_many_more(convention: Convention) -> None:
    seen = _compared_at_random(convention, 20_000)
    assert all(seen[verdict] >= 400 for verdict in _told_apart(convention)), seen
    print(convention.id, dict(seen))

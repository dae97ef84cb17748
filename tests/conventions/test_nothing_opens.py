"""Whatever is taken out of a valid text or left blank, the text is refused, or grants nothing that it refused before."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from belvedere.domain.clock import Instant
from belvedere.domain.decision import Granted, Refused
from belvedere.domain.request import DecisionRequest
from belvedere.policy import Convention, ConventionError, decide, parse_request, read_convention
from belvedere.policy.examples import facts_of, instant_of
from belvedere.policy.situations import situations_of
from belvedere.policy.table import COMPARED_MAX, _rows
from tests.conventions.cuts import Cut, clauses_taken_out, keys_of_clauses, keys_of_the_header, tables_of_the_header
from tests.conventions.texts import CONVENTIONS, LOADED, SLUGS

LIMITS = {
    ("scope", "communes"): "without it the clause shares the cameras of every commune",
    ("ptz-takeover", "event_kinds"): "without it the clause opens steering for every kind of event",
    ("opening-hours", "days"): "without it the clause gives the hours of public holidays alone",
}
"""Keys whose absence says something else, in one place and in words, that a person who signs the text reads there."""

STILL_READ = {("convention", "services")}
"""Blanks that a text may hold: a party that only signs has no service; what any service may do stands beside it."""


def _text(slug: str) -> str:
    return (CONVENTIONS / slug / "convention.md").read_text(encoding="utf-8")


@cache
def _refused_by_one_fact(slug: str) -> tuple[DecisionRequest, ...]:
    """What is refused for one fact alone: the examples that are granted, with one fact after another told otherwise."""
    convention = LOADED[slug]
    domains = situations_of(convention).domains
    found: dict[str, DecisionRequest] = {}
    for body, at in _granted(convention):
        for name, domain in domains.items():
            for choice in domain:
                request = parse_request(_with(body, name, choice.value(at)))
                if isinstance(decide(convention, request), Refused):
                    found.setdefault(repr(request), request)
    return tuple(found.values())


def _granted(convention: Convention) -> Iterator[tuple[dict[str, Any], Instant]]:
    for section in convention.sections:
        for example in section.examples:
            body, at = facts_of(convention, example, section.article), instant_of(convention, example.at)
            if "question" in body or at is None:
                continue
            asked = {**body, "at": at.isoformat()}
            if isinstance(decide(convention, parse_request(asked)), Granted):
                yield asked, at


def _with(body: dict[str, Any], name: str, value: object) -> dict[str, Any]:
    table, _, member = name.partition(".")
    if not member:
        return {**body, name: value.isoformat() if isinstance(value, Instant) else value}
    return {**body, table: {**(body.get(table) or {}), member: value}}


@cache
def _refused_in_the_table(slug: str) -> tuple[DecisionRequest, ...]:
    convention = LOADED[slug]
    rows = _rows((convention,), situations_of(convention), COMPARED_MAX)
    return tuple(parse_request(row.request) for row in rows if row.answers[0].verdict == "refused")


def _read(cut: Cut) -> Convention | ConventionError:
    try:
        return read_convention(cut.text.encode(), path="convention.md")
    except ConventionError as error:
        return error


def _grants_no_more(cuts: Iterable[Cut], refused: tuple[DecisionRequest, ...]) -> list[Cut]:
    """Assert that each text is an error with its place, or refuses all that was refused; return those that are read."""
    read: list[Cut] = []
    for cut in cuts:
        convention = _read(cut)
        if isinstance(convention, ConventionError):
            assert convention.line is not None, f"{cut.name}: {convention}"
            continue
        read.append(cut)
        if (cut.kind, cut.key) in LIMITS:
            continue
        opened = next((each for each in refused if not isinstance(decide(convention, each), Refused)), None)
        assert opened is None, f"{cut.name} opens: {opened}"
    return read


def _cuts(slug: str) -> Iterator[Cut]:
    text = _text(slug)
    yield from clauses_taken_out(text)
    yield from tables_of_the_header(text)
    yield from keys_of_the_header(text, blank=False)
    yield from keys_of_clauses(text, blank=False)


@pytest.mark.parametrize("slug", SLUGS)
def test_whatever_is_taken_out_of_a_text_nothing_more_is_granted(slug: str) -> None:
    cuts, refused = list(_cuts(slug)), _refused_by_one_fact(slug)
    assert len(refused) > 500
    assert sum(each.key is None and each.kind != "convention" for each in cuts) == sum(
        len(section.clauses) for section in LOADED[slug].sections
    )
    assert len(_grants_no_more(cuts, refused)) < len(cuts) // 2


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_left_blank_keeps_a_text_out(slug: str) -> None:
    text = _text(slug)
    blanks = (*keys_of_the_header(text, blank=True), *keys_of_clauses(text, blank=True))
    read = _grants_no_more(blanks, _refused_by_one_fact(slug))
    assert {(each.kind, each.key) for each in read} <= STILL_READ


@pytest.mark.sweep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("slug", SLUGS)
def test_whatever_is_taken_out_nothing_more_is_granted_over_every_request_and_the_whole_table(slug: str) -> None:
    _grants_no_more(_cuts(slug), (*_refused_by_one_fact(slug), *_refused_in_the_table(slug)))


def test_a_restriction_that_is_lifted_in_so_many_words_is_seen_to_open() -> None:
    slug = "villeneuve-dascq-etat"
    lifted = clauses_taken_out(_text(slug), instead="non-executable: levé par les parties.\n")
    stations = [each for each in lifted if each.kind == "stations"]
    with pytest.raises(AssertionError, match="stations opens"):
        _grants_no_more(stations, _refused_by_one_fact(slug))

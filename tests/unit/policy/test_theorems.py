"""What holds of every request and every convention, whatever their parameters."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from belvedere.domain.decision import Granted, Pending, Refused
from belvedere.domain.request import (
    AgentFacts,
    AuthorisationFacts,
    CameraFacts,
    DecisionRequest,
    EventFacts,
    LeaseFacts,
    OwnerIsSteering,
    StateFacts,
)
from belvedere.policy import (
    Convention,
    ConventionError,
    decide,
    decision_json,
    parse_request,
    read_convention,
    request_from_facts,
)
from belvedere.policy.table import answered
from tests.conventions.randomness import REQUESTS, requests_near
from tests.conventions.texts import CONVENTIONS, LOADED, SLUGS

IDS = {"villeneuve-dascq-etat": "vda-etat", "rouen-metropole": "rouen-mrn"}
RESTRICTIVE = ("quota", "no-recording", "stations", "event-required", "purposes", "order-validity", "withdrawal",
               "suspension", "agents", "owner-priority")  # fmt: skip

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def every(test: Callable[[Convention, Mapping[str, Any]], None]) -> Callable[[str], None]:
    """Run `test` for both conventions over requests near a good one, and over requests of any kind."""

    @pytest.mark.parametrize("slug", SLUGS)
    def run(slug: str) -> None:
        convention = LOADED[slug]

        @quick
        @given(st.one_of(requests_near(IDS[slug]), REQUESTS))
        def holds(request: Mapping[str, Any]) -> None:
            test(convention, request)

        holds()

    return run


def _text(slug: str) -> str:
    return (CONVENTIONS / slug / "convention.md").read_text(encoding="utf-8")


@cache
def _without_clauses(slug: str) -> Convention:
    """The same parties and articles, and no clause but those that loading asks for."""
    kept = ("agents", "owner-room")

    def emptied(block: re.Match[str]) -> str:
        kind = re.search(r'^kind = "([^"]+)"', block[1], re.MULTILINE)
        assert kind is not None
        return block[0] if kind[1] in kept else "non-executable: vidé.\n"

    return read_convention(re.sub(r"```toml clause\n(.*?)```\n", emptied, _text(slug), flags=re.DOTALL).encode())


def _default_deny(convention: Convention, request: Mapping[str, Any]) -> None:
    slug = next(slug for slug, each in LOADED.items() if each is convention)
    decision = decide(_without_clauses(slug), parse_request(request))
    own = request["agent"]["party"] == request["camera"]["owner"]
    assert isinstance(decision, Refused) or own


def _a_grant_cites_an_article(convention: Convention, request: Mapping[str, Any]) -> None:
    decision = decide(convention, parse_request(request))
    assert decision.articles
    assert all(re.fullmatch(rf"({convention.id}|csi|cpp):[\w.-]+", article) for article in decision.articles)
    if isinstance(decision, Granted):
        assert any(article.startswith(f"{convention.id}:") for article in decision.articles)


def _sentences_are_whole_in_both_languages(convention: Convention, request: Mapping[str, Any]) -> None:
    decision = decide(convention, parse_request(request))
    texts = [decision.reason] + ([] if isinstance(decision, Granted) or decision.remedy is None else [decision.remedy])
    assert all(text.fr.strip().endswith(".") and text.en.strip().endswith(".") for text in texts)


def _the_state_never_records(convention: Convention, request: Mapping[str, Any]) -> None:
    asked = {**request, "action": "record", "agent": {**request["agent"], "party": "etat"}}
    assert isinstance(decide(convention, parse_request(asked)), Refused)


def _nobody_steers_against_the_owner(convention: Convention, request: Mapping[str, Any]) -> None:
    state = {**(request["state"] or {}), "owner_is_steering": "yes"}
    decision = decide(convention, parse_request({**request, "action": "take_ptz", "state": state}))
    own = request["agent"]["party"] == request["camera"]["owner"]
    assert own or isinstance(decision, Refused)


def _only_what_was_read_is_recorded(convention: Convention, request: Mapping[str, Any]) -> None:
    parsed = parse_request(request)
    decision = decide(convention, parsed)
    again = decide(convention, request_from_facts(decision.facts))
    assert answered(again) == answered(decision)
    assert again.valid_until == decision.valid_until
    assert dict(again.facts) == dict(decision.facts)


def _it_is_deterministic(convention: Convention, request: Mapping[str, Any]) -> None:
    first, second = (decide(convention, parse_request(request)) for _ in range(2))
    assert decision_json(first) == decision_json(second)


def _unknown_facts_are_ignored(convention: Convention, request: Mapping[str, Any]) -> None:
    state = {**(request["state"] or {}), "facts": {"météo": True}, "inconnu": 3}
    assert decide(convention, parse_request({**request, "state": state, "autre": []})) == decide(
        convention, parse_request({**request, "state": {**(request["state"] or {}), "facts": {}}})
    )


def _it_is_constant_until_valid_until(convention: Convention, request: Mapping[str, Any]) -> None:
    decision = decide(convention, parse_request(request))
    at = datetime.fromisoformat(request["at"])
    ends = decision.valid_until or at + timedelta(days=900)
    assert ends > at
    for step in (1, 7, 31, 64, 99):
        later = at + (ends - at) * step / 100
        if later < ends:
            again = decide(convention, parse_request({**request, "at": later.isoformat()}))
            assert answered(again) == answered(decision)
            assert again.valid_until == decision.valid_until
            if isinstance(decision, Granted) and isinstance(again, Granted):
                assert again.obligations == decision.obligations
    last = decide(convention, parse_request({**request, "at": (ends - timedelta(microseconds=1)).isoformat()}))
    assert answered(last) == answered(decision)


def _a_missing_fact_never_helps(convention: Convention, request: Mapping[str, Any]) -> None:
    """Save what being null means in itself: no suspension, no varied hours, no withdrawal declared (Rouen)."""
    decision = decide(convention, parse_request(request))
    for name in decision.facts:
        if name in {"action", "at", "agent.party", "camera.owner", "state.suspended", "state.hours_override"}:
            continue
        if name == "state.owner_is_steering":
            continue
        if (convention.id, name) == ("rouen-mrn", "state.authorisation_withdrawn"):
            continue
        again = decide(convention, parse_request(_without(request, name)))
        if isinstance(again, Granted):
            assert isinstance(decision, Granted), name


def _without(request: Mapping[str, Any], name: str) -> dict[str, Any]:
    table, _, member = name.partition(".")
    if not member:
        return {**request, table: None}
    return {**request, table: {**(request[table] or {}), member: None}} if request[table] is not None else {**request}


test_default_deny = every(_default_deny)
test_every_answer_cites_an_article = every(_a_grant_cites_an_article)
test_every_sentence_is_whole_in_french_and_in_english = every(_sentences_are_whole_in_both_languages)
test_the_state_never_records = every(_the_state_never_records)
test_nobody_but_the_owner_steers_against_the_owner = every(_nobody_steers_against_the_owner)
test_a_decision_carries_exactly_the_facts_that_it_rests_on = every(_only_what_was_read_is_recorded)
test_the_same_request_has_the_same_answer = every(_it_is_deterministic)
test_unknown_facts_are_ignored = every(_unknown_facts_are_ignored)
test_a_decision_is_constant_until_its_valid_until = every(_it_is_constant_until_valid_until)
test_a_missing_fact_never_helps_the_requester = every(_a_missing_fact_never_helps)


# --- about clauses


def _shuffled(slug: str, order: list[int], doubled: int) -> Convention:
    """The same convention, its sections in another order and one clause said twice."""
    text = _text(slug)
    head, *sections = re.split(r"(?m)^(?=## )", text)
    executable = [each for each in sections if "{#" in each.splitlines()[0]]
    rest = [each for each in sections if each not in executable]
    moved = [executable[number % len(executable)] for number in order]
    everything = list(dict.fromkeys([*moved, *executable]))
    body = "".join([head, *everything, *rest])
    blocks = list(re.finditer(r"```toml clause\n.*?```\n", body, re.DOTALL))
    twice = blocks[doubled % len(blocks)]
    return read_convention((body[: twice.end()] + "\n" + twice[0] + body[twice.end() :]).encode())


@pytest.mark.parametrize("slug", SLUGS)
def test_order_and_duplicates_of_clauses_do_not_matter(slug: str) -> None:
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        st.lists(st.integers(0, 60), min_size=5, max_size=40),
        st.integers(0, 60),
        st.lists(requests_near(IDS[slug]), min_size=5, max_size=15),
    )
    def holds(order: list[int], doubled: int, requests: list[Mapping[str, Any]]) -> None:
        other = _shuffled(slug, order, doubled)
        for request in requests:
            parsed = parse_request(request)
            assert decision_json(decide(other, parsed)) == decision_json(decide(LOADED[slug], parsed))

    holds()


@cache
def _relaxed(slug: str) -> tuple[tuple[str, Convention], ...]:
    """The convention without one restriction, each in turn: putting it back must not grant."""
    text = _text(slug)
    found: list[tuple[str, Convention]] = []
    for block in re.finditer(r"```toml clause\n(.*?)```\n", text, re.DOTALL):
        kind = re.search(r'^kind = "([^"]+)"', block[1], re.MULTILINE)
        if kind is None or kind[1] not in RESTRICTIVE or kind[1] in {"agents", "owner-priority"}:
            continue
        without = text[: block.start()] + "non-executable: levé.\n" + text[block.end() :]
        with suppress(ConventionError):  # what another clause needs cannot be taken out at all
            found.append((kind[1], read_convention(without.encode())))
    return tuple(found)


@pytest.mark.parametrize("slug", SLUGS)
def test_adding_a_restriction_never_grants(slug: str) -> None:
    relaxed = _relaxed(slug)
    assert {kind for kind, _ in relaxed} >= {"order-validity", "withdrawal"}

    @quick
    @given(requests_near(IDS[slug]))
    def holds(request: Mapping[str, Any]) -> None:
        parsed = parse_request(request)
        strict = decide(LOADED[slug], parsed)
        if isinstance(strict, Refused):
            return
        for kind, lenient in relaxed:
            assert not isinstance(decide(lenient, parsed), Refused), kind

    holds()


# --- total: whatever Python puts into the frozen types

_words = st.one_of(st.none(), st.text(max_size=8))
_flags = st.one_of(st.none(), st.booleans())
_times = st.one_of(st.none(), st.datetimes())
_any_request = st.builds(
    DecisionRequest,
    action=st.one_of(st.sampled_from(["view", "take_ptz", "record", "extract", "read_inventory"]), st.text(max_size=5)),
    at=st.datetimes(timezones=st.one_of(st.none(), st.timezones())),
    agent=st.builds(
        AgentFacts,
        party=st.sampled_from(["etat", "rouen", "metropole-rouen", "villeneuve-dascq", ""]),
        service=_words,
        habilitated=_flags,
        station_registered=_flags,
    ),
    camera=st.builds(
        CameraFacts,
        id=st.text(max_size=4),
        owner=st.sampled_from(["rouen", "metropole-rouen", "villeneuve-dascq"]),
        commune=_words,
        zone=_words,
        camera_class=st.sampled_from(["ville", "borne", None]),
        authorised_until=st.one_of(st.none(), st.dates()),
        ptz=_flags,
    ),
    event=st.one_of(st.none(), st.builds(EventFacts, kind=st.sampled_from(["trouble-grave", "x"]), open=st.just(True))),
    state=st.builds(
        StateFacts,
        streams_in_use=st.one_of(st.none(), st.integers()),
        lease=st.one_of(st.none(), st.builds(LeaseFacts, held_since=_times, granted_while=st.just("closed"))),
        authorisation=st.one_of(st.none(), st.builds(AuthorisationFacts, by_role=_words, until=_times)),
        centre_inactive=_flags,
        authorisation_withdrawn=_flags,
        owner_is_steering=st.sampled_from(OwnerIsSteering),
    ),
)


@pytest.mark.parametrize("slug", SLUGS)
def test_decide_is_total(slug: str) -> None:
    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(_any_request)
    def holds(request: DecisionRequest) -> None:
        decision = decide(LOADED[slug], request)
        assert isinstance(decision, Granted | Refused | Pending)
        assert decision.articles

    holds()


def test_an_error_in_a_rule_refuses_and_says_so() -> None:
    convention = LOADED["villeneuve-dascq-etat"]
    naive_at = datetime(2026, 3, 18, 10, 0)  # noqa: DTZ001  an `at` that no rule can compare
    request = parse_request(
        {
            "action": "view",
            "at": "2026-03-18T10:00:00+01:00",
            "agent": {"party": "etat", "habilitated": True},
            "camera": {"id": "c", "owner": "villeneuve-dascq", "authorised_until": "2031-12-02"},
        }
    )
    decision = decide(convention, replace(request, at=naive_at))
    assert isinstance(decision, Refused)
    assert decision.cause.value == "rule-error"


def test_every_member_of_a_request_can_be_read_back_from_a_record() -> None:
    """A new member of the frozen types must find its way into `parse_request`, or a record loses it."""
    known = {each.name for kind in (AgentFacts, CameraFacts, EventFacts, StateFacts) for each in fields(kind)}
    assert known == {
        "party", "service", "habilitated", "station_registered",
        "id", "owner", "commune", "zone", "camera_class", "authorised_until", "ptz",
        "kind", "open", "motive",
        "streams_in_use", "camera_in_use", "holders", "lease", "authorisation", "notified", "hours_override",
        "centre_inactive", "owner_is_steering", "authorisation_withdrawn", "suspended", "facts",
    }  # fmt: skip

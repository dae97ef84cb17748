"""Nothing answers 500 for bad input, and a bad request is told which field: every route that OpenAPI describes.

Reliability 1, 20, 25; api, Requests. The seed is fixed; the sweep asks a hundred times as much.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from tests.faults.node_beside import NodeBeside, node_beside
from tests.flows.conftest import CityMaker

pytestmark = [pytest.mark.timeout(600)]

SEED = 20261122
ROLES = (None, "cic-supervisor", "csu-operator", "police-director")
ANY_MEMBER = {"/api/v1/convention/what-if", "/api/v1/layout"}
"""Bodies whose members the description leaves open."""
FREE = ("/api/v1/login", "/api/v1/node", "/api/v1/ledger/")
"""What is answered without a session."""
NOT_JSON = {"field": "body", "message": "n'est pas du JSON"}
ENDLESS = "/api/v1/changes"
"""Server-sent events never end by themselves; test_bounds.py has them."""


@pytest.fixture
def beside(city_maker: CityMaker) -> Iterator[NodeBeside]:
    with node_beside(city_maker) as running:
        yield running


def operations(beside: NodeBeside) -> list[Any]:
    described = requests.get(f"{beside.city.node.app_url}/openapi.json", timeout=60).json()
    schema = schemathesis.openapi.from_dict(described)
    found: list[Any] = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return [operation for operation in found if operation.path != ENDLESS]


def session_of(beside: NodeBeside, login: str | None) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Origin"] = beside.city.node.app_url
    if login is not None:
        session.cookies.update(beside.cookie(login))
    return session


def held(answer: schemathesis.Response, *, signed_in: bool) -> None:
    """Hold one answer to what every answer promises."""
    asked = f"{answer.request.method} {answer.request.url} {answer.request.body!r}"
    assert answer.status_code < 500, (asked, answer.text[:500])
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["application/problem+json"], (asked, answer.text[:200])
        problem = answer.json()
        assert {"type", "title", "status", "detail", "articles", "remedy", "cause"} <= problem.keys(), asked
        if answer.status_code == 422:
            assert problem["errors"], asked
            assert all(error["field"] for error in problem["errors"]), asked
    if not signed_in and not any(free in str(answer.request.url) for free in FREE):
        # A body that isn't JSON is said to be so before anybody asks who sent it: it is the same for all.
        assert answer.status_code in {401, 404, 405, 413, 422}, (asked, answer.status_code)
        assert answer.status_code != 422 or answer.json()["errors"] == [NOT_JSON], (asked, answer.text)


def fuzz(beside: NodeBeside, login: str | None, examples: int) -> Counter[int]:
    """Ask every operation so many times in each way; return how often each status was answered."""
    told: Counter[int] = Counter()
    session = session_of(beside, login)
    for operation in operations(beside):
        if operation.path == "/api/v1/logout":
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seed(SEED)
            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                answer = case.call(base_url=beside.city.node.app_url, session=session, timeout=60)
                told[answer.status_code] += 1
                held(answer, signed_in=login is not None)

            with suppress(Unsatisfiable):  # a route that takes nothing can't be asked wrongly
                ask()
    return told


@pytest.mark.parametrize("login", ROLES)
def test_nothing_that_is_sent_answers_500(beside: NodeBeside, login: str | None) -> None:
    told = fuzz(beside, login, examples=2)
    assert sum(told.values()) > 60
    if login is not None:
        assert told[422] > 5, "no bad request was sent"
    assert requests.get(f"{beside.city.node.app_url}/readyz", timeout=60).status_code == 200


@pytest.mark.sweep
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("login", ROLES)
def test_nothing_that_is_sent_at_length_answers_500(beside: NodeBeside, login: str | None) -> None:
    began_s = time.perf_counter()
    told = fuzz(beside, login, examples=200)
    print(f"{login}: {sum(told.values())} requests, {dict(told)}, {time.perf_counter() - began_s:.0f} s, seed {SEED}")


def test_every_body_names_a_member_that_it_does_not_know(beside: NodeBeside) -> None:
    director, supervisor = session_of(beside, "police-director"), session_of(beside, "cic-supervisor")
    asked = []
    for operation in operations(beside):
        place = operation.path.replace("{", "").replace("}", "").replace("/day", "/2026-04-05")
        if not any("json" in body.media_type for body in operation.body) or operation.path in ANY_MEMBER:
            continue
        address = beside.city.node.app_url + place
        answer = director.request(operation.method, address, json={"inconnu": 1}, timeout=60)
        if answer.status_code == 403:  # a partner's alone
            answer = supervisor.request(operation.method, address, json={"inconnu": 1}, timeout=60)
        assert answer.status_code == 422, operation.path
        assert "inconnu" in {error["field"] for error in answer.json()["errors"]}, (operation.path, answer.text)
        asked.append(operation.path)
    assert len(asked) > 8


HALF = "\ud800"
"""Half a character: JSON can spell it, and nothing can write it."""
TO_DECIDE: dict[str, Any] = {
    "action": "view",
    "at": "2026-03-28T23:30:00+01:00",
    "agent": {"party": "etat", "service": "srpj", "habilitated": True, "station_registered": True},
    "camera": {
        "id": "vda-017",
        "owner": "villeneuve-dascq",
        "commune": "Villeneuve-d'Ascq",
        "zone": "centre",
        "class": "voie-publique",
        "authorised_until": "2031-12-02",
        "ptz": True,
    },
    "event": {"kind": "trouble-grave", "open": True, "motive": "rixe"},
    "purpose": "regulation-trafic",
    "requisition": {"kind": "cpp-60-1", "reference": "2026/0412", "file_sha256": "0" * 64},
    "state": {
        "streams_in_use": 8,
        "camera_in_use": False,
        "holders": [{"camera": "vda-003", "service": "cic"}],
        "lease": {"held_since": "2026-03-28T23:30:00+01:00", "granted_while": "closed"},
        "authorisation": {"by_role": "csu-room-chief", "until": "2026-03-29T23:30:00+01:00"},
        "hours_override": {"open": "10:00", "close": "23:00"},
        "owner_is_steering": "unknown",
        "suspended": {"ground": "mask-fault", "by_role": "police-director"},
        "facts": {"pc-police-active": True},
    },
}
"""A request in which each member can be read."""


def halved(value: Any) -> Iterator[Any]:
    """Yield `value` as often as it has members, another one of them half a character each time, or named by one."""
    if isinstance(value, dict):
        yield {**value, HALF: True}
        for name, member in value.items():
            for other in halved(member):
                yield {**value, name: other}
    elif isinstance(value, list):
        for at, member in enumerate(value):
            for other in halved(member):
                yield [*value[:at], other, *value[at + 1 :]]
    else:
        yield HALF


def test_half_a_character_answers_no_500_in_any_member_of_a_request_to_decide(beside: NodeBeside) -> None:
    session, url = session_of(beside, "cic-operator"), f"{beside.city.node.app_url}/api/v1/convention/what-if"
    named, asked = set(), 0
    for action in ("view", "take_ptz", "extract"):
        for suspended in (TO_DECIDE["state"]["suspended"], None):
            whole = {**TO_DECIDE, "action": action, "state": {**TO_DECIDE["state"], "suspended": suspended}}
            for body in halved(whole):
                answer = session.post(url, json=body, timeout=60)
                assert answer.status_code in {200, 422}, (body, answer.text)
                named |= {error["field"] for error in answer.json().get("errors", [])}
                asked += 1
    assert asked > 180
    assert named == {"action", "at", "agent.party", "camera.id", "camera.owner"}, "the rest counts as not given"


def test_half_a_character_answers_no_500_in_any_body_or_address(beside: NodeBeside) -> None:
    session, asked = session_of(beside, "police-director"), 0
    described = requests.get(f"{beside.city.node.app_url}/openapi.json", timeout=60).json()
    for operation in operations(beside):
        place = operation.path.replace("{", "").replace("}", "").replace("/day", "/2026-04-05")
        schema = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = schema.get("schema", {}).get("$ref", "/").split("/")[-1]
        members = described["components"]["schemas"].get(name, {}).get("properties", {"any": {}})
        bodies: list[Any] = [None]
        if schema:
            bodies = [{HALF: 1}, {HALF: HALF}, HALF, [HALF], *({member: HALF} for member in members)]
            bodies += [dict.fromkeys(members, HALF), {member: {HALF: [HALF]} for member in members}]
        for at, body in enumerate(bodies):
            address = f"{place}%ED%A0%80?camera=%ED%A0%80&language=%ff" if at == 0 else place
            answer = session.request(operation.method, beside.city.node.app_url + address, json=body, timeout=60)
            assert answer.status_code < 500, (operation.method, address, body, answer.text)
            asked += 1
    assert asked > 80

"""The pages of docs/reference say what the code does: every route, kind, act, row and word, and no other."""

import json
import re
from enum import StrEnum

import pytest

from belvedere.domain.decision import ObligationKind
from belvedere.domain.record import RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.vocabulary import Action, EventKind, Purpose, Role, SuspensionGround, Verdict
from belvedere.policy import BadRequest, decide, decision_json, load_convention, parse_request
from belvedere.policy.clauses.clause import is_row_of_rules
from belvedere.policy.law import KNOWN_TEXTS
from belvedere.web.changes import Topic
from belvedere.web.readiness import Part
from tests.unit.house.tree import ROOT

PREFIX = "/api/v1"


def _page(name: str) -> str:
    return (ROOT / "docs/reference" / f"{name}.md").read_text()


def _section(page: str, heading: str) -> str:
    return page.split(f"## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def test_the_api_page_names_every_route_and_no_other() -> None:
    described = json.loads((ROOT / "frontend/openapi.json").read_text())["paths"]
    routes = {
        f"{method.upper()} {path.removeprefix(PREFIX)}" for path, methods in described.items() for method in methods
    }
    first_cells = re.findall(r"(?m)^\| (`[A-Z]+ /.*?) \|", _section(_page("api"), "Routes"))
    named = [route for cell in first_cells for route in re.findall(r"`([A-Z]+ /[^`]*)`", cell)]
    assert len(named) == len(set(named))
    assert set(named) == routes


@pytest.mark.parametrize(
    "words", [Role, Action, EventKind, Purpose, SuspensionGround, Verdict, ObligationKind, Part, Topic]
)
def test_the_api_page_names_every_word_of_a_closed_set(words: type[StrEnum]) -> None:
    page = _page("api")
    assert [str(each) for each in words if not re.search(rf'[`"]{each}[`"]', page)] == []


def test_the_request_on_the_api_page_is_decided_and_its_answer_has_the_members_told() -> None:
    asked, told = (
        json.loads(_section(_page("api"), heading).split("```json\n")[1].split("```", maxsplit=1)[0])
        for heading in ("A request to decide", "A decision")
    )
    convention = load_convention(ROOT / "conventions/villeneuve-dascq-etat")
    granted = decision_json(decide(convention, parse_request(asked)))
    assert granted["verdict"] == "granted"
    assert set(granted) == set(told)
    refused = decision_json(decide(convention, parse_request({**asked, "event": None})))
    assert set(refused) == {*told, "cause"}
    for member in ("action", "at", "agent", "camera"):
        with pytest.raises(BadRequest, match=member):
            parse_request({**asked, member: {}})


def _kinds() -> list[tuple[str, set[str], set[str]]]:
    """Return the rows of the kinds of records: the kind, its acts, what stands in its detail."""
    rows = re.findall(
        r"(?m)^\| `([a-z-]+)` \| ([^|]+) \|.*\| ([^|]+) \|$",
        _section(_page("ledger-format"), "3. The kinds of records"),
    )
    code = r"`([a-z_-]+)`"
    return [(kind, set(re.findall(code, acts)), set(re.findall(code, told))) for kind, acts, told in rows[1:]]


def test_the_ledger_format_tells_every_kind_of_record_and_every_recorded_act() -> None:
    assert {kind for kind, _, _ in _kinds()} == {str(kind) for kind in RecordKind}
    assert set().union(*(acts for _, acts, _ in _kinds())) == {str(act) for act in RecordedAct}


def test_the_ledger_format_tells_whatever_an_act_over_http_puts_into_a_records_detail() -> None:
    untold = set()
    for line in (ROOT / "tests/flows/golden/records.txt").read_text().splitlines():
        record = json.loads(line) if line.startswith("{") else {}
        if "detail" not in record:
            continue
        kind, cause = record["kind"], record.get("cause")
        told = [names for each, acts, names in _kinds() if each == kind and (not acts or cause in acts)]
        untold |= {(kind, cause, name) for name in record["detail"] if not any(name in names for names in told)}
    assert untold == set()


def test_the_rules_are_the_rows_that_a_clause_may_carry() -> None:
    rows = re.findall(r"(?m)^\| ([ABC]\d+) \|", _page("rules"))
    assert len(rows) == len(set(rows))
    assert set(rows) == {
        f"{letter}{number}" for letter in "ABC" for number in range(100) if is_row_of_rules(f"{letter}{number}")
    }


def test_every_text_of_law_that_a_clause_may_cite_stands_in_the_rules() -> None:
    law = _page("rules").split("## C: ")[1]
    lacking = [text for text in KNOWN_TEXTS if not text.startswith("arrete:") and text.split(":")[1] not in law]
    assert lacking == []

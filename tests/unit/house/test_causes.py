"""The causes are one closed set: each has its words, each is used, and nobody knows another."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from belvedere.domain.causes import BY_NODE, BY_RULE, CLOSED_BY_RELAY, DROPPED_BY_RELAY, ENDS, Cause
from belvedere.domain.ids import ServiceId
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.text import Language, Text
from belvedere.domain.viewings import Ending
from belvedere.policy import Party
from belvedere.rights import endings
from tests.unit.house.tree import ROOT, kept_files, parsed, python_files

SCREENS_CAUSES = Path("frontend/src/i18n/causes.ts")
GENERATED = {SCREENS_CAUSES, Path("frontend/src/api/schema.d.ts")}
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")


def _words() -> Iterator[tuple[StrEnum, Text]]:
    for cause in Cause:
        said = cause.words
        yield from ((cause, text) for text in (said.title, said.detail, said.remedy) if text is not None)
    yield from ((act, act.words) for act in RecordedAct)


def _named(owner: str, *folders: str) -> set[str]:
    """Return the members of an enumeration that the code under `folders` names; the set itself names none."""
    return {
        node.attr
        for path in python_files(*folders)
        if path.name not in {"causes.py", "recorded_acts.py"}
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner
    } & (set(Cause.__members__) | set(RecordedAct.__members__))


def _on_screens(name: str, language: Language) -> dict[str, str]:
    block = re.search(
        rf"export const {name}{language.title()}\b.*?\n}};", (ROOT / SCREENS_CAUSES).read_text(), re.DOTALL
    )
    assert block is not None
    said = re.findall(r'^  "?([a-z-]+)"?: "(.*)",$', block[0], re.MULTILINE)
    return {code: text.replace('\\"', '"') for code, text in said}


def test_every_cause_and_every_recorded_act_has_its_words_in_both_languages() -> None:
    for member, text in _words():
        assert text.fr.strip(), member
        assert text.en.strip(), member
        assert text.fr != text.en, member


def test_a_cause_is_told_apart_from_every_other_by_its_title() -> None:
    for language in Language:
        titles = [cause.words.title.in_language(language) for cause in Cause]
        assert sorted({title for title in titles if titles.count(title) > 1}) == []


@pytest.mark.parametrize("members", [Cause, RecordedAct])
def test_a_code_is_lower_case_words_joined_by_hyphens(members: type[StrEnum]) -> None:
    assert [member for member in members if not CODE.fullmatch(member.value)] == []


def test_every_cause_is_used_by_the_node_the_relay_or_the_screens() -> None:
    by_relay = {cause.name for cause in CLOSED_BY_RELAY | DROPPED_BY_RELAY}
    screens = "".join(
        (ROOT / path).read_text()
        for path in kept_files()
        if path.is_relative_to("frontend/src") and path.suffix in {".ts", ".svelte"} and path not in GENERATED
    )
    made_up_there = (Cause.REVOKED, Cause.LATE, Cause.UNREACHABLE, Cause.UNREADABLE)
    by_screens = {cause.name for cause in made_up_there if f'"{cause}"' in screens} | {Cause.UNKNOWN.name}
    used = _named("Cause", "src/belvedere") | by_relay | by_screens
    assert set(Cause.__members__) == used


def test_every_recorded_act_is_recorded_by_something() -> None:
    assert _named("RecordedAct", "src/belvedere") == set(RecordedAct.__members__)


def test_rules_refuse_with_every_cause_of_theirs_and_with_no_other() -> None:
    assert _named("Cause", "src/belvedere/policy") == {cause.name for cause in BY_RULE}


def test_what_the_node_refuses_by_itself_no_rule_refuses() -> None:
    assert set() == BY_NODE & BY_RULE
    assert {cause.name for cause in BY_NODE} <= _named("Cause", "src/belvedere/acts") | _named(
        "Cause", "src/belvedere/rights"
    )


def test_every_end_but_a_rules_has_a_function_that_says_it_in_the_causes_words() -> None:
    functions: Mapping[str, Callable[..., Ending]] = {
        name: function
        for name, function in inspect.getmembers(endings, inspect.isfunction)
        if inspect.signature(function).return_annotation is Ending and not name.startswith("_")
    }
    told = {function() for function in functions.values() if not inspect.signature(function).parameters}
    told.add(endings.pre_empted(by_service=ServiceId("cic"), party=Party("etat", "État", "CIC", ("cic",)), articles=()))
    assert {ending.cause for ending in told} == ENDS - BY_RULE


def test_the_screens_know_every_cause_and_recorded_act_in_the_same_words_and_no_other() -> None:
    for language in Language:
        causes = {cause.value: cause.words.title.in_language(language) for cause in Cause}
        acts = {act.value: act.words.in_language(language) for act in RecordedAct}
        assert _on_screens("causes", language) == causes
        assert _on_screens("recordedActs", language) == acts


def test_no_code_asks_for_a_cause_by_a_string() -> None:
    offenders = [
        f"{path}:{node.lineno}"
        for path in python_files("src/belvedere")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "cause"
        and any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in node.comparators)
    ]
    assert offenders == []


def test_a_kept_cause_that_this_version_does_not_know_is_read_as_unknown_and_fails_nothing() -> None:
    assert Cause.read("event-closed") is Cause.EVENT_CLOSED
    assert Cause.read("eclipse") is Cause.UNKNOWN

"""What makes a request bad, and what merely is not given. Source: api, A request to decide."""

import json
from typing import Any

import pytest

from belvedere.domain.request import EventFacts, OwnerIsSteering, SuspensionFacts
from belvedere.policy import BadRequest, parse_request

LEAST: dict[str, Any] = {
    "action": "view",
    "at": "2026-03-28T23:30:00+01:00",
    "agent": {"party": "etat"},
    "camera": {"id": "vda-017", "owner": "villeneuve-dascq"},
}


def _with(name: str, value: object) -> dict[str, Any]:
    *path, last = name.split(".")
    body: dict[str, Any] = json.loads(json.dumps(LEAST))
    table = body
    for step in path:
        table = table.setdefault(step, {})
    table[last] = value
    return body


@pytest.mark.parametrize("name", ["action", "at", "agent.party", "camera.id", "camera.owner"])
@pytest.mark.parametrize("value", [None, 3, [], {}, True, "\ud800"])
def test_a_required_member_that_is_missing_or_ill_typed_is_named(name: str, value: object) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_request(_with(name, value))
    assert caught.value.field == name


@pytest.mark.parametrize(
    "value", ["hier", "2026-03-28", "2026-03-28T23:30:00", "2026-13-01T00:00:00Z", "", "0001-01-01T00:00:00+14:00"]
)
def test_an_instant_needs_a_day_a_time_and_an_offset(value: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_request(_with("at", value))
    assert caught.value.field == "at"


def test_an_unknown_action_is_named_with_those_that_are_known() -> None:
    with pytest.raises(BadRequest, match="take_ptz") as caught:
        parse_request(_with("action", "voler"))
    assert caught.value.field == "action"


@pytest.mark.parametrize("name", ["agent", "camera"])
@pytest.mark.parametrize("value", [None, 3, "x", []])
def test_a_table_that_is_none_lacks_its_required_members(name: str, value: object) -> None:
    with pytest.raises(BadRequest, match=rf"{name}\."):
        parse_request({**LEAST, name: value})


@pytest.mark.parametrize(
    "text", ["", "{", "nul", '{"action": }', "[]", "3", '"x"', "[" * 100_000, "1" * 5000, b"\xff\xfe"]
)
def test_what_is_not_a_json_object_is_a_bad_request(text: str | bytes) -> None:
    with pytest.raises(BadRequest):
        parse_request(text)


OPTIONAL = [
    "agent.service", "agent.habilitated", "agent.station_registered", "camera.commune", "camera.zone", "camera.class",
    "camera.authorised_until", "camera.ptz", "event", "event.kind", "event.open", "event.motive", "purpose", "state",
    "requisition", "requisition.kind", "requisition.reference", "requisition.file_sha256",
    "state.streams_in_use", "state.camera_in_use", "state.holders", "state.lease", "state.authorisation",
    "state.notified", "state.hours_override", "state.centre_inactive", "state.owner_is_steering",
    "state.authorisation_withdrawn", "state.facts",
]  # fmt: skip


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("value", [None, 3.5, -1, "x", [], {}, [3], {"x": 1}, [None, {"camera": 3}]])
def test_any_other_member_that_is_null_or_ill_typed_is_not_given(name: str, value: object) -> None:
    request = parse_request(_with(name, value))
    assert request.agent.habilitated is None
    assert request.state.streams_in_use is None
    said = value is not None and name == "state.owner_is_steering"
    assert request.state.owner_is_steering is (None if said else OwnerIsSteering.UNKNOWN)


def test_a_truth_value_is_no_count_and_a_count_no_truth_value() -> None:
    assert parse_request(_with("state.streams_in_use", True)).state.streams_in_use is None
    assert parse_request(_with("agent.habilitated", 1)).agent.habilitated is None


def test_a_suspension_that_is_ill_typed_is_one_all_the_same() -> None:
    assert parse_request(_with("state.suspended", "oui")).state.suspended is not None
    assert parse_request(_with("state.suspended", None)).state.suspended is None


def test_a_holder_whose_service_is_not_told_is_kept() -> None:
    request = parse_request(_with("state.holders", [{"camera": "vda-003"}, {"service": "cic"}, 3]))
    assert request.state.holders is not None
    assert [(each.camera, each.service) for each in request.state.holders] == [("vda-003", "")]


def test_midnight_may_be_written_24_00() -> None:
    request = parse_request(_with("state.hours_override", {"open": "10:00", "close": "24:00"}))
    assert request.state.hours_override is not None
    assert request.state.hours_override.close.isoformat("minutes") == "00:00"


def test_half_a_character_is_no_text_so_it_is_not_given() -> None:
    half = "rixe \ud83d"
    assert parse_request(_with("event.motive", half)).event == EventFacts()
    assert parse_request(_with("agent.service", half)).agent.service is None
    assert parse_request(_with("state.facts", {half: True, "pc-police-active": True})).state.facts == {
        "pc-police-active": True
    }
    assert parse_request(_with("state.suspended", {"ground": half})).state.suspended == SuspensionFacts()
    assert parse_request(_with("event.motive", "rixe \U0001f6a8")).event == EventFacts(motive="rixe \U0001f6a8")

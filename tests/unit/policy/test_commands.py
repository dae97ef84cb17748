"""`belvedere decide` and `belvedere convention`, as a person or a program calls them."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from belvedere.cli import convention as convention_command
from belvedere.cli import decide as decide_command
from belvedere.policy import decide, decision_json, parse_request
from tests.conventions.texts import CONVENTIONS, LOADED, SLUGS

VDA = CONVENTIONS / "villeneuve-dascq-etat"
REQUEST: dict[str, Any] = {
    "action": "view",
    "at": "2026-03-28T23:30:00+01:00",
    "agent": {"party": "etat", "service": "cic", "habilitated": True, "station_registered": True},
    "camera": {
        "id": "vda-017",
        "owner": "villeneuve-dascq",
        "commune": "Villeneuve-d'Ascq",
        "zone": "centre",
        "class": "voie-publique",
        "authorised_until": "2031-12-02",
        "ptz": True,
    },
    "event": {"kind": "trouble-grave", "open": True, "motive": "…"},
    "purpose": None,
    "state": {
        "streams_in_use": 1,
        "camera_in_use": False,
        "holders": [{"camera": "vda-003", "service": "cic"}],
        "lease": None,
        "authorisation": None,
        "notified": False,
        "hours_override": None,
        "centre_inactive": False,
        "owner_is_steering": "unknown",
        "authorisation_withdrawn": False,
        "suspended": None,
        "facts": {"pc-police-active": False},
    },
}


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    made = typer.Typer()
    decide_command.register(made)
    convention_command.register(made)
    return made


def _run(app: typer.Typer, *arguments: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=given)


def _decide(app: typer.Typer, given: str | bytes, *more: str) -> Result:
    return _run(app, "decide", "--convention", str(VDA), *more, given=given)


def test_the_contracts_own_request_is_granted_with_its_article(app: typer.Typer) -> None:
    result = _decide(app, json.dumps(REQUEST))
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["verdict"] == "granted"
    assert answer["articles"] == ["vda-etat:art-3"]
    assert answer["obligations"] == []
    assert answer["valid_until"] == "2031-12-03T00:00:00+01:00"
    assert answer["remedy"] is None
    assert answer["preempts"] == []


def test_steering_by_night_makes_a_notice_due_at_the_next_opening(app: typer.Typer) -> None:
    answer = json.loads(
        _decide(app, json.dumps({**REQUEST, "action": "take_ptz", "at": "2026-03-29T03:30:00+02:00"})).stdout
    )
    assert answer["verdict"] == "granted"
    assert answer["articles"] == ["vda-etat:art-3"]
    assert answer["obligations"] == [{"kind": "notice-after", "due": "2026-03-29T10:00:00+02:00"}]
    assert answer["valid_until"] == "2026-03-29T10:00:00+02:00"


def test_the_exit_is_0_whatever_the_verdict(app: typer.Typer) -> None:
    for action, verdict in (("record", "refused"), ("take_ptz", "pending"), ("view", "granted")):
        result = _decide(app, json.dumps({**REQUEST, "action": action}))
        assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (0, verdict)


def test_sentences_are_french_unless_asked_otherwise(app: typer.Typer) -> None:
    refused = json.dumps({**REQUEST, "action": "record"})
    assert "enregistrement" in json.loads(_decide(app, refused).stdout)["reason"]
    assert "Recording" in json.loads(_decide(app, refused, "--lang", "en").stdout)["reason"]


@pytest.mark.parametrize("field", ["action", "at", "agent.party", "camera.id", "camera.owner"])
def test_a_bad_request_exits_2_and_names_the_field(app: typer.Typer, field: str) -> None:
    body = json.loads(json.dumps(REQUEST))
    table, _, member = field.rpartition(".")
    del (body[table] if table else body)[member]
    result = _decide(app, json.dumps(body))
    assert result.exit_code == 2
    assert field in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("text", ["", "pas du JSON", "[]", b"\xff"])
def test_what_is_not_json_exits_2(app: typer.Typer, text: str | bytes) -> None:
    assert _decide(app, text).exit_code == 2


def test_a_batch_answers_line_by_line(app: typer.Typer) -> None:
    lines = [json.dumps({**REQUEST, "action": action}) for action in ("view", "record", "extract")]
    result = _decide(app, "\n".join(lines) + "\n", "--batch")
    assert result.exit_code == 0
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["verdict"] for each in answers] == ["granted", "refused", "refused"]
    expected = decision_json(decide(LOADED["villeneuve-dascq-etat"], parse_request(lines[2])))
    assert answers[2] == json.loads(json.dumps(expected))


def test_a_bad_line_of_a_batch_keeps_the_others_answers(app: typer.Typer) -> None:
    result = _decide(app, f"{json.dumps(REQUEST)}\n{{}}\n{json.dumps(REQUEST)}\n", "--batch")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 2
    assert [each.get("verdict") for each in answers] == ["granted", None, "granted"]
    assert answers[1]["error"]["field"] == "action"
    assert "line 2: action" in result.stderr


def test_half_a_character_in_a_request_comes_back_as_json(app: typer.Typer) -> None:
    holders = [{"camera": "\\ud800", "service": "cic"}]
    state = {**REQUEST["state"], "streams_in_use": 8, "holders": holders}
    text = json.dumps({**REQUEST, "state": state}).replace("\\\\ud800", "\\ud800")
    result = _decide(app, text)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] == "refused"


def test_a_convention_that_cannot_be_read_exits_1_and_says_where(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "convention.md").write_text("# rien\n", encoding="utf-8")
    result = _run(app, "decide", "--convention", str(tmp_path), given=json.dumps(REQUEST))
    assert result.exit_code == 1
    assert "convention.md" in result.stderr


@pytest.mark.parametrize("slug", SLUGS)
def test_check_runs_the_examples(app: typer.Typer, slug: str) -> None:
    result = _run(app, "convention", "check", str(CONVENTIONS / slug))
    assert result.exit_code == 0
    assert LOADED[slug].sha256 in result.stdout


def test_check_names_the_line_of_an_example_that_is_answered_otherwise(app: typer.Typer, tmp_path: Path) -> None:
    text = (VDA / "convention.md").read_text(encoding="utf-8")
    wrong = text.replace("| le CIC enregistre | mer. 10:00 | refusé |", "| le CIC enregistre | mer. 10:00 | accordé |")
    (tmp_path / "convention.md").write_text(wrong, encoding="utf-8")
    result = _run(app, "convention", "check", str(tmp_path))
    line = wrong[: wrong.index("| le CIC enregistre |")].count("\n") + 1
    assert result.exit_code == 1
    assert f"convention.md:{line} (art-3)" in result.stderr
    assert "answers refused, not granted" in result.stderr


def test_check_refuses_a_phrase_that_nobody_defined(app: typer.Typer, tmp_path: Path) -> None:
    text = (VDA / "convention.md").read_text(encoding="utf-8")
    (tmp_path / "convention.md").write_text(
        text.replace("| le CIC enregistre |", "| le CIC chante |"), encoding="utf-8"
    )
    result = _run(app, "convention", "check", str(tmp_path))
    assert result.exit_code == 1
    assert "« le CIC chante »" in result.stderr


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_a_table_is_printed_in_each_form(app: typer.Typer, form: str) -> None:
    result = _run(app, "convention", "table", str(CONVENTIONS / "rouen-metropole"), "--format", form)
    assert result.exit_code == 0
    if form == "json":
        rows = json.loads(result.stdout)
        assert {each["facts"]["action"] for each in rows} >= {"view", "take_ptz", "record"}
    else:
        assert len(result.stdout.splitlines()) > 100


def test_diff_prints_the_situations_that_change(app: typer.Typer, tmp_path: Path) -> None:
    source = CONVENTIONS / "rouen-metropole"
    text = (source / "convention.md").read_text(encoding="utf-8")
    changed = text.replace('purposes = ["alerte-terrain", "video-verbalisation"]', 'purposes = ["alerte-terrain"]')
    (tmp_path / "convention.md").write_text(changed, encoding="utf-8")
    result = _run(app, "convention", "diff", str(source), str(tmp_path))
    assert result.exit_code == 0
    assert result.stdout
    assert all("video-verbalisation" in line for line in result.stdout.splitlines())
    assert _run(app, "convention", "diff", str(source), str(source)).stdout == ""


def _ledger(path: Path, *records: dict[str, object]) -> Path:
    lines: list[dict[str, object]] = [{"belvedere-ledger": 1}]
    lines += [{"index": index, "record": record, "salt": ""} for index, record in enumerate(records)]
    lines += [{"index": len(records), "entry": "erased"}, {"checkpoint": "…"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def _record(request: dict[str, Any], **changes: object) -> dict[str, object]:
    convention = LOADED["villeneuve-dascq-etat"]
    answer = decision_json(decide(convention, parse_request(request)))
    return {
        "kind": "decision",
        "at": "2026-03-28T22:30:00.000000Z",
        "action": request["action"],
        "camera": "vda-017",
        "convention": {"id": convention.id, "sha256": convention.sha256},
        "verdict": answer["verdict"],
        "articles": answer["articles"],
        "facts": answer["facts"],
        **changes,
    }


def test_replay_finds_nothing_under_the_same_text(app: typer.Typer, tmp_path: Path) -> None:
    ledger = _ledger(
        tmp_path / "l.jsonl", *(_record({**REQUEST, "action": each}) for each in ("view", "take_ptz", "record"))
    )
    result = _run(app, "convention", "replay", str(VDA), str(ledger))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "3 decisions, 0 answered otherwise" in result.stderr


def test_replay_lists_what_another_text_would_have_answered(app: typer.Typer, tmp_path: Path) -> None:
    ledger = _ledger(tmp_path / "l.jsonl", *(_record({**REQUEST, "action": each}) for each in ("view", "take_ptz")))
    text = (VDA / "convention.md").read_text(encoding="utf-8")
    (tmp_path / "convention.md").write_text(text.replace('regime = "authorisation" ', 'regime = "notification" '))
    result = _run(app, "convention", "replay", str(tmp_path), str(ledger))
    assert result.stdout.count("\n") == 1
    assert "1 2026-03-28T22:30:00.000000Z take_ptz vda-017: pending" in result.stdout
    assert "(not recorded: state.notified)" in result.stdout


def test_replay_names_a_record_that_lacks_its_facts(app: typer.Typer, tmp_path: Path) -> None:
    ledger = _ledger(tmp_path / "l.jsonl", _record(REQUEST, facts={}))
    result = _run(app, "convention", "replay", str(VDA), str(ledger))
    assert result.exit_code == 1
    assert "0: action" in result.stderr

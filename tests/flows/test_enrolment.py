"""Accounts and stations enter by a file; none exist by default (RELIABILITY 22)."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from belvedere.agents.enrolment_file import read_enrolment
from belvedere.cli.main import app
from belvedere.domain.failures import Unreadable

ACCOUNT = {
    "login": "agent-1",
    "password": "une phrase assez longue",
    "label": "agent 1",
    "party": "etat",
    "service": "cic",
    "role": "cic-operator",
}
STATION = {"id": "mur-1", "party": "etat", "label": "mur 1", "secret": "0123456789abcdef0123"}


def test_a_whole_file_is_read() -> None:
    accounts, stations = read_enrolment(
        json.dumps({"accounts": [ACCOUNT], "stations": [STATION]}).encode(), name="agents.json"
    )
    assert [account.login for account in accounts] == ["agent-1"]
    assert [station.id for station in stations] == ["mur-1"]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"password": "canary"}, "accounts.0.password"),
        ({"role": "emperor"}, "accounts.0.role"),
        ({"pin": "12"}, "accounts.0.pin"),
        ({"nickname": "x"}, "accounts.0.nickname"),
    ],
)
def test_a_wrong_member_is_named_and_its_value_is_not_repeated(changed: dict[str, str], place: str) -> None:
    content = json.dumps({"accounts": [ACCOUNT | changed], "stations": []}).encode()
    with pytest.raises(Unreadable, match=place) as caught:
        read_enrolment(content, name="agents.json")
    assert "canary" not in str(caught.value)


def test_the_command_answers_2_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "agents.json"
    file.write_text("[]")
    answer = CliRunner().invoke(app, ["agents", "import", str(file), "--config", str(tmp_path / "node.toml")])
    assert answer.exit_code == 2
    assert "agents.json" in answer.output

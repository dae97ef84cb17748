"""What a command says of what it cannot do: what, why and the remedy, before it begins; never a traceback."""

import os
import socket
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from belvedere.cli.main import app
from belvedere.cli.output_file import write_whole

CONVENTION = Path(__file__).resolve().parents[3] / "conventions" / "villeneuve-dascq-etat"


def run(*arguments: object) -> Result:
    """Run a command as from a terminal that is wide enough for its words."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "400"})


@pytest.mark.parametrize(
    "command",
    [
        ("demo", "--ready-file"),
        ("serve", "--config", "node.toml", "--ready-file"),
        ("convention", "page", CONVENTION, "--output"),
    ],
)
def test_a_file_that_cannot_be_written_is_said_before_anything_begins(
    command: tuple[object, ...], tmp_path: Path
) -> None:
    missing = run(*command, tmp_path / "nowhere" / "file")
    assert missing.exit_code == 2
    assert "n'existe pas" in missing.output
    assert "does not exist" in missing.output
    folder = run(*command, tmp_path)
    assert folder.exit_code == 2
    assert "est un dossier" in folder.output
    assert "is a folder" in folder.output


def test_a_ready_file_with_passwords_is_readable_by_its_owner_alone_whatever_stood_there(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    for each in (ready, tmp_path / "ready.json.new"):
        each.touch(mode=0o666)
    before = os.umask(0)
    try:
        write_whole(ready, '{"nodes": "à"}')
    finally:
        os.umask(before)
    assert stat.S_IMODE(ready.stat().st_mode) == 0o600
    assert ready.read_text(encoding="utf-8") == '{"nodes": "à"}'
    assert list(tmp_path.iterdir()) == [ready]


def test_a_demo_whose_port_is_taken_names_it_and_the_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("demo", "--port-base", port - 2)
    assert done.exit_code == 1
    assert f"port {port}" in done.output
    assert "--port-base" in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    "at", ["", "yesterday", "23:30", "2026-13-01T00:00", "2022-09-30T23:59", "2031-12-02T00:00", "9" * 4000]
)
def test_an_hour_at_which_no_demo_starts_is_refused_with_those_at_which_one_does(at: str) -> None:
    done = run("demo", "--clock", at)
    assert done.exit_code == 2
    assert "2026-03-28T23:30" in done.output or "01/10/2022" in done.output


def test_a_relay_that_is_given_no_address_to_listen_at_says_what_it_wants() -> None:
    done = run("relay", "--source", "rtsp://127.0.0.1:1/cam", "--listen", ":99999")
    assert done.exit_code == 2
    assert "HOTE:PORT" in done.output
    assert "HOST:PORT" in done.output

"""Every parser of the project × every bomb: each says in its own words what is wrong and where, and none takes long."""

import io
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from belvedere.agents.enrolment_file import read_enrolment
from belvedere.cli.main import app
from belvedere.domain.failures import Unreadable
from belvedere.inventory.cameras import parse_sources, read_ground, read_inventory
from belvedere.inventory.sealed import CAMERA_SOURCES, SecretKey, open_sealed
from belvedere.ledger.pinned_keys import read_keys
from belvedere.ledger.reading import BadLedger, read_lines
from belvedere.policy import BadRequest, ConventionError, parse_request, read_convention
from belvedere.settings import read_settings
from tests.bombs import JSON_BOMBS, JSON_OF_NO_JSON, TOML_BOMBS
from tests.conventions.texts import CONVENTIONS
from tests.promises import allowed_s

PROMISED_S = 1.0
VDA = CONVENTIONS / "villeneuve-dascq-etat"
TEXT = (VDA / "convention.md").read_text(encoding="utf-8")
BLOCKS = ("toml convention", "toml clause", "toml examples")
ALL_JSON = {**JSON_BOMBS, **JSON_OF_NO_JSON}


def armed(block: str, bomb: str) -> str:
    """Return the convention with the bomb at the head of its first block of a kind."""
    assert f"```{block}\n" in TEXT
    return TEXT.replace(f"```{block}\n", f"```{block}\n{bomb}\n", 1)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("bomb", TOML_BOMBS)
def test_a_convention_with_a_bomb_is_refused_and_the_line_is_named(block: str, bomb: str) -> None:
    text = armed(block, TOML_BOMBS[bomb])
    first = text[: text.index(f"```{block}\n")].count("\n") + 2
    began_s = time.perf_counter()
    with pytest.raises(ConventionError) as refused:
        read_convention(text.encode(), path="convention.md")
    assert time.perf_counter() - began_s < allowed_s(PROMISED_S)
    found = re.match(r"convention\.md:(\d+)(?: \([\w-]+\))?: ", str(refused.value))
    assert found is not None
    assert first <= int(found[1]) < first + TEXT[TEXT.index(f"```{block}\n") :].index("\n```\n")
    assert len(str(refused.value)) < 2_500


def of_file(read: Callable[[Path], object]) -> Callable[[str, Path], object]:
    def written(text: str, folder: Path) -> object:
        file = folder / "given"
        file.write_text(text)
        return read(file)

    return written


JSON_PARSERS: dict[str, tuple[Callable[[str, Path], Any], type[Exception], str]] = {
    "a request": (lambda text, _: parse_request(text), BadRequest, "request"),
    "an enrolment file": (lambda text, _: read_enrolment(text.encode(), name="given"), Unreadable, "given"),
    "an inventory": (of_file(read_inventory), Unreadable, "given"),
    "a ground": (of_file(read_ground), Unreadable, "given"),
    "sources": (lambda text, _: parse_sources(text.encode(), name="given"), Unreadable, "given"),
    "a sealed file": (
        lambda text, _: open_sealed(text.encode(), SecretKey(b"k" * 32), what=CAMERA_SOURCES),
        Unreadable,
        "envelope",
    ),
    "a convention's keys": (of_file(lambda path: read_keys(path, ["etat"])), Unreadable, "given"),
    "a ledger": (lambda text, _: list(read_lines(io.BytesIO(text.encode() + b"\n"))), BadLedger, ""),
}


@pytest.mark.parametrize("parser", JSON_PARSERS)
@pytest.mark.parametrize("bomb", ALL_JSON)
def test_json_with_a_bomb_is_refused_and_the_place_is_named(parser: str, bomb: str, tmp_path: Path) -> None:
    parse, failure, named = JSON_PARSERS[parser]
    began_s = time.perf_counter()
    with pytest.raises(failure) as refused:
        parse(ALL_JSON[bomb], tmp_path)
    assert time.perf_counter() - began_s < allowed_s(PROMISED_S)
    assert named in str(refused.value)
    assert len(str(refused.value)) < 2_500


@pytest.mark.parametrize("bomb", TOML_BOMBS)
def test_settings_with_a_bomb_are_refused_and_the_file_is_named(bomb: str, tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f"{TOML_BOMBS[bomb]}\n")
    with pytest.raises(Unreadable, match=r"node\.toml: "):
        read_settings(file)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('zone = "Europe/Paris"', 'zone = "Europe"', "unknown time zone"),
        ('zone = "Europe/Paris"', f'zone = "{"a" * 3000}"', "unknown time zone"),
        ("cameras = 8\n", "cameras = 99999999\n", "`cameras` is more than"),
        ("in_force_from = 2022-10-01", "in_force_from = 9999-12-31", "must be a day from"),
        ("in_force_from = 2022-10-01", "in_force_from = 0001-01-01", "must be a day from"),
        ("\nyears = 3\n", "\nyears = 5000\n", "`years` is more than 100"),
        ("week = 2026-03-16", "week = 9999-12-27", "the date of a Monday"),
        ("| accordé | art-2 |", "| accordé | art-999 |", "cites `art-999`, which is no known text"),
        ("\n## ", "\n" + "lorem " * 4_000 + "\n\n## ", "characters in one section"),
        ("\n## ", "\n## t\n" * 600 + "\n## ", "more than 500 sections"),
    ],
)
def test_a_convention_that_asks_for_too_much_is_refused_and_the_line_is_named(old: str, new: str, says: str) -> None:
    assert old in TEXT, "the text that the test changes is no longer there"
    with pytest.raises(ConventionError) as refused:
        read_convention(TEXT.replace(old, new, 1).encode(), path="convention.md")
    assert says in str(refused.value)
    assert refused.value.line is not None


@pytest.mark.parametrize("year", ["1995", "2199"])
def test_a_convention_of_any_year_that_is_taken_has_its_table(year: str, tmp_path: Path) -> None:
    (tmp_path / "convention.md").write_text(TEXT.replace("in_force_from = 2022", f"in_force_from = {year}"))
    done = CliRunner().invoke(app, ["convention", "table", str(tmp_path), "--format", "csv"])
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert done.exit_code == 0 or "more than 5000 situations" in done.output


def test_headings_fences_rows_and_reasons_are_read_in_time_proportional_to_their_length() -> None:
    spaces = " " * 900_000
    began_s = time.perf_counter()
    for line in (
        f"# {spaces}x",
        f"```{spaces}x",
        f"non-executable: [A1]{spaces}x",
        "# " + "{#a " * 200_000 + "}",
        "|" * 900_000,
    ):
        with_line = f"{line}\n```\n{TEXT}"
        try:
            read_convention(with_line.encode())
        except ConventionError:
            continue
    assert time.perf_counter() - began_s < allowed_s(4.0)


# Commands


class Files:
    """A folder with one file of each kind that a command reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def convention(self, bomb: str) -> Path:
        directory = self.folder / "convention"
        directory.mkdir(exist_ok=True)
        (directory / "convention.md").write_text(armed("toml clause", bomb))
        return directory

    def file(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content)
        path.chmod(0o600)
        return path


def told(arguments: list[object], given: str = "") -> str:
    """Return what a command that is refused says: exit 1 or 2, a few short lines, no traceback, in time."""
    began_s = time.perf_counter()
    done = CliRunner().invoke(app, [str(each) for each in arguments], input=given)
    assert time.perf_counter() - began_s < allowed_s(3.0)
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in {1, 2}, done.output
    assert len(done.output.splitlines()) <= 3, done.output[:3_000]
    assert len(done.output) < 6_000
    assert "Traceback" not in done.output
    return done.output


CONVENTION_COMMANDS: dict[str, Callable[[Files, Path], list[object]]] = {
    "convention check": lambda _, text: ["convention", "check", text],
    "convention table": lambda _, text: ["convention", "table", text],
    "convention page": lambda _, text: ["convention", "page", text],
    "convention diff": lambda _, text: ["convention", "diff", VDA, text],
    "convention replay": lambda files, text: ["convention", "replay", text, files.file("ledger", "")],
    "convention sign": lambda files, text: ["convention", "sign", text, "--key", files.folder / "k", "--name", "a/b"],
    "convention words": lambda _, text: ["convention", "words", text],
    "decide": lambda _, text: ["decide", "--convention", text],
    "decide --batch": lambda _, text: ["decide", "--batch", "--convention", text],
}


@pytest.mark.parametrize("command", CONVENTION_COMMANDS)
@pytest.mark.parametrize("bomb", TOML_BOMBS)
def test_a_command_given_a_convention_with_a_bomb_says_where(command: str, bomb: str, tmp_path: Path) -> None:
    files = Files(tmp_path)
    output = told(CONVENTION_COMMANDS[command](files, files.convention(TOML_BOMBS[bomb])))
    assert re.search(r"convention\.md:\d+", output), output


SETTINGS_COMMANDS: dict[str, Callable[[Files, Path], list[object]]] = {
    "check-config": lambda _, config: ["check-config", "--config", config],
    "serve": lambda _, config: ["serve", "--config", config],
    "agents import": lambda files, config: [
        "agents", "import", files.file("a.json", '{"accounts": []}'), "--config", config
    ],
    "ledger export": lambda _, config: ["ledger", "export", "--config", config],
    "sources seal": lambda files, config: ["sources", "seal", files.file("s.json", '{"cameras": {}}'), "--config", config],
    "node keys": lambda _, config: ["node", "keys", "--config", config],
    "node next-keys": lambda _, config: ["node", "next-keys", "--config", config],
    "node use-next-keys": lambda _, config: ["node", "use-next-keys", "--config", config],
    "backup": lambda files, config: ["backup", "--config", config, "-o", files.folder / "copy"],
}  # fmt: skip


@pytest.mark.parametrize("command", SETTINGS_COMMANDS)
@pytest.mark.parametrize("bomb", TOML_BOMBS)
def test_a_command_given_settings_with_a_bomb_names_the_file(command: str, bomb: str, tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert "node.toml" in told(SETTINGS_COMMANDS[command](files, files.file("node.toml", TOML_BOMBS[bomb])))


FILE_COMMANDS: dict[str, Callable[[Path], list[object]]] = {
    "convention replay": lambda file: ["convention", "replay", VDA, file],
    "ledger verify": lambda file: ["ledger", "verify", file],
    "agents import": lambda file: ["agents", "import", file, "--config", "/nowhere/node.toml"],
    "sources seal": lambda file: ["sources", "seal", file, "--key", file.with_name("key")],
    "sources unseal": lambda file: ["sources", "unseal", file, "-o", file.with_name("out"), "--key", file],
}


@pytest.mark.parametrize("command", FILE_COMMANDS)
@pytest.mark.parametrize("bomb", [name for name in ALL_JSON if "is due" not in name and name != "nothing"])
def test_a_command_given_a_file_with_a_bomb_names_the_file(command: str, bomb: str, tmp_path: Path) -> None:
    file = Files(tmp_path).file("given", f"{ALL_JSON[bomb]}\n")
    assert "given" in told(FILE_COMMANDS[command](file)) or command == "sources unseal"


@pytest.mark.parametrize("batch", [(), ("--batch",)])
@pytest.mark.parametrize("bomb", ALL_JSON)
def test_a_request_that_is_a_bomb_exits_2(bomb: str, batch: tuple[str, ...]) -> None:
    output = told(["decide", "--convention", VDA, *batch], f"{ALL_JSON[bomb] or 'null'}\n")
    assert "request" in output


@pytest.mark.parametrize(
    "facts",
    [
        {"a": 1, "a.b": 2, "action": "view"},
        {"action" + ".a" * 8_000: 1},
        {"action": "view", "agent.party": "etat", "camera.owner": ["x"] * 1000, "at": "9999-12-31T23:59:59-23:59"},
    ],
)
def test_facts_of_a_ledger_that_are_none_are_named_and_the_next_record_is_read(
    facts: dict[str, object], tmp_path: Path
) -> None:
    record = {"kind": "decision", "convention": {"id": "vda-etat"}, "facts": facts, "articles": [], "at": "\x1b[31m"}
    lines = [json.dumps({"index": number, "record": record}) for number in range(2)]
    done = CliRunner().invoke(
        app, ["convention", "replay", str(VDA), str(Files(tmp_path).file("given", "\n".join(lines)))]
    )
    assert isinstance(done.exception, SystemExit), done.exception
    assert "2 decisions, 0 answered otherwise, 2 unreadable" in done.output
    assert "\x1b" not in done.output


def test_a_file_without_end_or_of_the_wrong_kind_is_refused_by_every_command(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe", tmp_path):
        for command in ("agents import", "sources seal", "sources unseal"):
            told(FILE_COMMANDS[command](path))
        told(["check-config", "--config", path])
        (tmp_path / "convention").mkdir(exist_ok=True)
        link = tmp_path / "convention" / "convention.md"
        link.unlink(missing_ok=True)
        link.symlink_to(path)
        told(["convention", "check", tmp_path / "convention"])

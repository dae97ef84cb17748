"""Time, chance, the database and the extension each have one door; the lint bans say so, and this says where the doors are."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.house.tree import ROOT, imported_roots, parsed, python_files

CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "time_ns"), ("time", "monotonic"), ("time", "monotonic_ns"), ("os", "urandom"), ("uuid", "uuid1"),
    ("uuid", "uuid4"),
}  # fmt: skip
BY_NAME = {
    "time": {"time", "time_ns", "monotonic", "monotonic_ns"},
    "uuid": {"uuid1", "uuid4"},
    "os": {"urandom"},
}
CHANCE = {"random", "secrets"}
DATABASE = {"sqlite3", "sqlalchemy", "alembic", "aiosqlite", "psycopg"}
CLOCK_MODULE = Path("src/belvedere/clock.py")


def _asks_time_or_chance(tree: ast.Module) -> list[int]:
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if (name, node.attr) in CALLS:
                lines.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module in BY_NAME:
            lines += [node.lineno for alias in node.names if alias.name in BY_NAME[node.module]]
    return lines


def test_only_the_clock_module_asks_for_time_or_chance() -> None:
    offenders = [
        f"{path}:{line}"
        for path in python_files("src/belvedere")
        if path != CLOCK_MODULE
        for line in _asks_time_or_chance(parsed(path))
    ]
    offenders += [
        str(path) for path in python_files("src/belvedere") if path != CLOCK_MODULE and CHANCE & imported_roots(path)
    ]
    assert offenders == []
    assert _asks_time_or_chance(parsed(CLOCK_MODULE)), "the clock module is where the search finds something"


def test_only_the_store_knows_a_database() -> None:
    offenders = [
        str(path)
        for path in python_files("src/belvedere", "simulator")
        if not path.is_relative_to("src/belvedere/store") and DATABASE & imported_roots(path)
    ]
    assert offenders == []
    assert any(DATABASE & imported_roots(path) for path in python_files("src/belvedere/store"))


def test_only_media_and_the_simulator_know_the_extension() -> None:
    offenders = [
        str(path)
        for path in python_files("src/belvedere", "scripts")
        if not path.is_relative_to("src/belvedere/media") and "belvedere_relay" in imported_roots(path)
    ]
    assert offenders == []
    assert any("belvedere_relay" in imported_roots(path) for path in python_files("src/belvedere/media"))


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)",
        "import time\n\nNOW = time.time()",
        "import time\n\nNOW = time.monotonic()",
        "from uuid import uuid4\n\nNAME = uuid4()",
        "import random\n\nCHANCE = random.random()",
        "import secrets\n\nCHANCE = secrets.token_hex()",
        "import sqlite3\n\nCONNECT = sqlite3.connect",
        "import sqlalchemy\n\nTEXT = sqlalchemy.text",
        "import belvedere_relay\n\nRELAY = belvedere_relay",
    ],
    ids=["datetime.now", "time.time", "time.monotonic", "uuid4", "random", "secrets", "sqlite3", "sqlalchemy", "relay"],
)
def test_the_linter_refuses_a_banned_name_outside_its_door(line: str) -> None:
    ruff = [str(Path(sys.executable).with_name("ruff")), "check", "--select", "TID251", "--no-cache", "-"]
    for door, code in (("src/belvedere/acts/probe.py", 1), ("src/belvedere/clock.py", 0)):
        ended = subprocess.run(
            [*ruff, "--stdin-filename", door], input=line + "\n", cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ended.returncode == code, ended.stdout + ended.stderr

"""Imports go down only. The contracts stand in pyproject.toml; here they are run, and shown to bite."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.house.tree import ROOT, imported_roots, kept_files, python_files

NO_OWN_IO = {"asyncio", "anyio", "fastapi", "httpx", "socket", "sqlalchemy", "sqlite3", "subprocess", "time", "uvicorn"}


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {"PYTHONPATH": f"{folder}/src:{folder}", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def test_imports_follow_the_contracts() -> None:
    ended = _lint_imports(ROOT)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("acts", "import belvedere.agents"),
        ("rights", "import belvedere.acts"),
        ("spine", "import belvedere.followers"),
        ("changes", "import belvedere.spine"),
        ("policy", "import belvedere.changes"),
        ("domain", "import belvedere.policy"),
        ("acts", "import belvedere.web"),
        ("web", "import belvedere.store"),
        ("policy", "import asyncio"),
        ("ledger", "import sqlite3"),
        ("node", "import simulator"),
        ("steering", "import belvedere.rights"),
    ],
    ids=lambda word: word.replace("import ", ""),
)
def test_an_import_between_use_cases_is_refused(tmp_path: Path, module: str, line: str) -> None:
    for name in ("src", "simulator"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("static", "__pycache__", "*.h264"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "src/belvedere" / module
    target = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    target.write_text(target.read_text() + f"\n{line}\n")
    ended = _lint_imports(tmp_path)
    assert ended.returncode == 1, ended.stdout[-3000:] + ended.stderr
    assert "BROKEN" in ended.stdout


def test_domain_knows_the_standard_library_and_policy_pure_packages_only() -> None:
    allowed = set(sys.stdlib_module_names) | {"belvedere"}
    offenders = {
        str(path): outside
        for path in python_files("src/belvedere/domain")
        if (outside := imported_roots(path) - allowed)
    }
    allowed |= {"holidays", "icalendar", "jinja2", "markdown_it", "markupsafe", "rfc8785"}
    offenders |= {
        str(path): outside
        for path in python_files("src/belvedere/policy")
        if (outside := imported_roots(path) - allowed)
    }
    assert offenders == {}


def test_what_steers_cameras_knows_the_domain_alone() -> None:
    known = {
        name
        for path in python_files("src/belvedere/steering")
        for name in re.findall(r"(?m)^\s*(?:from|import) (belvedere\.\w+)", (ROOT / path).read_text())
    }
    assert known == {"belvedere.domain", "belvedere.steering"}


def test_the_ledger_does_no_input_or_output_of_its_own() -> None:
    offenders = {
        str(path): found for path in python_files("src/belvedere/ledger") if (found := imported_roots(path) & NO_OWN_IO)
    }
    assert offenders == {}


@pytest.mark.slow
def test_importing_the_whole_program_starts_nothing() -> None:
    names = [
        ".".join(path.with_suffix("").parts[1:]).removesuffix(".__init__")
        for path in python_files("src/belvedere")
        if "migrations" not in path.parts and path.stem != "__main__"
    ]
    probe = (
        "import importlib, os, sys, threading\n"
        "before = set(os.listdir('/proc/self/fd'))\n"
        f"[importlib.import_module(name) for name in {names!r}]\n"
        "sockets = [fd for fd in set(os.listdir('/proc/self/fd')) - before\n"
        "           if os.path.exists(f'/proc/self/fd/{fd}') and os.readlink(f'/proc/self/fd/{fd}').startswith('socket')]\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert not sockets, sockets\n"
        "import psutil\n"
        "assert not psutil.Process().children(recursive=True)\n"
    )
    ended = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False, timeout=50)
    assert ended.returncode == 0, ended.stderr[-3000:]


def test_the_words_of_the_screens_import_no_feature() -> None:
    modules = [path for path in kept_files() if path.is_relative_to("frontend/src/i18n")]
    assert modules
    imported = {
        f"{path.name}: {source}"
        for path in modules
        for source in re.findall(r'\b(?:from|import)\s*\(?\s*"(\.[^"]+)"', (ROOT / path).read_text())
        if not re.match(r"\./[^/]+$|\.\./api/", source)
    }
    assert imported == set()


def _callers(name: str, *folders: str) -> set[str]:
    """Return the modules in which `name` is called: as a function, or as a method of anything."""
    return {
        path.as_posix().removeprefix("src/belvedere/")
        for folder in folders
        for path in python_files(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and name == (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None))
    }


def test_one_module_makes_records() -> None:
    assert _callers("Record", "src/belvedere") == {"changes/records.py"}


def test_nobody_but_the_spine_commits() -> None:
    making = _callers("make", "src/belvedere") | _callers("apply", "src/belvedere")
    assert making == {"spine/commit.py", "store/spine_store.py"}


def test_nobody_but_followers_and_the_watch_commands_the_relay() -> None:
    # A list is extended everywhere: of the packages that see a right, the watch alone prolongs one.
    for command, rooms in {
        "admit": ("src/belvedere",),
        "revoke": ("src/belvedere",),
        "void_tickets": ("src/belvedere",),
        "extend": ("src/belvedere/acts", "src/belvedere/rights", "src/belvedere/followers"),
    }.items():
        told = {each for each in _callers(command, *rooms) if not each.startswith(("media/", "node/"))}
        assert told <= {"followers/relay.py", "rights/watch.py"}, command


def test_a_step_reads_neither_clock_nor_chance() -> None:
    """A step may be run again: it is a function whose annotations say that it returns a `Step`."""
    impure = {"now", "monotonic_s", "fresh", "secret"}
    asking = [
        f"{path.name}:{each.name}"
        for folder in ("src/belvedere/acts", "src/belvedere/agents", "src/belvedere/rights")
        for path in python_files(folder)
        for each in ast.parse(path.read_text()).body
        if isinstance(each, ast.FunctionDef) and each.returns is not None and "Step[" in ast.unparse(each.returns)
        for node in ast.walk(each)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in impure
    ]
    assert asking == []

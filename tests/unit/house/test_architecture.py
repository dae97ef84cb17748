"""ARCHITECTURE.md stays short and true: every folder has its invariant, every invariant a test that exists."""

import ast
import re
from pathlib import Path

import pytest

from tests.unit.house.tree import ROOT, kept_files

TEXT = (ROOT / "ARCHITECTURE.md").read_text()
LINES_MAX = 300
CITED = re.findall(r"Kept by `([^`]+)::([^`]+)`", TEXT)


def test_architecture_is_shorter_than_300_lines() -> None:
    assert len(TEXT.splitlines()) < LINES_MAX


@pytest.mark.parametrize(
    ("file", "name"),
    CITED,
    ids=[f"{file}::{name}" for file, name in dict.fromkeys(CITED)]
    if len(set(CITED)) == len(CITED)
    else [f"{index}-{name}" for index, (_, name) in enumerate(CITED)],
)
def test_each_invariant_names_a_test_that_exists(file: str, name: str) -> None:
    path = ROOT / file
    assert path.is_file(), f"{file} does not exist"
    if path.suffix == ".py":
        functions = {
            node.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in functions
    else:
        assert re.search(rf"\bfn {re.escape(name)}\b|[\"'`]{re.escape(name)}[\"'`]", path.read_text())


def test_each_invariant_is_followed_by_its_test() -> None:
    invariants = re.findall(r"(?m)^- \*\*.+?(?=^(?:- |#|$))", TEXT, re.DOTALL)
    assert invariants
    assert [line for line in invariants if "Kept by `" not in line] == []


def test_each_package_and_folder_has_its_section() -> None:
    packages = {
        f"src/belvedere/{path.parts[2]}/"
        for path in kept_files()
        if path.is_relative_to("src/belvedere") and len(path.parts) > 3
    }
    folders = {
        f"{path.parts[0]}/" for path in kept_files() if len(path.parts) > 1 and not path.parts[0].startswith(".")
    }
    modules = {path.name for path in kept_files() if path.parent == Path("src/belvedere") and path.suffix == ".py"}
    crates = {
        f"crates/{path.parts[1]}" for path in kept_files() if path.is_relative_to("crates") and len(path.parts) > 2
    }
    headings = "\n".join(re.findall(r"(?m)^### .*$", TEXT))
    named = (packages | folders | modules | crates) - {"src/", "crates/", "docs/", "__init__.py", "__main__.py"}
    assert [name for name in sorted(named) if name not in headings] == []

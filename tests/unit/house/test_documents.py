"""What the documents name exists: commands, make's words, files, articles. No name of a machine is among them."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from belvedere.cli.main import app
from tests.unit.house.tree import ROOT, kept_files

DOCUMENTS = [path for path in kept_files() if path.suffix == ".md" and path.parts[0] not in {"conventions", "tests"}]
CODE = re.compile(r"`([^`\n]+)`|^ {4}(\S.*)$|^(?:\$ )?((?:make|belvedere|\.venv/bin/belvedere) .*)$", re.MULTILINE)
REQUIRED = (
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "CHANGELOG.md", "SECURITY.md", "LICENSE",
    "publiccode.yml", "Makefile", "requirements.lock", ".ci/run", ".editorconfig", "docs/decisions/README.md",
)  # fmt: skip


def _snippets(path: Path) -> list[str]:
    return ["".join(found) for found in CODE.findall((ROOT / path).read_text())]


@pytest.mark.parametrize("name", REQUIRED)
def test_the_house_has_its_papers(name: str) -> None:
    assert (ROOT / name).is_file()
    assert (ROOT / name).stat().st_size > 0


def test_every_word_of_make_in_the_documents_is_a_target() -> None:
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*)(?: [^:=]*)?:(?!=)", (ROOT / "Makefile").read_text()))
    named = {
        (str(path), word)
        for path in DOCUMENTS
        for snippet in _snippets(path)
        for word in re.findall(r"^make ([a-z-]+)", snippet)
    }
    assert {"demo", "test"} <= {word for _, word in named}
    assert {(path, word) for path, word in named if word not in targets} == set()


def test_every_command_named_in_the_documents_exists() -> None:
    program = get_command(app)
    named = {
        tuple(found[1].split()[:2]): str(path)
        for path in DOCUMENTS
        for snippet in _snippets(path)
        if (found := re.match(r"(?:\.venv/bin/)?belvedere((?: [a-z][a-z-]*)+)", snippet))
    }
    assert named
    for words, where in named.items():
        commands = getattr(program, "commands", {})
        assert words[0] in commands, f"{where} names `belvedere {words[0]}`"
        within = getattr(commands[words[0]], "commands", None)
        if within is not None and len(words) > 1:
            assert words[1] in within, f"{where} names `belvedere {' '.join(words)}`"


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{path} → {link}"
        for path in DOCUMENTS
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", (ROOT / path).read_text())
        if "://" not in link and not (ROOT / path.parent / link).exists()
    ]
    assert broken == []


def test_every_path_named_in_the_architecture_exists() -> None:
    named = re.findall(
        r"`((?:src|crates|frontend|scripts|tests|simulator|conventions|docs)/[\w./-]*)",
        (ROOT / "ARCHITECTURE.md").read_text(),
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_decision_is_in_the_index_and_says_its_status() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    records = sorted((ROOT / "docs/decisions").glob("0*.md"))
    assert records
    for number, record in enumerate(records, start=1):
        assert record.name.startswith(f"{number:04}-")
        assert f"({record.name})" in index
        assert "**Status**: " in record.read_text()


def test_every_article_has_a_clause_or_says_why_it_has_none() -> None:
    for text in (ROOT / "conventions").glob("*/convention.md"):
        sections = re.split(r"(?m)^## (?=.*(?:[Aa]rticle|[Dd]elib|[Dd]élib|[Pp]r[eé]am))", text.read_text())[1:]
        assert sections, text
        silent = [
            section.splitlines()[0]
            for section in sections
            if "```toml clause" not in section and "non-executable:" not in section
        ]
        assert silent == [], text


def test_the_licence_is_whole_and_named_alike_everywhere() -> None:
    licence = (ROOT / "LICENSE").read_text()
    assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert re.findall(r"(?m)^(\d+)\.", licence) == [str(number) for number in range(1, 16)]
    assert licence.rstrip().endswith("require the production of a new EUPL version.")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "EUPL-1.2"
    assert "license: EUPL-1.2" in (ROOT / "publiccode.yml").read_text()
    assert 'license = "EUPL-1.2"' in (ROOT / "Cargo.toml").read_text()
    assert '"license": "EUPL-1.2"' in (ROOT / "frontend/package.json").read_text()


def test_publiccode_carries_what_its_standard_makes_mandatory() -> None:
    text = (ROOT / "publiccode.yml").read_text()
    keys = set(re.findall(r"(?m)^([A-Za-z]+):", text))
    assert keys >= {
        "publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus", "softwareType",
        "description", "legal", "maintenance", "localisation",
    }  # fmt: skip
    for short in re.findall(r"(?m)^    shortDescription: (.*)$", text):
        assert len(short) <= 150
    assert text.count("longDescription: >") == 2


def test_the_changelog_says_what_is_not_released_yet() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text()


def test_ci_runs_make_test_and_asks_nothing() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert "exec make test </dev/null" in script.read_text()


def test_nothing_kept_names_the_machine_it_was_made_on() -> None:
    forbidden = re.compile(r"/work/(?:main|shared)|/tmp/bash_jobs|/root/\.(?:cargo|pyenv)|/home/[a-z]+/")
    found = []
    for path in kept_files():
        if path == Path(__file__).relative_to(ROOT):
            continue
        try:
            text = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path}: {hit}" for hit in forbidden.findall(text)]
    assert found == []


def _written_tests() -> set[str]:
    """Return the names of every test of ours, Python's and Rust's."""
    return {
        name
        for path in kept_files()
        if path.parts[0] in {"tests", "crates"} and path.suffix in {".py", ".rs"}
        for name in re.findall(r"(?m)^\s*(?:async )?(?:def|fn) (\w+)\(", (ROOT / path).read_text())
    }


@pytest.mark.parametrize("document", ["docs/reliability.md", "docs/asvs.md"])
def test_every_test_that_a_document_names_exists(document: str) -> None:
    named = set(re.findall(r"`((?:\w+_){3,}\w+)`", (ROOT / document).read_text()))
    assert len(named) > 50
    assert named - _written_tests() == set()


def test_every_fault_is_held_by_tests_that_exist_or_says_why_it_waits() -> None:
    rows = re.findall(r"(?m)^\| (\d+b?) \|.*\|([^|]*)\|$", (ROOT / "docs/reliability.md").read_text())
    numbers = {number for number, _ in rows}
    assert numbers == {str(number) for number in range(1, 29)} | {"9b", "11b"}
    written = _written_tests()
    for number, held_by in rows:
        named = re.findall(r"`(\w+)`", held_by)
        assert set(named) <= written, number
        assert named or "waits: " in held_by, number


ASVS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 11, "6.3": 3, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "11.1": 2, "11.2": 3, "11.3": 3,
    "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3,
    "16.5": 3,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each section of ASVS 5.0 has; they come first in it."""


def test_every_requirement_of_asvs_levels_1_and_2_has_its_row_and_says_how_it_is_met() -> None:
    rows = re.findall(r"(?m)^\| (\d[\d., –]*) \| (.+) \| (.+) \|$", (ROOT / "docs/asvs.md").read_text())
    told: list[str] = []
    for numbers, _, here in rows:
        word = re.match(r"\*\*(kept|partly|waits|deviates|site|none)\*\*", here)
        assert word is not None, numbers
        if word[1] == "kept":
            assert len(here) > len("**kept**: "), numbers
        for span in numbers.split(", "):
            first, _, last = span.partition("–")
            section, number = first.rsplit(".", 1)
            upto = int((last or first).rsplit(".", 1)[1])
            told += [f"{section}.{each}" for each in range(int(number), upto + 1)]
    asked = {f"{section}.{number}" for section, count in ASVS.items() for number in range(1, count + 1)}
    assert asked - set(told) == set()
    assert {each for each in told if told.count(each) > 1} == set()

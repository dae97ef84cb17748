"""What every file keeps (code, Files)."""

import ast
import re

from tests.unit.house.tree import ROOT, kept_files, parsed, python_files

SOURCE = {".py", ".pyi", ".rs", ".ts", ".svelte", ".css"}
LINES_MAX = 900
GENERATED = {"schema.d.ts"}


def test_no_file_is_longer_than_900_lines() -> None:
    long = {
        str(path): lines
        for path in kept_files()
        if path.suffix in SOURCE and path.name not in GENERATED
        and (lines := len((ROOT / path).read_text().splitlines())) > LINES_MAX
    }  # fmt: skip
    assert long == {}


def test_no_kept_file_is_larger_than_a_megabyte_without_being_a_picture_or_a_clip() -> None:
    large = [
        str(path)
        for path in kept_files()
        if (ROOT / path).stat().st_size > 1_048_576 and path.suffix not in {".png", ".mp4", ".h264", ".lock"}
    ]
    assert large == []


def test_waivers_name_what_they_waive() -> None:
    blanket = re.compile(
        r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)|#\s*ruff:\s*noqa\b(?!:)|@ts-ignore|@ts-nocheck|eslint-disable(?!-)|allow\(clippy::all"
    )
    offenders = [
        f"{path}:{number}"
        for path in kept_files()
        if path.suffix in SOURCE and not path.is_relative_to("tests/unit/house")
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1)
        if blanket.search(line)
    ]
    assert offenders == []


def _marks_without_reason(tree: ast.Module) -> list[int]:
    """Return the lines of `pytest.mark.skip`, `skipif` and `xfail` that are not called with a reason."""
    with_reason = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(keyword.arg == "reason" for keyword in node.keywords)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"skip", "skipif", "xfail"}
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
        and id(node) not in with_reason
    ]


def test_no_test_is_switched_off_without_a_reason() -> None:
    offenders = [f"{path}:{line}" for path in python_files("tests") for line in _marks_without_reason(parsed(path))]
    for path in kept_files():
        switched_off = None
        if path.suffix == ".rs":
            switched_off = re.compile(r"#\[ignore\]")
        elif path.is_relative_to("frontend") and path.name.endswith(".test.ts"):
            switched_off = re.compile(r"\b(?:it|test|describe)\.(?:skip|todo|only)\b")
        if switched_off:
            offenders += [str(path) for _ in switched_off.findall((ROOT / path).read_text())]
    assert offenders == []
    assert _marks_without_reason(ast.parse("@pytest.mark.skip\ndef test_a(): ...\n")) == [1]


def test_test_files_are_sentences_and_assert_something() -> None:
    for path in python_files("tests"):
        if path.name.startswith("test_"):
            names = re.findall(r"(?m)^(?:async )?def (test_\w+)", (ROOT / path).read_text())
            short = [name for name in names if name.count("_") < 3]
            assert short == [], path

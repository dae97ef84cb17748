"""No party, room or service is named in code or in the screens' words: conventions and settings name them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.unit.house.tree import ROOT, kept_files, parsed, python_files

NAMED = re.compile(
    r"\b(?:CSU|CIC|PCRT|DDSP|DIPN|SRPJ|Paris|Villeneuve|Lille|Roubaix|Tourcoing|Rouen|[Pp]olice [Mm]unicipale"
    r"|[Mm]unicipal [Pp]olice|[Ll]a ville|[Tt]he city|[Ll]['’]État|[Tt]he State)\b"
)
ZONE_ID = re.compile(r"\b[A-Z]\w+/[A-Z]\w+")
"""What the world's clocks are called by programs (IANA): an identifier."""
COMMENTS = re.compile(r"<!--.*?-->|/\*.*?\*/|(?<![:\w])//[^\n]*", re.DOTALL)
GUESSED = Path("src/belvedere/agents/tried_first.py")
"""Passwords that everybody tries first: names of places are among them."""


def _in_python(path: Path) -> Iterator[str]:
    """Yield every string of a file but its docstrings and what stands alone as a comment."""
    tree = parsed(path)
    told = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in told:
            yield node.value


def _in_screens(path: Path) -> Iterator[str]:
    yield COMMENTS.sub("", (ROOT / path).read_text())


def _texts() -> Iterator[tuple[Path, str]]:
    for path in python_files("src/belvedere"):
        if path != GUESSED and not path.is_relative_to("src/belvedere/demo"):
            yield from ((path, text) for text in _in_python(path))
    for path in kept_files():
        if path.is_relative_to("frontend/src") and path.suffix in {".ts", ".svelte"} and path.name != "schema.d.ts":
            yield from ((path, text) for text in _in_screens(path))


def test_no_party_room_or_service_is_named_in_code_or_in_the_screens_words() -> None:
    offenders = [f"{path}: {found[0]}" for path, text in _texts() for found in NAMED.finditer(ZONE_ID.sub("", text))]
    assert offenders == []


def test_a_name_in_code_would_be_found() -> None:
    """The search reads what it says that it reads: the demo names everybody."""
    said = [text for path in python_files("src/belvedere/demo") for text in _in_python(path)]
    assert len([text for text in said if NAMED.search(text)]) >= 5
    assert NAMED.search(COMMENTS.sub("", 'const room = "CSU"; // the CIC'))
    assert not NAMED.search(COMMENTS.sub("", "/** « Le CIC veut piloter » */ <!-- CSU -->"))

"""What others wrote is read in one room, within bounds: nothing else calls a parser, or opens a file whole."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.unit.house.tree import parsed, python_files

ROOM = Path("src/belvedere/domain/untrusted_text.py")
PARSERS = {
    "tomllib",
    "csv.reader",
    "csv.DictReader",
    "yaml",
    "xml",
    "pickle",
    "marshal",
    "shelve",
    "configparser",
    "plistlib",
}
CALLS = {
    "json.loads", "json.load", "json.JSONDecoder", "model_validate_json", "validate_json", "from_json", "literal_eval",
    "eval", "exec", "read_bytes", "read_text",
}  # fmt: skip
OWN = {
    "src/belvedere/store/sound_records.py": "records that this node wrote",
    "src/belvedere/store/offline.py": "records that this node wrote",
    "src/belvedere/store/restore.py": "the marker of its own restore",
    "src/belvedere/demo/main_job.py": "what the relay of a node that it started says",
    "src/belvedere/demo/town.py": "the ready file and the log of a process that it started",
    "src/belvedere/demo/signing.py": "the conventions of the repository",
    "src/belvedere/media/clip.py": "the clip of the package",
    "src/belvedere/web/local_authority.py": "a certificate and a key that the operator made with this program",
    "src/belvedere/cli/checks_of_machine.py": "the operator's own certificate",
    "src/belvedere/node/conventions.py": "a text that has just been read within its bounds",
    "simulator/clip.py": "the clip of the package",
}
NUMBERS = {
    "src/belvedere/agents/password_rules.py": "one digit",
    "src/belvedere/cli/relay.py": "a port on the command line, whose failure is caught",
    "src/belvedere/domain/journal.py": "at most 18 digits",
    "src/belvedere/ledger/checkpoint.py": "at most as many digits as the largest size",
    "src/belvedere/policy/consistency.py": "the row of a clause that has been read",
    "src/belvedere/policy/dates.py": "two or four digits",
    "src/belvedere/policy/examples.py": "two digits",
    "src/belvedere/policy/requests.py": "two digits",
    "src/belvedere/store/ledger_view.py": "at most 18 digits",
}
"""Where `int` is given a text, and why it is a short one."""


def _name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    if not isinstance(function, ast.Attribute):
        return ""
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    return f"{owner}.{function.attr}" if owner in {"json", "csv", "ast"} else function.attr


def _is_a_parser(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(each.name.split(".")[0] in PARSERS for each in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in PARSERS | {"json"}
    return isinstance(node, ast.Call) and _name(node) in CALLS | PARSERS


def _parsers_in(tree: ast.Module) -> list[int]:
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr) and _is_a_parser(node)]


def _texts_made_numbers_in(tree: ast.Module) -> Iterator[int]:
    """Yield where `int` or `float` is called on what may be a text: not on what was reckoned."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and _name(node) in {"int", "float"} and node.args):
            continue
        (given, *_) = node.args
        reckoned = isinstance(given, ast.BinOp | ast.Constant) or (
            isinstance(given, ast.Call) and _name(given) in {"total_seconds", "max", "min"}
        )
        if not reckoned:
            yield node.lineno


def test_one_room_calls_the_parsers_of_what_others_wrote() -> None:
    found = {
        str(path): lines
        for path in python_files("src/belvedere", "simulator")
        if path != ROOM and (lines := _parsers_in(parsed(path)))
    }
    assert {path: lines for path, lines in found.items() if path not in OWN} == {}
    assert set(OWN) <= set(found), "a waiver that nothing needs"
    assert _parsers_in(parsed(ROOM)), "the room is where the search finds something"


def test_no_text_of_unknown_length_is_made_a_number_outside_of_the_room() -> None:
    known = {"src/belvedere/store/writer.py", "src/belvedere/web/stream_of_changes.py"}  # a code that is a number
    found = {
        str(path): lines
        for path in python_files("src/belvedere")
        if path != ROOM and str(path) not in known and (lines := list(_texts_made_numbers_in(parsed(path))))
    }
    assert {path: lines for path, lines in found.items() if path not in NUMBERS} == {}
    assert set(NUMBERS) <= set(found), "a waiver that nothing needs"

"""The repository as the tests of the house read it: the files that git keeps, and the Python among them parsed."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("src/belvedere", "simulator", "scripts", "bench", "tests")


@cache
def kept_files() -> tuple[Path, ...]:
    """Return every file that git keeps or would keep, relative to the root; all files where there is no git."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(path for name in told.split("\0") if name and (ROOT / (path := Path(name))).is_file()))


def python_files(*folders: str) -> Iterator[Path]:
    """Yield the kept Python files under `folders`, relative to the root."""
    for path in kept_files():
        if path.suffix in {".py", ".pyi"} and any(path.is_relative_to(folder) for folder in folders or SOURCES):
            yield path


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a kept file."""
    return ast.parse((ROOT / path).read_text(), filename=str(path))


def imported_roots(path: Path) -> set[str]:
    """Return the top-level packages that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found

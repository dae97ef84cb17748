"""`make check`: every linter, told one by one; goes on after a failure and exits 1 at the end.

`python -m scripts.check` runs all; words pick some: `python -m scripts.check ruff types`.
"""

import difflib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts import toolchain
from scripts.stamps import ROOT

VENV = ROOT / ".venv/bin"
PYTHON = str(VENV / "python")
DESCRIBE = "import json; from belvedere.web.app import describe; print(json.dumps(describe().openapi()))"
CAUSES = """
import json
from dataclasses import asdict
from belvedere.domain.source_causes import SOURCE_CAUSES
print(json.dumps({cause.value: asdict(words) for cause, words in SOURCE_CAUSES.items()}))
"""
CAUSES_TS = """/** Written by `make generate` from belvedere.domain.source_causes. */
import type { Language, SourceCause } from "../api/types";

type Said = Record<Language, string>;

export const SOURCE_CAUSES: Record<SourceCause, { short: Said; sentence: Said; remedy: Said }> = %s;
"""


def _run(*command: str, folder: Path = ROOT) -> str | None:
    """Return None where `command` succeeds, its output where it fails."""
    ended = subprocess.run(
        command, cwd=folder, env=toolchain.environment(), capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return None if ended.returncode == 0 else (ended.stdout + ended.stderr).strip() or f"exit {ended.returncode}"


def _output(*command: str) -> str:
    return subprocess.run(
        command, cwd=ROOT, env=toolchain.environment(), capture_output=True, text=True, check=True
    ).stdout


def _compare(name: str, kept: str, made: str, remedy: str) -> str | None:
    if kept == made:
        return None
    lines = difflib.unified_diff(
        kept.splitlines(), made.splitlines(), f"{name} (kept)", f"{name} (made now)", lineterm=""
    )
    return "\n".join([*list(lines)[:40], f"{name} is stale; {remedy} makes it anew"])


def openapi_text() -> str:
    """Return the OpenAPI description as it is kept: sorted, indented, one newline at the end."""
    described = _output(PYTHON, "-c", DESCRIBE)
    return json.dumps(json.loads(described), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _openapi() -> str | None:
    kept = ROOT / "frontend/openapi.json"
    return _compare("frontend/openapi.json", kept.read_text() if kept.exists() else "", openapi_text(), "make generate")


def source_causes_text() -> str:
    """Return the screens' module of why cameras are lost, as it is kept."""
    return CAUSES_TS % json.dumps(json.loads(_output(PYTHON, "-c", CAUSES)), ensure_ascii=False, indent=2)


def _source_causes() -> str | None:
    kept = ROOT / "frontend/src/i18n/source_causes.ts"
    return _compare(
        str(kept.relative_to(ROOT)), kept.read_text() if kept.exists() else "", source_causes_text(), "make generate"
    )


def _api_types() -> str | None:
    kept = ROOT / "frontend/src/api/schema.d.ts"
    made = _output(str(ROOT / "frontend/node_modules/.bin/openapi-typescript"), str(ROOT / "frontend/openapi.json"))
    return _compare("frontend/src/api/schema.d.ts", kept.read_text() if kept.exists() else "", made, "make generate")


def _convention_tables() -> str | None:
    problems = []
    for text in sorted(ROOT.glob("conventions/*/convention.md")):
        folder = text.parent
        problems.append(_run(str(VENV / "belvedere"), "convention", "check", str(folder)))
        kept = folder / "table.csv"
        if kept.exists():
            made = _output(str(VENV / "belvedere"), "convention", "table", str(folder), "--format", "csv")
            problems.append(_compare(str(kept.relative_to(ROOT)), kept.read_text(), made, "make generate"))
    return "\n".join(problem for problem in problems if problem) or None


def _lock() -> str | None:
    """The lock answers for every dependency that pyproject.toml names (no index is asked)."""
    return _run(PYTHON, "-m", "scripts.lock_covers")


CHECKS: dict[str, Callable[[], str | None]] = {
    "ruff": lambda: _run(str(VENV / "ruff"), "check", "--quiet", "--output-format", "concise", "."),
    "format": lambda: _run(str(VENV / "ruff"), "format", "--check", "--quiet", "."),
    "imports": lambda: _run(str(VENV / "lint-imports"), "--no-cache"),
    "types": lambda: _run(str(VENV / "mypy"), "--no-error-summary"),
    "stubs": lambda: _run(PYTHON, "-m", "mypy.stubtest", "belvedere_relay", "--concise"),
    "lock": _lock,
    "conventions": _convention_tables,
    "openapi": _openapi,
    "api-types": _api_types,
    "source-causes": _source_causes,
    "screens": lambda: _run(str(VENV / "npm"), "--silent", "run", "types", folder=ROOT / "frontend"),
    "screens-catch": lambda: _run(str(VENV / "npm"), "--silent", "run", "test:types-catch", folder=ROOT / "frontend"),
    "cargo-fmt": lambda: _run("cargo", "fmt", "--all", "--check"),
    "clippy": lambda: _run(
        "cargo", "clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"
    ),
}


def main(words: list[str]) -> int:
    """Run the checks that `words` name (all without words); return how many failed, at most 1."""
    failed = 0
    for name in words or CHECKS:
        start_s = time.perf_counter()
        try:
            problem = CHECKS[name]()
        except subprocess.CalledProcessError as error:
            problem = f"{error}\n{error.stderr}"
        print(f"check {name:14} {'failed' if problem else 'ok':7} {time.perf_counter() - start_s:6.1f} s", flush=True)
        if problem:
            failed += 1
            print(problem, flush=True)
    passed = len(words or CHECKS) - failed
    print(f"checks: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

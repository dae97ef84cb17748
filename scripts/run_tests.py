"""`make test`: every check and every test, each stage told, going on after a failure.

The last line is the sum, plainly: `N passed, N failed`. A stage that fails without having counted counts as one failure.
"""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts import toolchain
from scripts.stamps import ROOT

VENV = ROOT / ".venv/bin"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Count:
    """How many passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Count") -> None:
        """Add `other` to this count."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of one test runner, and how its closing lines are read."""

    name: str
    command: tuple[str, ...]
    closing: Callable[[str], Count]
    folder: Path = field(default=ROOT)


def _sum(line: str) -> Count:
    def told(word: str) -> int:
        return sum(int(number) for number in re.findall(rf"(\d+) {word}", line))

    return Count(told("passed"), told("failed") + told("errors?"), told("skipped"))


def _last(pattern: str) -> Callable[[str], Count]:
    def read(output: str) -> Count:
        lines = re.findall(pattern, output, re.MULTILINE)
        return _sum(lines[-1]) if lines else Count()

    return read


def _cargo(output: str) -> Count:
    total = Count()
    for passed, failed, ignored in re.findall(r"test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", output):
        total.add(Count(int(passed), int(failed), int(ignored)))
    return total


PYTEST = (str(VENV / "pytest"), "-q", "--durations=15", "--color=no")
PYTEST_CLOSING = _last(r"^.*\d+ (?:passed|failed|error).* in .*$")
STAGES = (
    Stage("checks", (str(VENV / "python"), "-m", "scripts.check"), _last(r"^checks: .*$")),
    Stage("cargo", ("cargo", "test", "--workspace", "--locked", "--quiet"), _cargo),
    Stage("screens", (str(VENV / "npm"), "--silent", "test"), _last(r"^ +Tests .*$"), ROOT / "frontend"),
    # On both cores: a test that listens for a moment in time grants it what a busy machine adds (tests/promises.py).
    Stage("units", (*PYTEST, "-n", "2", "tests/unit", "tests/conventions"), PYTEST_CLOSING),
    Stage("flows", (*PYTEST, "-n", "2", "tests/flows"), PYTEST_CLOSING),
    Stage("faults", (*PYTEST, "-n", "2", "tests/faults"), PYTEST_CLOSING),
    # Processes of their own: Playwright keeps an event loop running in the thread that drives it. A module's tests share
    # a demo, so they stay together.
    Stage("browser", (*PYTEST, "-n", "2", "--dist", "loadfile", "tests/browser"), PYTEST_CLOSING),
)


def _run(stage: Stage) -> Count:
    print(f"\n== {stage.name}", flush=True)
    lines: list[str] = []
    with subprocess.Popen(
        stage.command, cwd=stage.folder, env={**toolchain.environment(), "CI": "true"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as running:  # fmt: skip
        for line in running.stdout or ():
            print(line, end="", flush=True)
            lines.append(ANSI.sub("", line))
    count = stage.closing("".join(lines))
    if running.returncode and not count.failed:
        count.failed = 1
    if not running.returncode and not count.passed:
        print(f"{stage.name}: ended well, and told of no test passed", flush=True)
        count.failed = 1
    return count


def main(words: list[str]) -> int:
    """Run the stages that `words` name (all without words); return 1 if anything failed."""
    total = Count()
    told = []
    for stage in STAGES:
        if words and stage.name not in words:
            continue
        start_s = time.perf_counter()
        count = _run(stage)
        total.add(count)
        took_s = time.perf_counter() - start_s
        told.append(
            f"{stage.name:8} {count.passed:5} passed {count.failed:4} failed {count.skipped:4} skipped {took_s:7.1f} s"
        )
    print("\n" + "\n".join(told))
    print(f"{total.passed} passed, {total.failed} failed" + (f", {total.skipped} skipped" if total.skipped else ""))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

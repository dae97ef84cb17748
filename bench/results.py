"""Raw results: one line a measure, appended and never changed, with the commit and the machine it ran on."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent / "results"
ROOT = Path(__file__).parent.parent


def append(scenario: str, figures: Mapping[str, object]) -> dict[str, object]:
    """Append the figures of one measure to `results/<scenario>.jsonl` and return the line."""
    line: dict[str, object] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        **figures,
    }
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{scenario}.jsonl").open("a") as results:
        results.write(json.dumps(line) + "\n")
    return line


def read(scenario: str) -> list[dict[str, object]]:
    """Return every result of a scenario, oldest first."""
    file = FOLDER / f"{scenario}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    return said.stdout.strip() or "unknown"


def percentile(values: list[float], hundredth: int) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-len(ordered) * hundredth // 100) - 1)]

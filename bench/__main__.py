"""`python -m bench [SCENARIO…]`: runs the scenarios (all without a name) and renders the report docs/bench.md.

Each scenario is a process of its own, so that none weighs on the next; one that fails is named and the others go on.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from importlib import import_module

from bench import report
from bench.candidates.by_path import KNOWN
from bench.relay_cpu import PEERS_VARIABLE

RUN = (
    "relay_cpu",
    "first_picture",
    "revocation",
    "steering",
    "warm_cameras",
    "viewer_memory",
    "change_of_fact",
    "click_to_painted",
    "demo_cost",
    "growth",
    "half_hour",
)
"""Scenarios that are a `run()` of the module of their name."""
PROGRAMS = ("decide", "durable_records")
"""Scenarios that are programs with options of their own: `python -m bench.<name>`."""
SCENARIOS = (*RUN, *PROGRAMS)


def main() -> int:
    """Run what is named; return 1 where a scenario failed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("scenario", nargs="*", default=SCENARIOS, help=", ".join(SCENARIOS))
    parser.add_argument(
        "--report-only", action="store_true", help="render docs/bench.md from the results that are there"
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help=f"a peer that is a program on this machine: {', '.join(KNOWN)}",
    )
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if unknown := set(asked.scenario) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    if strange := [each for each in asked.peer if each.partition("=")[0] not in KNOWN]:
        parser.error(f"no such peer: {', '.join(strange)}; there are {', '.join(KNOWN)}, each as NAME=PATH")
    if asked.peer:
        os.environ[PEERS_VARIABLE] = " ".join(asked.peer)
    if asked.in_process:
        for name in asked.scenario:
            asyncio.run(import_module(f"bench.{name}").run())
        return 0
    failed = [] if asked.report_only else [name for name in asked.scenario if not _run(name)]
    report.render()
    print(f"{report.REPORT}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _run(name: str) -> bool:
    command = ["bench", name, "--in-process"] if name in RUN else [f"bench.{name}"]
    return subprocess.run([sys.executable, "-m", *command], check=False).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())

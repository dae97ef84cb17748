"""`python -m bench [SCENARIO…]`: runs the scenarios (all without a name) and renders the report docs/bench.md."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine

from bench import first_picture, relay_cpu, report, revocation, viewer_memory, warm_cameras

SCENARIOS: dict[str, Callable[[], Coroutine[None, None, None]]] = {
    "relay_cpu": relay_cpu.run,
    "first_picture": first_picture.run,
    "revocation": revocation.run,
    "warm_cameras": warm_cameras.run,
    "viewer_memory": viewer_memory.run,
}


def main() -> None:
    """Run what is named."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="; ".join(SCENARIOS))
    parser.add_argument("--report-only", action="store_true")
    asked = parser.parse_args()
    if not asked.report_only:
        for name in asked.scenario or SCENARIOS:
            asyncio.run(SCENARIOS[name]())
    report.render()


if __name__ == "__main__":
    main()

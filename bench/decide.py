"""`decide`, with articles and `valid_until`: microseconds a request, over every situation of both tables.

`python -m bench.decide [--rounds 20]`. Requests are parsed beforehand (parsing is reported apart); each is asked once
a round, in a shuffled order, and timed alone, its clock reads included. Reading a convention and making its table are
timed too. Targets: decide p50 ≤ 50 µs, p99 ≤ 200 µs; a table ≤ 10 s.
"""

import argparse
import gc
import json
import random
import time
from pathlib import Path

from belvedere.domain.request import DecisionRequest
from belvedere.policy import Convention, decide, load_convention, parse_request
from belvedere.policy.table import decision_table
from bench.results import append, percentile

_CONVENTIONS = Path(__file__).parent.parent / "conventions"


def measure(slug: str, *, rounds: int) -> dict[str, object]:
    """Return the figures of one convention."""
    began = time.perf_counter()
    convention = load_convention(_CONVENTIONS / slug)
    loaded_s = time.perf_counter() - began
    began = time.perf_counter()
    rows = decision_table(convention)
    table_s = time.perf_counter() - began
    texts = [json.dumps(row.request) for row in rows]
    began = time.perf_counter()
    requests = [parse_request(text) for text in texts]
    parse_us = (time.perf_counter() - began) / len(requests) * 1e6
    waits_us = sorted(_waits_us(convention, requests, rounds))
    return {
        "convention": convention.id,
        "requests": len(waits_us),
        "decide_p50_us": round(percentile(waits_us, 50), 1),
        "decide_p99_us": round(percentile(waits_us, 99), 1),
        "decide_max_us": round(waits_us[-1], 1),
        "parse_mean_us": round(parse_us, 1),
        "load_ms": round(loaded_s * 1000, 1),
        "table_rows": len(rows),
        "table_s": round(table_s, 2),
    }


def _waits_us(convention: Convention, requests: list[DecisionRequest], rounds: int) -> list[float]:
    order = random.Random(1)
    waits: list[float] = []
    gc.collect()
    for _ in range(rounds):
        order.shuffle(requests)
        for request in requests:
            began = time.perf_counter_ns()
            decide(convention, request)
            waits.append((time.perf_counter_ns() - began) / 1000)
    return waits


def main() -> None:
    """Measure both conventions, append the raw results, print them."""
    parser = argparse.ArgumentParser(prog="bench.decide", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    for slug in ("villeneuve-dascq-etat", "rouen-metropole"):
        print(json.dumps(append("decide", measure(slug, rounds=asked.rounds))))


if __name__ == "__main__":
    main()

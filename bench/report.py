"""Renders docs/bench.md from the newest raw results, each beside its target, met or missed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import results

REPORT = Path(__file__).parent.parent / "docs" / "bench.md"
Line = dict[str, object]


@dataclass(frozen=True, slots=True)
class Target:
    """One promised figure of a scenario: how to read it from a result, and what it must be at most (or at least)."""

    scenario: str
    title: str
    figure: str
    at_most: float
    unit: str
    of: Callable[[Line], bool] = lambda _: True
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Say whether a value keeps the promise."""
        return value >= self.at_most if self.at_least else value <= self.at_most


def _ours(line: Line) -> bool:
    return line.get("candidate") == "belvedere"


def _second_hop(line: Line) -> bool:
    return line.get("candidate") == "belvedere-second-hop"


def _largest(line: Line) -> bool:
    return line.get("cameras") == 2520


def _vda(line: Line) -> bool:
    return line.get("convention") == "vda-etat"


def _one_node(line: Line) -> bool:
    return line.get("nodes") == 1


def _two_nodes(line: Line) -> bool:
    return line.get("nodes") == 2


TARGETS = (
    Target(
        "relay_cpu",
        "CPU per MB relayed, 100 viewers, over the floor of the same run",
        "ratio_to_floor",
        1.25,
        "×",
        _ours,
    ),
    Target(
        "relay_cpu",
        "CPU per MB of the second relay of a chain, over the first's in the same run",
        "ratio_to_first",
        1.3,
        "×",
        _second_hop,
    ),
    Target("first_picture", "connect → first key picture, warm camera, p50", "p50_ms", 3, "ms"),
    Target("first_picture", "connect → first key picture, warm camera, p99", "p99_ms", 20, "ms"),
    Target(
        "revocation",
        "revocation of 1,000 viewings, 100 stalled: end of stream, p99",
        "from_first_call_p99_ms",
        50,
        "ms",
    ),
    Target(
        "steering", "a movement taken → its last byte at the camera, ten leases, p99", "first_byte_p99_ms", 10, "ms"
    ),
    Target(
        "steering",
        "release → at rest, a camera of 250 ms an answer, commands every 90 ms: a round trip and",
        "release_to_rest_beyond_round_trip_max_ms",
        200,
        "ms",
    ),
    Target("warm_cameras", "252 cameras × 4 Mb/s warm, nobody watching", "cores", 0.5, "core"),
    Target("viewer_memory", "memory a viewer, beyond the stream's kept pictures", "kib_a_viewer", 64, "KiB"),
    *(
        Target(
            "click_to_painted",
            f"key pressed → first painted picture, {named}, {figure}",
            f"warm_{figure}_ms",
            ms,
            "ms",
            of,
        )
        for named, of in (("warm, one node", _one_node), ("across two nodes", _two_nodes))
        for figure, ms in (("p50", 300), ("p99", 600))
    ),
    Target("demo_cost", "the demo: 252 cameras idle and 8 watched, whole process tree", "watched_cores", 1, "core"),
    Target("change_of_fact", "a change of fact, 1,000 viewings → the last socket closed", "last_closed_ms", 150, "ms"),
    Target("half_hour", "eight 640×360 tiles for half an hour: age shown, p95", "age_p95_ms", 500, "ms"),
    Target("half_hour", "the same: the node's memory, slope after warm-up", "node_mb_per_h", 1, "MB/h"),
    Target("half_hour", "the same: the browser's memory, slope after warm-up (flat)", "browser_mb_per_h", 20, "MB/h"),
    Target("growth", "2,520 cameras known: first view of the map", "first_view_ms", 1000, "ms", _largest),
    Target("search", "a letter pressed → the list painted, 5,000 cameras, p95", "key_to_paint_p95_ms", 100, "ms"),
    Target("decide", "decide(), with articles and valid_until, p50 (VdA)", "decide_p50_us", 50, "µs", _vda),
    Target("decide", "decide(), with articles and valid_until, p99 (VdA)", "decide_p99_us", 200, "µs", _vda),
    Target("durable_records", "durable appends, 5 ms a sync", "appends_per_s", 1500, "/s", at_least=True),
)


def render() -> None:
    """Write the report; a figure that was not measured is said to be so."""
    rows = ["| Figure | Target | Measured | | Commit, machine |", "|---|---|---|---|---|"]
    rows += [_row(target) for target in TARGETS]
    parts = [_HEAD, "\n".join(rows), "", "## Raw, newest of each scenario", ""]
    parts += [_raw(file.stem) for file in sorted(results.FOLDER.glob("*.jsonl"))]
    REPORT.write_text("\n".join(parts).rstrip() + "\n")


def _newest(target: Target) -> Line | None:
    return next((line for line in reversed(results.read(target.scenario)) if target.of(line)), None)


def _row(target: Target) -> str:
    bound = f"{'≥' if target.at_least else '≤'} {target.at_most:g} {target.unit}"
    newest = _newest(target)
    value = newest.get(target.figure) if newest else None
    if newest is None or not isinstance(value, int | float):
        return f"| {target.title} | {bound} | not measured yet | – | |"
    verdict = "met" if target.met(value) else "**missed**"
    return (
        f"| {target.title} | {bound} | {value:g} {target.unit} | {verdict} | {newest['commit']}; {newest['machine']} |"
    )


def _raw(scenario: str) -> str:
    newest: dict[object, Line] = {}
    for line in results.read(scenario):
        newest[line.get("candidate") or line.get("convention") or line.get("nodes")] = line
    shown = []
    for line in newest.values():
        figures = ", ".join(
            f"{name} {value}" for name, value in line.items() if name not in {"at", "commit", "machine"}
        )
        shown.append(f"- {line['at']}, {line['commit']}: {figures}")
    return f"### {scenario}\n\n" + "\n".join(shown) + "\n"


_HEAD = """# What is measured

Rendered by `python -m bench --report-only` from `bench/results/*.jsonl`; `make bench` measures anew. All on loopback, on
the machine named; ratios within one run count, absolute times don't travel. TLS is not in these figures. The load of
the machine at the end of the run is named: other work on it makes times longer, not shorter.
"""

"""Metrics in Prometheus' format; labels come from closed sets only."""

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from belvedere.agents.log_in import SignIn
from belvedere.web.changes import Changes


class _NodeCollector:
    """Reads the node's own counters when it is asked."""

    def __init__(self, sources: dict[str, Callable[[], float]]) -> None:
        self._sources = sources

    def collect(self) -> list[Metric]:
        """Return every metric with its present value."""
        found: list[Metric] = []
        for name, read in self._sources.items():
            kind: Any = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            metric = kind(f"belvedere_{name}", name.replace("_", " "))
            metric.add_metric([], read())
            found.append(metric)
        return found


def node_metrics(*, sign_in: SignIn, changes: Changes, sources: dict[str, Callable[[], float]]) -> Callable[[], bytes]:
    """Return what renders the node's metrics."""
    registry = CollectorRegistry()
    registry.register(
        _NodeCollector(
            {
                "login_failures_total": lambda: sign_in.failures_total,
                "screens_open": lambda: changes.screens,
                **sources,
            }
        )
    )
    return lambda: generate_latest(registry)

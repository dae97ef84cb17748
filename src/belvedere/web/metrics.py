"""Metrics in Prometheus' format. Labels come from closed sets only: how many series there are, no id decides.

Sets: verdicts, causes of refusal, parts of readiness, classes of answers, and the parties of the conventions in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from belvedere.domain.failures import NotRead
from belvedere.domain.ids import PartyId
from belvedere.rights.watched import slots_of
from belvedere.spine.snapshot import Snapshot
from belvedere.web.ports import StoreReader, TextsInForce
from belvedere.web.readiness import Part, Readiness
from belvedere.web.request_log import AnswerCounts
from belvedere.web.tally import Tally

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: a number for each value of one label, or for the empty value where it has none."""

    name: str
    says: str
    values: Mapping[str, float]
    label: str | None = None

    @property
    def is_counter(self) -> bool:
        """Tell whether it only ever grows: such names end in `_total`."""
        return self.name.endswith("_total")

    def rendered(self) -> Metric:
        """Return it as the library has it."""
        kind = CounterMetricFamily if self.is_counter else GaugeMetricFamily
        family = kind(f"belvedere_{self.name}", self.says, labels=[] if self.label is None else [self.label])
        for value, number in self.values.items():
            family.add_metric([] if self.label is None else [value], number)
        return family


def single(name: str, says: str, number: float) -> Family:
    """Return a metric without labels."""
    return Family(name, says, {"": number})


class Meter(Protocol):
    """What gives some of the node's metrics, at once and without failing."""

    def __call__(self) -> list[Family]:
        """Return them with their present values."""


class _Snapshot:
    """What one request for metrics renders."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        """Return every metric."""
        return [family.rendered() for family in self._families]


class NodeMetrics:
    """Reads the node's own counters when it is asked."""

    def __init__(
        self,
        *,
        meters: list[Meter],
        store: StoreReader,
        in_force: TextsInForce,
        owner: PartyId,
        tally: Tally,
        answers: AnswerCounts,
        readiness: Readiness,
    ) -> None:
        self._meters = meters
        self._store = store
        self._in_force = in_force
        self._owner = owner
        self._tally = tally
        self._answers = answers
        self._readiness = readiness

    async def __call__(self) -> bytes:
        """Return all metrics as text; what cannot be read now is left out, the rest is told."""
        families = [
            Family("decisions_total", "Decisions answered, by verdict", self._tally.decisions(), "verdict"),
            Family("refusals_total", "Refusals, by cause", self._tally.refusals(), "cause"),
            single("unknown_asked_total", "Requests for what is not the requester's, or is not", self._tally.unknown),
            Family("http_answers_total", "Answers over HTTP, by class", self._answers.by_class(), "class"),
            await self._ready(),
            single(
                "clock_drift_seconds", "Wall clock ahead of monotonic time since start", self._readiness.clock_drift_s()
            ),
            *await self._usage(),
        ]
        for meter in self._meters:
            families += meter()
        registry = CollectorRegistry()
        registry.register(_Snapshot(families))
        return generate_latest(registry)

    async def _ready(self) -> Family:
        lacking = await self._readiness.lacking()
        return Family("ready", "Whether each part is there", {part.value: part not in lacking for part in Part}, "part")

    async def _usage(self) -> list[Family]:
        parties = list(
            dict.fromkeys(
                [self._owner, *(PartyId(party.id) for each in self._in_force.conventions for party in each.parties)]
            )
        )

        def read(reading: Snapshot) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
            running = [viewing.party for viewing in reading.viewings()]
            viewings: dict[str, int] = {party: running.count(party) for party in parties}
            slots: dict[str, tuple[int, int]] = {
                party: (len(reading.slots(party)), most)
                for party in parties
                if (most := slots_of(reading, party)) is not None
            }
            return viewings, slots

        try:
            viewings, slots = await self._store.read(read)
        except NotRead as failure:
            log.warning("usage_not_read", cause=str(failure))
            return []
        return [
            Family("viewings", "Viewings that run, by party", viewings, "party"),
            Family("slots_used", "Cameras in flow to a party", {p: used for p, (used, _) in slots.items()}, "party"),
            Family("slots", "Cameras that may flow to a party", {p: most for p, (_, most) in slots.items()}, "party"),
        ]

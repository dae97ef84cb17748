"""What the journal's tables repeat of a record: one pure function says it when appending, comparing and rebuilding.

Knows the members of a record; no table, no query. A record's words are read out of it here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from belvedere.domain.record import RecordKind
from belvedere.ledger.canonical import Json

LASTING_US = 24 * 3600 * 1_000_000
"""A viewing that ran for longer is looked up apart: see `ledger_viewings`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
PRIVATE = frozenset(
    kind.value
    for kind in (
        RecordKind.EVENT,
        RecordKind.HANDOVER,
        RecordKind.HABILITATION,
        RecordKind.STATION,
        RecordKind.CONSULTED,
    )
)
"""What a party does for itself. All else is done with a camera, to a convention that binds both, or to the node."""
_OPENED, _ENDED, _EVENT = RecordKind.OPENED.value, RecordKind.ENDED.value, RecordKind.EVENT.value


# Tuples: a page of the journal makes hundreds of each, and compares them with rows as they are.
class SearchColumns(NamedTuple):
    """What a record is searched by. `at_us` counts microseconds since the Unix epoch, UTC.

    `private_to` is the party whose alone the record is; None where it is of a camera, or of the node's own life.
    """

    at_us: int
    kind: str
    camera: str | None
    viewing: str | None
    private_to: str | None


class ViewingOpened(NamedTuple):
    """A viewing begins with this record."""

    viewing: str
    camera: str


class ViewingEnded(NamedTuple):
    """A viewing ends with this record."""

    viewing: str


@dataclass(frozen=True, slots=True)
class Derived:
    """What one record, at its index, adds to the tables. `event` is the event whose words it tells."""

    index: int
    search: SearchColumns
    run: ViewingOpened | ViewingEnded | None
    event: str | None


@dataclass(frozen=True, slots=True)
class ViewingRun:
    """From when to when a viewing ran, by the records that tell it; no end while none is told."""

    viewing: str
    camera: str
    opened_us: int
    opened_index: int
    ended_us: int | None = None
    ended_index: int | None = None

    @property
    def lasting(self) -> bool:
        """Whether it runs, or ran for more than `LASTING_US`."""
        return self.ended_us is None or self.ended_us - self.opened_us > LASTING_US


def derived_of(record: Mapping[str, Json], index: int) -> Derived:
    """Return every derived row of the record that stands at `index`."""
    kind, camera, viewing = _text(record["kind"]) or "", _text(record["camera"]), _text(record.get("viewing"))
    at_us = (datetime.fromisoformat(str(record["at"])) - _EPOCH) // _MICROSECOND
    return Derived(
        index,
        SearchColumns(at_us, kind, camera, viewing, _private_to(record, kind=kind, camera=camera)),
        run_told(kind, camera=camera, viewing=viewing),
        event_of(record) if kind == _EVENT else None,
    )


def _private_to(record: Mapping[str, Json], *, kind: str, camera: str | None) -> str | None:
    """Return whose alone the record is: what a party does for itself, with no camera, is no other's to read."""
    subject = record["subject"]
    if camera is not None or kind not in PRIVATE or not isinstance(subject, dict):
        return None
    return _text(subject["party"])


def run_told(kind: str, *, camera: str | None, viewing: str | None) -> ViewingOpened | ViewingEnded | None:
    """Return what a record of this kind says of when a viewing ran."""
    if viewing is None or camera is None:
        return None
    if kind == _OPENED:
        return ViewingOpened(viewing, camera)
    return ViewingEnded(viewing) if kind == _ENDED else None


def runs_of(told: Iterable[Derived]) -> dict[str, ViewingRun]:
    """Return each viewing's run by what its records tell, given in the order of their indexes.

    The first record that opens a viewing counts, then the first that ends it.
    """
    runs: dict[str, ViewingRun] = {}
    for each in told:
        match each.run:
            case ViewingOpened(viewing, camera) if viewing not in runs:
                runs[viewing] = ViewingRun(viewing, camera, each.search.at_us, each.index)
            case ViewingEnded(viewing) if viewing in runs and runs[viewing].ended_index is None:
                runs[viewing] = replace(runs[viewing], ended_us=each.search.at_us, ended_index=each.index)
            case _:
                pass
    return runs


def event_of(record: Mapping[str, Json]) -> str | None:
    """Return the id of the event that an act was for, None where it was for none."""
    event = record["event"]
    return _text(event["id"]) if isinstance(event, dict) else None


def words_named(record: Mapping[str, Json]) -> dict[str, str]:
    """Return which words a record names: the SHA-256 (hex) of each, by the member of `detail` that names it."""
    detail = record.get("detail")
    if not isinstance(detail, dict):
        return {}
    named = {
        name: value["sha256"]
        for name, value in detail.items()
        if isinstance(value, dict) and len(value) == 1 and "sha256" in value
    }
    return {name: sha256 for name, sha256 in named.items() if isinstance(sha256, str)}


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None

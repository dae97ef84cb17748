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
_OPENED, _ENDED, _EVENT = RecordKind.OPENED.value, RecordKind.ENDED.value, RecordKind.EVENT.value


# Tuples: a page of the journal makes hundreds of each, and compares them with rows as they are.
class SearchColumns(NamedTuple):
    """What a record is searched by. `at_us` counts microseconds since the Unix epoch, UTC."""

    at_us: int
    kind: str
    camera: str | None
    viewing: str | None


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


@dataclass(frozen=True, slots=True)
class EventWords:
    """What the record of an event says of it in words."""

    motive: str | None
    dispatch_number: str | None


def derived_of(record: Mapping[str, Json], index: int) -> Derived:
    """Return every derived row of the record that stands at `index`."""
    kind, camera, viewing = _text(record["kind"]) or "", _text(record["camera"]), _text(record.get("viewing"))
    at_us = (datetime.fromisoformat(str(record["at"])) - _EPOCH) // _MICROSECOND
    return Derived(
        index,
        SearchColumns(at_us, kind, camera, viewing),
        run_told(kind, camera=camera, viewing=viewing),
        event_of(record) if kind == _EVENT else None,
    )


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


def words_of(record: Mapping[str, Json]) -> EventWords:
    """Return the words that an event's record carries."""
    detail = record.get("detail")
    if not isinstance(detail, dict):
        return EventWords(None, None)
    return EventWords(_text(detail.get("motive")), _text(detail.get("dispatch_number")))


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None

"""What a record adds to the journal's tables, and how the runs of viewings follow from many."""

from datetime import UTC, datetime, timedelta

import pytest

from belvedere.domain.record import EventRef, Record, RecordKind, Subject
from belvedere.ledger.canonical import record_json
from belvedere.ledger.derived import (
    Derived,
    ViewingRun,
    derived_of,
    runs_of,
    words_named,
)
from tests.unit.ledger.ledgers import NODE

AT = datetime(2026, 7, 14, 20, 0, 0, 7, tzinfo=UTC)
AT_US = 1_784_059_200_000_007


def told(kind: RecordKind, index: int, *, viewing: str | None = "v-1", camera: str | None = "vda-203") -> Derived:
    record = Record(kind=kind, at=AT + timedelta(microseconds=index), camera=camera, viewing=viewing)
    return derived_of(record_json(record, node=NODE, epoch=1), index)


def test_an_instant_is_searched_by_its_microseconds_whatever_zone_it_was_told_in() -> None:
    assert told(RecordKind.OPENED, 0).search.at_us == AT_US == int(AT.timestamp()) * 1_000_000 + 7


def test_the_first_opening_counts_and_then_the_first_end() -> None:
    ended_before, opened, opened_twice = (
        told(RecordKind.ENDED, 3),
        told(RecordKind.OPENED, 5),
        told(RecordKind.OPENED, 6, camera="vda-204"),
    )
    ended, ended_twice = told(RecordKind.ENDED, 8), told(RecordKind.ENDED, 9)
    run = ViewingRun("v-1", "vda-203", AT_US + 5, 5)
    assert runs_of([ended_before, opened, opened_twice]) == {"v-1": run}
    (whole,) = runs_of([ended_before, opened, opened_twice, ended, ended_twice]).values()
    assert (whole.ended_index, whole.ended_us, whole.lasting) == (8, AT_US + 8, False)


@pytest.mark.parametrize(
    ("viewing", "camera"), [(None, "vda-203"), ("v-1", None)], ids=["of no viewing", "of no camera"]
)
def test_a_record_that_names_no_viewing_of_a_camera_tells_no_run(viewing: str | None, camera: str | None) -> None:
    assert told(RecordKind.OPENED, 1, viewing=viewing, camera=camera).run is None


def test_an_events_record_tells_its_words_and_no_other_does() -> None:
    event = EventRef("e-1", "levee-de-doute")
    detail = {"motive": {"sha256": "ab"}, "dispatch_number": None, "sector": "Centre", "other": {"sha256": 4}}
    record = Record(kind=RecordKind.EVENT, at=AT, event=event, detail=detail)
    members = record_json(record, node=NODE, epoch=1)
    assert derived_of(members, 4).event == "e-1"
    assert words_named(members) == {"motive": "ab"}, "a text in clear is none of ours"
    viewing = record_json(Record(kind=RecordKind.OPENED, at=AT, event=event, viewing="v-1"), node=NODE, epoch=1)
    assert derived_of(viewing, 5).event is None
    assert words_named(viewing) == {}


def test_what_a_party_does_for_itself_is_its_own_and_what_is_of_a_camera_or_of_the_node_is_not() -> None:
    subject = Subject("etat", "cic", "cic-7Q2M", "mur-1")
    private = set()
    for kind in RecordKind:
        for camera, by in ((None, subject), ("vda-203", subject), (None, None)):
            record = Record(kind=kind, at=AT, camera=camera, subject=by)
            private_to = derived_of(record_json(record, node=NODE, epoch=1), 0).search.private_to
            assert private_to in (None, "etat")
            assert private_to is None or (camera is None and by is not None)
            private |= {kind.value} if private_to else set()
    assert private == {"event", "handover", "habilitation", "station", "consulted"}

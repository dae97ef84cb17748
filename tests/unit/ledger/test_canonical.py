"""A record's bytes, format v1."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from belvedere.domain.decision import FactValue
from belvedere.domain.record import Record, RecordKind
from belvedere.ledger.canonical import (
    SALT_RANDOM_BYTES,
    NotCanonical,
    canonical_record,
    instant_text,
    record_json,
    salt_fits,
    salt_for,
)
from belvedere.ledger.record_shape import record_fault

AT = datetime(2026, 3, 28, 23, 30, tzinfo=timezone(timedelta(hours=1)))


def record(**members: object) -> Record:
    return Record(kind=RecordKind.OPENED, at=AT, **members)  # type: ignore[arg-type]


def canonical(made: Record) -> bytes:
    return canonical_record(made, node="villeneuve-dascq", epoch=4)


def test_an_empty_record_has_exactly_the_members_of_the_contract() -> None:
    assert canonical(record()) == (
        b'{"action":null,"articles":[],"at":"2026-03-28T22:30:00.000000Z","camera":null,"cause":null,"convention":null,'
        b'"epoch":4,"event":null,"evidence":[],"facts":{},"kind":"opened","node":"villeneuve-dascq","purpose":null,'
        b'"subject":null,"v":1,"valid_until":null,"verdict":null}'
    )


def test_viewing_and_detail_stand_only_where_they_are_given() -> None:
    members = json.loads(canonical(record(viewing="v-1", detail={"ground": "mask-fault"})))
    assert (members["viewing"], members["detail"]) == ("v-1", {"ground": "mask-fault"})


def test_every_record_we_write_is_one_that_the_verifier_reads() -> None:
    made = record(viewing="v-1", detail={"a": 1}, facts={"x": ("a", {"b": None})}, evidence=("jws",))
    assert record_fault(json.loads(canonical(made))) is None


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (AT, "2026-03-28T22:30:00.000000Z"),
        (datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "2026-01-01T00:00:00.000001Z"),
        (datetime(9, 1, 1, tzinfo=UTC), "0009-01-01T00:00:00.000000Z"),
    ],
)
def test_instants_are_in_utc_to_the_microsecond(at: datetime, text: str) -> None:
    assert instant_text(at) == text


@pytest.mark.parametrize(
    "facts",
    [
        {"x": 1.5},
        {"x": AT},
        {"x": b"bytes"},
        {"x": 2**53},
        {"x": "\ud800"},
        {"\ud800": 1},
        {"x": {1: "a"}},
        {"x": [object()]},
    ],
)
def test_a_value_without_one_spelling_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(NotCanonical):
        canonical(record(facts=facts))


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NotCanonical, match="no time zone"):
        instant_text(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_a_salt_tells_its_own_record_from_any_other() -> None:
    salt = salt_for(b"record", bytes(range(SALT_RANDOM_BYTES)))
    assert (len(salt), salt_fits(b"record", salt), salt_fits(b"recorD", salt)) == (32, True, False)
    assert salt[:SALT_RANDOM_BYTES] == bytes(range(SALT_RANDOM_BYTES))
    with pytest.raises(ValueError, match="24 random bytes"):
        salt_for(b"record", b"short")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(detail=st.dictionaries(st.text(max_size=6), PLAIN, min_size=1, max_size=4), words=st.text(max_size=20))
def test_a_record_is_spelt_as_rfc_8785_spells_it_whichever_encoder_wrote_it(
    detail: dict[str, FactValue], words: str
) -> None:
    made = record(purpose=words, detail=detail)
    assert canonical(made) == rfc8785.dumps(record_json(made, node="villeneuve-dascq", epoch=4))


def test_an_integer_that_json_does_not_keep_exact_has_no_canonical_form() -> None:
    with pytest.raises(NotCanonical, match="count"):
        canonical(record(detail={"count": 2**53}))

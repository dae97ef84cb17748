"""The decision table: whole, small enough to be read, and the same as the file beside the convention."""

import csv
import io
from pathlib import Path

import pytest

from belvedere.policy import Convention, read_convention
from belvedere.policy.table import ROWS_MAX, UNREAD, TableRow, columns_of, decision_table, differences
from tests.conventions.texts import CONVENTIONS, LOADED, SLUGS


def _written(rows: tuple[TableRow, ...]) -> str:
    columns = columns_of(rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns, "answer"])
    for row in rows:
        writer.writerow([*(row.facts.get(name, UNREAD) for name in columns), *map(str, row.answers)])
    return out.getvalue()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_checked_in_table_is_fresh(slug: str) -> None:
    rows = decision_table(LOADED[slug])
    written = (CONVENTIONS / slug / "table.csv").read_text(encoding="utf-8")
    assert written == _written(rows), f"run: belvedere convention table conventions/{slug} --format csv"


def test_the_table_can_be_read_by_a_person(convention: Convention) -> None:
    assert 100 < len(decision_table(convention)) <= ROWS_MAX


def test_no_two_rows_tell_the_same_situation(convention: Convention) -> None:
    rows = decision_table(convention)
    assert len({tuple(sorted(row.facts.items())) for row in rows}) == len(rows)


def test_every_row_cites_an_article(convention: Convention) -> None:
    assert all(row.answers[0].articles for row in decision_table(convention))


def test_a_convention_does_not_differ_from_itself(convention: Convention) -> None:
    assert differences(convention, convention) == ()


def _changed(slug: str, old: str, new: str) -> tuple[Convention, Convention]:
    text = (CONVENTIONS / slug / "convention.md").read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    return LOADED[slug], read_convention(text.replace(old, new).encode())


def test_another_regime_changes_steering_in_hours_and_nothing_else() -> None:
    rows = differences(*_changed("villeneuve-dascq-etat", 'regime = "authorisation" ', 'regime = "notification" '))
    assert rows
    for row in rows:
        assert row.facts["action"] == "take_ptz"
        assert row.facts["agent.party"] == "etat"
        in_hours = "salle ouverte" in row.facts["at"] or row.facts.get("state.hours_override") == "10:00-23:00"
        assert in_hours or row.facts["at"].startswith("avant")
    now = {row.answers[1].verdict for row in rows}
    assert now == {"granted", "refused"}


def test_later_sunday_hours_change_sunday_evenings_only() -> None:
    rows = differences(*_changed("villeneuve-dascq-etat", 'close = "18:00"', 'close = "20:00"'))
    assert rows
    assert {row.facts["action"] for row in rows} == {"take_ptz"}
    assert all(row.answers[0].verdict == "granted" for row in rows if row.answers[1].verdict == "pending")


def test_a_purpose_taken_out_is_refused_afterwards() -> None:
    old = 'purposes = ["alerte-terrain", "video-verbalisation"]'
    rows = differences(*_changed("rouen-metropole", old, 'purposes = ["alerte-terrain"]'))
    assert {(row.answers[0].verdict, row.answers[1].verdict) for row in rows} >= {("granted", "refused")}
    assert {row.facts["purpose"] for row in rows} == {"video-verbalisation"}


def test_a_new_hash_comes_with_every_changed_byte() -> None:
    before, after = _changed("rouen-metropole", "notice_months = 3\n", "notice_months = 3 \n")
    assert before.sha256 != after.sha256
    assert differences(before, after) == ()


def test_the_table_is_written_where_the_readme_says() -> None:
    assert all(Path(CONVENTIONS / slug / "table.csv").is_file() for slug in SLUGS)

"""Terms, letters, orders: what ends when, and by when it has to be said."""

from datetime import UTC, date, datetime, time

import pytest

from belvedere.domain.request import HoursOverride
from belvedere.domain.text import Language
from belvedere.policy import Convention, load_convention
from belvedere.policy.agenda import EntryKind, OrderStanding, agenda, icalendar_feed, order_standing
from belvedere.policy.clauses.duties import Term
from belvedere.policy.lifecycle import Told, months_before, renewals, term_of, years_after
from tests.conventions.texts import CONVENTIONS, LOADED

VDA, ROUEN = LOADED["villeneuve-dascq-etat"], LOADED["rouen-metropole"]


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2025, 10, 1), 6, date(2025, 4, 1)),
        (date(2025, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2026, 1, 15), 3, date(2025, 10, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_are_counted_from_date_to_date_and_a_missing_day_is_the_last_one(
    day: date, count: int, expected: date
) -> None:
    assert months_before(day, count) == expected


def test_a_term_that_starts_on_29_february_ends_on_28_february() -> None:
    assert years_after(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_each_tacit_renewal_is_again_three_years() -> None:
    term = VDA.of(Term)[0]
    found = renewals(term, VDA.in_force_from, until=date(2035, 1, 1))
    assert [each.term_on.isoformat() for each in found] == ["2025-10-01", "2028-10-01", "2031-10-01", "2034-10-01"]
    assert [each.letter_by.isoformat() for each in found][:2] == ["2025-04-01", "2028-04-01"]


def test_without_a_letter_the_tacit_convention_has_no_end() -> None:
    assert VDA.ends_at is None


@pytest.mark.parametrize("convention", [VDA, ROUEN], ids=["tacit", "express"])
def test_from_the_day_on_which_a_party_left_nothing_is_covered_whatever_the_term(convention: Convention) -> None:
    left_on = date(2026, 3, 25)
    for told in (Told(left_on=left_on), Told(left_on=left_on, renewed_on=(date(2026, 1, 1),))):
        found = term_of(convention.of(Term), convention.in_force_from, convention.zone, told)
        assert found.ends_on == left_on
        assert (found.covers(date(2026, 3, 24)), found.covers(left_on)) == (True, False)
    assert term_of((), convention.in_force_from, convention.zone, Told(left_on=left_on)).ends_on == left_on
    ended = Told(left_on=date(2099, 1, 1), non_renewal_on=date(2022, 10, 2))
    assert term_of(VDA.of(Term), VDA.in_force_from, VDA.zone, ended).ends_on == date(2025, 10, 1)


@pytest.mark.parametrize(
    ("told_on", "ends_on"),
    [
        (date(2025, 4, 1), date(2025, 10, 1)),
        (date(2025, 4, 2), date(2028, 10, 1)),
        (date(2028, 4, 1), date(2028, 10, 1)),
        (date(2022, 10, 2), date(2025, 10, 1)),
    ],
)
def test_a_non_renewal_told_in_time_ends_the_running_term_and_a_late_one_the_next(told_on: date, ends_on: date) -> None:
    found = term_of(VDA.clauses, VDA.in_force_from, VDA.zone, Told(non_renewal_on=told_on))
    assert found.ends_on == ends_on
    assert not found.covers(ends_on)


def test_an_express_renewal_adds_a_term_if_it_comes_before_the_end() -> None:
    terms = [
        term_of(ROUEN.clauses, ROUEN.in_force_from, ROUEN.zone, Told(renewed_on=days)).ends_on
        for days in ((), (date(2030, 6, 1),), (date(2030, 7, 2),), (date(2030, 6, 1), date(2035, 1, 1)))
    ]
    assert [str(each) for each in terms] == ["2030-07-01", "2035-07-01", "2030-07-01", "2040-07-01"]


def test_a_told_non_renewal_refuses_from_its_day_on() -> None:
    told = Told(non_renewal_on=date(2025, 3, 1))
    ended = load_convention(CONVENTIONS / "villeneuve-dascq-etat", told=told)
    assert ended.ends_at == datetime(2025, 9, 30, 22, tzinfo=UTC)
    assert ended.sha256 == VDA.sha256


@pytest.mark.parametrize(
    ("on", "standing", "alarm_months"),
    [
        (date(2026, 1, 1), OrderStanding.RUNNING, None),
        (date(2030, 12, 2), OrderStanding.ENDING, 12),
        (date(2031, 6, 2), OrderStanding.ENDING, 6),
        (date(2031, 11, 30), OrderStanding.ENDING, 1),
        (date(2031, 12, 2), OrderStanding.ENDING, 1),
        (date(2031, 12, 3), OrderStanding.OVER, None),
    ],
)
def test_an_order_near_its_end_alarms_early(on: date, standing: OrderStanding, alarm_months: int | None) -> None:
    assert order_standing(date(2031, 12, 2), on) == (standing, alarm_months)


def test_the_agenda_holds_openings_terms_letters_and_orders_in_order() -> None:
    entries = agenda(VDA, starts=date(2025, 3, 30), ends=date(2025, 10, 2), orders={"vda-017": date(2025, 9, 3)})
    others = [(each.kind, str(each.starts)) for each in entries if each.kind is not EntryKind.OPENING]
    assert others == [
        (EntryKind.LETTER, "2025-04-01"),
        (EntryKind.ORDER, "2025-09-03"),
        (EntryKind.TERM, "2025-10-01"),
    ]
    openings = [each for each in entries if each.kind is EntryKind.OPENING]
    assert len(openings) == 187
    assert len({each.key for each in entries}) == len(entries)


def test_the_agenda_gives_a_sundays_announced_hours_and_a_mondays_usual_ones() -> None:
    """Article 2: only the hours of Sundays and public holidays may be varied by the city alone."""
    sunday, monday = date(2026, 3, 15), date(2026, 3, 16)
    other = HoursOverride(time(10), time(23))
    varied = {"villeneuve-dascq": {sunday: other, monday: other}}
    first, second = (
        entry for entry in agenda(VDA, starts=sunday, ends=monday, varied=varied) if entry.kind is EntryKind.OPENING
    )
    assert first.ends == datetime(2026, 3, 15, 23, tzinfo=VDA.zone)
    assert "heures changées" in first.title.fr
    assert second.ends == datetime(2026, 3, 17, 2, tzinfo=VDA.zone)
    assert "heures changées" not in second.title.fr


def test_the_icalendar_feed_can_be_read_back_by_a_calendar_program() -> None:
    from icalendar import Calendar  # noqa: PLC0415

    entries = agenda(VDA, starts=date(2025, 3, 30), ends=date(2025, 4, 1))
    feed = icalendar_feed(VDA, entries, stamped=datetime(2025, 1, 1, tzinfo=UTC), language=Language.FR)
    events = list(Calendar.from_ical(feed).walk("VEVENT"))
    assert len(events) == len(entries) == 4
    first = events[0]
    assert first.decoded("dtstart") == datetime(2025, 3, 30, 8, tzinfo=UTC)
    assert str(first["summary"]) == "CSU ouvert"
    assert feed == icalendar_feed(VDA, entries, stamped=datetime(2025, 1, 1, tzinfo=UTC), language=Language.FR)

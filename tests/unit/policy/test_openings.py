"""The CSU's and the PCRT's hours, against a second implementation on `whenever` (tests/conventions/naive.py)."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from whenever import Instant

from belvedere.domain.request import HoursOverride
from belvedere.policy.clauses.hours import OpeningHours
from belvedere.policy.openings import OpeningCalendar, public_holidays
from tests.conventions import naive
from tests.conventions.texts import LOADED

CSU = LOADED["villeneuve-dascq-etat"].calendars["villeneuve-dascq"]
CSU_ROUEN = LOADED["rouen-metropole"].calendars["rouen"]
PCRT = LOADED["rouen-metropole"].calendars["metropole-rouen"]
MINUTE = timedelta(minutes=1)
FIRST, LAST = date(2024, 1, 1), date(2040, 12, 31)


def _at(text: str, offset: str = "+01:00") -> datetime:
    return datetime.fromisoformat(f"{text}{offset}")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _stdlib(instant: Instant) -> datetime:
    return datetime.fromisoformat(instant.format_iso())


@pytest.mark.parametrize("year", range(2024, 2041))
def test_france_has_eleven_public_holidays_the_same_by_two_reckonings(year: int) -> None:
    days = {day for day in _days(date(year, 1, 1), date(year, 12, 31)) if naive.is_holiday(day)}
    assert public_holidays(year) == days
    # Ascension may fall on 1 or 8 May, and then two holidays share a day.
    assert len(days) in {10, 11}


def test_every_boundary_and_the_minute_on_each_side_of_it() -> None:
    checked = 0
    for day in _days(date(2024, 1, 1), date(2030, 12, 31)):
        opens, closes = (_stdlib(each) for each in naive.csu_opening(day))
        found = CSU.opening_of(day)
        assert found is not None
        assert (found.opens, found.closes) == (opens, closes)
        for edge, state in ((opens, True), (closes, False)):
            for at, expected in ((edge - MINUTE, not state), (edge, state), (edge + MINUTE, state)):
                assert (CSU.opening_at(at) is not None) is expected, at
                checked += 1
    assert checked == 6 * 2557


def test_the_next_opening_and_the_next_change_agree_with_the_other_reckoning() -> None:
    for number in range(0, 3000, 7):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=5 * number, minutes=number)
        current, coming = naive.csu(Instant(at), None)
        opening, following = CSU.opening_at(at), CSU.next_opening(at)
        assert following is not None
        assert following.opens == _stdlib(coming)
        assert (None if current is None else _stdlib(current[1])) == (None if opening is None else opening.closes)
        assert CSU.next_change(at) == (following.opens if opening is None else opening.closes)


def test_saturdays_opening_runs_into_sunday() -> None:
    opening = CSU.opening_at(_at("2026-03-22T01:30:00"))
    assert opening is not None
    assert opening.opens == _at("2026-03-21T07:30:00")


def test_an_opening_is_half_open() -> None:
    assert CSU.opening_at(_at("2026-03-18T07:30:00")) is not None
    assert CSU.opening_at(_at("2026-03-19T02:00:00")) is None
    assert CSU.opening_at(_at("2026-03-19T01:59:59.999999")) is not None


def test_the_eve_of_a_holiday_still_closes_at_two() -> None:
    assert CSU.opening_at(_at("2026-07-14T01:59:00", "+02:00")) is not None
    assert CSU.opening_at(_at("2026-07-14T02:00:00", "+02:00")) is None


def test_when_clocks_go_forward_the_end_is_the_change_itself() -> None:
    opening = CSU.opening_at(_at("2026-03-28T23:30:00"))
    assert opening is not None
    assert opening.closes == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_when_clocks_go_back_the_end_is_the_first_two_o_clock() -> None:
    opening = CSU.opening_at(_at("2026-10-24T23:30:00", "+02:00"))
    assert opening is not None
    assert opening.closes == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    assert CSU.opening_at(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) is None


def _override(opens: str, closes: str) -> HoursOverride:
    hour, minute = (int(part) for part in opens.split(":"))
    end_hour, end_minute = (int(part) for part in closes.split(":"))
    return HoursOverride(
        datetime(2000, 1, 1, hour, minute, tzinfo=UTC).time(),
        datetime(2000, 1, 1, end_hour, end_minute, tzinfo=UTC).time(),
    )


def test_hours_are_varied_on_sundays_and_holidays_only() -> None:
    late = _override("10:00", "23:00")
    assert CSU.opening_at(_at("2026-03-22T22:59:00"), late) is not None
    assert CSU.opening_at(_at("2026-07-14T22:59:00", "+02:00"), late) is not None
    wednesday = CSU.opening_at(_at("2026-03-18T09:00:00"), late)
    assert wednesday is not None
    assert wednesday.closes == _at("2026-03-19T02:00:00")


def test_varied_hours_that_cross_midnight_still_belong_to_sunday() -> None:
    night = _override("18:00", "01:00")
    opening = CSU.opening_at(_at("2026-03-23T00:30:00"), night)
    assert opening is not None
    assert opening.opens == _at("2026-03-22T18:00:00")
    assert CSU.opening_at(_at("2026-03-22T12:00:00"), night) is None


def test_varied_hours_that_touch_mondays_opening_are_one_opening() -> None:
    whole_night = _override("10:00", "07:30")
    opening = CSU.opening_at(_at("2026-03-22T20:00:00"), whole_night)
    assert opening is not None
    assert opening.closes == _at("2026-03-24T02:00:00")


def test_saturdays_night_is_not_sundays_hours_to_vary() -> None:
    closed = _override("12:00", "13:00")
    assert CSU.opening_at(_at("2026-03-22T01:00:00"), closed) is not None


def test_rouens_room_never_closes() -> None:
    for number in range(0, 24 * 60, 7):
        at = datetime(2026, 3, 28, 12, tzinfo=UTC) + timedelta(minutes=number)
        assert CSU_ROUEN.opening_at(at) is not None


def test_the_traffic_room_works_on_weekdays() -> None:
    assert PCRT.opening_at(_at("2026-03-18T06:59:00")) is None
    assert PCRT.opening_at(_at("2026-03-18T07:00:00")) is not None
    assert PCRT.opening_at(_at("2026-03-18T20:00:00")) is None
    assert PCRT.opening_at(_at("2026-03-21T12:00:00")) is None


def test_the_kept_openings_are_bounded() -> None:
    calendar = OpeningCalendar(CSU.zone, LOADED["villeneuve-dascq-etat"].of(OpeningHours))
    for day in _days(date(2000, 1, 1), date(2012, 12, 31)):
        calendar.opening_of(day)
    assert len(calendar._openings) <= 4096


@pytest.mark.sweep
@pytest.mark.timeout(3600)
def test_every_minute_from_2024_to_2040_is_open_or_closed_by_both_reckonings() -> None:
    began = time.monotonic()
    edges = [tuple(_stdlib(each) for each in naive.csu_opening(day)) for day in _days(FIRST - timedelta(days=2), LAST)]
    at = datetime(2024, 1, 1, tzinfo=UTC)
    end = datetime(2041, 1, 1, tzinfo=UTC)
    current = minutes = 0
    while at < end:
        while current + 1 < len(edges) and edges[current + 1][0] <= at:
            current += 1
        opens, closes = edges[current]
        assert (CSU.opening_at(at) is not None) is (opens <= at < closes), at
        at += MINUTE
        minutes += 1
    print(f"{minutes} minutes in {time.monotonic() - began:.0f} s")

"""When a room is open. Pure: the same question has the same answer, whatever the machine's clock or zone.

Owns: openings that cross midnight, Sundays, public holidays, dated exceptions, both clock changes. Does not know:
whether the room is staffed (that is a fact, `state.centre_inactive`), nor what its hours are for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from belvedere.domain.clock import Instant
from belvedere.domain.request import HoursOverride
from belvedere.policy.clauses.hours import OnHolidays, OpeningHours, Weekday

_DAY = timedelta(days=1)
_DAYS_SEARCHED_MAX = 31
_DAYS_KEPT_MAX = 4096
_WEEKDAYS = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Opening:
    """A room's opening, half-open: [opens, closes), both in UTC."""

    opens: Instant
    closes: Instant


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Return the eleven public holidays of France in `year`. Source: Code du travail L3133-1."""
    from holidays import country_holidays  # noqa: PLC0415  a third of a second to import, needed by few decisions

    return frozenset(country_holidays("FR", years=year))


def first_instant(wall: datetime, zone: ZoneInfo) -> Instant:
    """Return the first instant, in UTC, at which the wall clock of `zone` reaches or passes `wall` (naive)."""
    before = wall.replace(tzinfo=zone, fold=0)
    instant = before.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # `wall` is skipped when clocks go forward: the change itself is the first instant past it.
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = instant
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            late = middle
        else:
            early = middle
    return late


@lru_cache(maxsize=4096)
def end_of_day(day: date, zone: ZoneInfo) -> Instant:
    """Return the instant at which `day` is over in `zone`: a last day is a whole day."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return first_instant(datetime.combine(day + timedelta(days=1), time()), zone)


class OpeningCalendar:
    """The openings of one room in one zone, kept per day once worked out (a pure memo, bounded)."""

    __slots__ = ("_by_weekday", "_on_holidays", "_openings", "zone")

    def __init__(self, zone: ZoneInfo, hours: tuple[OpeningHours, ...]) -> None:
        self.zone = zone
        self._by_weekday = {_WEEKDAYS.index(day): each for each in hours for day in each.days}
        instead = [each for each in hours if each.holidays is OnHolidays.INSTEAD]
        self._on_holidays = instead[0] if instead else None
        self._openings: dict[date, Opening | None] = {}

    def hours_of(self, day: date) -> OpeningHours | None:
        """Return the hours that the clauses give to the opening that starts on `day`."""
        usual = self._by_weekday.get(day.weekday())
        if day not in public_holidays(day.year):
            return usual
        if self._on_holidays is not None:
            return self._on_holidays
        return None if usual is None or usual.holidays is OnHolidays.NEVER else usual

    def opening_of(self, day: date) -> Opening | None:
        """Return the opening that starts on `day`, or None where the room stays closed."""
        try:
            return self._openings[day]
        except KeyError:
            hours = self.hours_of(day)
            opening = None if hours is None else self._opening(day, hours.open, hours.close)
            if len(self._openings) >= _DAYS_KEPT_MAX:
                self._openings.clear()
            self._openings[day] = opening
            return opening

    def opening_as_varied(self, day: date, override: HoursOverride) -> Opening | None:
        """Return the opening that starts on `day` under other hours; the usual one where they can't be varied."""
        hours = self.hours_of(day)
        if hours is None or not hours.varied:
            return self.opening_of(day)
        return self._opening(day, override.open, override.close)

    def may_be_varied(self, at: Instant) -> bool:
        """Tell whether an override could count at `at`: its day's hours, or its eve's, may be varied."""
        today = at.astimezone(self.zone).date()
        found = (self.hours_of(day) for day in (today, today - _DAY))
        return any(hours is not None and hours.varied for hours in found)

    def opening_at(self, at: Instant, override: HoursOverride | None = None) -> Opening | None:
        """Return the opening that covers `at`, or None while the room is closed.

        An opening belongs to the day on which it starts, so Saturday's runs into Sunday; openings that touch are
        one. `override` gives other hours to the day of `at`'s opening, where that day's hours may be varied.
        """
        for opening in self._runs(at, override):
            if opening.opens > at:
                return None
            if at < opening.closes:
                return opening
        return None

    def next_opening(self, at: Instant, override: HoursOverride | None = None) -> Opening | None:
        """Return the first opening that starts after `at`, at most a month ahead."""
        for opening in self._runs(at, override):
            if opening.opens > at:
                return opening
        return None

    def first_instant_of_day(self, at: Instant) -> Instant:
        """Return the instant at which the day of `at` begins in the room's zone."""
        return first_instant(datetime.combine(at.astimezone(self.zone).date(), time()), self.zone)

    def next_change(self, at: Instant, override: HoursOverride | None = None) -> Instant | None:
        """Return the next instant after `at` at which the room opens or closes."""
        for opening in self._runs(at, override):
            if opening.opens > at:
                return opening.opens
            if opening.closes > at:
                return opening.closes
        return None

    def _runs(self, at: Instant, override: HoursOverride | None) -> Iterator[Opening]:
        """Yield openings in order from the day before `at`'s, those that touch or overlap joined."""
        today = at.astimezone(self.zone).date()
        varied = None if override is None else self._varied(today, at, override)
        run: Opening | None = None
        for days in range(-1, _DAYS_SEARCHED_MAX):
            day = today + days * _DAY
            opening = varied[1] if varied is not None and varied[0] == day else self.opening_of(day)
            if opening is None:
                continue
            if run is not None and opening.opens <= run.closes:
                run = Opening(run.opens, max(run.closes, opening.closes))
                continue
            if run is not None:
                yield run
            run = opening
        if run is not None:
            yield run

    def _varied(self, today: date, at: Instant, override: HoursOverride) -> tuple[date, Opening] | None:
        """Return the day that `override` is for, and its opening: the eve's while that one still runs."""
        eve = today - _DAY
        hours = self.hours_of(eve)
        if hours is not None and hours.varied:
            opening = self._opening(eve, override.open, override.close)
            if opening.opens <= at < opening.closes:
                return eve, opening
        else:
            usual = self.opening_of(eve)
            if usual is not None and usual.opens <= at < usual.closes:
                return None
        hours = self.hours_of(today)
        if hours is not None and hours.varied:
            return today, self._opening(today, override.open, override.close)
        return None

    def _opening(self, day: date, opens: time, closes: time) -> Opening:
        end = day if closes > opens else day + _DAY
        return Opening(
            first_instant(datetime.combine(day, opens), self.zone),
            first_instant(datetime.combine(end, closes), self.zone),
        )

"""The term of a convention: when it ends, how it goes on, and by when a non-renewal must be told.

Rounding of months, as written for both parties: months are counted from date to date; where the month reached has no
such day, its last day counts (always the earlier, prudent side). A notice "at least six months before the term" may be
given on the day that is six months before the term's first day, and not later.
"""

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from belvedere.domain.clock import Instant
from belvedere.policy.clauses import Clause
from belvedere.policy.clauses.duties import Renewal, Term
from belvedere.policy.openings import first_instant

_TERMS_MAX = 400


@dataclass(frozen=True, slots=True)
class Told:
    """What the parties have told each other about the term: a non-renewal's date, dates of express renewals, a leaving's."""

    non_renewal_on: date | None = None
    renewed_on: tuple[date, ...] = ()
    left_on: date | None = None


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class TermDates:
    """The running of a convention. Dates are in its zone; `ends_on` is the first day that is no longer covered."""

    starts_on: date
    ends_on: date | None
    ends_at: Instant | None

    def covers(self, day: date) -> bool:
        """Tell whether the convention is in force on `day`."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class Renewing:
    """One end of a term: when, and the last day on which the registered letter may be sent."""

    term_on: date
    letter_by: date
    renewal: Renewal


def months_before(day: date, count: int) -> date:
    """Return the date `count` months before `day`, or that month's last day where it has no such day."""
    return _shifted(day, -count)


def months_after(day: date, count: int) -> date:
    """Return the date `count` months after `day`, or that month's last day where it has no such day."""
    return _shifted(day, count)


def years_after(day: date, count: int) -> date:
    """Return the date `count` years after `day`; 29 February becomes the 28th."""
    return _shifted(day, 12 * count)


def _shifted(day: date, count: int) -> date:
    number = day.year * 12 + day.month - 1 + count
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def renewals(term: Term, starts_on: date, *, until: date) -> tuple[Renewing, ...]:
    """Return every end of a term from `starts_on` up to `until`, each term as long as the first (a reading of rules A24)."""
    found: list[Renewing] = []
    for number in range(1, _TERMS_MAX):
        ends = years_after(starts_on, number * term.years)
        if ends > until:
            break
        found.append(Renewing(ends, months_before(ends, term.notice_months), term.renewal))
    return tuple(found)


def term_of(clauses: Sequence[Clause], starts_on: date, zone: ZoneInfo, told: Told = NOTHING_TOLD) -> TermDates:
    """Return when the convention ends.

    A tacit renewal goes on without limit, unless a non-renewal was told in time: then the running term is the last.
    A renewal that must be express adds one term for each that was told before the running one ended. From the day on which
    a party left nothing is covered, whatever the term.
    """
    term = next((each for each in clauses if isinstance(each, Term)), None)
    ends_on = None if term is None else _last_day_after(term, starts_on, told)
    if told.left_on is not None:
        ends_on = told.left_on if ends_on is None else min(ends_on, told.left_on)
    ends_at = None if ends_on is None else first_instant(datetime.combine(ends_on, time()), zone)
    return TermDates(starts_on, ends_on, ends_at)


def _last_day_after(term: Term, starts_on: date, told: Told) -> date | None:
    ends = years_after(starts_on, term.years)
    if term.renewal is Renewal.EXPRESS:
        for number, told_on in enumerate(sorted(told.renewed_on), start=2):
            if told_on > ends:
                break
            ends = years_after(starts_on, number * term.years)
        return ends
    if told.non_renewal_on is None:
        return None
    for number in range(1, _TERMS_MAX):
        ends = years_after(starts_on, number * term.years)
        if told.non_renewal_on <= months_before(ends, term.notice_months):
            return ends
    return None

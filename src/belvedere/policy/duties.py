"""What is due between the parties beside pictures: duties, names in ledgers, how long things are kept."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.policy.clauses import Clause
from belvedere.policy.clauses.access import OrderValidity
from belvedere.policy.clauses.duties import Duty, InventoryDuty, Occurrence, Retention, Term, Traceability, When
from belvedere.policy.convention import Convention
from belvedere.policy.law import KEPT_AT_MOST
from belvedere.policy.lifecycle import months_after, renewals, years_after
from belvedere.policy.openings import first_instant

_TERMS_AHEAD_YEARS = 60


class Shown(StrEnum):
    """What a party's ledger shows of an agent."""

    NAME = "name"
    PSEUDONYM = "pseudonym"


class Kept(StrEnum):
    """What the retention clause limits."""

    RECORDING = "recording"
    JOURNAL = "journal"


def duties_on(convention: Convention, occurrence: Occurrence, *, by: str) -> tuple[Duty | InventoryDuty, ...]:
    """Return the clauses that make something due when `occurrence` happens at party `by`."""
    duties: list[Duty | InventoryDuty] = [
        each for each in convention.of(Duty) if (each.on, each.by) == (occurrence, by)
    ]
    if occurrence is Occurrence.CAMERA_CHANGED:
        duties.extend(each for each in convention.of(InventoryDuty) if each.owner == by)
    return tuple(duties)


def when_due(duty: Duty | InventoryDuty) -> When:
    """Return by when `duty` is to be done."""
    return duty.when if isinstance(duty, Duty) else duty.on_change


def shown_of_agent(convention: Convention, *, agent_party: str, ledger_party: str) -> tuple[Shown, Clause | None]:
    """Return what `ledger_party`'s ledger shows of an agent of `agent_party`, and the clause that says so.

    Where no clause speaks, names stay at home all the same (code, Names stay at home).
    """
    clause = next((each for each in convention.of(Traceability) if each.party == agent_party), None)
    home = agent_party if clause is None else clause.names_in
    return (Shown.NAME if ledger_party == home else Shown.PSEUDONYM), clause


def kept_until(convention: Convention, *, what: Kept, owner: str, made: date) -> tuple[Instant, Retention] | None:
    """Return the instant from which something made on `made` must be gone, and by which text; None for a stranger."""
    clause = _retention(convention, owner)
    if clause is None:
        return None
    if what is Kept.RECORDING:
        gone = months_after(made, clause.recordings_months)
    else:
        gone = years_after(made, clause.journal_years)
    return first_instant(datetime.combine(gone, time()), convention.zone), clause


def journal_kept_from(convention: Convention, *, owner: str, at: Instant) -> Instant | None:
    """Return the instant before which what was written must be gone at `at`, or None for a stranger."""
    clause = _retention(convention, owner)
    if clause is None:
        return None
    today = at.astimezone(convention.zone).date()
    made = years_after(today, -clause.journal_years)
    while years_after(made, clause.journal_years) <= today:  # the end of a February has two days that are one
        made += timedelta(days=1)
    return first_instant(datetime.combine(made, time()), convention.zone)


def _retention(convention: Convention, owner: str) -> Retention | None:
    """Return the clause on what `owner` keeps, the law's own longest terms where no clause shortens them."""
    clause = next((each for each in convention.of(Retention) if each.owner == owner), None)
    if clause is not None or convention.party(owner) is None:
        return clause
    return Retention(
        owner=owner,
        recordings_months=convention.law.recordings_months_max,
        journal_years=convention.law.journal_years_max,
        cites=KEPT_AT_MOST,
        rows=("C4", "C5"),
    )


def order_last_day(convention: Convention, *, owner: str, published: date) -> tuple[date, OrderValidity] | None:
    """Return the last day of an order published on `published`, or None where no clause speaks."""
    clause = next((each for each in convention.of(OrderValidity) if each.owner == owner), None)
    if clause is None:
        return None
    return years_after(published, clause.order_years) - timedelta(days=1), clause


def letter_in_time(convention: Convention, *, on: date) -> tuple[bool, Term] | None:
    """Tell whether a registered letter of `on` still ends the running term, or None where no clause sets one."""
    term = next(iter(convention.of(Term)), None)
    if term is None:
        return None
    horizon = years_after(max(on, convention.in_force_from), _TERMS_AHEAD_YEARS)
    ends = renewals(term, convention.in_force_from, until=horizon)
    running = next((each for each in ends if each.term_on > on), None)
    return None if running is None else (on <= running.letter_by, term)

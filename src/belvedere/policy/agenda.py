"""What is coming: openings, ends of terms, last days for letters, ends of orders; as entries and as an iCalendar feed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.request import HoursOverride
from belvedere.domain.text import Language, Text
from belvedere.policy.clauses.duties import Renewal, Term
from belvedere.policy.clauses.hours import OpeningHours
from belvedere.policy.convention import Convention
from belvedere.policy.lifecycle import months_before, renewals
from belvedere.policy.openings import public_holidays

_DAY = timedelta(days=1)
_ORDER_ALARM_MONTHS = (12, 6, 3, 1)
_CAMERAS_NAMED_MAX = 5


class EntryKind(StrEnum):
    """What an entry of the agenda is."""

    OPENING = "opening"
    TERM = "term"
    LETTER = "letter"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happens at an instant (`ends` given) or on a whole day (`ends` None)."""

    kind: EntryKind
    key: str
    """Stable between two feeds, so that a calendar program updates rather than repeats."""
    starts: Instant | date
    ends: Instant | None
    title: Text
    articles: tuple[str, ...]


class OrderStanding(StrEnum):
    """How near the end of a camera's order is."""

    RUNNING = "running"
    ENDING = "ending"
    OVER = "over"


def order_standing(authorised_until: date, on: date) -> tuple[OrderStanding, int | None]:
    """Return how a camera's order stands on a day, and the alarm reached: 12, 6, 3 or 1 month before the end.

    The owner's own room is never blacked out by this: it is told early and its director confirms (rules C1).
    """
    if on > authorised_until:
        return OrderStanding.OVER, None
    reached = [count for count in _ORDER_ALARM_MONTHS if on >= months_before(authorised_until, count)]
    return (OrderStanding.ENDING, min(reached)) if reached else (OrderStanding.RUNNING, None)


def agenda(
    convention: Convention,
    *,
    starts: date,
    ends: date,
    openings_until: date | None = None,
    orders: Mapping[str, date] | None = None,
    varied: Mapping[str, Mapping[date, HoursOverride]] | None = None,
) -> tuple[Entry, ...]:
    """Return what happens from `starts` to `ends`, both included, in order; openings until an earlier day if given.

    `orders`: last days by camera. `varied`: by owner, the other hours announced for a day.
    """
    entries = [
        *_openings(convention, starts, openings_until or ends, varied or {}),
        *_terms(convention, starts, ends),
        *_orders(starts, ends, orders or {}),
    ]
    return tuple(sorted(entries, key=lambda each: (str(each.starts), each.key)))


def icalendar_feed(convention: Convention, entries: Iterable[Entry], *, stamped: Instant, language: Language) -> bytes:
    """Return the entries as an iCalendar file (RFC 5545); `stamped` is when the feed was made."""
    from icalendar import Calendar, Event  # noqa: PLC0415  needed by the feed alone

    feed = Calendar()
    feed.add("prodid", "-//Belvedere//agenda//FR")
    feed.add("version", "2.0")
    feed.add("name", convention.title.in_language(language))
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.key}@{convention.id}.belvedere")
        event.add("dtstamp", stamped.astimezone(UTC))
        event.add("dtstart", entry.starts)
        if entry.ends is not None:
            event.add("dtend", entry.ends)
        event.add("summary", entry.title.in_language(language))
        event.add("description", ", ".join(entry.articles))
        feed.add_component(event)
    return bytes(feed.to_ical())


def warm_calendars(year: int) -> None:
    """Import what calendars are made of and work out the holidays about `year`: a second that no request waits for."""
    import icalendar  # noqa: F401, PLC0415  as above

    for near in range(year - 1, year + 3):
        public_holidays(near)


def _openings(
    convention: Convention, starts: date, ends: date, varied: Mapping[str, Mapping[date, HoursOverride]]
) -> Iterable[Entry]:
    for owner, calendar in convention.calendars.items():
        cites = tuple(cite for each in convention.of(OpeningHours) if each.owner == owner for cite in each.cites)
        party = convention.party(owner)
        room = owner if party is None else party.room
        for number in range((ends - starts).days + 1):
            day = starts + number * _DAY
            other = varied.get(owner, {}).get(day)
            usual = calendar.opening_of(day)
            opening = usual if other is None else calendar.opening_as_varied(day, other)
            if opening is not None:
                yield Entry(
                    EntryKind.OPENING,
                    f"opening-{owner}-{day.isoformat()}",
                    opening.opens,
                    opening.closes,
                    Text(f"{room} ouvert", f"{room} open")
                    if opening == usual
                    else Text(f"{room} ouvert, heures changées", f"{room} open, changed hours"),
                    convention.citations.refs(cites),
                )


def _terms(convention: Convention, starts: date, ends: date) -> Iterable[Entry]:
    for term in convention.of(Term):
        refs = convention.citations.refs(term.cites)
        tacit = term.renewal is Renewal.TACIT
        words = (
            Text("Terme : renouvellement tacite", "Term: tacit renewal")
            if tacit
            else Text("Terme : renouvellement exprès à faire", "Term: an express renewal is needed")
        )
        horizon = date(ends.year + term.years + 1, 1, 1)
        for each in renewals(term, convention.in_force_from, until=horizon):
            if starts <= each.term_on <= ends:
                yield Entry(EntryKind.TERM, f"term-{each.term_on.isoformat()}", each.term_on, None, words, refs)
            if starts <= each.letter_by <= ends:
                yield Entry(
                    EntryKind.LETTER,
                    f"letter-{each.letter_by.isoformat()}",
                    each.letter_by,
                    None,
                    Text(
                        f"Dernier jour pour la lettre de non-reconduction (terme : {each.term_on.isoformat()})",
                        f"Last day for the letter of non-renewal (term: {each.term_on.isoformat()})",
                    ),
                    refs,
                )


def _orders(starts: date, ends: date, orders: Mapping[str, date]) -> Iterable[Entry]:
    by_day: dict[date, list[str]] = {}
    for camera, last_day in orders.items():
        if starts <= last_day <= ends:
            by_day.setdefault(last_day, []).append(camera)
    for last_day, cameras in by_day.items():
        named = ", ".join(cameras[:_CAMERAS_NAMED_MAX]) + (", …" if len(cameras) > _CAMERAS_NAMED_MAX else "")
        many = len(cameras) > 1
        yield Entry(
            EntryKind.ORDER,
            f"order-{last_day.isoformat()}",
            last_day,
            None,
            Text(
                f"Dernier jour de l'autorisation de {len(cameras)} caméra{'s' if many else ''} ({named}) : "
                "elles ne sont plus partagées ensuite",
                f"Last day of the order of {len(cameras)} camera{'s' if many else ''} ({named}): "
                "they are not shared after it",
            ),
            ("csi:L252-1", "csi:L252-4"),
        )

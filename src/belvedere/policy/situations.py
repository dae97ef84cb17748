"""Every situation that a convention tells apart: for each fact, the few values between which rules distinguish.

Time is bucketed by the calendar: instants at which every room has the same standing are one bucket. Kinds of event and
purposes that no clause tells apart are one value.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from belvedere.domain.clock import Instant
from belvedere.domain.request import HoursOverride
from belvedere.domain.vocabulary import Action, EventKind, Purpose, Role, SuspensionGround
from belvedere.policy.clauses.access import (
    Arrangements,
    EventRequired,
    Extraction,
    Priority,
    Purposes,
    Quota,
    Scope,
    Suspension,
)
from belvedere.policy.clauses.hours import OpeningHours
from belvedere.policy.clauses.steering import PtzTakeover
from belvedere.policy.convention import Convention
from belvedere.policy.openings import end_of_day, first_instant

OTHER = "autre"
"""A word that no convention knows."""

IN_FORCE = "en vigueur"
"""How the labels of instants at which every convention is in force begin."""

_HOUR = timedelta(hours=1)
_WEEK = timedelta(days=7)
_VARIED = HoursOverride(time(10), time(23))


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a fact: how a table names it, and what it is at a given instant."""

    label: str
    value: Callable[[Instant], object]


Domain = tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Situations:
    """The domain of every fact that the conventions may read, by dotted name."""

    domains: Mapping[str, Domain]
    usual_at: Instant

    def request(self, assigned: Mapping[str, Choice]) -> dict[str, object]:
        """Return the request, in the API's form, in which these facts and no others are given."""
        at = self.usual_at
        if "at" in assigned:
            value = assigned["at"].value(at)
            assert isinstance(value, datetime)
            at = value
        body: dict[str, object] = {
            "action": Action.VIEW.value,
            "at": at.isoformat(),
            "agent": {"party": OTHER},
            "camera": {"id": "-", "owner": OTHER},
        }
        for name, choice in assigned.items():
            if name == "at":
                continue
            *path, last = name.split(".")
            table = body
            for step in path:
                inner = table.setdefault(step, {})
                assert isinstance(inner, dict)
                table = inner
            table[last] = choice.value(at)
        return body


def situations_of(*conventions: Convention) -> Situations:
    """Return the situations that any of `conventions` tells apart."""
    domains = {
        "action": _named(Action),
        "agent.party": _named([*_parties(conventions), OTHER]),
        "camera.owner": _named([*_parties(conventions), OTHER]),
        "agent.service": _named([*_services(conventions), OTHER]),
        "agent.habilitated": _flags(),
        "agent.station_registered": _flags(),
        "camera.class": _named([*_listed(conventions, lambda each: each.camera_class), OTHER]),
        "camera.commune": _named([*_listed(conventions, lambda each: each.communes), OTHER]),
        "camera.zone": _named([*_listed(conventions, lambda each: each.zones), OTHER]),
        "camera.authorised_until": (
            _fixed("en cours", "2999-12-31"),
            _fixed("expirée", "2000-01-01"),
            _fixed("inconnue", None),
        ),
        "camera.ptz": _flags(),
        "event.kind": _grouped(EventKind, _kind_groups(conventions)),
        "event.open": _flags(),
        "event.motive": (_fixed("donné", "-"), _fixed("à venir", None)),
        "purpose": _grouped(Purpose, _purpose_groups(conventions)),
        "requisition": _requisitions(conventions),
        "state.streams_in_use": _stream_counts(conventions),
        "state.camera_in_use": _flags(),
        "state.holders": _holders(conventions),
        "state.lease": (
            _fixed("aucune", None),
            Choice("prise salle fermée", lambda at: _lease(at, "closed")),
            Choice("prise salle ouverte", lambda at: _lease(at, "active")),
        ),
        "state.authorisation": _authorisations(conventions),
        "state.notified": _flags(),
        "state.hours_override": (
            _fixed("aucune", None),
            _fixed("10:00-23:00", {"open": "10:00", "close": "23:00"}),
        ),
        "state.centre_inactive": _flags(),
        "state.owner_is_steering": (_fixed("non|inconnu", "unknown"), _fixed("oui", "yes")),
        "state.authorisation_withdrawn": (_fixed("non", False), _fixed("oui", True), _fixed("inconnu", None)),
        "state.suspended": _suspensions(conventions),
        "at": _instants(conventions),
    }
    return Situations(domains, _usual(conventions))


def _fixed(label: str, value: object) -> Choice:
    return Choice(label, lambda _: value)


def _named(words: Iterable[str]) -> Domain:
    return tuple(_fixed(str(word), str(word)) for word in dict.fromkeys(words))


def _flags() -> Domain:
    return (_fixed("oui", True), _fixed("non", False))


def _parties(conventions: Sequence[Convention]) -> list[str]:
    return [party.id for each in conventions for party in each.parties]


def _services(conventions: Sequence[Convention]) -> list[str]:
    return [service for each in conventions for party in each.parties for service in party.services]


def _listed(conventions: Sequence[Convention], of: Callable[[Scope], str | tuple[str, ...] | None]) -> list[str]:
    found: list[str] = []
    for each in conventions:
        for scope in each.of(Scope):
            value = of(scope)
            found.extend((value,) if isinstance(value, str) else value or ())
    return sorted(set(found))


def _grouped(words: Iterable[str], groups: Sequence[frozenset[str]]) -> Domain:
    """Return one choice for all words that belong to the same groups, then the one for no word."""
    by_signature: dict[tuple[bool, ...], list[str]] = {}
    for word in words:
        by_signature.setdefault(tuple(word in group for group in groups), []).append(str(word))
    found = [_fixed("|".join(alike), alike[0]) for alike in by_signature.values()]
    return (*found, _fixed("aucun", None))


def _kind_groups(conventions: Sequence[Convention]) -> list[frozenset[str]]:
    groups: list[frozenset[str]] = []
    for each in conventions:
        required = [kind for clause in each.of(EventRequired) for kind in clause.kinds]
        further = [kind for clause in each.of(Arrangements) for kind in clause.kinds]
        groups.append(frozenset(required + further))
        groups.extend(frozenset(clause.event_kinds) for clause in each.of(PtzTakeover))
    return groups


def _purpose_groups(conventions: Sequence[Convention]) -> list[frozenset[str]]:
    return [frozenset(clause.purposes) for each in conventions for clause in each.of(Purposes)]


def _requisitions(conventions: Sequence[Convention]) -> Domain:
    kinds = [kind for each in conventions for clause in each.of(Extraction) for kind in clause.requisition_kinds]
    listed = kinds[0] if kinds else OTHER
    whole = {"reference": "-", "file_sha256": "0" * 64}
    return (
        _fixed("aucune", None),
        _fixed("complète", {"kind": listed, **whole}),
        _fixed("incomplète", {"kind": listed}),
        _fixed("hors liste", {"kind": OTHER, **whole}),
    )


def _stream_counts(conventions: Sequence[Convention]) -> Domain:
    limits = sorted({clause.cameras for each in conventions for clause in each.of(Quota)})
    counts = sorted({count for limit in limits for count in (limit - 1, limit, limit + 1)})
    return (*(_fixed(str(count), count) for count in counts), _fixed("inconnu", None))


def _holders(conventions: Sequence[Convention]) -> Domain:
    first = next((clause.service for each in conventions for clause in each.of(Priority)), OTHER)
    own = {"camera": "A", "service": first}
    return (
        _fixed(f"{first} seul", [own]),
        _fixed("une d'un autre service", [own, {"camera": "B", "service": OTHER}]),
        _fixed("inconnus", None),
    )


def _lease(at: Instant, state: str) -> dict[str, object]:
    return {"held_since": (at - _HOUR).isoformat(), "granted_while": state}


def _authorisations(conventions: Sequence[Convention]) -> Domain:
    roles = [role for each in conventions for clause in each.of(PtzTakeover) for role in clause.authorised_by]
    other = next((str(role) for role in Role if role not in roles), OTHER)
    given = [_authorisation(str(role), str(role), _HOUR) for role in dict.fromkeys(roles)]
    past = [_authorisation(f"{role}, passée", str(role), -_HOUR) for role in roles[:1]]
    return (_fixed("aucune", None), *given, *past, _authorisation("par un autre rôle", other, _HOUR))


def _authorisation(label: str, role: str, lasts: timedelta) -> Choice:
    return Choice(label, lambda at: {"by_role": role, "until": (at + lasts).isoformat()})


def _suspensions(conventions: Sequence[Convention]) -> Domain:
    roles = [role for each in conventions for clause in each.of(Suspension) for role in clause.by_role]
    grounds = [ground for each in conventions for clause in each.of(Suspension) for ground in clause.grounds]
    listed = str(roles[0]) if roles else OTHER
    every = sorted({str(ground) for ground in grounds} | {str(ground) for ground in SuspensionGround})
    return (
        _fixed("non", None),
        *(_fixed(ground, {"ground": ground, "by_role": listed}) for ground in every),
        _fixed("motif hors liste", {"ground": OTHER, "by_role": listed}),
        _fixed("par un autre rôle", {"ground": every[0], "by_role": OTHER}),
        _fixed("motif et rôle inconnus", {}),
    )


# --- time


def _usual(conventions: Sequence[Convention]) -> Instant:
    """Return an instant at which every convention is in force."""
    zone = conventions[0].zone
    starts = max(each.in_force_from for each in conventions)
    return first_instant(datetime.combine(starts + _WEEK, time(12)), zone)


def _instants(conventions: Sequence[Convention]) -> Domain:
    """Return one instant for each standing that the conventions and their rooms can have together."""
    found: dict[tuple[object, ...], Choice] = {}
    for at in _samples(conventions):
        signature = tuple(_standing(each, at) for each in conventions)
        if signature not in found:
            words = " / ".join(dict.fromkeys(_standing_in_words(each, at) for each in conventions))
            wall = at.astimezone(conventions[0].zone).strftime("%Y-%m-%d %H:%M")
            found[signature] = _fixed(f"{words} ({wall})", at)
    return tuple(found.values())


def _samples(conventions: Sequence[Convention]) -> Iterable[Instant]:
    zone = conventions[0].zone
    starts = max(each.in_force_from for each in conventions)
    monday = starts + timedelta(days=7 - starts.weekday())
    holiday = date(monday.year + 1, 7, 14)
    for day in (*(monday + timedelta(days=number) for number in range(8)), holiday, holiday + timedelta(days=1)):
        for wall in _walls(conventions):
            yield first_instant(datetime.combine(day, wall), zone)
    for each in conventions:
        yield end_of_day(each.in_force_from, zone) - 2 * timedelta(days=1)
        if each.ends_at is not None:
            yield each.ends_at + _HOUR


def _walls(conventions: Sequence[Convention]) -> list[time]:
    """Return a time of day in each stretch between two hours at which some room opens or closes."""
    edges = {time(0), _VARIED.open, _VARIED.close}
    for each in conventions:
        for hours in each.of(OpeningHours):
            edges |= {hours.open, hours.close}
    return sorted(edges)


def _standing(convention: Convention, at: Instant) -> tuple[object, ...]:
    before = at < first_instant(datetime.combine(convention.in_force_from, time()), convention.zone)
    after = convention.ends_at is not None and at >= convention.ends_at
    if before or after or not convention.of(PtzTakeover):
        return (before, after)
    rooms = tuple(
        (calendar.opening_at(at) is not None, calendar.opening_at(at, _VARIED) is not None)
        for calendar in convention.calendars.values()
    )
    return (before, after, rooms)


def _standing_in_words(convention: Convention, at: Instant) -> str:
    before, after, *rooms = _standing(convention, at)
    if before:
        return "avant l'entrée en vigueur"
    if after:
        return "après le terme"
    if not rooms:
        return IN_FORCE
    calendar = next(iter(convention.calendars.values()))
    state = "salle fermée" if calendar.opening_at(at) is None else "salle ouverte"
    return f"{IN_FORCE}, {state}"

"""A second opinion on both conventions: one plain function for each, written from docs/reference/rules.md, sharing no code with policy.

It reads the JSON of a request and knows nothing of clauses; hours are worked out with `whenever` and an Easter of its
own. It answers (verdict, articles, obligations, preempts); obligations as (kind, due in UTC or None).
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from whenever import Instant, PlainDateTime, ZonedDateTime

Answer = tuple[str, frozenset[str], tuple[tuple[str, str | None], ...], tuple[str, ...]]

PARIS = "Europe/Paris"
STATE_KINDS = {
    "levee-de-doute",
    "intervention",
    "evenement-planifie",
    "trouble-grave",
    "recherche-personne",
    "surveillance-ponctuelle",
}
REQUISITIONS = {"cpp-60-1", "cpp-77-1-1", "cpp-99-3"}
GROUNDS = {"security-incident", "mask-fault", "withdrawal"}


# --- time


def easter(year: int) -> date:
    """Anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    ell = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * ell) // 451
    month, day = divmod(h + ell - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    if (day.month, day.day) in {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}:
        return True
    return day - easter(day.year) in {timedelta(days=1), timedelta(days=39), timedelta(days=50)}


def wall(day: date, clock: str) -> Instant:
    """The first instant at which the wall clock reaches or passes `clock` on `day`."""
    hour, minute = (int(part) for part in clock.split(":"))
    plain = PlainDateTime(day.year, day.month, day.day, hour, minute)
    found: ZonedDateTime = plain.assume_tz(PARIS, disambiguation="earlier")
    if found.to_plain() == plain:
        return found.to_instant()
    return _change(day)  # `clock` is skipped, and so passed when clocks change


def _change(day: date) -> Instant:
    """The instant at which clocks change on `day`, minute by minute."""
    instant = PlainDateTime(day.year, day.month, day.day).assume_tz(PARIS).to_instant()
    offset = instant.to_tz(PARIS).offset
    while instant.to_tz(PARIS).offset == offset:
        instant = instant.add(minutes=1)
    return instant


def may_vary(day: date) -> bool:
    return day.weekday() == 6 or is_holiday(day)


def csu_opening(day: date, override: Mapping[str, str] | None = None) -> tuple[Instant, Instant]:
    if may_vary(day):
        opens, closes = ("10:00", "18:00") if override is None else (override["open"], override["close"])
    else:
        opens, closes = "07:30", "02:00"
    end = day if closes > opens else day + timedelta(days=1)
    return wall(day, opens), wall(end, closes)


def csu(at: Instant, override: Mapping[str, str] | None) -> tuple[tuple[Instant, Instant] | None, Instant]:
    """The CSU's opening at `at`, or None; and its next opening after `at`."""
    local = at.to_tz(PARIS)
    today = date(local.year, local.month, local.day)
    eve = today - timedelta(days=1)
    days = [today + timedelta(days=number) for number in range(-1, 10)]
    openings = {day: csu_opening(day) for day in days}
    if override is not None:
        if may_vary(eve) and (found := csu_opening(eve, override))[0] <= at < found[1]:
            openings[eve] = found
        elif may_vary(today) and not openings[eve][0] <= at < openings[eve][1]:
            openings[today] = csu_opening(today, override)
    joined: list[list[Instant]] = []
    for day in days:
        opens, closes = openings[day]
        if joined and opens <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], closes)
        else:
            joined.append([opens, closes])
    current = next(((opens, closes) for opens, closes in joined if opens <= at < closes), None)
    coming = next(opens for opens, _ in joined if opens > at)
    return current, coming


# --- reading a request


def _of(request: Mapping[str, Any], name: str) -> Any:
    value: Any = request
    for step in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def _refused(*articles: str) -> Answer:
    return ("refused", frozenset(articles), (), ())


def _granted(*articles: str, owed: tuple[tuple[str, str | None], ...] = (), preempts: tuple[str, ...] = ()) -> Answer:
    return ("granted", frozenset(articles), owed, preempts)


def _expired(request: Mapping[str, Any], at: Instant) -> bool:
    until = _of(request, "camera.authorised_until")
    if until is None:
        return True
    local = at.to_tz(PARIS)
    return f"{local.year:04}-{local.month:02}-{local.day:02}" > str(until)


def _suspension(request: Mapping[str, Any]) -> str | None:
    """The ground of a suspension that counts; "?" where it is not told."""
    suspended = _of(request, "state.suspended")
    if suspended is None or suspended.get("by_role") not in {None, "police-director"}:
        return None
    ground = suspended.get("ground")
    if ground is None:
        return "?"
    return str(ground) if ground in GROUNDS else None


# --- Villeneuve-d'Ascq and the State


def vda(request: Mapping[str, Any], at: Instant) -> Answer:  # noqa: C901, PLR0911, PLR0912  naive on purpose
    action, party = request["action"], _of(request, "agent.party")
    owner = _of(request, "camera.owner")
    law = ("csi:L252-3", "csi:R253-3")
    art2, art3, art6, art7 = (f"vda-etat:art-{number}" for number in (2, 3, 6, 7))
    deliberation, preamble = "vda-etat:deliberation", "vda-etat:preamble"
    requisition_texts = ("cpp:60-1", "cpp:77-1-1", "cpp:99-3", art3)
    habilitated = _of(request, "agent.habilitated") is True
    if party not in {"villeneuve-dascq", "etat"}:
        return _refused(*law, art2)
    if owner != "villeneuve-dascq":
        return _refused(art2)
    if party == "villeneuve-dascq":
        if not habilitated:
            return _refused(*law)
        if action == "extract":
            return _granted(*requisition_texts) if _complete(request) else _refused(*requisition_texts)
        if action == "take_ptz":
            return _granted(art2, art3) if _of(request, "camera.ptz") is True else _refused(art2, art3)
        return _granted(art2)
    withdrawn = _of(request, "state.authorisation_withdrawn") is not False
    early = at < wall(date(2022, 10, 1), "00:00")
    if action == "record":
        return _refused(art3, deliberation) if habilitated else _refused(*law, preamble, art6)
    if action in {"view", "take_ptz"} and _expired(request, at):
        return _refused("csi:L252-1", "csi:L252-4")
    if withdrawn:
        return _refused("csi:L252-1", art7)
    if not habilitated:
        return _refused(*law, preamble, art6)
    if action in {"extract", "read_inventory"}:
        if action == "extract" and not _complete(request):
            return _refused(*requisition_texts)
        if early:
            return _refused(art7)
        return _granted(*requisition_texts) if action == "extract" else _granted(art2)
    ground = _suspension(request)
    if ground is not None:
        return _refused(art3, *(["csi:L251-3"] if ground == "mask-fault" else []))
    if _of(request, "event.kind") not in STATE_KINDS or _of(request, "event.open") is not True:
        return _refused(art3)
    motive = _of(request, "event.motive")
    owed: tuple[tuple[str, str | None], ...] = () if motive and motive.strip() else (("motive", None),)
    if action == "view":
        answer = _vda_slots(request, owed, art3, deliberation)
    else:
        answer = _vda_steering(request, at, owed, art3, deliberation)
    if answer[0] == "refused":
        return answer
    if _of(request, "agent.station_registered") is not True:
        return _refused(art6)
    return _refused(art7) if early else answer


def _complete(request: Mapping[str, Any]) -> bool:
    found = _of(request, "requisition")
    return (
        found is not None
        and found.get("kind") in REQUISITIONS
        and bool(found.get("reference"))
        and re.fullmatch("[0-9a-fA-F]{64}", found.get("file_sha256") or "") is not None
    )


def _vda_slots(
    request: Mapping[str, Any], owed: tuple[tuple[str, str | None], ...], art3: str, deliberation: str
) -> Answer:
    if _of(request, "state.camera_in_use") is True:
        return _granted(art3, owed=owed)
    used = _of(request, "state.streams_in_use")
    if used is not None and used < 8:
        return _granted(art3, owed=owed)
    held: dict[str, set[str]] = {}
    for holder in _of(request, "state.holders") or []:
        held.setdefault(holder["camera"], set()).add(holder["service"])
    candidates = [camera for camera, services in held.items() if "cic" not in services]
    if _of(request, "agent.service") == "cic" and candidates and used == 8:
        return _granted(art3, owed=owed, preempts=(candidates[0],))
    return _refused(art3, deliberation)


def _vda_steering(  # noqa: PLR0911  naive on purpose
    request: Mapping[str, Any], at: Instant, owed: tuple[tuple[str, str | None], ...], art3: str, deliberation: str
) -> Answer:
    if _of(request, "camera.ptz") is not True:
        return _refused(art3)
    if _of(request, "state.owner_is_steering") not in {None, "no", "unknown"}:
        return _refused(art3)
    opening, coming = csu(at, _of(request, "state.hours_override"))
    if opening is None or _of(request, "state.centre_inactive") is True:
        return _granted(art3, owed=(*owed, ("notice-after", coming.format_iso())))
    lease = _of(request, "state.lease")
    if lease is not None and lease.get("granted_while") == "closed" and lease.get("held_since") is not None:
        since = Instant.parse_iso(lease["held_since"])
        if since <= at:
            due = max(opening[0], since).format_iso()
            return _granted(art3, owed=(*owed, ("notification", due), ("notice-after", due)))
    if _of(request, "event.kind") != "trouble-grave":
        return _refused(art3, deliberation)
    given = _of(request, "state.authorisation")
    if (
        given is not None
        and given.get("by_role") in {"police-director", "csu-room-chief"}
        and given.get("until") is not None
        and at < Instant.parse_iso(given["until"])
    ):
        return _granted(art3, deliberation, owed=owed)
    return ("pending", frozenset({art3, deliberation}), (), ())


# --- Rouen and the metropolis

_ROUEN_PURPOSES = {
    ("metropole-rouen", "borne"): {"regles-acces-pietons", "verbalisation", "recherche-auteurs-degradations"},
    ("metropole-rouen", "trafic"): {"alerte-terrain", "video-verbalisation"},
    ("rouen", "ville"): {"regulation-trafic"},
}


def rouen(request: Mapping[str, Any], at: Instant) -> Answer:  # noqa: C901, PLR0911, PLR0912  naive on purpose
    action, party = request["action"], _of(request, "agent.party")
    owner = _of(request, "camera.owner")
    law = ("csi:L252-3", "csi:R253-3")
    art1, art2, art3, art4, art7 = (f"rouen-mrn:art-{number}" for number in (1, 2, 3, 4, 7))
    if party not in {"rouen", "metropole-rouen"}:
        return _refused(*law, art1, art3, art4)
    if owner not in {"rouen", "metropole-rouen"}:
        return _refused(art1, art3, art4)
    to_city = owner == "metropole-rouen"
    direction = art3 if to_city else art4
    not_habilitated = _refused(*law, art2) if party == "rouen" else _refused(*law)
    habilitated = _of(request, "agent.habilitated") is True
    if party == owner:
        if action == "extract":
            return _refused(art2)
        if not habilitated:
            return not_habilitated
        if action == "take_ptz":
            return _granted(art2, direction) if _of(request, "camera.ptz") is True else _refused(art2, direction)
        return _granted(art2)
    silent = (art1, art3) if to_city else (art4,)
    if action == "extract":
        return _refused(*silent)
    if action == "read_inventory":
        return _refused(art1, art3, art4)
    if action in {"record", "take_ptz"}:
        if not habilitated:
            return not_habilitated
        return _refused(*silent) if action == "record" else _refused(direction)
    kind, purpose = _of(request, "camera.class"), _of(request, "purpose")
    purposes = _ROUEN_PURPOSES.get((owner, str(kind)))
    if purposes is not None and purpose not in purposes:
        return _refused("csi:L251-2", direction, *([] if to_city else ["csi:R253-3"]))
    if _expired(request, at):
        return _refused("csi:L252-1", "csi:L252-4", art1)
    if _of(request, "state.authorisation_withdrawn") is True:
        return _refused("csi:L252-1", art1)
    if not habilitated:
        return not_habilitated
    if purposes is None:
        return _refused(*silent)
    if _of(request, "camera.commune") != "Rouen":
        return _refused(*law, art1, art3) if to_city else _refused(art4)
    if _of(request, "agent.service") != ("csu" if to_city else "pcrt"):
        return _refused(direction)
    ground = _suspension(request)
    if ground is not None:
        return _refused(direction, *(["csi:L251-3"] if ground == "mask-fault" else []))
    if not wall(date(2025, 7, 1), "00:00") <= at < wall(date(2030, 7, 1), "00:00"):
        return _refused(art7)
    return _granted(direction)

"""Clauses on access, turned into rules. Each function returns one rule, with its objections made beforehand."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import ObligationKind
from belvedere.domain.ids import ArticleRef, CameraId
from belvedere.domain.request import Holder
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import EventKind
from belvedere.policy.clauses.access import Extraction, Preemption, Priority, Purposes, Quota, Scope, Suspension
from belvedere.policy.hearing import Finding, Hearing, Objection, Rule
from belvedere.policy.openings import end_of_day

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def objection(
    articles: tuple[ArticleRef, ...],
    cause: Cause,
    named: Text,
    *,
    fr: str,
    en: str,
    remedy: Text | None = None,
) -> Objection:
    """Return an objection whose reason ends with the names of its articles."""
    return Objection(articles, cause, Text(f"{fr} ({named.fr}).", f"{en} ({named.en})."), remedy)


def always(refusal: Objection) -> Rule:
    """Return the rule that lets nothing pass."""

    def rule(_: Hearing) -> Finding:
        return refusal

    return rule


def habilitated(refusal: Objection) -> Rule:
    """Return the rule that images are for designated and habilitated agents."""

    def rule(hearing: Hearing) -> Finding:
        return None if hearing.habilitated() else refusal

    return rule


def order_running(expired: Objection, missing: Objection, zone: ZoneInfo) -> Rule:
    """Return the rule that the prefect's order on the camera still runs, its last day included."""

    def rule(hearing: Hearing) -> Finding:
        last_day = hearing.authorised_until()
        if last_day is None:
            return missing
        return expired if hearing.reached(end_of_day(last_day, zone)) else None

    return rule


def not_withdrawn(withdrawn: Objection, unknown: Objection | None) -> Rule:
    """Return the rule that the prefect's authorisation stands; `unknown` is None where nobody has to say so."""

    def rule(hearing: Hearing) -> Finding:
        value = hearing.authorisation_withdrawn()
        if value is None:
            return unknown
        return withdrawn if value else None

    return rule


def in_force(starts_at: Instant, ends_at: Instant | None, early: Objection, late: Objection) -> Rule:
    """Return the rule that the convention is in force at the instant of the request."""

    def rule(hearing: Hearing) -> Finding:
        if not hearing.reached(starts_at):
            return early
        return late if ends_at is not None and hearing.reached(ends_at) else None

    return rule


def service_named(services: tuple[str, ...], refusal: Objection) -> Rule:
    """Return the rule that only these services of the party take part."""
    known = frozenset(services)

    def rule(hearing: Hearing) -> Finding:
        return None if hearing.service() in known else refusal

    return rule


def in_scope(scopes: dict[str | None, tuple[Scope, Objection, Objection]], unknown: Objection) -> Rule:
    """Return the rule that the camera is one of those shared, by class, then commune, then zone."""
    any_class = scopes.get(None)

    def rule(hearing: Hearing) -> Finding:
        found = any_class if any_class is not None else scopes.get(hearing.camera_class() or "")
        if found is None:
            return unknown
        scope, elsewhere, other_zone = found
        if scope.communes and hearing.commune() not in scope.communes:
            return elsewhere
        if scope.zones and hearing.zone() not in scope.zones:
            return other_zone
        return None

    return rule


def purpose_listed(purposes: dict[str, tuple[Purposes, Objection, Objection]]) -> Rule:
    """Return the rule that a listed purpose of the camera's class is chosen."""

    def rule(hearing: Hearing) -> Finding:
        found = purposes.get(hearing.camera_class() or "")
        if found is None:
            return None
        clause, none_chosen, not_listed = found
        purpose = hearing.purpose()
        if purpose is None:
            return none_chosen
        return None if purpose in clause.purposes else not_listed

    return rule


def registered_station(refusal: Objection) -> Rule:
    """Return the rule that images are shown only at registered stations."""

    def rule(hearing: Hearing) -> Finding:
        return None if hearing.station_registered() else refusal

    return rule


def event_running(
    kinds: frozenset[EventKind], motive_required: bool, *, none: Objection, closed: Objection, wordless: Objection
) -> Rule:
    """Return the rule that the request is for an open event of a listed kind; the motive may stay owed."""

    def rule(hearing: Hearing) -> Finding:
        if hearing.event_kind() not in kinds:
            return none
        if not hearing.event_open():
            return closed
        if not hearing.has_motive():
            if motive_required:
                return wordless
            hearing.owe(ObligationKind.MOTIVE, None)
        return None

    return rule


def not_suspended(clause: Suspension, by_ground: dict[str | None, Objection]) -> Rule:
    """Return the rule that the flow is not suspended on a listed ground by a role that may.

    A suspension on another ground or by another role is none; one that does not say is one.
    """
    roles = {str(role) for role in clause.by_role}

    def rule(hearing: Hearing) -> Finding:
        suspended = hearing.suspended()
        if suspended is None or (suspended.by_role is not None and suspended.by_role not in roles):
            return None
        return by_ground.get(None if suspended.ground is None else str(suspended.ground))

    return rule


@dataclass(frozen=True, slots=True)
class Named:
    """Articles, and how people write them."""

    articles: tuple[ArticleRef, ...]
    words: Text


def within_quota(clause: Quota, priority: Priority | None, *, quota: Named, first: Named) -> Rule:
    """Return the rule on slots: a slot is a camera; the priority service takes the first listed one of another's."""
    limit = clause.cameras

    def full(used: int | None, holders: tuple[Holder, ...]) -> Objection:
        listed = ", ".join(f"{each.camera} ({each.service})" for each in holders)
        fr = f"{used} flux sur {limit} sont pris" if used is not None else "Rien ne dit combien de flux sont pris"
        en = f"{used} of {limit} streams are in use" if used is not None else "Nothing says how many streams are in use"
        if listed:
            fr, en = f"{fr} : {listed}", f"{en}: {listed}"
        remedy = Text("Fermez un de ces flux, ou échangez-en un.", "Close one of these streams, or swap one.")
        return objection(quota.articles, Cause.QUOTA, quota.words, fr=fr, en=en, remedy=remedy)

    def rule(hearing: Hearing) -> Finding:
        if hearing.camera_in_use():
            return None
        used = hearing.streams_in_use()
        if used is not None and used < limit:
            return None
        holders = hearing.holders()
        if priority is None or priority.preempts is Preemption.NONE or hearing.service() != priority.service:
            return full(used, holders)
        camera = first_of_other_services(holders, priority.service)
        if camera is None or used is None or used > limit:
            return full(used, holders)
        hearing.preempts = (CameraId(camera),)
        hearing.articles = first.articles
        hearing.remarks = Text(
            f"Les {limit} flux sont pris : {camera}, tenu par un autre service, est libéré ({first.words.fr}).",
            f"All {limit} streams are in use: {camera}, held by another service, is released ({first.words.en}).",
        )
        return None

    return rule


def first_of_other_services(holders: tuple[Holder, ...], service: str) -> str | None:
    """Return the first listed camera that `service` does not hold, and of which each holder is known."""
    kept = {each.camera for each in holders if each.service in {service, ""}}
    return next((each.camera for each in holders if each.camera not in kept), None)


def complete_requisition(clause: Extraction, *, missing: Objection, unlisted: Objection, partial: Objection) -> Rule:
    """Return the rule that a complete judicial requisition of a listed kind is given."""
    kinds = frozenset(clause.requisition_kinds)

    def rule(hearing: Hearing) -> Finding:
        requisition = hearing.requisition()
        if requisition is None:
            return missing
        if requisition.kind not in kinds:
            return unlisted
        referred = requisition.reference is not None and bool(requisition.reference.strip())
        attached = requisition.file_sha256 is not None and _SHA256.fullmatch(requisition.file_sha256) is not None
        return None if referred and attached else partial

    return rule

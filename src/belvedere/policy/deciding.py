"""`decide`: pure, total, deterministic. A refusal is a value; an error while evaluating refuses."""

from datetime import timezone
from zoneinfo import ZoneInfo

from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Obligation, Pending, Refused
from belvedere.domain.request import DecisionRequest
from belvedere.policy.convention import Convention
from belvedere.policy.hearing import Hearing, Hold, Objection
from belvedere.policy.plans import Plan


def decide(convention: Convention, request: DecisionRequest) -> Decision:
    """Return what `convention` answers to `request`, with the articles and exactly the facts that were read.

    `valid_until` is the next instant, in the convention's zone, at which the answer could change by itself. Never
    raises. Source: api, A request to decide.
    """
    hearing = Hearing(request)
    try:
        return _answer(_plan(convention, hearing), hearing, convention.zone)
    except Exception:  # noqa: BLE001  an error in a rule refuses (code, Policy); the cause is in the answer
        return _answer(convention.failure, hearing, convention.zone)


def _plan(convention: Convention, hearing: Hearing) -> Plan:
    action, party, owner = hearing.action(), hearing.party(), hearing.owner()
    plan = convention.plans.get((action, party, owner))
    if plan is not None:
        return plan
    if convention.party(party) is None:
        return convention.stranger
    return convention.silence if owner in convention.owners else convention.unknown_owner


def _answer(plan: Plan, hearing: Hearing, zone: ZoneInfo) -> Decision:
    hold: Hold | None = None
    for rule in plan.rules:
        finding = rule(hearing)
        if finding is None:
            continue
        if isinstance(finding, Objection):
            return _refused(finding, hearing, zone)
        # Nobody is asked to answer for what another rule refuses anyway.
        hold = hold or finding
    if hold is not None:
        return Pending(
            articles=hold.articles,
            reason=hold.reason,
            remedy=hold.remedy,
            valid_until=_local(hearing.changes_at, zone),
            facts=hearing.facts,
        )
    if not plan.articles:
        raise ValueError(plan)
    return Granted(
        articles=plan.articles if hearing.articles is None else hearing.articles,
        reason=plan.reason if hearing.remarks is None else hearing.remarks,
        obligations=tuple(Obligation(each.kind, _local(each.due, zone)) for each in hearing.obligations),
        valid_until=_local(hearing.changes_at, zone),
        preempts=hearing.preempts,
        facts=hearing.facts,
    )


def _refused(finding: Objection, hearing: Hearing, zone: ZoneInfo) -> Refused:
    return Refused(
        articles=finding.articles,
        cause=finding.cause,
        reason=finding.reason,
        remedy=finding.remedy,
        valid_until=_local(hearing.changes_at, zone),
        facts=hearing.facts,
    )


def _local(instant: Instant | None, zone: ZoneInfo) -> Instant | None:
    """Return `instant` with the zone's offset at that instant, fixed: sums and differences then count real time."""
    if instant is None:
        return None
    try:
        offset = instant.astimezone(zone).utcoffset()
        return instant if offset is None else instant.astimezone(timezone(offset))
    except OverflowError:  # the calendar's last day stays in UTC
        return instant

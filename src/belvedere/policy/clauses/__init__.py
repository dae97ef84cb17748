"""The vocabulary of clauses: typed, parametric, small. A new rule is a new type here, with its tests."""

from belvedere.policy.clauses.access import (
    Agents,
    Arrangements,
    Availability,
    EventRequired,
    Extraction,
    NoRecording,
    OrderValidity,
    OwnerRoom,
    Priority,
    Purposes,
    Quota,
    Scope,
    Stations,
    Suspension,
    Withdrawal,
)
from belvedere.policy.clauses.clause import Basis, Clause, Source
from belvedere.policy.clauses.duties import Duty, InventoryDuty, Retention, Term, Traceability
from belvedere.policy.clauses.hours import CentreActivity, OpeningHours
from belvedere.policy.clauses.steering import LeaseContinuation, Notice, OwnerPriority, PartnerSteering, PtzTakeover

CLAUSE_TYPES: dict[str, type[Clause]] = {
    each.KIND: each
    for each in (
        OwnerRoom,
        Scope,
        Availability,
        Agents,
        Stations,
        EventRequired,
        Arrangements,
        Purposes,
        Quota,
        Priority,
        Suspension,
        NoRecording,
        Extraction,
        OrderValidity,
        Withdrawal,
        OpeningHours,
        CentreActivity,
        PtzTakeover,
        LeaseContinuation,
        OwnerPriority,
        PartnerSteering,
        Notice,
        InventoryDuty,
        Duty,
        Traceability,
        Retention,
        Term,
    )
}
"""Every kind of clause by its name in a file."""

__all__ = ["CLAUSE_TYPES", "Basis", "Clause", "Source"]

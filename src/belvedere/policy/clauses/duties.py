"""Clauses that make something due, or say how long things last, without granting or refusing a picture."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from belvedere.policy.clauses.clause import Clause


class Occurrence(StrEnum):
    """What may happen between the parties, and make something due."""

    CAMERA_CHANGED = "camera-changed"
    HOURS_VARIED = "hours-varied"
    LINK_FAULT = "link-fault"
    MAINTENANCE_PLANNED = "maintenance-planned"
    CONTACT_CHANGED = "contact-changed"
    URGENT_REPORT = "urgent-report"
    FLOW_SUSPENDED = "flow-suspended"
    IMAGE_SEEN = "image-seen"
    OUT_OF_HOURS_CALL = "out-of-hours-call"
    DIFFICULTY = "difficulty"
    DISPUTE = "dispute"


class When(StrEnum):
    """By when a duty is to be done."""

    BEFORE = "before"
    AT_ONCE = "at-once"
    AS_SOON_AS_POSSIBLE = "as-soon-as-possible"
    REGULARLY = "regularly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(Clause):
    """When `on` happens at `by`, `by` owes `what` to `to` (rules A3, A17, A19, A20, B4, B9, B10, B12)."""

    KIND: ClassVar[str] = "duty"
    SUBJECT: ClassVar[tuple[str, ...]] = ("on", "by", "to")
    on: Occurrence
    by: str
    to: str
    what: str
    when: When


class ListFormat(StrEnum):
    """The digital form of a list of cameras."""

    GEOJSON = "geojson"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDuty(Clause):
    """`owner` gives `to_service` of `to` the list of its cameras with positions, and every change of it (rules A4)."""

    KIND: ClassVar[str] = "inventory-duty"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "to")
    owner: str
    to: str
    to_service: str
    format: ListFormat
    on_change: When
    amendment: bool


class OthersRead(StrEnum):
    """What stands in the ledgers of other parties in place of a name."""

    SERVICE_AND_PSEUDONYM = "service-and-pseudonym"


class ResolvedFor(StrEnum):
    """For what a pseudonym is resolved."""

    INSPECTION = "inspection"
    REQUISITION = "requisition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traceability(Clause):
    """The names of `party`'s agents stand in the ledger of `names_in` alone; others read `others_read` (rules A23)."""

    KIND: ClassVar[str] = "traceability"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str
    names_in: str
    others_read: OthersRead
    resolved_for: tuple[ResolvedFor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Clause):
    """How long `owner`'s recordings and every party's journal are kept, at most (rules C4, C5)."""

    KIND: ClassVar[str] = "retention"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner",)
    owner: str
    recordings_months: int
    journal_years: int

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong within this clause alone."""
        short = next((key for key in ("recordings_months", "journal_years") if getattr(self, key) < 1), None)
        own = () if short is None else ((short, f"`{short}` must be 1 or more"),)
        return Clause.faults(self) + own


_TERM_YEARS_MAX = 99


class Renewal(StrEnum):
    """How a term goes on."""

    TACIT = "tacit"
    EXPRESS = "express"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Clause):
    """How long the convention runs, how it is renewed, and by when non-renewal is told (rules A24, B11)."""

    KIND: ClassVar[str] = "term"
    years: int
    renewal: Renewal
    notice_months: int
    notice_by: str

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong within this clause alone."""
        own: tuple[tuple[str, str], ...] = ()
        if not 1 <= self.years <= _TERM_YEARS_MAX:
            own = (("years", f"a term lasts a year or more, and {_TERM_YEARS_MAX} at most"),)
        elif not 0 <= self.notice_months < 12 * self.years:
            own = (("notice_months", "non-renewal is told within the term, and not after it"),)
        return Clause.faults(self) + own

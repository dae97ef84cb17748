"""Clauses on who may see which cameras, for what, and how many at once."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from belvedere.domain.vocabulary import Action, EventKind, Purpose, Role, SuspensionGround
from belvedere.policy.clauses.clause import Clause


class Motive(StrEnum):
    """When an event's motive is written."""

    OWED = "owed"
    """It may follow, and is owed until the event is closed."""
    REQUIRED = "required"


class Preemption(StrEnum):
    """Which camera a service that comes first takes when no slot is left."""

    FIRST_LISTED = "first-listed"
    NONE = "none"


class Unknown(StrEnum):
    """What it means that nobody says whether the prefect's authorisation stands."""

    REFUSE = "refuse"
    NONE_DECLARED = "none-declared"
    """Nothing: the text names no withdrawal, which is declared when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRoom(Clause):
    """The owner's habilitated agents may always do these things with their own cameras (rules A2, B3, B4)."""

    KIND: ClassVar[str] = "owner-room"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner",)
    owner: str
    actions: tuple[Action, ...]
    steering_cites: tuple[str, ...] = ()
    """Further articles for `take_ptz`."""
    any_service: bool = False
    """Whether those of every service of the owner are at home; else those of the services in the header alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Clause):
    """Which cameras of `owner` are shared with `to` (rules A4, B2, B5, B6). Nothing named means all."""

    KIND: ClassVar[str] = "scope"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "to", "camera_class")
    owner: str
    to: str
    camera_class: str | None = field(default=None, metadata={"key": "class"})
    communes: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability(Clause):
    """The streams in scope are permanently active, chosen without asking the owner's room (rules A5, B5, B6)."""

    KIND: ClassVar[str] = "availability"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "to")
    owner: str
    to: str
    services: tuple[str, ...] = ()
    """Those of the header's services of `to` that may watch and steer; none named means all of the header's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents(Clause):
    """Agents of `party` see images only if individually designated and habilitated (rules A1, C3)."""

    KIND: ClassVar[str] = "agents"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str
    habilitated: bool
    designated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stations(Clause):
    """Images are shown only at stations that `registered_by` has registered; `blocked_by` nobody else (rules A22)."""

    KIND: ClassVar[str] = "stations"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str
    registered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRequired(Clause):
    """Every viewing of `party` is for an open event of a listed kind; its motive may follow and stays owed (rules A7, A9)."""

    KIND: ClassVar[str] = "event-required"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str
    kinds: tuple[EventKind, ...]
    motive: Motive


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangements(Clause):
    """One-off arrangements at the request of `party`: further kinds of event (rules A9)."""

    KIND: ClassVar[str] = "arrangements"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str
    kinds: tuple[EventKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purposes(Clause):
    """For which purposes `to` may watch `owner`'s cameras of this class; one must be chosen (rules B5, B6, B8, C2)."""

    KIND: ClassVar[str] = "purposes"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "to", "camera_class")
    owner: str
    to: str
    camera_class: str = field(metadata={"key": "class"})
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota(Clause):
    """At most `cameras` cameras flow to `party` at once, whatever the number of viewers (rules A6)."""

    KIND: ClassVar[str] = "quota"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str
    cameras: int

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong within this clause alone."""
        own = () if self.cameras >= 1 else (("cameras", "`cameras` must be 1 or more"),)
        return Clause.faults(self) + own


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority(Clause):
    """`service` comes before the other services of `party`: with no slot left it takes the first listed one (rules A14)."""

    KIND: ClassVar[str] = "priority"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str
    service: str
    preempts: Preemption


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Clause):
    """`by_role` of `owner` may suspend a camera's flow to `party`, on these grounds alone (rules A5)."""

    KIND: ClassVar[str] = "suspension"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "party")
    owner: str
    party: str
    grounds: tuple[SuspensionGround, ...]
    by_role: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRecording(Clause):
    """No service of `party` records (rules A15)."""

    KIND: ClassVar[str] = "no-recording"
    SUBJECT: ClassVar[tuple[str, ...]] = ("party",)
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction(Clause):
    """An extraction of `owner`'s recordings needs a complete judicial requisition of a listed kind (rules A16, C10)."""

    KIND: ClassVar[str] = "extraction"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner",)
    owner: str
    to: tuple[str, ...]
    requisition_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderValidity(Clause):
    """A camera is shared only while the prefect's order on it runs, its last day included (rules B1, C1)."""

    KIND: ClassVar[str] = "order-validity"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner",)
    owner: str
    order_years: int

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong within this clause alone."""
        own = () if self.order_years >= 1 else (("order_years", "an order runs a year or more"),)
        return Clause.faults(self) + own


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Clause):
    """Sharing ends if the prefect's authorisation is withdrawn (rules A25)."""

    KIND: ClassVar[str] = "withdrawal"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner",)
    owner: str
    order: str
    when_unknown: Unknown

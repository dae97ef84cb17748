"""Clauses on the hours of a room."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import ClassVar

from belvedere.domain.vocabulary import Role
from belvedere.policy.clauses.clause import Clause


class Weekday(StrEnum):
    """Days of the week, in the order of `date.weekday()`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class OnHolidays(StrEnum):
    """What hours mean on a public holiday."""

    AS_ANY_DAY = "as-any-day"
    INSTEAD = "instead"
    """They are the hours of every public holiday, whatever its weekday."""
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours(Clause):
    """Opening hours of `owner`'s room on these days; an end at or before the start is on the next day (rules A3, B3, B4).

    Times are wall-clock times of the convention's zone. `varied` says that a dated exception replaces them
    (`HoursOverride`); hours that are not varied ignore it.
    """

    KIND: ClassVar[str] = "opening-hours"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "room", "days")
    owner: str
    room: str
    days: tuple[Weekday, ...] = ()
    holidays: OnHolidays = OnHolidays.AS_ANY_DAY
    open: time
    close: time
    varied: bool = False

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong within this clause alone."""
        void = not self.days and self.holidays is not OnHolidays.INSTEAD
        own = (("days", "hours are those of some `days`, or of public holidays"),) if void else ()
        return Clause.faults(self) + own


class Activity(StrEnum):
    """What *active* reads."""

    DECLARED = "declared"
    """The hours, unless the room is declared inactive."""
    HOURS = "hours"
    """The hours alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreActivity(Clause):
    """*Active* is within hours, unless `declared_by` has declared the room inactive (a reading of rules A3)."""

    KIND: ClassVar[str] = "centre-activity"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner",)
    owner: str
    room: str
    reads: Activity
    declared_by: tuple[Role, ...]

"""What is declared about the owner's centre."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class HoursVaried:
    """Other hours that the owner announced for one day on which its hours may be varied (rules A3)."""

    day: date
    open: time
    close: time
    reason: str


@dataclass(frozen=True, slots=True)
class CentreState:
    """What was declared about the owner's centre and about the prefect's authorisation."""

    inactive: bool = False
    authorisation_withdrawn: bool = False

"""An act that is not for whoever asks: its role, its designation or its station lacks."""

from dataclasses import dataclass
from enum import StrEnum


class Lacks(StrEnum):
    """What an agent lacks to do an act of its party."""

    ROLE = "role"
    HABILITATION = "not-habilitated"
    STATION = "station-unregistered"


@dataclass(frozen=True, slots=True)
class ActRefused:
    """The act is not done, and no record says that it was."""

    lacks: Lacks


def lacks_standing(*, habilitated: bool, station_registered: bool) -> ActRefused | None:
    """Return the refusal of an agent whose designation is over, or whose station was ended; None where both stand.

    Who was designated by an act acts under it (CSI R253-3): a session that outlives it looks on, and decides nothing.
    """
    if not habilitated:
        return ActRefused(Lacks.HABILITATION)
    return None if station_registered else ActRefused(Lacks.STATION)

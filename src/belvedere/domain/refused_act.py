"""An act that is not for whoever asks: its role, its designation or its station lacks."""

from dataclasses import dataclass

from belvedere.domain.causes import Cause


@dataclass(frozen=True, slots=True)
class ActRefused:
    """The act is not done, and no record says that it was; `lacks` is what the agent lacks to do it."""

    lacks: Cause


def lacks_standing(*, habilitated: bool, station_registered: bool) -> ActRefused | None:
    """Return the refusal of an agent whose designation is over, or whose station was ended; None where both stand.

    Who was designated by an act acts under it (CSI R253-3): a session that outlives it looks on, and decides nothing.
    """
    if not habilitated:
        return ActRefused(Cause.NOT_HABILITATED)
    return None if station_registered else ActRefused(Cause.STATION_UNREGISTERED)

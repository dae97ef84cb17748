"""An act that is not for whoever asks: its role, its designation, its station or its session lacks."""

from dataclasses import dataclass
from enum import StrEnum


class Lacks(StrEnum):
    """What an agent lacks to do an act of its party, or to read."""

    ROLE = "role"
    HABILITATION = "not-habilitated"
    STATION = "station-unregistered"
    SESSION = "not-signed-in"


@dataclass(frozen=True, slots=True)
class ActRefused:
    """The act is not done, and no record says that it was."""

    lacks: Lacks

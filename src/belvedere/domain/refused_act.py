"""An act that is not for whoever asks: its role, its designation, its station or its session lacks."""

from dataclasses import dataclass

from belvedere.domain.causes import Cause


@dataclass(frozen=True, slots=True)
class ActRefused:
    """The act is not done, and no record says that it was; `lacks` is what the agent lacks to do it."""

    lacks: Cause

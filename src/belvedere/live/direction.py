"""Who directs: the director of the owner's municipal police, designated, at a registered station."""

from belvedere.domain.asker import Asker
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import PartyId
from belvedere.domain.refused_act import ActRefused, lacks_standing
from belvedere.domain.vocabulary import Role
from belvedere.live.ports import DecisionReading


def not_the_director(asker: Asker, owner: PartyId) -> ActRefused | None:
    """Return the refusal of whoever is not the owner's director; None where `asker` is, whatever its designation."""
    directs = asker.party == owner and asker.role is Role.POLICE_DIRECTOR
    return None if directs else ActRefused(Cause.ROLE)


def not_directing(reading: DecisionReading, asker: Asker, at: Instant) -> ActRefused | None:
    """Return the refusal of a director whose designation or station is over at `at`; read where the act is written."""
    standing = reading.standing(asker.agent, asker.station, at)
    return lacks_standing(habilitated=standing.habilitated, station_registered=standing.station_registered)

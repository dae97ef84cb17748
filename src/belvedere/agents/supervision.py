"""Who supervises: a head of service of a party, designated, at a registered station."""

from zoneinfo import ZoneInfo

from belvedere.agents.ports import AgentsReading
from belvedere.domain.asker import SUPERVISORS, Asker
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.refused_act import ActRefused, lacks_standing


def not_a_supervisor(asker: Asker) -> ActRefused | None:
    """Return the refusal of whoever supervises no service; None where `asker` does, whatever its designation."""
    return None if asker.role in SUPERVISORS else ActRefused(Cause.ROLE)


def not_supervising(reading: AgentsReading, asker: Asker, *, at: Instant, zone: ZoneInfo) -> ActRefused | None:
    """Return the refusal of a supervisor whose designation or station is over; read where the act is written."""
    account, station = reading.account(asker.agent), reading.station(asker.station)
    held = None if account is None else account.habilitation
    return lacks_standing(
        habilitated=held is not None and held.covers(at.astimezone(zone).date()),
        station_registered=station is not None and station.party == asker.party and station.ended_at is None,
    )

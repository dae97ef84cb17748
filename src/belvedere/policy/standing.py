"""How an agent at a station stands at an instant."""

from zoneinfo import ZoneInfo

from belvedere.domain.agents import Account, Station
from belvedere.domain.clock import Instant
from belvedere.domain.standing import Standing
from belvedere.policy.openings import end_of_day


def standing_of(account: Account | None, station: Station | None, *, at: Instant, zone: ZoneInfo) -> Standing:
    """Return how an agent at a station stands at `at`; `zone` is where habilitation days begin."""
    registered = account is not None and station is not None and _shows_images(station, account, at=at, zone=zone)
    until = None if station is None or station.until is None else end_of_day(station.until, zone)
    held = None if account is None else account.habilitation
    if held is None:
        return Standing(habilitated=False, station_registered=registered, registered_until=until)
    return Standing(
        habilitated=held.covers(at.astimezone(zone).date()),
        station_registered=registered,
        habilitated_until=None if held.until is None else end_of_day(held.until, zone),
        registered_until=until,
    )


def _shows_images(station: Station, account: Account, *, at: Instant, zone: ZoneInfo) -> bool:
    term_runs = station.until is None or at.astimezone(zone).date() <= station.until
    return station.party == account.party and station.ended_at is None and term_runs

"""How light it is over the city, and what time its clocks show. Pure."""

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.ground import ORIGIN

CITY_ZONE = ZoneInfo("Europe/Paris")
_NIGHT_BELOW_DEG = -8.0
_DAY_ABOVE_DEG = 8.0


def sun_elevation_deg(at: datetime) -> float:
    """Return the sun's height over the city's horizon, within a degree (Cooper's declination)."""
    utc = at.astimezone(ZoneInfo("UTC"))
    day = utc.timetuple().tm_yday
    turn = 2 * math.pi * (day - 81) / 364
    minutes_ahead = 9.87 * math.sin(2 * turn) - 7.53 * math.cos(turn) - 1.5 * math.sin(turn)
    solar = utc + timedelta(minutes=minutes_ahead + 4 * ORIGIN[1])
    hour_angle = math.radians(15 * (solar.hour + solar.minute / 60 - 12))
    declination = math.radians(23.45 * math.sin(2 * math.pi * (284 + day) / 365))
    latitude = math.radians(ORIGIN[0])
    height = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        hour_angle
    )
    return math.degrees(math.asin(height))


def light_at(at: datetime) -> float:
    """Return the daylight at an instant: 0 by night, 1 by day, between them at dusk and dawn."""
    share = (sun_elevation_deg(at) - _NIGHT_BELOW_DEG) / (_DAY_ABOVE_DEG - _NIGHT_BELOW_DEG)
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)

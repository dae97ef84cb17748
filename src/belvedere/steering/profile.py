"""What one camera does and does not, as data: found by asking and by trying, correctable by its owner. Never a brand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from belvedere.domain.steering import StopRung

MOVE_LASTS_S = 0.8
"""What a movement is given where the camera takes a time: with its way it ends within a second if nobody repeats it."""


class Service(StrEnum):
    """The ONVIF services that steering needs."""

    DEVICE = "device"
    MEDIA = "media"
    PTZ = "ptz"


class Login(StrEnum):
    """How a service is told who asks."""

    NONE = "none"
    DIGEST = "digest"
    """HTTP Digest (RFC 7616)."""
    TOKEN = "token"  # noqa: S105 (a word of WS-Security)
    """A UsernameToken of WS-Security, with the password's digest."""


@dataclass(frozen=True, slots=True)
class MoveTime:
    """How a movement says for how long it is meant."""

    taken: bool = True
    """Whether the camera takes a Timeout; one that faults on it is sent none."""
    least_s: float | None = None
    most_s: float | None = None

    @property
    def sent_s(self) -> float | None:
        """Return the seconds that a movement is sent with; None where it is sent none."""
        if not self.taken or (self.most_s is not None and self.most_s <= 0):
            return None
        least_s = 0.0 if self.least_s is None else self.least_s
        most_s = MOVE_LASTS_S if self.most_s is None else self.most_s
        return max(least_s, min(MOVE_LASTS_S, most_s))


@dataclass(frozen=True, slots=True)
class CameraProfile:
    """One camera, as its node knows it. `dataclasses.replace` corrects it."""

    media_profile: str
    """The token that every command names."""
    paths: Mapping[Service, str] = field(hash=False)
    """Path and query of each service; host and port are those that the owner entered, whatever the camera names."""
    logins: Mapping[Service, Login] = field(hash=False)
    pan_tilt: bool
    zoom: bool
    pan_tilt_positions: bool
    zoom_positions: bool
    picture_points: bool
    tells_position: bool
    presets_max: int
    has_home: bool
    home_preset: str | None = None
    move_time: MoveTime = MoveTime()
    stop: StopRung | None = None
    """The rung after which the camera was seen at rest: tried first."""
    clock_ahead_s: float = 0.0
    """By how much the camera's clock is ahead of ours: what a UsernameToken is dated by."""

    @property
    def ladder(self) -> tuple[StopRung, ...]:
        """Return the rungs that this camera can be brought down by, the one that worked first."""
        possible = [StopRung.STOP, StopRung.ADDRESSED_STOP, StopRung.ZERO_VELOCITY]
        if self.tells_position and (self.pan_tilt_positions or self.zoom_positions):
            possible.append(StopRung.STAY)
        if self.home_preset is not None or self.has_home:
            possible.append(StopRung.PRESET)
        return tuple(sorted(possible, key=lambda rung: rung is not self.stop))

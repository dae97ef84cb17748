"""Disk space kept back, so that a full disk is seen early and endings can still be written.

Owns one ballast file and three thresholds, all in bytes. Does not know what is written. Source: reliability 9b.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MIB = 1024 * 1024


class SpaceState(StrEnum):
    """How much room the disk has."""

    ROOM = "room"
    LOW = "low"
    """Under the alarm's threshold; everything still works."""
    SHORT = "short"
    """Under the floor: only essential writes (endings, suspensions, gaps) go on, into the ballast's room."""


@dataclass(frozen=True, slots=True)
class SpaceLimits:
    """Thresholds of free space, in bytes, and the ballast that is given up when the floor is reached."""

    ballast_bytes: int = 32 * MIB
    floor_bytes: int = 32 * MIB
    alarm_below_bytes: int = 512 * MIB


class SpaceReserve:
    """Watches one directory's disk. Used by the writer's thread alone; reading `state` is safe anywhere."""

    def __init__(self, directory: Path, limits: SpaceLimits) -> None:
        self._directory = directory
        self._ballast = directory / "space-reserve"
        self._limits = limits
        self.state = SpaceState.ROOM
        self.free_bytes = 0

    def look(self, *, hit_the_end: bool = False) -> SpaceState:
        """Measure, give up or take back the ballast, and return the state.

        `hit_the_end`: a write has just failed for want of space, whatever the count says.
        """
        try:
            usage = os.statvfs(self._directory)
            held_bytes = self._held_bytes()
        except OSError:
            # A disk that can't even be asked is no place for new records.
            self.free_bytes, self.state = 0, SpaceState.SHORT
            return self.state
        self.free_bytes = usage.f_bavail * usage.f_frsize
        spare_bytes = self.free_bytes + held_bytes - self._limits.ballast_bytes
        if hit_the_end or spare_bytes < self._limits.floor_bytes:
            self._give_up()
            self.state = SpaceState.SHORT
            return self.state
        if held_bytes < self._limits.ballast_bytes:
            self._take_back()
        low = spare_bytes < self._limits.alarm_below_bytes
        self.state = SpaceState.LOW if low else SpaceState.ROOM
        return self.state

    def _held_bytes(self) -> int:
        try:
            return self._ballast.stat().st_blocks * 512
        except FileNotFoundError:
            return 0

    def _give_up(self) -> None:
        with suppress(OSError):
            self._ballast.unlink(missing_ok=True)

    def _take_back(self) -> None:
        try:
            descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            os.posix_fallocate(descriptor, 0, self._limits.ballast_bytes)
        except OSError:
            # Somebody else took the room meanwhile: the next look will see it.
            self._give_up()
        finally:
            os.close(descriptor)

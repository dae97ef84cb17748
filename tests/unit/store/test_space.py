"""The reserve of disk space (reliability 9b), with the disk's own count replaced."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from belvedere.store.space import SpaceLimits, SpaceReserve, SpaceState

KIB = 1024
LIMITS = SpaceLimits(ballast_bytes=64 * KIB, floor_bytes=100 * KIB, alarm_below_bytes=300 * KIB)


class Disk:
    """A disk of which one says how much room it has beside the ballast."""

    def __init__(self, directory: Path) -> None:
        self.ballast = directory / "space-reserve"
        self.room_bytes = 1000 * KIB
        self.gone = False

    def statvfs(self, _: object) -> SimpleNamespace:
        if self.gone:
            raise OSError(5, "gone")
        held = 64 * KIB if self.ballast.exists() else 0
        return SimpleNamespace(f_bavail=self.room_bytes + 64 * KIB - held, f_frsize=1)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk(tmp_path)
    monkeypatch.setattr(os, "statvfs", disk.statvfs)
    return disk


def test_each_threshold_has_its_state_and_the_ballast_is_given_up_and_taken_back(tmp_path: Path, disk: Disk) -> None:
    reserve = SpaceReserve(tmp_path, LIMITS)
    seen = []
    for room_kib in (1000, 299, 101, 99, 0, 99, 101, 1000):
        disk.room_bytes = room_kib * KIB
        seen.append((room_kib, reserve.look(), disk.ballast.exists()))
    assert seen == [
        (1000, SpaceState.ROOM, True),
        (299, SpaceState.LOW, True),
        (101, SpaceState.LOW, True),
        (99, SpaceState.SHORT, False),
        (0, SpaceState.SHORT, False),
        (99, SpaceState.SHORT, False),
        (101, SpaceState.LOW, True),
        (1000, SpaceState.ROOM, True),
    ]


def test_giving_up_the_ballast_does_not_count_as_room(tmp_path: Path, disk: Disk) -> None:
    reserve = SpaceReserve(tmp_path, LIMITS)
    disk.room_bytes = 99 * KIB
    assert {reserve.look() for _ in range(5)} == {SpaceState.SHORT}


def test_a_disk_that_cannot_be_asked_is_short(tmp_path: Path, disk: Disk) -> None:
    reserve = SpaceReserve(tmp_path, LIMITS)
    reserve.look()
    disk.gone = True
    assert (reserve.look(), reserve.free_bytes) == (SpaceState.SHORT, 0)
    disk.gone = False
    assert reserve.look() is SpaceState.ROOM

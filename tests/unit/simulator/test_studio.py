"""The studio makes the frames of watched cameras: on time, few threads, one failure apart from others."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from belvedere.clock import SystemClock
from simulator.studio import Studio, now_us


@dataclass
class Counted:
    """A feed that writes down how it was asked."""

    period_us: int = 20_000
    takes_s: float = 0.0
    fails_at: int | None = None
    keys: list[bool] = field(default_factory=list)

    def shoot(self, captured_us: int, *, key_frame: bool) -> bytes:
        if self.fails_at == len(self.keys):
            raise OSError("the encoder broke")
        self.keys.append(key_frame)
        time.sleep(self.takes_s)
        return b"frame"


class Sent:
    """What the studio sent, and when."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, int]] = []
        self.at_us: list[int] = []
        self.enough = threading.Event()
        self.wanted = 0

    def __call__(self, camera_id: str, _access_unit: bytes, captured_us: int) -> None:
        self.at_us.append(now_us(SystemClock()))
        self.frames.append((camera_id, captured_us))
        if self.wanted and len(self.frames) >= self.wanted:
            self.enough.set()

    def wait_for(self, count: int) -> None:
        self.enough.clear()
        self.wanted = count
        if len(self.frames) < count:
            assert self.enough.wait(10), f"{len(self.frames)} frames of {count}"


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def studio(sent: Sent) -> Iterator[Studio]:
    studio = Studio(SystemClock(), sent)
    yield studio
    studio.close()


def test_the_first_frame_is_a_key_frame_and_later_ones_are_when_asked(studio: Studio, sent: Sent) -> None:
    feed = Counted()
    studio.start("a", lambda: feed)
    sent.wait_for(3)
    studio.want_key_frame("a")
    sent.wait_for(8)
    studio.stop("a")
    assert feed.keys[0]
    assert sum(feed.keys) == 2


def test_deadlines_are_absolute_so_that_lateness_does_not_add_up(studio: Studio, sent: Sent) -> None:
    feed = Counted(period_us=20_000, takes_s=0.012)
    studio.start("a", lambda: feed)
    sent.wait_for(41)
    # Each frame is of the grid that the first one set, and is sent while its instant is near.
    assert all((at - sent.frames[0][1]) % 20_000 == 0 for _, at in sent.frames[:41])
    late_us = sorted(sent_us - at for sent_us, (_, at) in zip(sent.at_us, sent.frames, strict=False))
    assert 12_000 <= late_us[len(late_us) // 2] < 60_000


def test_frames_past_their_time_are_skipped_not_sent_in_a_burst(studio: Studio, sent: Sent) -> None:
    feed = Counted(period_us=20_000, takes_s=0.05)
    studio.start("a", lambda: feed)
    sent.wait_for(8)
    times = [at for _, at in sent.frames]
    assert all(later - earlier >= 45_000 for earlier, later in pairwise(times))


def test_a_camera_nobody_watches_has_no_frames(studio: Studio, sent: Sent) -> None:
    feed = Counted()
    studio.start("a", lambda: feed)
    sent.wait_for(2)
    studio.stop("a")
    assert studio.watched == frozenset()
    time.sleep(0.05)
    count = len(sent.frames)
    time.sleep(0.1)
    assert len(sent.frames) == count


def test_a_camera_that_fails_ends_alone(studio: Studio, sent: Sent) -> None:
    with capture_logs() as logs:
        studio.start("broken", lambda: Counted(fails_at=1))
        studio.start("well", Counted)
        sent.wait_for(12)
        deadline = time.monotonic() + 10
        while not logs and time.monotonic() < deadline:
            time.sleep(0.01)
    assert [camera for camera, _ in sent.frames].count("broken") == 1
    assert studio.watched == frozenset({"well"})
    assert [(line["event"], line["camera"]) for line in logs] == [("camera_failed", "broken")]


def test_many_cameras_share_two_threads(studio: Studio, sent: Sent) -> None:
    before = threading.active_count()
    for index in range(16):
        studio.start(f"camera-{index}", Counted)
    sent.wait_for(64)
    assert threading.active_count() == before
    assert len({camera for camera, _ in sent.frames}) == 16

"""Where the pictures of watched cameras are made: few threads, absolute deadlines.

Owns the encoders and their threads. A camera that nobody plays has neither. Does not know RTSP: it
is told who is watched, and gives whole access units with their capture time to `send`.
"""

import heapq
import itertools
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from belvedere.domain.clock import Clock
from simulator.clip import Clip
from simulator.encoder import Encoder, Format
from simulator.picture import Picture

log = structlog.get_logger()
_CLOCK_MOVED_US = 4_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Send = Callable[[str, bytes, int], None]
"""camera id, access unit, capture time in µs since the Unix epoch."""


class Feed(Protocol):
    """What makes the frames of one camera while it is watched."""

    @property
    def period_us(self) -> int:
        """Return the time from one frame to the next."""

    def shoot(self, captured_us: int, *, key_frame: bool) -> bytes:
        """Return the access unit of an instant, in µs since the Unix epoch."""


class LiveFeed:
    """A street painted and encoded as it is watched."""

    def __init__(self, picture: Picture, stream: Format, at_us: int) -> None:
        self._picture, self._encoder = picture, Encoder(stream)
        picture.prepare(at_us)  # about 20 ms, before the first exposure rather than in it

    @property
    def period_us(self) -> int:
        """Return the time from one frame to the next."""
        return self._encoder.format.period_us

    def shoot(self, captured_us: int, *, key_frame: bool) -> bytes:
        """Paint and encode an instant."""
        self._picture.paint(self._encoder.planes, captured_us)
        return self._encoder.encode(key_frame=key_frame)


class ClipFeed:
    """A clip sent over and over; asked for a key frame, it goes to the next one that it holds."""

    def __init__(self, clip: Clip) -> None:
        self._clip, self._next = clip, 0

    @property
    def period_us(self) -> int:
        """Return the time from one frame to the next."""
        return self._clip.format.period_us

    def shoot(self, captured_us: int, *, key_frame: bool) -> bytes:  # noqa: ARG002 - its band counts frames
        """Return the next access unit of the loop."""
        units, group = self._clip.access_units, self._clip.format.group_frames
        if key_frame:
            self._next = -(-self._next // group) * group % len(units)
        unit = units[self._next]
        self._next = (self._next + 1) % len(units)
        return unit


def now_us(clock: Clock) -> int:
    """Return the present in µs since the Unix epoch."""
    return (clock.now() - _EPOCH) // timedelta(microseconds=1)


@dataclass(order=True)
class _Turn:
    """A camera's next frame; it is in the queue or in one thread's hands, never both."""

    due_s: float
    order: int
    camera_id: str = field(compare=False)
    make: Callable[[], Feed] = field(compare=False)
    captured_us: int = field(default=0, compare=False)
    """The instant of this frame, in µs since the Unix epoch: what `due_s` is on the wall's clock."""
    feed: Feed | None = field(default=None, compare=False)
    key_frame: bool = field(default=True, compare=False)
    stopped: bool = field(default=False, compare=False)


class Studio:
    """Makes the frames of the cameras that are being watched."""

    def __init__(self, clock: Clock, send: Send, *, threads: int = 2) -> None:
        self._clock, self._send = clock, send
        self._wake = threading.Condition()
        self._queue: list[_Turn] = []
        self._watched: dict[str, _Turn] = {}
        self._order = itertools.count()
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"studio-{i}", daemon=True) for i in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def watched(self) -> frozenset[str]:
        """Return the cameras whose frames are being made."""
        with self._wake:
            return frozenset(self._watched)

    def start(self, camera_id: str, make: Callable[[], Feed]) -> None:
        """Make frames of a camera from now on, the first a key frame; `make` runs on a studio's thread."""
        self.stop(camera_id)
        with self._wake:
            turn = _Turn(self._clock.monotonic_s(), next(self._order), camera_id, make)
            self._watched[camera_id] = turn
            heapq.heappush(self._queue, turn)
            self._wake.notify()

    def want_key_frame(self, camera_id: str) -> None:
        """Make the next frame of a camera one that a new viewer can start with."""
        with self._wake:
            if turn := self._watched.get(camera_id):
                turn.key_frame = True

    def stop(self, camera_id: str) -> None:
        """Make no more frames of a camera."""
        with self._wake:
            if turn := self._watched.pop(camera_id, None):
                turn.stopped = True

    def close(self) -> None:
        """End every thread."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout=2)  # one may be encoding a clip; it is a daemon

    def _work(self) -> None:
        while (turn := self._next_turn()) is not None:
            try:
                self._shoot(turn)
            except Exception:
                # One camera's failure ends that camera's frames, not the thread that makes others'.
                self.stop(turn.camera_id)
                log.exception("camera_failed", camera=turn.camera_id)
                continue
            with self._wake:
                if not turn.stopped:
                    heapq.heappush(self._queue, turn)
                    self._wake.notify()

    def _next_turn(self) -> _Turn | None:
        """Wait for the earliest frame that is due, or None once the studio closes."""
        with self._wake:
            while not self._closed:
                while self._queue and self._queue[0].stopped:
                    heapq.heappop(self._queue)
                wait_s = self._queue[0].due_s - self._clock.monotonic_s() if self._queue else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._queue)
                self._wake.wait(wait_s)
            return None

    def _shoot(self, turn: _Turn) -> None:
        if turn.feed is None:
            turn.feed = turn.make()
            turn.due_s, turn.captured_us = self._clock.monotonic_s(), now_us(self._clock)
        self._set_instant(turn)
        with self._wake:
            key_frame, turn.key_frame = turn.key_frame, False
        access_unit = turn.feed.shoot(turn.captured_us, key_frame=key_frame)
        with self._wake:  # so that nothing of a stopped feed comes after its successor's first frame
            if not turn.stopped:
                self._send(turn.camera_id, access_unit, turn.captured_us)
        # Frames that are past are skipped, not sent in a burst.
        late_s = self._clock.monotonic_s() - turn.due_s
        periods = max(1, math.ceil(late_s * 1e6 / turn.feed.period_us))
        turn.due_s += periods * turn.feed.period_us / 1e6
        turn.captured_us += periods * turn.feed.period_us

    def _set_instant(self, turn: _Turn) -> None:
        """Keep frames evenly apart, unless the wall's clock was moved."""
        before_s, wall_us = self._clock.monotonic_s(), now_us(self._clock)
        if self._clock.monotonic_s() - before_s > _CLOCK_MOVED_US / 1e6:
            return  # held up between the two clocks: nothing is learnt
        due_us = wall_us - round((before_s - turn.due_s) * 1e6)
        if abs(turn.captured_us - due_us) > _CLOCK_MOVED_US:
            turn.captured_us = due_us

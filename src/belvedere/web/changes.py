"""Who is told of changes: one bounded subscription per open screen (implements `live.ports.Announcer`).

A screen that reads slowly misses intermediate snapshots, never the newest one.
"""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import anyio

from belvedere.domain.ids import CameraId
from belvedere.live.model import Ending, Viewing

SCREENS_MAX = 500
ENDED_MAX = 64


class Topic(StrEnum):
    """What a screen is told of; the values are the names of the server-sent events."""

    STREAMS = "streams"
    EVENTS = "events"
    CENTRE = "centre"


class TooManyScreens(Exception):
    """More screens are open than this node serves."""


class Subscription:
    """What one screen has not been told yet."""

    def __init__(self) -> None:
        self.owed = set(Topic)
        self.cameras: set[CameraId] = set()
        self.ended: deque[tuple[Viewing, Ending]] = deque(maxlen=ENDED_MAX)
        self._wake = anyio.Event()

    def wake(self) -> None:
        """Let the screen's task run."""
        self._wake.set()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for news, at most `timeout_s`; return whether there was any."""
        with anyio.move_on_after(timeout_s):
            await self._wake.wait()
        woken = self._wake.is_set()
        self._wake = anyio.Event()
        return woken


class Changes:
    """Fans changes out to every open screen. Used on the event loop only."""

    def __init__(self) -> None:
        self._screens: set[Subscription] = set()
        self._versions: Counter[Topic] = Counter()

    @property
    def screens(self) -> int:
        """The number of open screens."""
        return len(self._screens)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Hold a subscription while a screen is open; raises `TooManyScreens`."""
        if len(self._screens) >= SCREENS_MAX:
            raise TooManyScreens
        screen = Subscription()
        self._screens.add(screen)
        try:
            yield screen
        finally:
            self._screens.discard(screen)

    def version(self, topic: Topic) -> int:
        """Return how often `topic` changed: what was read at a lower number is old."""
        return self._versions[topic]

    def streams_changed(self) -> None:
        """Every screen's list of streams is to be sent again."""
        self._owe(Topic.STREAMS)

    def events_changed(self) -> None:
        """Every screen's list of events is to be sent again."""
        self._owe(Topic.EVENTS)

    def centre_changed(self) -> None:
        """The room opened, closed, or something was declared: every screen asks its engine again."""
        self._owe(Topic.CENTRE)

    def _owe(self, topic: Topic) -> None:
        self._versions[topic] += 1
        for screen in self._screens:
            screen.owed.add(topic)
            screen.wake()

    def camera_changed(self, camera: CameraId) -> None:
        """One camera's state changed."""
        for screen in self._screens:
            screen.cameras.add(camera)
            screen.wake()

    def viewing_ended(self, viewing: Viewing, ending: Ending) -> None:
        """A viewing ended; its agent's screens are told why."""
        for screen in self._screens:
            screen.ended.append((viewing, ending))
            screen.wake()

"""Who is told of changes: one bounded subscription per open screen (implements `live.ports.Announcer`).

A screen that reads slowly misses intermediate snapshots, never the newest one.
"""

from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import anyio

from belvedere.domain.ids import CameraId
from belvedere.live.model import Ending, Viewing

SCREENS_MAX = 500
ENDED_MAX = 64


class TooManyScreens(Exception):
    """More screens are open than this node serves."""


class Subscription:
    """What one screen has not been told yet."""

    def __init__(self) -> None:
        self.streams = True
        self.events = True
        self.centre = True
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

    def streams_changed(self) -> None:
        """Every screen's list of streams is to be sent again."""
        for screen in self._screens:
            screen.streams = True
            screen.wake()

    def events_changed(self) -> None:
        """Every screen's list of events is to be sent again."""
        for screen in self._screens:
            screen.events = True
            screen.wake()

    def centre_changed(self) -> None:
        """The room opened, closed, or something was declared: every screen asks its engine again."""
        for screen in self._screens:
            screen.centre = True
            screen.wake()

    def cameras_changed(self, cameras: Collection[CameraId]) -> None:
        """The state of these cameras changed, or may have."""
        for screen in self._screens:
            screen.cameras.update(cameras)
            screen.wake()

    def viewing_ended(self, viewing: Viewing, ending: Ending) -> None:
        """A viewing ended; its agent's screens are told why."""
        for screen in self._screens:
            screen.ended.append((viewing, ending))
            screen.wake()

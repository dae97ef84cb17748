"""Who is told of changes: one bounded subscription per open screen (implements `live.ports.Announcer`).

A screen that reads slowly misses intermediate snapshots, never the newest one.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum

import anyio

from belvedere.domain.ids import CameraId
from belvedere.domain.requester import Requester
from belvedere.domain.viewings import Ending, Viewing

SCREENS_MAX = 500
PARTY_SCREENS_MAX = SCREENS_MAX // 2
"""So that no party's screens, however many, keep another's from opening one."""
SESSION_SCREENS_MAX = 8
"""So that no agent's take their colleagues' places."""
ENDED_MAX = 64


class Topic(StrEnum):
    """What a screen is told of; the values are the names of the server-sent events."""

    STREAMS = "streams"
    EVENTS = "events"
    CENTRE = "centre"
    PARTNERS = "partners"
    STEERING = "steering"
    POSITIONS = "positions"


class ScreensOf(StrEnum):
    """Whose screens are too many."""

    SESSION = "session"
    PARTY = "party"
    NODE = "node"


class TooManyScreens(Exception):
    """As many screens are open as may be; `whose` tells whose."""

    def __init__(self, whose: ScreensOf, screens_max: int) -> None:
        super().__init__(f"{screens_max} screens of this {whose} are open")
        self.whose = whose
        self.screens_max = screens_max


class Subscription:
    """What one screen has not been told yet."""

    def __init__(self, requester: Requester) -> None:
        self.party = requester.party
        self.session_sha256 = requester.session_sha256
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
        self.standings_version = 0
        """How often a standing or a session ended: what was read at a lower number is old."""

    @property
    def screens(self) -> int:
        """The number of open screens."""
        return len(self._screens)

    @contextmanager
    def subscribe(self, requester: Requester) -> Iterator[Subscription]:
        """Hold a subscription while a screen of `requester` is open; raises `TooManyScreens`."""
        for whose, screens_max, is_one in (
            (ScreensOf.SESSION, SESSION_SCREENS_MAX, lambda each: each.session_sha256 == requester.session_sha256),
            (ScreensOf.PARTY, PARTY_SCREENS_MAX, lambda each: each.party == requester.party),
            (ScreensOf.NODE, SCREENS_MAX, lambda _: True),
        ):
            if sum(map(is_one, self._screens)) >= screens_max:
                raise TooManyScreens(whose, screens_max)
        screen = Subscription(requester)
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
        self._owe(Topic.POSITIONS)  # a camera's is told to who watches it

    def events_changed(self) -> None:
        """Every screen's list of events is to be sent again."""
        self._owe(Topic.EVENTS)

    def centre_changed(self) -> None:
        """The room opened, closed, or something was declared: every screen asks its engine again."""
        self._owe(Topic.CENTRE)

    def partners_changed(self) -> None:
        """A partner began to wait for this node's journal to be seen, or waits no more."""
        self._owe(Topic.PARTNERS)

    def steering_changed(self) -> None:
        """Somebody steers, asks to, or no longer; or the owner answered."""
        self._owe(Topic.STEERING)

    def positions_changed(self) -> None:
        """A camera that is steered looks elsewhere."""
        self._owe(Topic.POSITIONS)

    def session_opened(self) -> None:
        """What was read of standings before does not know the session that has just been opened."""
        self.standings_version += 1

    def standings_changed(self) -> None:
        """Some standing ended, or a session did: every screen asks anew whether it may follow."""
        self.standings_version += 1
        for screen in self._screens:
            screen.wake()

    def _owe(self, topic: Topic) -> None:
        self._versions[topic] += 1
        for screen in self._screens:
            screen.owed.add(topic)
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

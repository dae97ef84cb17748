"""The watch over leases: what time ends in memory ends in the ledger, and how often a camera was turned is written down.

Terms by the wall clock are `rights.watch`'s. Here is what is counted in time that passes: signs of the holder, idleness, the
longest duration, a holder's silence.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Protocol

from belvedere.acts.return_home import is_watched, return_home
from belvedere.acts.steering import Movements, moved_by_another, run_out, settle_silence, tell_movements
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, ViewingId
from belvedere.domain.leases import Lease
from belvedere.domain.rest import AwayCamera
from belvedere.ptz.arbitration import Input, Lapse, Silence
from belvedere.rights.looking import look_forever
from belvedere.spine.commit import Spine

LOOK_EVERY_S = 0.25
MOVED_MAX = 1000
"""How many counts wait to be written down while nothing is recorded: the oldest of more are lost."""


class Moved(Protocol):
    """How often a camera was turned under a lease that is over."""

    @property
    def lease(self) -> Lease:
        """The lease."""

    @property
    def first(self) -> Instant:
        """When first."""

    @property
    def last(self) -> Instant:
        """When last."""

    @property
    def count(self) -> int:
        """How often."""


class Signs(Protocol):
    """Who steers, in memory."""

    def hear(self, connected: Collection[ViewingId]) -> None:
        """Note which viewings have a media socket now."""

    def overdue(self) -> Sequence[Input]:
        """Return what time alone has made so."""

    def cameras_turned_by_others(self) -> Sequence[CameraId]:
        """Return the cameras that move under a partner's lease although nobody here commanded it."""

    def escalate(self) -> None:
        """Tell the screens where a word is asked of somebody else by now."""

    def tell_positions(self) -> None:
        """Tell the screens where cameras look by now."""

    def away(self) -> Sequence[AwayCamera]:
        """Return the cameras that look where a partner's lease left them."""

    def note_watched(self, away: AwayCamera, *, watched: bool) -> bool:
        """Note whether the camera is watched for that event; return whether it is time that it goes back."""

    def leave(self, camera: CameraId) -> None:
        """Let the camera look where it does."""

    def take_moved(self) -> Sequence[Moved]:
        """Return how often cameras were turned under leases that are over, and forget it."""


class SteeringWatch:
    """Ends leases whose time has run out. One task, owned by the node's TaskGroup."""

    def __init__(self, spine: Spine, signs: Signs, connected: Callable[[], Collection[ViewingId]]) -> None:
        self._spine = spine
        self._signs = signs
        self._connected = connected
        self._untold: list[Moved] = []

    async def look_forever(self) -> None:
        """Look four times a second until cancelled; what is over moves no camera meanwhile."""
        await look_forever(
            self.look, every_s=LOOK_EVERY_S, not_done="steering_watch_not_done", failed="steering_watch_failed"
        )

    async def look(self) -> None:
        """End what is overdue, and write down what was turned: once. Raises `NotRecorded`, `NotRead`."""
        for camera in self._signs.cameras_turned_by_others():
            await self._spine.commit(partial(moved_by_another, camera=camera), essential=True)
        self._signs.hear(self._connected())
        for due in self._signs.overdue():
            match due:
                case Lapse(lease, cause):
                    await self._spine.commit(partial(run_out, lease=lease, cause=cause), essential=True)
                case Silence(lease):
                    await self._spine.commit(partial(settle_silence, lease=lease))
                case _:
                    pass
        self._signs.escalate()
        self._signs.tell_positions()
        await self._send_home()
        await self._tell_moved()

    async def _send_home(self) -> None:
        """Have cameras go back that a partner left turned, where nobody watches them for that event any more."""
        left = self._signs.away()
        if not left:
            return
        watched = await self._spine.read(lambda snapshot: [is_watched(snapshot, each) for each in left])
        for each, seen in zip(left, watched, strict=True):
            if not self._signs.note_watched(each, watched=seen):
                continue
            if await self._spine.commit(partial(return_home, away=each)) is False:
                self._signs.leave(each.camera)

    async def _tell_moved(self) -> None:
        self._untold = [*self._untold, *self._signs.take_moved()][-MOVED_MAX:]
        while self._untold:
            moved = self._untold[0]
            told = Movements(moved.first, moved.last, moved.count)
            await self._spine.commit(partial(tell_movements, lease=moved.lease, told=told), essential=True)
            self._untold.pop(0)

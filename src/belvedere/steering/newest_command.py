"""The order of commands to one camera: one is on its way, and of those that wait the newest goes. Knows no network."""

from dataclasses import dataclass, field

import anyio


@dataclass(slots=True, eq=False)
class _Waiter:
    decided: anyio.Event = field(default_factory=anyio.Event)
    goes: bool = False


class NewestCommand:
    """A turn that one command has at a time; of the others one waits at most."""

    def __init__(self) -> None:
        self._busy = False
        self._waiting: _Waiter | None = None

    @property
    def busy(self) -> bool:
        """Tell whether a command is on its way."""
        return self._busy

    async def take_turn(self) -> bool:
        """Wait for the turn; False where a newer command, or a stop, took its place. Whoever has it must `give_back`."""
        self.overtake()
        if not self._busy:
            self._busy = True
            return True
        mine = self._waiting = _Waiter()
        try:
            await mine.decided.wait()
        except BaseException:
            if self._waiting is mine:
                self._waiting = None
            elif mine.goes:
                self.give_back()
            raise
        return mine.goes

    def overtake(self) -> None:
        """Tell the one that waits that it will not go."""
        self._decide(goes=False)

    def give_back(self) -> None:
        """End the turn: the one that waits has it next."""
        if not self._decide(goes=True):
            self._busy = False

    def _decide(self, *, goes: bool) -> bool:
        waiter, self._waiting = self._waiting, None
        if waiter is None:
            return False
        waiter.goes = goes
        waiter.decided.set()
        return True

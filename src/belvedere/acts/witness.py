"""What the director says in the place of a witness: that the journal is this node's own, whole, as it stands.

After a start nothing is opened to a partner before another node has compared this one's journal: it may be an old copy.
Where no other node can be reached, its director looks and answers for it, recorded. Source: reliability 7, 28.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from belvedere.acts.direction import DIRECTING
from belvedere.changes import LogConfirmed
from belvedere.changes.records import subject_of
from belvedere.domain.clock import Instant
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class NothingToConfirm:
    """No partner waits for it: a witness saw the journal, or proved that it is another."""


@dataclass(frozen=True, slots=True)
class ConfirmLog:
    """The command: the director answers for the journal; `reason` tells how it was looked at."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    reason: str


def confirm_log(_snapshot: Snapshot, command: ConfirmLog, now: Instant) -> Step[None]:
    """Confirm; partners are served until the next start."""
    return Step(None, (LogConfirmed(command.reason, subject_of(command.requester), now),))


class ConfirmationDesk:
    """Records the director's word, where partners wait for it."""

    def __init__(self, spine: Spine, may_be_confirmed: Callable[[], bool]) -> None:
        self._spine = spine
        self._may_be_confirmed = may_be_confirmed

    async def confirm(self, requester: Requester, *, reason: str) -> NothingToConfirm | ActRefused | None:
        """Record that the director answers for the journal; raises `NotRecorded`."""
        if not self._may_be_confirmed():
            return NothingToConfirm()
        return await self._spine.act(confirm_log, ConfirmLog(requester, reason))

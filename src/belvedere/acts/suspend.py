"""The director suspends a camera's flow to a party, on a listed ground, and lifts it (rules A5, a reading)."""

from dataclasses import dataclass
from typing import ClassVar

from belvedere.acts.direction import DIRECTING
from belvedere.changes import StreamSuspended, SuspensionLifted
from belvedere.changes.records import subject_of
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ViewingId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.domain.suspensions import Suspension
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import SuspensionGround
from belvedere.rights.facts import convention_ref
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class SuspendStream:
    """The command: end this viewing's camera's flow to its party, on a ground, for a reason in words."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    viewing: ViewingId
    ground: SuspensionGround
    reason: str


@dataclass(frozen=True, slots=True)
class LiftSuspension:
    """The command: the flow that the suspension of this viewing ended may be asked for again."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = False
    requester: Requester
    viewing: ViewingId


@dataclass(frozen=True, slots=True)
class ViewingUnknown:
    """No such viewing of a partner runs here, nor was suspended."""


@dataclass(frozen=True, slots=True)
class OwnViewing:
    """The owner's own viewings are closed, not suspended."""


Suspended = Suspension | ActRefused | ViewingUnknown | OwnViewing


def suspend(snapshot: Snapshot, command: SuspendStream, now: Instant) -> Step[Suspension | ViewingUnknown | OwnViewing]:
    """Suspend the flow; every viewing of that camera by that party is decided again, and ends with the ground."""
    viewing = snapshot.viewing(command.viewing)
    if viewing is None:
        return Step(snapshot.suspension_by_viewing(command.viewing) or ViewingUnknown())
    if viewing.party == snapshot.place.party:
        return Step(OwnViewing())
    suspension = Suspension(
        camera=viewing.camera,
        party=viewing.party,
        ground=command.ground,
        reason=command.reason,
        since=now,
        by_role=command.requester.role,
        by_label=command.requester.label,
        viewing=viewing.id,
    )

    def of_the_flow(other: Viewing) -> bool:
        return (other.camera, other.party) == (suspension.camera, suspension.party)

    stopped = tuple(other.id for other in snapshot.viewings() if of_the_flow(other))
    by = subject_of(command.requester)
    change = StreamSuspended(suspension, stopped, by, now, convention_ref(snapshot, suspension.party))
    return Step(suspension, (change, *review(After(snapshot, (change,)), now, of_the_flow)))


def lift(snapshot: Snapshot, command: LiftSuspension, now: Instant) -> Step[Suspension | ViewingUnknown]:
    """Lift the suspension that ended the viewing."""
    suspension = snapshot.suspension_by_viewing(command.viewing)
    if suspension is None:
        return Step(ViewingUnknown())
    by = subject_of(command.requester)
    return Step(suspension, (SuspensionLifted(suspension, by, now, convention_ref(snapshot, suspension.party)),))


class SuspensionDesk:
    """Suspends and lifts."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def suspend(self, command: SuspendStream) -> Suspended:
        """Suspend; every viewing of that camera by that party ends with the ground.

        Raises `NotRecorded` where it can't be written: what runs is stopped all the same, and nothing keeps it from
        being asked for again once the ledger takes records.
        """
        return await self._spine.act(suspend, command)

    async def lift(self, requester: Requester, viewing: ViewingId) -> Suspended:
        """Lift the suspension that ended `viewing`; raises `NotRecorded`."""
        return await self._spine.act(lift, LiftSuspension(requester, viewing))

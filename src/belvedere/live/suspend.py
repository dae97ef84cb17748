"""The director suspends a camera's flow to a party, on a listed ground, and lifts it (FACTS A5, a reading)."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from belvedere.domain.asker import Asker
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import ViewingId
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import SuspensionGround
from belvedere.live import endings
from belvedere.live.direction import DIRECTING
from belvedere.live.model import Suspension, Viewing
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview


@dataclass(frozen=True, slots=True)
class SuspendStream:
    """The command: end this viewing's camera's flow to its party, on a ground, for a reason in words."""

    needs: ClassVar[Needs] = DIRECTING
    asker: Asker
    viewing: ViewingId
    ground: SuspensionGround
    reason: str


@dataclass(frozen=True, slots=True)
class ViewingUnknown:
    """No such viewing of a partner runs here, nor was suspended."""


@dataclass(frozen=True, slots=True)
class OwnViewing:
    """The owner's own viewings are closed, not suspended."""


Suspended = Suspension | ActRefused | ViewingUnknown | OwnViewing


class SuspensionDesk:
    """Suspends and lifts."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def suspend(self, command: SuspendStream) -> Suspended:
        """Suspend; every viewing of that camera by that party ends with the ground.

        Raises `NotRecorded` where it can't be written: what runs is stopped all the same, and nothing keeps it from
        being asked for again once the ledger takes records.
        """
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> Suspended:
            if (refused := self._ports.act_refused(tx, command.asker, command.needs)) is not None:
                return refused
            viewing = tx.viewing(command.viewing)
            if viewing is None:
                return tx.suspension_by_viewing(command.viewing) or ViewingUnknown()
            if viewing.party == self._ports.owner:
                return OwnViewing()
            suspension = self._suspension(command, viewing)
            touched = partial(_touched, viewing)
            stopped = [other.id for other in tx.viewings() if touched(other)]
            tx.put_suspension(suspension, ended=stopped)
            tx.append(self._record(command.asker, suspension, RecordedAct.SUSPENDED))
            ended.extend(self._review.review_in(tx, touched))
            return suspension

        def follow(_: Suspended) -> None:
            self._review.stop(ended)

        try:
            outcome = await self._ports.store.transact(work, essential=True, on_late=follow)
        except NotRecorded:
            await self._stop_unrecorded(command)
            raise
        follow(outcome)
        return outcome

    async def _stop_unrecorded(self, command: SuspendStream) -> None:
        def running(reading: LiveReading) -> Viewing | None:
            refused = self._ports.act_refused(reading, command.asker, command.needs)
            return reading.viewing(command.viewing) if refused is None else None

        viewing = await self._ports.store.read(running)
        if viewing is not None and viewing.party != self._ports.owner:
            ending = endings.suspended(self._suspension(command, viewing), ())
            await self._review.end(partial(_touched, viewing), lambda _: ending)

    def _suspension(self, command: SuspendStream, viewing: Viewing) -> Suspension:
        return Suspension(
            camera=viewing.camera,
            party=viewing.party,
            ground=command.ground,
            reason=command.reason,
            since=self._ports.clock.now(),
            by_role=command.asker.role,
            by_label=command.asker.label,
            viewing=viewing.id,
        )

    async def lift(self, asker: Asker, viewing: ViewingId) -> Suspended:
        """Lift the suspension that ended `viewing`; raises `NotRecorded`."""

        def work(tx: LiveTransaction) -> Suspended:
            if (refused := self._ports.act_refused(tx, asker, SuspendStream.needs)) is not None:
                return refused
            suspension = tx.suspension_by_viewing(viewing)
            if suspension is None:
                return ViewingUnknown()
            tx.lift_suspension(suspension.camera, suspension.party)
            tx.append(self._record(asker, suspension, RecordedAct.LIFTED))
            return suspension

        def follow(_: Suspended) -> None:
            self._ports.announcer.streams_changed()

        outcome = await self._ports.store.transact(work, on_late=follow)
        follow(outcome)
        return outcome

    def _record(self, asker: Asker, suspension: Suspension, act: RecordedAct) -> Record:
        convention = self._ports.convention_for(suspension.party)
        return Record(
            kind=RecordKind.SUSPENSION,
            at=self._ports.clock.now(),
            convention=None if convention is None else reference(convention),
            action="view",
            subject=subject_of(asker),
            camera=suspension.camera,
            cause=act,
            viewing=suspension.viewing,
            detail={
                "ground": suspension.ground,
                "reason": suspension.reason,
                "party": suspension.party,
            },
        )


def _touched(viewing: Viewing, other: Viewing) -> bool:
    """Return whether `other` is of the same flow: that camera to that party."""
    return other.camera == viewing.camera and other.party == viewing.party

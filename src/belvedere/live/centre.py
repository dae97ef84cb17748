"""What the director declares about the whole: the prefect's authorisation withdrawn (FACTS A25)."""

from dataclasses import dataclass, replace

from belvedere.domain.asker import Asker
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.vocabulary import Role
from belvedere.live.model import CentreState
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview


@dataclass(frozen=True, slots=True)
class NotForThisRole:
    """Only the director of the municipal police records a withdrawal, or that the room is inactive."""


class CentreDesk:
    """Records declarations; every viewing that they touch is decided again in the same transaction."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def withdraw(self, asker: Asker, *, withdrawn: bool, act: str) -> CentreState | NotForThisRole:
        """Record that the prefect's authorisation is withdrawn, or given again; raises `NotRecorded`."""
        if asker.party != self._ports.owner or asker.role is not Role.POLICE_DIRECTOR:
            return NotForThisRole()
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> CentreState:
            centre = replace(tx.centre(), authorisation_withdrawn=withdrawn)
            tx.put_centre(centre)
            convention = self._ports.convention_for(self._ports.owner)
            tx.append(
                Record(
                    kind=RecordKind.CONVENTION,
                    at=self._ports.clock.now(),
                    convention=None if convention is None else reference(convention),
                    subject=subject_of(asker),
                    cause="authorisation-withdrawn" if withdrawn else "authorisation-restored",
                    detail={"act": act},
                )
            )
            ended.extend(self._review.review_in(tx))
            return centre

        centre = await self._ports.store.transact(work, essential=True)
        self._review.stop(ended)
        self._ports.announcer.streams_changed()
        return centre

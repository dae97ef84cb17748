"""A relief swaps the agent and keeps the pictures: every viewing is decided again and changes hands in the journal."""

from dataclasses import replace

from belvedere.domain.asker import Asker
from belvedere.domain.record import Record, RecordKind
from belvedere.live.model import Viewing
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview


class ReliefDesk:
    """Hands viewings over."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def hand_over(self, former: Asker, relief: Asker) -> int:
        """Give the viewings of `former`'s session to `relief`; what it may not watch ends; raises `NotRecorded`.

        Returns how many viewings go on.
        """
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> int:
            mine = [viewing for viewing in tx.viewings() if viewing.session_sha256 == former.session_sha256]
            for viewing in mine:
                tx.put_viewing(_handed(viewing, relief))
            ended.extend(self._review.review_in(tx, lambda viewing: viewing.session_sha256 == relief.session_sha256))
            kept = [viewing for viewing in mine if tx.viewing(viewing.id) is not None]
            for viewing in kept:
                tx.append(self._record(viewing, former, relief))
            return len(kept)

        kept = await self._ports.store.transact(work, essential=True)
        self._review.stop(ended)
        self._ports.announcer.streams_changed()
        return kept

    def _record(self, viewing: Viewing, former: Asker, relief: Asker) -> Record:
        convention = self._ports.convention_for(relief.party)
        return Record(
            kind=RecordKind.RELIEVED,
            at=self._ports.clock.now(),
            convention=None if convention is None else reference(convention),
            action="view",
            subject=subject_of(relief),
            camera=viewing.camera,
            viewing=viewing.id,
            detail={"former": former.pseudonym},
        )


def _handed(viewing: Viewing, relief: Asker) -> Viewing:
    return replace(
        viewing,
        service=relief.service,
        agent=relief.agent,
        pseudonym=relief.pseudonym,
        agent_label=relief.label,
        session_sha256=relief.session_sha256,
    )

"""Ends what is no longer granted: the same decision again, on the facts of now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from belvedere.domain.decision import Granted, Refused
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import ViewingId
from belvedere.domain.vocabulary import Action
from belvedere.live import endings, records
from belvedere.live.facts import request_to_decide
from belvedere.live.model import Ending, Viewing
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.policy import Convention, decide


@dataclass(frozen=True, slots=True)
class Ended:
    """A viewing that ended, and how."""

    viewing: Viewing
    ending: Ending


class ViewingReview:
    """Decides running viewings again, records what ends, then stops it in the relay."""

    def __init__(self, ports: LivePorts) -> None:
        self._ports = ports
        self._abandoned: set[ViewingId] = set()

    def abandon(self, viewing: ViewingId) -> None:
        """Have the watch end at its next second a viewing that nobody waits for any more."""
        self._abandoned.add(viewing)

    def keep(self, viewing: ViewingId) -> None:
        """Take back that nobody waits for a viewing. Called on the writer's thread, so never beside its end."""
        self._abandoned.discard(viewing)

    async def end_abandoned(self) -> None:
        """End what was abandoned; raises `NotRecorded`, and tries again at the next call."""
        if self._abandoned:
            which = frozenset(self._abandoned)
            await self.end(lambda viewing: viewing.id in which & self._abandoned, lambda _: endings.came_late())
            self._abandoned -= which

    async def review(self, which: Callable[[Viewing], bool] = lambda _: True) -> Sequence[Ended]:
        """Decide every running viewing that `which` picks again; end what is refused.

        Raises `NotRecorded` where the ends could not be written; the flows are cut all the same, since
        an end without its record harms nobody, an image without its grant does.
        """
        try:
            ended = await self._ports.store.transact(lambda tx: self.review_in(tx, which), essential=True)
        except NotRecorded:
            await self._cut_without_record(which)
            raise
        self.stop(ended)
        return ended

    def review_in(
        self,
        tx: LiveTransaction,
        which: Callable[[Viewing], bool] = lambda _: True,
        *,
        under: Convention | None = None,
    ) -> list[Ended]:
        """Decide again inside the caller's transaction, who calls `stop` once it is durable.

        So a change of fact and the ends that follow from it are one thing in the ledger. `under` is a convention
        that the caller is about to put in force in place of the one with its id.
        """
        outcomes = [
            (viewing, self._decide_again(tx, viewing, under=under)) for viewing in tx.viewings() if which(viewing)
        ]
        ended: list[tuple[Ended, Refused | None]] = []
        for viewing, outcome in outcomes:
            if isinstance(outcome, Viewing):
                if outcome != viewing:
                    tx.put_viewing(outcome)
            else:
                ending, refused = outcome
                ended.append((Ended(viewing, ending), refused))
        self._write_ends(tx, ended)
        return [end for end, _ in ended]

    async def end(self, which: Callable[[Viewing], bool], ending: Callable[[Viewing], Ending]) -> Sequence[Ended]:
        """End every running viewing that `which` picks, as `ending` says; raises `NotRecorded`."""

        def work(tx: LiveTransaction) -> list[Ended]:
            ended = [Ended(viewing, ending(viewing)) for viewing in tx.viewings() if which(viewing)]
            self._write_ends(tx, [(end, None) for end in ended])
            return ended

        ended = await self._ports.store.transact(work, essential=True)
        self.stop(ended)
        return ended

    def stop(self, ended: Sequence[Ended]) -> None:
        """Stop in the relay what was durably ended, and tell the screens."""
        for end in ended:
            self._ports.relay.revoke(
                end.viewing.id,
                code=end.ending.code,
                cause=end.ending.cause,
                article=end.ending.articles[0] if end.ending.articles else None,
            )
            self._ports.announcer.viewing_ended(end.viewing, end.ending)
        if ended:
            self._ports.announcer.streams_changed()

    def _decide_again(
        self, tx: LiveReading, viewing: Viewing, *, under: Convention | None = None
    ) -> Viewing | tuple[Ending, Refused | None]:
        camera = self._ports.cameras.watched(viewing.camera)
        convention = self._ports.convention_for(viewing.party)
        if convention is not None and under is not None and convention.id == under.id:
            convention = under
        if camera is None or convention is None:
            return endings.expired(), None
        at = self._ports.clock.now()
        decision = decide(
            convention,
            request_to_decide(
                tx,
                action=Action.VIEW,
                at=at,
                party=viewing.party,
                service=viewing.service,
                agent=viewing.agent,
                station=viewing.station,
                camera=camera,
                event=None if viewing.event is None else tx.event(viewing.event),
                purpose=viewing.purpose,
                zone=convention.zone,
            ),
        )
        match decision:
            case Granted():
                return replace(viewing, valid_until=decision.valid_until)
            case Refused():
                suspension = tx.suspension(viewing.camera, viewing.party)
                if decision.cause == "suspended" and suspension is not None:
                    return endings.suspended(suspension, decision.articles), decision
                at_its_term = viewing.valid_until is not None and viewing.valid_until <= at
                return endings.no_longer_granted(decision, at_its_term=at_its_term), decision
            case _:
                return endings.expired(), None

    def _write_ends(self, tx: LiveTransaction, ended: Sequence[tuple[Ended, Refused | None]]) -> None:
        at = self._ports.clock.now()
        for end, refused in ended:
            viewing = end.viewing
            tx.append(
                records.ended_record(
                    viewing,
                    at=at,
                    convention=self._ports.convention_for(viewing.party),
                    event=None if viewing.event is None else tx.event(viewing.event),
                    ending=end.ending,
                    decision=refused,
                )
            )
        tx.remove_viewings([end.viewing.id for end, _ in ended])

    async def _cut_without_record(self, which: Callable[[Viewing], bool]) -> None:
        """The ledger is down: stop what is refused now; its record follows at the next review."""

        def refused_now(reading: LiveReading) -> list[Ended]:
            found = []
            for viewing in reading.viewings():
                if which(viewing) and viewing.party != self._ports.owner:
                    outcome = self._decide_again(reading, viewing)
                    if not isinstance(outcome, Viewing):
                        found.append(Ended(viewing, outcome[0]))
            return found

        self.stop(await self._ports.store.read(refused_now, essential=True))

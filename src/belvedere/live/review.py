"""Ends what is no longer granted: the same decision again, on the facts of now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Refused
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import ViewingId
from belvedere.domain.vocabulary import Action
from belvedere.live import endings, records, stream_log
from belvedere.live.facts import Asked, earlier, event_facts, request_to_decide
from belvedere.live.model import Ending, Viewing
from belvedere.live.ports import DecisionReading, LivePorts, LiveReading, LiveTransaction
from belvedere.policy import Convention, decide

REVIEWS_OWED_MAX = 64
"""Beyond so many, everything is decided again."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A viewing that ended, and how."""

    viewing: Viewing
    ending: Ending


@dataclass(frozen=True, slots=True)
class OwedEnd:
    """An end that was carried out and is still to be written; `refused` where a rule ended the viewing."""

    ending: Ending
    refused: Refused | None = None


class _Hearings:
    """Decides on one consistent view, at one instant; what was asked is heard once, however many viewings ask it: `decide` is pure."""

    def __init__(self, reading: DecisionReading, *, at: Instant) -> None:
        self.reading = reading
        self.at = at
        self._heard: dict[tuple[str, Asked], Decision] = {}

    def decide(self, convention: Convention, asked: Asked) -> Decision:
        """Return the decision of the convention as it stands in this review."""
        found = self._heard.get((convention.id, asked))
        if found is None:
            found = decide(convention, request_to_decide(self.reading, asked, zone=convention.zone))
            self._heard[convention.id, asked] = found
        return found


class ViewingReview:
    """Decides running viewings again, records what ends, then stops it in the relay.

    An end harms nobody, an image without its grant does: so an end that can't be written now is carried out all the
    same, owed, and written by `settle`. What lands late is carried out when it lands (decision 0008).
    """

    def __init__(self, ports: LivePorts) -> None:
        self._ports = ports
        self._abandoned: set[ViewingId] = set()
        self._owed: dict[ViewingId, OwedEnd] = {}
        self._again: list[Callable[[Viewing], bool]] = []

    def abandon(self, viewing: ViewingId) -> None:
        """Have the watch end at its next second a viewing that nobody waits for any more."""
        self._abandoned.add(viewing)

    def keep(self, viewing: ViewingId) -> None:
        """Take back that nobody waits for a viewing. Called on the writer's thread, so never beside its end."""
        self._abandoned.discard(viewing)

    def owes_end(self, viewing: ViewingId) -> bool:
        """Return whether the viewing has ended although its row still stands: nobody watches it."""
        return viewing in self._owed

    @property
    def owes(self) -> bool:
        """Whether records are owed: the ledger took nothing when it was last asked."""
        return bool(self._owed)

    def owe(self, which: Callable[[Viewing], bool]) -> None:
        """Have `settle` decide again what `which` picks: a fact that it rests on has changed."""
        if len(self._again) >= REVIEWS_OWED_MAX:
            self._again[:] = [lambda _: True]
        self._again.append(which)

    async def settle(self) -> None:
        """Write the ends that are owed, end what was abandoned, decide again what is owed a review.

        Raises `NotRecorded` while the ledger takes nothing; what is owed stays owed.
        """
        if self._owed:
            await self._write_owed(dict(self._owed))
        if self._abandoned:
            which = frozenset(self._abandoned)
            await self.end(lambda viewing: viewing.id in which & self._abandoned, lambda _: endings.came_late())
            self._abandoned -= which
        await self.catch_up()

    async def catch_up(self) -> None:
        """Decide again what is owed a review, if anything is."""
        if self._again:
            again, self._again = tuple(self._again), []
            await self.review(lambda viewing: any(which(viewing) for which in again))

    async def _write_owed(self, owed: dict[ViewingId, OwedEnd]) -> None:
        def work(tx: LiveTransaction) -> None:
            running = [viewing for viewing in tx.viewings() if viewing.id in owed]
            self._write_ends(
                tx, [(Ended(viewing, owed[viewing.id].ending), owed[viewing.id].refused) for viewing in running]
            )

        def written(_: None) -> None:
            for viewing in owed:
                self._owed.pop(viewing, None)
            self._ports.announcer.streams_changed()

        await self._ports.store.transact(work, essential=True, on_late=written)
        written(None)

    async def review(
        self, which: Callable[[Viewing], bool] = lambda _: True, *, ahead: timedelta = timedelta(0)
    ) -> Sequence[Ended]:
        """Decide every running viewing that `which` picks again; end what is refused; return what ended.

        One whose term comes within `ahead` is decided as at its term: the relay's clock may be a moment early. Where
        the ends can't be written, a partner's are carried out and owed; raises `NotRead` where not even that.
        """
        try:
            ended = await self._ports.store.transact(
                lambda tx: self.review_in(tx, which, ahead=ahead), essential=True, on_late=self.stop
            )
        except NotRecorded:
            self.owe(which)
            return await self._cut_without_record(which, ahead=ahead)
        self.stop(ended)
        return ended

    def review_in(
        self,
        tx: LiveTransaction,
        which: Callable[[Viewing], bool] = lambda _: True,
        *,
        under: Convention | None = None,
        ahead: timedelta = timedelta(0),
    ) -> list[Ended]:
        """Decide again inside the caller's transaction, who calls `stop` once it is durable.

        So a change of fact and the ends that follow from it are one thing in the ledger. `under` is a convention
        that the caller is about to put in force in place of the one with its id.
        """
        hearings = _Hearings(tx, at=self._ports.clock.now())
        outcomes = [
            (viewing, self._decide_again(hearings, viewing, under=under, ahead=ahead))
            for viewing in tx.viewings()
            if which(viewing)
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

    def would_end(self, reading: DecisionReading, *, under: Convention | None = None) -> list[Ended]:
        """Return what `review_in` would end on these facts, under a convention about to be put in force; end nothing."""
        hearings = _Hearings(reading, at=self._ports.clock.now())
        outcomes = [(viewing, self._decide_again(hearings, viewing, under=under)) for viewing in reading.viewings()]
        return [Ended(viewing, outcome[0]) for viewing, outcome in outcomes if not isinstance(outcome, Viewing)]

    async def end(self, which: Callable[[Viewing], bool], ending: Callable[[Viewing], Ending]) -> Sequence[Ended]:
        """End every running viewing that `which` picks, as `ending` says; return what ended.

        Where the ends can't be written they are carried out and owed; raises `NotRead` where not even that.
        """

        def work(tx: LiveTransaction) -> list[Ended]:
            ended = [Ended(viewing, ending(viewing)) for viewing in tx.viewings() if which(viewing)]
            self._write_ends(tx, [(end, None) for end in ended])
            return ended

        try:
            ended = await self._ports.store.transact(work, essential=True, on_late=self.stop)
        except NotRecorded:
            ended = await self._ports.store.read(
                lambda reading: [Ended(viewing, ending(viewing)) for viewing in reading.viewings() if which(viewing)]
            )
            self._owed |= {end.viewing.id: OwedEnd(end.ending) for end in ended}
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
        # Told once all of them have stopped: nothing that is only said stands between two ends.
        for end in ended:
            stream_log.stream_ended(end.viewing, end.ending)
            self._ports.announcer.viewing_ended(end.viewing, end.ending)
        if ended:
            self._ports.announcer.streams_changed()

    def _decide_again(
        self,
        hearings: _Hearings,
        viewing: Viewing,
        *,
        under: Convention | None = None,
        ahead: timedelta = timedelta(0),
    ) -> Viewing | tuple[Ending, Refused | None]:
        camera = self._ports.cameras.watched(viewing.camera)
        convention = self._ports.convention_for(viewing.party)
        if convention is not None and under is not None and convention.id == under.id:
            convention = under
        if camera is None or convention is None:
            return endings.expired(), None
        at = hearings.at
        if viewing.valid_until is not None and at < viewing.valid_until <= at + ahead:
            at = viewing.valid_until
        reading = hearings.reading
        event = None if viewing.event is None else reading.event(viewing.event)
        decision = hearings.decide(
            convention,
            Asked(
                action=Action.VIEW,
                at=at,
                party=viewing.party,
                service=viewing.service,
                agent=viewing.agent,
                station=viewing.station,
                camera=camera,
                event=event_facts(event),
                purpose=viewing.purpose,
            ),
        )
        match decision:
            case Granted():
                standing = reading.standing(viewing.agent, viewing.station, at)
                # A convention may say nothing of the owner's own stations (A22 speaks of the State's): the node does.
                if not standing.habilitated or not standing.station_registered:
                    lacks = Cause.STATION_UNREGISTERED if standing.habilitated else Cause.NOT_HABILITATED
                    return endings.standing_ended(lacks, decision.articles), None
                return replace(viewing, valid_until=earlier(decision.valid_until, standing.habilitated_until))
            case Refused():
                suspension = reading.suspension(viewing.camera, viewing.party)
                if decision.cause is Cause.SUSPENDED and suspension is not None:
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

    async def _cut_without_record(self, which: Callable[[Viewing], bool], *, ahead: timedelta) -> Sequence[Ended]:
        """The ledger is down: stop what is refused to a partner now; its record follows."""

        def refused_now(reading: LiveReading) -> dict[ViewingId, tuple[Viewing, OwedEnd]]:
            found, hearings = {}, _Hearings(reading, at=self._ports.clock.now())
            for viewing in reading.viewings():
                if which(viewing) and not self._ports.is_own_room(viewing.party, viewing.camera):
                    outcome = self._decide_again(hearings, viewing, ahead=ahead)
                    if not isinstance(outcome, Viewing):
                        found[viewing.id] = (viewing, OwedEnd(*outcome))
            return found

        found = await self._ports.store.read(refused_now, essential=True)
        self._owed |= {viewing: owed for viewing, (_, owed) in found.items()}
        ended = [Ended(viewing, owed.ending) for viewing, owed in found.values()]
        self.stop(ended)
        return ended

"""Operational events: opened with one key, completed in words later, closed with a motive (FACTS A7)."""

from dataclasses import dataclass, replace

from belvedere.domain.asker import SUPERVISORS, Asker
from belvedere.domain.ids import EventId
from belvedere.domain.record import EventRef, Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.vocabulary import EventKind
from belvedere.live.model import Event
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """The command: something happens; its kind at once, words may follow."""

    asker: Asker
    kind: EventKind
    sector: str | None = None
    motive: str | None = None
    dispatch_number: str | None = None


@dataclass(frozen=True, slots=True)
class AmendEvent:
    """The command: complete an event's words, or close it. None leaves a member as it is."""

    asker: Asker
    event: EventId
    motive: str | None = None
    dispatch_number: str | None = None
    sector: str | None = None
    close: bool = False


@dataclass(frozen=True, slots=True)
class EventUnknown:
    """No such event for this asker; another party's answers the same."""


@dataclass(frozen=True, slots=True)
class MotiveOwed:
    """The event can't be closed before its motive is given."""


@dataclass(frozen=True, slots=True)
class NotYoursToClose:
    """Only the opener, the opener's relief or a supervisor of the party closes an event."""


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """The event is closed; it is not opened or changed again."""


Amended = Event | EventUnknown | MotiveOwed | NotYoursToClose | AlreadyClosed


class EventDesk:
    """Opens, completes and closes the events of each party."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def open(self, command: OpenEvent) -> Event:
        """Open an event and return it; raises `NotRecorded`."""
        asker = command.asker
        event = Event(
            id=EventId(self._ports.ids.fresh("e")),
            party=asker.party,
            kind=command.kind,
            opened_at=self._ports.clock.now(),
            opened_by=asker.agent,
            opened_by_pseudonym=asker.pseudonym,
            kept_by=asker.agent,
            kept_by_pseudonym=asker.pseudonym,
            sector=command.sector,
            motive=command.motive,
            dispatch_number=command.dispatch_number,
        )

        def work(tx: LiveTransaction) -> Event:
            tx.put_event(event)
            tx.append(self._record(asker, event, RecordedAct.OPENED))
            return event

        def follow(_: Event) -> None:
            self._ports.announcer.events_changed()

        follow(await self._ports.store.transact(work, on_late=follow))
        return event

    async def amend(self, command: AmendEvent) -> Amended:
        """Complete or close an event; a closed event's viewings end with it; raises `NotRecorded`."""
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> Amended:
            amended = self._amend(tx, command)
            ended.extend(self._review.review_in(tx, lambda viewing: viewing.event == command.event))
            return amended

        def follow(amended: Amended) -> None:
            self._review.stop(ended)
            if isinstance(amended, Event):
                self._ports.announcer.events_changed()
                self._ports.announcer.streams_changed()

        amended = await self._ports.store.transact(work, essential=command.close, on_late=follow)
        follow(amended)
        return amended

    def _amend(self, tx: LiveTransaction, command: AmendEvent) -> Amended:
        asker = command.asker
        event = tx.event(command.event)
        if event is None or event.party != asker.party:
            return EventUnknown()
        if not event.is_open:
            return AlreadyClosed()
        changed = replace(
            event,
            motive=command.motive or event.motive,
            dispatch_number=command.dispatch_number or event.dispatch_number,
            sector=command.sector or event.sector,
        )
        if command.close:
            if not event.belongs_to(asker.agent) and asker.role not in SUPERVISORS:
                return NotYoursToClose()
            if changed.motive is None:
                return MotiveOwed()
            changed = replace(changed, closed_at=self._ports.clock.now())
        tx.put_event(changed)
        tx.append(self._record(asker, changed, RecordedAct.CLOSED if command.close else RecordedAct.AMENDED))
        return changed

    def _record(self, asker: Asker, event: Event, act: RecordedAct) -> Record:
        convention = self._ports.convention_for(asker.party)
        return Record(
            kind=RecordKind.EVENT,
            at=self._ports.clock.now(),
            convention=None if convention is None else reference(convention),
            subject=subject_of(asker),
            event=EventRef(id=event.id, kind=event.kind),
            cause=act,
            detail={
                "motive": event.motive,
                "dispatch_number": event.dispatch_number,
                "sector": event.sector,
            },
        )

"""Operational events: opened with one key, completed in words later, closed with a motive (FACTS A7)."""

from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.domain.asker import ROOM_ROLES, SUPERVISORS, Asker
from belvedere.domain.ids import EventId
from belvedere.domain.record import EventRef, Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import EventKind
from belvedere.live.model import Event
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview

IN_A_ROOM = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)
"""Events are a room's: an inspection reads them, the administration does not."""


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """The command: something happens; its kind at once, words may follow."""

    needs: ClassVar[Needs] = IN_A_ROOM
    asker: Asker
    kind: EventKind
    sector: str | None = None
    motive: str | None = None
    dispatch_number: str | None = None


@dataclass(frozen=True, slots=True)
class AmendEvent:
    """The command: complete an event's words, or close it. None leaves a member as it is."""

    needs: ClassVar[Needs] = IN_A_ROOM
    asker: Asker
    event: EventId
    motive: str | None = None
    dispatch_number: str | None = None
    sector: str | None = None
    close: bool = False

    @property
    def has_words(self) -> bool:
        """Whether it changes what the event says."""
        return bool(self.motive or self.dispatch_number or self.sector)


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
class NotYoursToComplete:
    """An event's words are its opener's, and its service's: its operators' and its supervisor's."""


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """The event is closed; it is not opened or changed again."""


Amended = Event | EventUnknown | MotiveOwed | NotYoursToClose | NotYoursToComplete | AlreadyClosed | ActRefused


class EventDesk:
    """Opens, completes and closes the events of each party."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def open(self, command: OpenEvent) -> Event | ActRefused:
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

        def work(tx: LiveTransaction) -> Event | ActRefused:
            if (refused := self._ports.act_refused(tx, asker, command.needs)) is not None:
                return refused
            tx.put_event(event)
            tx.append(self._record(asker, event, RecordedAct.OPENED))
            return event

        def follow(outcome: Event | ActRefused) -> None:
            if isinstance(outcome, Event):
                self._ports.announcer.events_changed()

        outcome = await self._ports.store.transact(work, on_late=follow)
        follow(outcome)
        return outcome

    async def amend(self, command: AmendEvent) -> Amended:
        """Complete or close an event; a closed event's viewings end with it; raises `NotRecorded`."""
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> Amended:
            if (refused := self._ports.act_refused(tx, command.asker, command.needs)) is not None:
                return refused
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
        if (command.has_words or not command.close) and not _may_complete(tx, asker, event):
            return NotYoursToComplete()
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


def _may_complete(tx: LiveTransaction, asker: Asker, event: Event) -> bool:
    """Return whether the event's words are the asker's to give: its own, its relief's, or an agent's of its service."""
    return event.belongs_to(asker.agent) or tx.service_of(event.opened_by) == asker.service

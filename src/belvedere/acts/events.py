"""Operational events: opened with one key, completed in words later, closed with a motive (rules A7)."""

from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.changes import Change, EventAmended, EventClosed, EventOpened
from belvedere.changes.records import subject_of
from belvedere.domain.clock import Instant
from belvedere.domain.events import Event
from belvedere.domain.ids import EventId, IdSource
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, SUPERVISORS, Requester
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import EventKind
from belvedere.domain.words import Words, typed
from belvedere.rights import disclosure
from belvedere.rights.facts import convention_ref
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

IN_A_ROOM = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)
"""Events are a room's: an inspection reads them, the administration does not."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed of an event; None where nothing was."""

    sector: str | None = None
    motive: str | None = None
    dispatch_number: str | None = None


@dataclass(frozen=True, slots=True)
class EventWords:
    """The same as words of a party."""

    sector: Words | None = None
    motive: Words | None = None
    dispatch_number: Words | None = None

    def __bool__(self) -> bool:
        """Return whether anything was said."""
        return (self.sector or self.motive or self.dispatch_number) is not None


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """The command: something happens; its kind at once, words may follow."""

    needs: ClassVar[Needs] = IN_A_ROOM
    essential: ClassVar[bool] = False
    requester: Requester
    kind: EventKind
    said: EventWords = EventWords()
    id: str = ""
    """Drawn by the shell, as the salts of the words: a step asks nothing of chance."""


@dataclass(frozen=True, slots=True)
class AmendEvent:
    """The command: complete an event's words, or close it. What is not said stays as it is."""

    needs: ClassVar[Needs] = IN_A_ROOM
    requester: Requester
    event: EventId
    said: EventWords = EventWords()
    close: bool = False

    @property
    def essential(self) -> bool:
        """Whether it ends the event, and what runs for it."""
        return self.close


@dataclass(frozen=True, slots=True)
class EventUnknown:
    """No such event for this requester; another party's answers the same."""


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


NotAmended = EventUnknown | MotiveOwed | NotYoursToClose | NotYoursToComplete | AlreadyClosed
Amended = Event | NotAmended | ActRefused


def open_event(snapshot: Snapshot, command: OpenEvent, now: Instant) -> Step[Event]:
    """Open an event, kept by its opener."""
    requester = command.requester
    event = Event(
        id=EventId(command.id),
        party=requester.party,
        kind=command.kind,
        opened_at=now,
        opened_by=requester.agent,
        opened_by_pseudonym=requester.pseudonym,
        kept_by=requester.agent,
        kept_by_pseudonym=requester.pseudonym,
        sector=command.said.sector,
        motive=command.said.motive,
        dispatch_number=command.said.dispatch_number,
    )
    return Step(event, (EventOpened(event, subject_of(requester), now, convention_ref(snapshot, requester.party)),))


def amend_event(snapshot: Snapshot, command: AmendEvent, now: Instant) -> Step[Event | NotAmended]:
    """Complete or close an event; what runs for it is decided again."""
    amended = _amended(snapshot, command, now)
    if not isinstance(amended, Event):
        return Step(amended)
    requester = command.requester
    kind = EventClosed if command.close else EventAmended
    change = kind(amended, subject_of(requester), now, convention_ref(snapshot, requester.party))
    told: tuple[Change, ...] = ()
    if command.said.motive is not None or command.said.sector is not None:
        told = disclosure.of_change(snapshot, amended, requester, now)
    reviewed = review(After(snapshot, (change,)), now, lambda viewing: viewing.event == amended.id)
    return Step(amended, (change, *told, *reviewed))


def _amended(snapshot: Snapshot, command: AmendEvent, now: Instant) -> Event | NotAmended:
    requester, event = command.requester, snapshot.event(command.event)
    if event is None or event.party != requester.party:
        return EventUnknown()
    if not event.is_open:
        return AlreadyClosed()
    if (command.said or not command.close) and not _may_complete(snapshot, requester, event):
        return NotYoursToComplete()
    changed = replace(
        event,
        motive=command.said.motive or event.motive,
        dispatch_number=command.said.dispatch_number or event.dispatch_number,
        sector=command.said.sector or event.sector,
    )
    if not command.close:
        return changed
    if not event.belongs_to(requester.agent) and requester.role not in SUPERVISORS:
        return NotYoursToClose()
    return MotiveOwed() if changed.motive is None else replace(changed, closed_at=now)


def _may_complete(snapshot: Snapshot, requester: Requester, event: Event) -> bool:
    """Return whether the event's words are the requester's to give: its own, its relief's, or an agent's of its service."""
    opener = snapshot.account(event.opened_by)
    return event.belongs_to(requester.agent) or (opener is not None and opener.service == requester.service)


class EventDesk:
    """Opens, completes and closes the events of each party."""

    def __init__(self, spine: Spine, ids: IdSource) -> None:
        self._spine = spine
        self._ids = ids

    async def open(self, requester: Requester, kind: EventKind, said: Typed) -> Event | ActRefused:
        """Open an event and return it; raises `NotRecorded`."""
        return await self._spine.act(open_event, OpenEvent(requester, kind, self._words(said), self._ids.fresh("e")))

    async def amend(self, requester: Requester, event: EventId, said: Typed, *, close: bool = False) -> Amended:
        """Complete or close an event; a closed event's viewings end with it; raises `NotRecorded`."""
        return await self._spine.act(amend_event, AmendEvent(requester, event, self._words(said), close))

    def _words(self, said: Typed) -> EventWords:
        return EventWords(*(typed(each, self._ids) for each in (said.sector, said.motive, said.dispatch_number)))

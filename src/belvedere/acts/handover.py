"""A word from one shift to the next: written at the handover, shown to the room until somebody of it has read it.

The software never replaces the talk between two agents; it keeps what was said from being lost at six in the morning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from belvedere.changes import NoteRead, NoteWritten
from belvedere.changes.records import subject_of
from belvedere.domain.clock import Instant
from belvedere.domain.handover_notes import HandoverNote
from belvedere.domain.ids import IdSource
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.standing import Needs
from belvedere.domain.words import Words, salted
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

UNREAD_MAX = 50
HANDING_OVER = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)
"""An inspection and the administration hold no shift: nothing of theirs is handed over."""


@dataclass(frozen=True, slots=True)
class WriteNote:
    """The command: leave these words for the next shift of the requester's room."""

    needs: ClassVar[Needs] = HANDING_OVER
    essential: ClassVar[bool] = False
    requester: Requester
    id: str
    words: Words


@dataclass(frozen=True, slots=True)
class ReadNote:
    """The command: the next shift has read a note."""

    needs: ClassVar[Needs] = HANDING_OVER
    essential: ClassVar[bool] = False
    requester: Requester
    note: str


@dataclass(frozen=True, slots=True)
class NoteUnknown:
    """The requester's room has no such note, or it was read."""


@dataclass(frozen=True, slots=True)
class OwnNote:
    """Whoever wrote a note does not read it for the next shift."""


@dataclass(frozen=True, slots=True)
class TooManyNotes:
    """The room has as many unread notes as anybody reads."""


def write_note(snapshot: Snapshot, command: WriteNote, now: Instant) -> Step[HandoverNote | TooManyNotes]:
    """Leave a note, unless the room has as many unread as anybody reads."""
    requester = command.requester
    if len(snapshot.handover_notes(requester.party, requester.service)) >= UNREAD_MAX:
        return Step(TooManyNotes())
    note = HandoverNote(
        id=command.id,
        party=requester.party,
        service=requester.service,
        station_label=requester.station_label,
        agent=requester.agent,
        agent_label=requester.label,
        at=now,
        words=command.words,
    )
    return Step(note, (NoteWritten(note, subject_of(requester)),))


def read_note(snapshot: Snapshot, command: ReadNote, now: Instant) -> Step[HandoverNote | NoteUnknown | OwnNote]:
    """Take a note away: somebody else of its room has read it."""
    requester = command.requester
    unread = snapshot.handover_notes(requester.party, requester.service)
    found = next((each for each in unread if each.id == command.note), None)
    if found is None:
        return Step(NoteUnknown())
    return (
        Step(OwnNote())
        if found.agent == requester.agent
        else Step(found, (NoteRead(found, subject_of(requester), now),))
    )


class HandoverDesk:
    """Keeps the notes of each room: one party's service."""

    def __init__(self, spine: Spine, ids: IdSource) -> None:
        self._spine = spine
        self._ids = ids

    async def unread(self, requester: Requester) -> Sequence[HandoverNote]:
        """Return what the requester's room has not read yet, oldest first."""
        return await self._spine.read(lambda snapshot: snapshot.handover_notes(requester.party, requester.service))

    async def write(self, requester: Requester, words: str) -> HandoverNote | TooManyNotes | ActRefused:
        """Leave a note for the next shift of the requester's room; raises `NotRecorded`."""
        said = salted(words, self._ids)
        return await self._spine.act(write_note, WriteNote(requester, self._ids.fresh("h"), said))

    async def acknowledge(self, requester: Requester, note: str) -> HandoverNote | NoteUnknown | OwnNote | ActRefused:
        """Note that the next shift has read a note; raises `NotRecorded`."""
        return await self._spine.act(read_note, ReadNote(requester, note))

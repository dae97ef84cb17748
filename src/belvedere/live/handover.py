"""A word from one shift to the next: written at the handover, shown to the room until somebody of it has read it.

The software never replaces the talk between two agents; it keeps what was said from being lost at six in the morning.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from belvedere.domain.asker import ROOM_ROLES, Asker
from belvedere.domain.decision import FactValue
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import Needs
from belvedere.live.model import HandoverNote
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import subject_of

UNREAD_MAX = 50
HANDING_OVER = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)
"""An inspection and the administration hold no shift: nothing of theirs is handed over."""


@dataclass(frozen=True, slots=True)
class NoteUnknown:
    """The asker's room has no such note, or it was read."""


@dataclass(frozen=True, slots=True)
class OwnNote:
    """Whoever wrote a note does not read it for the next shift."""


@dataclass(frozen=True, slots=True)
class TooManyNotes:
    """The room has as many unread notes as anybody reads."""


class HandoverDesk:
    """Keeps the notes of each room: one party's service."""

    def __init__(self, ports: LivePorts) -> None:
        self._ports = ports

    async def unread(self, asker: Asker) -> Sequence[HandoverNote]:
        """Return what the asker's room has not read yet, oldest first."""
        return await self._ports.store.read(lambda reading: reading.handover_notes(asker.party, asker.service))

    async def write(self, asker: Asker, words: str) -> HandoverNote | TooManyNotes | ActRefused:
        """Leave a note for the next shift of the asker's room; raises `NotRecorded`."""
        note = HandoverNote(
            id=self._ports.ids.fresh("h"),
            party=asker.party,
            service=asker.service,
            station_label=asker.station_label,
            agent=asker.agent,
            agent_label=asker.label,
            at=self._ports.clock.now(),
            words=words,
        )

        def work(tx: LiveTransaction) -> HandoverNote | TooManyNotes | ActRefused:
            if (refused := self._ports.act_refused(tx, asker, HANDING_OVER)) is not None:
                return refused
            if len(tx.handover_notes(note.party, note.service)) >= UNREAD_MAX:
                return TooManyNotes()
            tx.put_handover_note(note)
            tx.append(self._record(asker, note, RecordedAct.WRITTEN, {"words": words}))
            return note

        return await self._ports.store.transact(work)

    async def acknowledge(self, asker: Asker, note: str) -> HandoverNote | NoteUnknown | OwnNote | ActRefused:
        """Note that the next shift has read a note; raises `NotRecorded`."""

        def work(tx: LiveTransaction) -> HandoverNote | NoteUnknown | OwnNote | ActRefused:
            if (refused := self._ports.act_refused(tx, asker, HANDING_OVER)) is not None:
                return refused
            unread = tx.handover_notes(asker.party, asker.service)
            found = next((each for each in unread if each.id == note), None)
            if found is None:
                return NoteUnknown()
            if found.agent == asker.agent:
                return OwnNote()
            tx.remove_handover_note(found.id)
            tx.append(self._record(asker, found, RecordedAct.READ, {}))
            return found

        return await self._ports.store.transact(work)

    def _record(self, asker: Asker, note: HandoverNote, act: RecordedAct, more: dict[str, FactValue]) -> Record:
        return Record(
            kind=RecordKind.HANDOVER,
            at=self._ports.clock.now(),
            subject=subject_of(asker),
            cause=act,
            detail={"note": note.id, **more},
        )

"""Notes from one shift to the next."""

from typing import assert_never

from fastapi import APIRouter

from belvedere.acts.handover import NoteUnknown, OwnNote, TooManyNotes
from belvedere.domain.causes import Cause
from belvedere.domain.handover_notes import HandoverNote
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Handover
from belvedere.web.problems import Problem, act_refused, not_found
from belvedere.web.schemas import HandoverNoteIn, HandoverNoteOut, HandoverNotesOut

router = APIRouter(tags=["handover"])


def _note(note: HandoverNote, requester: Requester) -> HandoverNoteOut:
    return HandoverNoteOut(
        id=note.id,
        words=note.words.text,
        by=note.agent_label,
        station=note.station_label,
        at=note.at,
        mine=note.agent == requester.agent,
    )


@router.get("/handover")
async def unread(requester: SignedIn, notes: Handover) -> HandoverNotesOut:
    """Return what one's own room has not read yet."""
    return HandoverNotesOut(items=[_note(note, requester) for note in await notes.unread(requester)])


@router.post("/handover", status_code=201)
async def write(body: HandoverNoteIn, requester: SignedIn, notes: Handover) -> HandoverNoteOut:
    """Leave a note for the next shift of one's own room."""
    outcome = await notes.write(requester, body.words)
    match outcome:
        case HandoverNote():
            return _note(outcome, requester)
        case TooManyNotes():
            raise Problem(409, Cause.NOTES)
        case ActRefused():
            raise act_refused(outcome)
        case _:
            assert_never(outcome)


@router.post("/handover/{note}/acknowledgement", status_code=204)
async def acknowledge(note: str, requester: SignedIn, notes: Handover) -> None:
    """Say that a note of one's own room was read; its writer can't."""
    outcome = await notes.acknowledge(requester, note)
    match outcome:
        case HandoverNote():
            return
        case NoteUnknown():
            raise not_found()
        case OwnNote():
            raise Problem(409, Cause.OWN_NOTE)
        case ActRefused():
            raise act_refused(outcome)
        case _:
            assert_never(outcome)

"""Looks that a partner asks of the owner's room: asked, accepted, declined, done."""

from fastapi import APIRouter

from belvedere.acts.look import AnswerLook, AskToLook, NotAnswered
from belvedere.acts.steering import TooMany
from belvedere.acts.unknown import Unknown
from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, EventId, LookId
from belvedere.domain.looks import LookPlace, LookState
from belvedere.domain.refused_act import ActRefused
from belvedere.rights.sight import Sight
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Steering
from belvedere.web.problems import Problem, act_refused, not_found
from belvedere.web.steering_lists import looks_of
from belvedere.web.steering_schemas import LookIdOut, LookIn, LookPatchIn, LooksOut

router = APIRouter(tags=["ptz"])


@router.post("/looks", status_code=201)
async def ask(body: LookIn, requester: SignedIn, ports: Steering) -> LookIdOut:
    """Ask the owner's room to look, before steering oneself."""
    asked = AskToLook(
        requester,
        EventId(body.event),
        body.target,
        camera=None if body.camera is None else CameraId(body.camera),
        place=None if body.position is None else LookPlace(*body.position),
    )
    outcome = await ports.looks.ask(asked)
    match outcome:
        case Unknown():
            raise not_found()
        case ActRefused(Cause.EVENT_CLOSED):
            raise Problem(409, Cause.EVENT_CLOSED)
        case ActRefused():
            raise act_refused(outcome)
        case TooMany():
            raise Problem(503, Cause.BUSY, headers={"Retry-After": "5"})
        case _:
            return LookIdOut(id=outcome.id)


@router.get("/looks")
async def looks(requester: SignedIn, ports: Steering) -> LooksOut:
    """Return what was asked for events that go on, oldest first."""
    sight = Sight(requester.party, ports.owner)
    return await ports.store.read(lambda snapshot: looks_of(snapshot, sight))


@router.patch("/looks/{look}", status_code=204)
async def answer(look: str, body: LookPatchIn, requester: SignedIn, ports: Steering) -> None:
    """Accept, decline, or say that it is done."""
    outcome = await ports.looks.answer(AnswerLook(requester, LookId(look), LookState(body.state), body.note))
    match outcome:
        case Unknown():
            raise not_found()
        case ActRefused():
            raise act_refused(outcome)
        case NotAnswered():
            raise Problem(409, Cause.LOOK_OVER)
        case _:
            pass

"""Steering: asked for, it is refused and recorded, until this node commands cameras."""

from fastapi import APIRouter

from belvedere.acts.steering import HeldBy, Steers, Taken, TooMany, Waits
from belvedere.acts.unknown import Unknown
from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.refused_act import ActRefused
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Steering
from belvedere.web.problems import Problem, act_refused, not_found, refused
from belvedere.web.schemas import LeaseIn

router = APIRouter(tags=["ptz"])


@router.post("/ptz/leases", status_code=201)
async def take_ptz(body: LeaseIn, requester: SignedIn, ports: Steering) -> None:
    """Ask to steer a camera."""
    outcome = await ports.desk.take(
        requester, CameraId(body.camera), None if body.event is None else EventId(body.event)
    )
    if isinstance(outcome, HeldBy):
        ports.note(outcome.refused)
    elif not isinstance(outcome, Steers | Waits | TooMany | Unknown | ActRefused):
        ports.note(outcome)
    raise _not_taken(outcome)


def _not_taken(outcome: Taken | ActRefused) -> Problem:
    """Return why the camera is not the requester's to steer."""
    match outcome:
        case Unknown():
            return not_found()
        case ActRefused():
            return act_refused(outcome)
        case HeldBy(party, service, since, why):
            holder = {"party": party, "service": service, "since": None if since is None else since.isoformat()}
            return refused(why, status=409, members={"holder": holder})
        case TooMany():
            return Problem(503, Cause.BUSY, headers={"Retry-After": "1"})
        case Steers() | Waits():
            raise AssertionError("a node that commands no camera lets nobody steer")
        case _:
            return refused(outcome)

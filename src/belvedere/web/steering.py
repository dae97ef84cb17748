"""Steering: asked for, it is refused and recorded; it is not offered yet."""

from fastapi import APIRouter

from belvedere.acts.unknown import Unknown
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.refused_act import ActRefused
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Steering
from belvedere.web.problems import act_refused, not_found, refused
from belvedere.web.schemas import LeaseIn

router = APIRouter(tags=["ptz"])


@router.post("/ptz/leases", status_code=201)
async def take_ptz(body: LeaseIn, requester: SignedIn, ports: Steering) -> None:
    """Ask to steer a camera."""
    outcome = await ports.desk.take(
        requester, CameraId(body.camera), None if body.event is None else EventId(body.event)
    )
    if isinstance(outcome, Unknown):
        raise not_found()
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)
    ports.note(outcome)
    raise refused(outcome)

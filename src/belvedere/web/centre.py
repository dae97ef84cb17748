"""The owner's room: open or closed, active or not, its hours as varied, orders confirmed."""

from datetime import time
from typing import assert_never

from fastapi import APIRouter

from belvedere.acts.centre import CameraUnknown, FixedHours, PastDay
from belvedere.domain.causes import Cause
from belvedere.domain.centre import HoursVaried
from belvedere.domain.ids import CameraId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Text
from belvedere.rights.centre import Centre
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Direction
from belvedere.web.problems import Problem, act_refused, bad_fields, not_found
from belvedere.web.schemas import ActIn, ActivityIn, CentreOut, Day, HoursIn, VariedOut

router = APIRouter(tags=["centre"])


def _varied(varied: HoursVaried) -> VariedOut:
    return VariedOut(
        day=varied.day,
        open=varied.open.isoformat("minutes"),
        close=varied.close.isoformat("minutes"),
        reason=varied.reason,
    )


def centre_body(centre: Centre) -> CentreOut:
    """Return the owner's room as the API shows it."""
    return CentreOut(
        open=centre.open,
        active=centre.active,
        inactive=centre.inactive,
        authorisation_withdrawn=centre.authorisation_withdrawn,
        changes_at=centre.changes_at,
        varied=None if centre.varied is None else _varied(centre.varied),
    )


@router.get("/centre")
async def centre(requester: SignedIn, ports: Direction) -> CentreOut:
    """Return the owner's room now."""
    del requester
    found = await ports.centre.now()
    if found is None:
        raise not_found()
    return centre_body(found)


@router.post("/centre/activity", status_code=204)
async def declare_activity(body: ActivityIn, requester: SignedIn, ports: Direction) -> None:
    """Declare the room inactive, or active again (director)."""
    outcome = await ports.centre.declare(requester, inactive=body.inactive, reason=body.reason)
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)


def _answered(outcome: HoursVaried | FixedHours | PastDay | ActRefused | None) -> VariedOut | None:
    match outcome:
        case HoursVaried():
            return _varied(outcome)
        case None:
            return None
        case ActRefused():
            raise act_refused(outcome)
        case PastDay():
            raise bad_fields(
                [
                    (
                        "day",
                        Text(
                            "aujourd'hui ou plus tard : des horaires s'annoncent avant d'être tenus",
                            "today or later: hours are announced before they are kept",
                        ),
                    )
                ]
            )
        case FixedHours(articles):
            raise Problem(403, Cause.FIXED_HOURS, articles=articles)
        case _:
            assert_never(outcome)


@router.put("/centre/hours/{day}")
async def vary_hours(day: Day, body: HoursIn, requester: SignedIn, ports: Direction) -> VariedOut | None:
    """Announce other hours for one day (director)."""
    hours = (time.fromisoformat(body.open), time.fromisoformat(body.close))
    return _answered(await ports.centre.vary_hours(requester, day=day, hours=hours, reason=body.reason))


@router.delete("/centre/hours/{day}", status_code=204)
async def usual_hours(day: Day, requester: SignedIn, ports: Direction) -> None:
    """Give a day its usual hours back (director)."""
    _answered(await ports.centre.vary_hours(requester, day=day, hours=None, reason="horaires habituels"))


@router.post("/cameras/{camera}/order-confirmation", status_code=204)
async def confirm_order(camera: str, body: ActIn, requester: SignedIn, ports: Direction) -> None:
    """Confirm that the own room goes on watching a camera whose order has ended (director; CSI L252-4)."""
    outcome = await ports.centre.confirm_order(requester, CameraId(camera), act=body.act)
    if isinstance(outcome, CameraUnknown):
        raise not_found()
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)

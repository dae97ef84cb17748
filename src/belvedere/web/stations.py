"""Viewing stations of one's own party, and how their walls are laid out."""

import json
from typing import Annotated, assert_never

from fastapi import APIRouter, Body, Response

from belvedere.agents.stations import (
    OtherService,
    OwnStation,
    Registered,
    SeenStation,
    StationUnknown,
    TermPassed,
    TooManyStations,
)
from belvedere.domain.agents import Station
from belvedere.domain.causes import Cause
from belvedere.domain.ids import StationId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Text
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Agents
from belvedere.web.problems import Problem, act_refused, bad_fields, not_found
from belvedere.web.schemas import RegisteredOut, StationIn, StationsOut, StationStateOut

router = APIRouter(tags=["stations"])
LAYOUT_CHARACTERS_MAX = 16 * 1024


def _station(seen: SeenStation, *, own: bool) -> StationStateOut:
    station = seen.station
    return StationStateOut(
        id=station.id,
        label=station.label if own else station.id,
        party=station.party,
        service=station.service,
        ended_at=station.ended_at,
        until=station.until,
        may_end=seen.may_end,
    )


@router.get("/stations")
async def stations(requester: SignedIn, ports: Agents) -> StationsOut:
    """Return the stations of one's own party; in the owner's room its partners' too, by their ids (supervisor, administration)."""
    seen = await ports.stations.all(requester)
    return StationsOut(items=[_station(each, own=each.station.party == requester.party) for each in seen])


@router.post("/stations", status_code=201)
async def register_station(body: StationIn, requester: SignedIn, ports: Agents) -> RegisteredOut:
    """Register a station; its enrolment secret is answered this once (supervisor)."""
    outcome = await ports.stations.register(requester, body.label, until=body.until)
    match outcome:
        case Registered(station, secret):
            return RegisteredOut(id=station.id, label=station.label, secret=secret)
        case ActRefused():
            raise act_refused(outcome)
        case TooManyStations():
            raise Problem(409, Cause.STATIONS)
        case TermPassed():
            raise bad_fields([("until", Text("ce jour est passé", "this day has passed"))])
        case _:
            assert_never(outcome)


@router.delete("/stations/{station}", status_code=204)
async def end_station(station: str, requester: SignedIn, ports: Agents) -> None:
    """End a station; what is watched there ends with cause and article (supervisor)."""
    outcome = await ports.stations.end(requester, StationId(station))
    match outcome:
        case Station():
            pass
        case StationUnknown():
            raise not_found()
        case OwnStation():
            raise Problem(409, Cause.OWN_STATION)
        case OtherService(service):
            convention = ports.in_force.convention_for(requester.party)
            whose = "" if service is None or convention is None else convention.named(requester.party).service(service)
            raise Problem(
                403,
                Cause.OTHER_SERVICE,
                Text(
                    f"Ce poste est celui d'un autre service{f' : {whose}' if whose else ''}.",
                    f"This station is another service's{f': {whose}' if whose else ''}.",
                ),
            )
        case ActRefused():
            raise act_refused(outcome)
        case _:
            assert_never(outcome)


@router.get("/layout", response_model=dict[str, object])
async def layout(requester: SignedIn, ports: Agents) -> Response:
    """Return the wall's layout kept for this station in this role; empty where none was kept."""
    document = await ports.stations.layout(requester)
    return Response(document or "{}", media_type="application/json")


@router.put("/layout", status_code=204)
async def keep_layout(body: Annotated[dict[str, object], Body()], requester: SignedIn, ports: Agents) -> None:
    """Keep the wall's layout for this station in this role: any JSON object up to 16 KiB."""
    try:
        document = json.dumps(body, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):
        raise bad_fields(
            [
                (
                    "body",
                    Text(
                        "des nombres que JSON connaît, sans profondeur démesurée",
                        "numbers that JSON has, and no deeper than a reader goes",
                    ),
                )
            ]
        ) from None
    if len(document) > LAYOUT_CHARACTERS_MAX:
        raise bad_fields(
            [
                (
                    "body",
                    Text(f"au plus {LAYOUT_CHARACTERS_MAX} caractères", f"at most {LAYOUT_CHARACTERS_MAX} characters"),
                )
            ]
        )
    if (refused := await ports.stations.keep_layout(requester, document)) is not None:
        raise act_refused(refused)

"""How tests and the demo tell cameras what to suffer: a small HTTP service, on loopback only.

Parses, asks the `Site`, renders. Has no authentication: it must never listen elsewhere.
"""

import dataclasses

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from simulator.encoder import sized
from simulator.onvif.quirks import quirks_of
from simulator.site import DoesNotTurn, Site, UnknownCamera

SECONDS_MAX = 3600.0


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Freeze(_Strict):
    """How long a picture stays; until thawed if not said."""

    seconds: float | None = Field(default=None, gt=0, le=SECONDS_MAX)


class Absence(_Strict):
    """How long a camera stays away."""

    seconds: float = Field(default=5.0, ge=0, le=SECONDS_MAX)


class Resolution(_Strict):
    """Another size of picture, in pixels."""

    width: int = Field(ge=64, le=3840)
    height: int = Field(ge=64, le=2160)


class Manner(_Strict):
    """What a camera does otherwise than the standards say; `plain` ends it."""

    name: str = Field(max_length=64)


class Quirks(_Strict):
    """What a camera's ONVIF does otherwise than the standard says, by name (P03…); none ends all."""

    names: list[str] = Field(max_length=32)


class Hand(_Strict):
    """Somebody else turns it: shares of the greatest speeds, and for how long."""

    pan: float = Field(default=0.0, ge=-1, le=1)
    tilt: float = Field(default=0.0, ge=-1, le=1)
    zoom: float = Field(default=0.0, ge=-1, le=1)
    seconds: float = Field(default=1.0, gt=0, le=SECONDS_MAX)


def control_app(site: Site) -> FastAPI:
    """Return the control service of a site."""
    app = FastAPI(title="Simulated cameras", docs_url=None, redoc_url=None)

    @app.exception_handler(UnknownCamera)
    async def unknown(_request: Request, failure: UnknownCamera) -> JSONResponse:
        return JSONResponse({"detail": f"no camera `{failure.args[0]}` in this city"}, status_code=404)

    @app.exception_handler(DoesNotTurn)
    async def does_not_turn(_request: Request, failure: DoesNotTurn) -> JSONResponse:
        return JSONResponse({"detail": str(failure)}, status_code=409)

    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        return {"cameras": site.installed, "watched": sorted(site.watched)}

    @app.get("/cameras/{camera_id}")
    async def camera(camera_id: str) -> dict[str, object]:
        return _state(site, camera_id)

    app.include_router(_faults(site))
    app.include_router(_heads(site))
    return app


def _faults(site: Site) -> APIRouter:
    router = APIRouter(prefix="/cameras/{camera_id}")

    @router.post("/freeze")
    async def freeze(camera_id: str, body: Freeze | None = None) -> dict[str, object]:
        site.freeze(camera_id, body.seconds if body else None)
        return _state(site, camera_id)

    @router.post("/manner")
    async def manner(camera_id: str, body: Manner) -> dict[str, object]:
        try:
            site.behave(camera_id, body.name)
        except ValueError as refusal:
            raise HTTPException(status_code=422, detail=str(refusal)) from refusal
        return _state(site, camera_id)

    @router.post("/thaw")
    async def thaw(camera_id: str) -> dict[str, object]:
        site.thaw(camera_id)
        return _state(site, camera_id)

    @router.post("/drop")
    async def drop(camera_id: str, body: Absence | None = None) -> dict[str, object]:
        site.drop(camera_id, (body or Absence()).seconds)
        return _state(site, camera_id)

    @router.post("/reboot")
    async def reboot(camera_id: str, body: Absence | None = None) -> dict[str, object]:
        site.reboot(camera_id, (body or Absence()).seconds)
        return _state(site, camera_id)

    @router.post("/resolution")
    async def resolution(camera_id: str, body: Resolution) -> dict[str, object]:
        try:
            site.resize(camera_id, sized(body.width, body.height))
        except ValueError as refusal:
            raise HTTPException(status_code=422, detail=str(refusal)) from refusal
        return _state(site, camera_id)

    return router


def _heads(site: Site) -> APIRouter:
    router = APIRouter(prefix="/cameras/{camera_id}")

    @router.post("/quirks")
    async def quirks(camera_id: str, body: Quirks) -> dict[str, object]:
        try:
            site.misbehave(camera_id, quirks_of(body.names))
        except DoesNotTurn:
            raise
        except ValueError as refusal:
            raise HTTPException(status_code=422, detail=str(refusal)) from refusal
        return _state(site, camera_id)

    @router.post("/hand")
    async def hand(camera_id: str, body: Hand) -> dict[str, object]:
        site.turn_by_hand(camera_id, pan=body.pan, tilt=body.tilt, zoom=body.zoom, seconds=body.seconds)
        return _state(site, camera_id)

    return router


def _state(site: Site, camera_id: str) -> dict[str, object]:
    return dataclasses.asdict(site.state(camera_id))

"""Health, readiness and metrics, outside the API's prefix."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from belvedere.web.asking import Ports

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Answer while the process serves."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def readyz(ports: Ports) -> JSONResponse:
    """Answer 200 only while records can be made durable and media served; else name what lacks."""
    parts = dict(ports.readiness())
    return JSONResponse(parts, status_code=200 if all(parts.values()) else 503)


@router.get("/metrics")
async def metrics(ports: Ports) -> Response:
    """Return metrics in Prometheus' text format."""
    return Response(ports.metrics(), media_type="text/plain; version=0.0.4")

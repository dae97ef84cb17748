"""Health, readiness and metrics, outside the API's prefix."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from belvedere.web.asking import Ports, Tongue
from belvedere.web.readiness import Part

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Answer while the process serves."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def readyz(ports: Ports, language: Tongue) -> JSONResponse:
    """Answer 200 only while another party could be served: every part there; else 503, and name what lacks."""
    lacking = await ports.readiness.lacking()
    body: dict[str, object] = {part.value: part not in lacking for part in Part}
    body["lacking"] = [{"part": part.value, "detail": text.in_language(language)} for part, text in lacking.items()]
    return JSONResponse(body, status_code=503 if lacking else 200)


@router.get("/metrics")
async def metrics(ports: Ports) -> Response:
    """Return metrics in Prometheus' text format."""
    return Response(await ports.metrics(), media_type="text/plain; version=0.0.4")

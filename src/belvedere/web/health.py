"""Health, readiness and metrics, outside the API's prefix."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from belvedere.domain.source_causes import SOURCE_CAUSES
from belvedere.domain.text import Language
from belvedere.web.asking import Tongue
from belvedere.web.connections import read_address
from belvedere.web.ports import Node, NodePorts
from belvedere.web.problems import not_found
from belvedere.web.readiness import Part

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Answer while the process serves."""
    return JSONResponse({"status": "ok"})


def _may_know(request: Request, ports: NodePorts) -> bool:
    """Return whether whoever asks sits where the node is looked after: all others learn no counts (reliability 27)."""
    address = None if request.client is None else read_address(request.client.host)
    return address is not None and any(address in network for network in ports.monitoring)


@router.get("/readyz")
async def readyz(request: Request, ports: Node, language: Tongue) -> JSONResponse:
    """Answer 200 only while another party could be served: every part there; else 503, and name what lacks."""
    lacking = await ports.readiness.lacking()
    body: dict[str, object] = {part.value: part not in lacking for part in Part}
    if not _may_know(request, ports):
        return JSONResponse(body, status_code=503 if lacking else 200)
    body["lacking"] = [{"part": part.value, "detail": text.in_language(language)} for part, text in lacking.items()]
    body["cameras"] = _lost_cameras(ports, language)
    return JSONResponse(body, status_code=503 if lacking else 200)


def _lost_cameras(ports: NodePorts, language: Language) -> dict[str, object]:
    """Say how many cameras are lost and why, the most frequent cause first; no lost camera makes a node unready."""
    counts = {cause: count for cause, count in ports.lost_cameras().items() if count}
    by_cause = [
        {
            "cause": cause.value,
            "count": counts[cause],
            "detail": SOURCE_CAUSES[cause].sentence.in_language(language),
            "remedy": SOURCE_CAUSES[cause].remedy.in_language(language),
        }
        for cause in sorted(counts, key=lambda cause: (-counts[cause], cause))
    ]
    return {"lost": sum(counts.values()), "by_cause": by_cause}


@router.get("/metrics")
async def metrics(request: Request, ports: Node) -> Response:
    """Return metrics in Prometheus' text format; nothing where the node is not looked after."""
    if not _may_know(request, ports):
        raise not_found()
    return Response(await ports.metrics(), media_type="text/plain; version=0.0.4")

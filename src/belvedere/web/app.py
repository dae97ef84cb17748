"""The web application: routes in order, one guard in front, screens behind."""

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from belvedere.web import (
    cameras,
    centre,
    convention,
    convention_life,
    demo_clock,
    events,
    foresight,
    handover,
    health,
    journal,
    node_card,
    problems,
    session,
    stations,
    steering,
    stream_of_changes,
    streams,
)
from belvedere.web.guard import Guard
from belvedere.web.off_loop import ConventionPages, OffLoop
from belvedere.web.ports import WebPorts
from belvedere.web.problems import not_found
from belvedere.web.request_log import RequestLog
from belvedere.web.schemas import ProblemOut
from belvedere.web.security_headers import SecurityHeaders
from belvedere.web.snapshots import Snapshots

API_PREFIX = "/api/v1"
_ROUTERS = (
    node_card,
    session,
    stations,
    cameras,
    events,
    streams,
    steering,
    centre,
    convention,
    convention_life,
    foresight,
    handover,
    journal,
    stream_of_changes,
)


def describe() -> FastAPI:
    """Return the application without a node behind it: enough to write its OpenAPI description."""
    app = FastAPI(
        title="Belvedere",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    problem = {"model": ProblemOut, "content": {problems.MEDIA_TYPE: {}}}
    for module in _ROUTERS:
        app.include_router(
            module.router,
            prefix=API_PREFIX,
            responses=dict.fromkeys((401, 403, 404, 409, 413, 422, 429, 503), problem),
        )
    app.include_router(health.router)
    problems.install(app)
    return app


def create_app(ports: WebPorts) -> FastAPI:
    """Return the application of a node."""
    app = describe()
    app.state.ports = ports
    app.state.snapshots = Snapshots(ports)
    app.state.off_loop = OffLoop()
    app.state.pages = ConventionPages(app.state.off_loop)
    if ports.demo_clock is not None:
        app.include_router(demo_clock.router)
    app.state.security_headers = SecurityHeaders(app_origin=ports.app_origin, media_origin=ports.media_origin)
    app.add_middleware(Guard, app_origin=ports.app_origin, headers=app.state.security_headers)
    app.add_middleware(RequestLog, clock=ports.clock, counts=ports.answers, api_prefix=API_PREFIX)
    _serve_screens(app, ports)
    return app


def _serve_screens(app: FastAPI, ports: WebPorts) -> None:
    """Serve the built screens: hashed assets as files, every other page the same document."""
    index = ports.static_dir / "index.html"
    assets = ports.static_dir / "assets"
    # Looked up by name, so that no name that is asked for ever reaches the file system.
    files = {file.name: file for file in ports.static_dir.glob("*") if file.is_file()}
    if assets.is_dir():
        app.mount("/assets", StaticFiles(directory=assets), name="assets")

    @app.get("/{page:path}", include_in_schema=False)
    async def page(page: str) -> Response:
        top = page.split("/", maxsplit=1)[0]
        if top == "api" or not index.is_file():
            raise not_found()
        return FileResponse(files.get(page, index))

"""The web application: routes in order, one guard in front, screens behind."""

from fastapi import Depends, FastAPI

from belvedere.web import (
    authorisations,
    cameras,
    centre,
    convention,
    convention_life,
    demo_clock,
    deputies,
    events,
    faults,
    foresight,
    handover,
    health,
    joining,
    journal,
    looks,
    node_card,
    partners,
    problems,
    session,
    stations,
    steering,
    steering_socket,
    stream_of_changes,
    streams,
    witness,
)
from belvedere.web.access import rows_for
from belvedere.web.asking import admit
from belvedere.web.guard import Guard
from belvedere.web.off_loop import ConventionPages, OffLoop
from belvedere.web.ports import WebPorts
from belvedere.web.request_log import RequestLog
from belvedere.web.schemas import ProblemOut
from belvedere.web.screens import serve_screens
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
    steering_socket,
    looks,
    deputies,
    authorisations,
    centre,
    convention,
    convention_life,
    foresight,
    handover,
    journal,
    joining,
    witness,
    partners,
    faults,
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
        dependencies=[Depends(admit)],
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
    """Return the application of a node; raises `UnlistedRoutes` where a route is in no row of `access.py`."""
    app, site = describe(), ports.site
    app.state.ports = ports
    app.state.snapshots = Snapshots(
        ports.screens, ports.streams, ports.steering, ports.direction.centre, ports.partners
    )
    app.state.off_loop = OffLoop()
    app.state.pages = ConventionPages(app.state.off_loop)
    if ports.demo is not None:
        app.include_router(demo_clock.router)
    app.state.security_headers = SecurityHeaders(app_origin=site.app_origin, media_origin=site.media_origin)
    app.add_middleware(Guard, app_origin=site.app_origin, headers=app.state.security_headers)
    app.add_middleware(RequestLog, clock=site.clock, counts=site.answers, api_prefix=API_PREFIX)
    serve_screens(app, site.static_dir)
    app.state.access = rows_for(app, demo=ports.demo is not None)
    return app

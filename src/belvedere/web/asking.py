"""Who asks: the session behind a request's cookie, for every route that needs one."""

from typing import Annotated

from fastapi import Depends, Request

from belvedere.domain.asker import Asker
from belvedere.domain.causes import Cause
from belvedere.domain.text import Language
from belvedere.web.ports import WebPorts
from belvedere.web.problems import Problem, language_of


def ports_of(request: Request) -> WebPorts:
    """Return the node's use cases."""
    ports: WebPorts = request.app.state.ports
    return ports


async def asker_of(request: Request, ports: Annotated[WebPorts, Depends(ports_of)]) -> Asker:
    """Return the signed-in asker; raises a 401 problem."""
    cookie = request.cookies.get(ports.owner, "")
    asker = await ports.sign_in.who(cookie) if 0 < len(cookie) <= 200 else None
    if asker is None:
        raise Problem(401, Cause.NOT_SIGNED_IN)
    return asker


Ports = Annotated[WebPorts, Depends(ports_of)]
SignedIn = Annotated[Asker, Depends(asker_of)]
Tongue = Annotated[Language, Depends(language_of)]

"""Server-sent events: one stream a screen, snapshots on every change, why a viewing ended, the clock."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from belvedere.domain.asker import Asker
from belvedere.domain.failures import NotRead
from belvedere.domain.text import Language, Text
from belvedere.live.model import Ending, Viewing
from belvedere.web.asking import Ports, SignedIn, Tongue
from belvedere.web.centre import centre_body
from belvedere.web.changes import Subscription, TooManyScreens
from belvedere.web.events import events_body
from belvedere.web.ports import WebPorts
from belvedere.web.problems import Problem, in_each_language
from belvedere.web.streams import streams_body

router = APIRouter(tags=["changes"])
CLOCK_EVERY_S = 5.0
COALESCE_S = 0.05

_TITLES = {
    "pre-empted": Text("Flux pris par un service prioritaire", "Stream taken by a service with priority"),
    "suspended": Text("Flux suspendu", "Stream suspended"),
    "event-closed": Text("Événement clos", "Event closed"),
    "authorisation-withdrawn": Text("Autorisation retirée", "Authorisation withdrawn"),
    "not-habilitated": Text("Habilitation terminée", "Habilitation over"),
}


def _ended_in_short(viewing: Viewing, ending: Ending) -> dict[str, object]:
    """Return what the owner's room reads of a partner's viewing that ended: whose, and why, in codes."""
    return {
        "viewing": viewing.id,
        "camera": viewing.camera,
        "party": viewing.party,
        "service": viewing.service,
        "event": viewing.event,
        "cause": ending.cause,
        "by": ending.by,
        "articles": list(ending.articles),
    }


def _ended(viewing: Viewing, ending: Ending, language: Language) -> dict[str, object]:
    """Return what the viewing's own agent reads of its end: the same, and why in words."""
    title = _TITLES.get(ending.cause, Text("Flux terminé", "Stream ended"))
    texts = in_each_language(title=title, detail=ending.reason, remedy=ending.remedy)
    return {
        **_ended_in_short(viewing, ending),
        "code": int(ending.code),
        **texts[language.value],
        "texts": texts,
    }


def _clock(ports: WebPorts) -> ServerSentEvent:
    """Tell the node's clock, and when it was started.

    `ahead_s` is how far the demo moved the clock, which pictures know nothing of.
    """
    ahead_s = 0.0 if ports.demo_clock is None else ports.demo_clock.ahead_s
    told = {"now": ports.clock.now(), "ahead_s": ahead_s, "started_at": ports.readiness.started_at}
    return ServerSentEvent(event="clock", data=told)


async def _news(
    ports: WebPorts, screen: Subscription, asker: Asker, language: Language
) -> AsyncIterator[ServerSentEvent]:
    while screen.ended:
        viewing, ending = screen.ended.popleft()
        if viewing.party == asker.party and viewing.agent == asker.agent:
            yield ServerSentEvent(event="ended", data=_ended(viewing, ending, language))
        elif asker.party == ports.owner and viewing.party != ports.owner:
            yield ServerSentEvent(event="ended", data=_ended_in_short(viewing, ending))
    if screen.streams:
        screen.streams = False
        yield ServerSentEvent(
            event="streams",
            data=await ports.live.store.read(lambda reading: streams_body(ports, reading, asker)),
        )
    if screen.events:
        screen.events = False
        yield ServerSentEvent(
            event="events",
            data=await ports.live.store.read(lambda reading: events_body(reading, asker)),
        )
    if screen.centre:
        screen.centre = False
        yield _clock(ports)
        centre = await ports.centre.now()
        if centre is not None:
            yield ServerSentEvent(event="centre", data=centre_body(centre))
    if screen.cameras:
        changed, screen.cameras = screen.cameras, set()
        items = [
            {"id": camera, "state": "lost" if ports.camera_state(camera) == "lost" else "ok"}
            for camera in sorted(changed)
        ]
        yield ServerSentEvent(event="cameras", data={"items": items})


async def screen_of(asker: SignedIn, ports: Ports) -> AsyncIterator[Subscription]:
    """Hold a subscription while the answer goes out; raises a 503 problem before it begins."""
    del asker  # who isn't signed in takes no place
    try:
        with ports.changes.subscribe() as screen:
            yield screen
    except TooManyScreens:
        raise Problem(
            503,
            "screens",
            Text("Trop d'écrans ouverts", "Too many screens open"),
            remedy=Text("Fermer un écran.", "Close a screen."),
        ) from None


Screen = Annotated[Subscription, Depends(screen_of)]


@router.get("/changes", response_class=EventSourceResponse)
async def changes(
    asker: SignedIn, screen: Screen, ports: Ports, request: Request, language: Tongue
) -> AsyncIterator[ServerSentEvent]:
    """Follow what changes; ends when the session is over, and where what is kept can't be read: ask again then."""
    cookie = request.cookies.get(ports.owner, "")
    with suppress(NotRead):
        while await ports.sign_in.who(cookie) is not None:
            yield _clock(ports)
            async for news in _news(ports, screen, asker, language):
                yield news
            until_s = anyio.current_time() + CLOCK_EVERY_S  # however much changes: a session that is over must end
            while (left_s := until_s - anyio.current_time()) > 0 and await screen.wait(left_s):
                await anyio.sleep(COALESCE_S)
                async for news in _news(ports, screen, asker, language):
                    yield news

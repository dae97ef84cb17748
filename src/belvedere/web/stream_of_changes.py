"""Server-sent events: one stream a screen, snapshots on every change, why a viewing ended, the clock."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from belvedere.domain.causes import Cause
from belvedere.domain.failures import NotRead
from belvedere.domain.ids import CameraId
from belvedere.domain.requester import Requester
from belvedere.domain.text import Language, Text
from belvedere.domain.viewings import Ending, Viewing
from belvedere.rights.sight import Sight
from belvedere.web.asking import Following, SignedIn, Tongue
from belvedere.web.changes import ScreensOf, Subscription, TooManyScreens, Topic
from belvedere.web.ports import ScreenPorts, Screens
from belvedere.web.problems import Problem, in_each_language
from belvedere.web.snapshots import Snapshots

router = APIRouter(tags=["changes"])
CLOCK_EVERY_S = 5.0
COALESCE_S = 0.05
AGAIN_AFTER_S = 1.0
"""How long a screen waits when what it is owed could not be read."""


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
    texts = in_each_language(title=ending.cause.words.title, detail=ending.reason, remedy=ending.remedy)
    return {
        **_ended_in_short(viewing, ending),
        "code": int(ending.code),
        **texts[language.value],
        "texts": texts,
    }


def _clock(ports: ScreenPorts) -> ServerSentEvent:
    """Tell the node's clock, and when it was started.

    `ahead_s` is how far the demo moved the clock, which pictures know nothing of.
    """
    told = {"now": ports.clock.now(), "ahead_s": ports.ahead_s(), "started_at": ports.started_at}
    return ServerSentEvent(event="clock", data=told)


async def _news(
    ports: ScreenPorts, snapshots: Snapshots, screen: Subscription, requester: Requester, language: Language
) -> AsyncIterator[ServerSentEvent]:
    """Tell what the screen has not been told yet; raises `NotRead`, and what was not told is owed still."""
    while screen.ended:
        viewing, ending = screen.ended.popleft()
        if viewing.party == requester.party and viewing.agent == requester.agent:
            yield ServerSentEvent(event="ended", data=_ended(viewing, ending, language))
        elif viewing.party != requester.party and Sight(requester.party, ports.owner).right(viewing.party):
            yield ServerSentEvent(event="ended", data=_ended_in_short(viewing, ending))
    for topic in Topic:
        if topic not in screen.owed:
            continue
        screen.owed.discard(topic)  # before the read: what changes meanwhile is owed again
        try:
            body = await snapshots.body(topic, requester)
        except NotRead:
            screen.owed.add(topic)
            raise
        if topic is Topic.CENTRE:
            yield _clock(ports)
        if body is not None:
            yield ServerSentEvent(event=topic.value, raw_data=body)
    cameras = await _cameras_news(ports, screen, requester)
    if cameras:
        yield ServerSentEvent(event="cameras", data={"items": cameras})


async def _cameras_news(ports: ScreenPorts, screen: Subscription, requester: Requester) -> list[dict[str, str | None]]:
    """Return the states that the screen has not been told yet; raises `NotRead`, and they are owed still.

    Who may not read an owner's list learns nothing of its cameras' faults either (reliability 27).
    """
    if not screen.cameras:
        return []
    changed, screen.cameras = screen.cameras, set()
    try:
        readable = await ports.reader.owners_readable(requester)
    except NotRead:
        screen.cameras |= changed
        raise
    known = (ports.inventory.camera(camera) for camera in sorted(changed))
    return [_state_of(each.id, ports) for each in known if each is not None and each.owner in readable]


def _state_of(camera: CameraId, ports: ScreenPorts) -> dict[str, str | None]:
    cause = ports.lost_cause(camera)
    return {"id": camera, "state": "ok" if cause is None else "lost", "cause": cause}


_TOO_MANY = {
    ScreensOf.SESSION: (
        Text(
            "Cette session a déjà {} écrans ouverts, le nombre admis.",
            "This session already has {} screens open, as many as may be.",
        ),
        Text("Fermer un onglet ou une fenêtre de cette session.", "Close a tab or a window of this session."),
    ),
    ScreensOf.PARTY: (
        Text(
            "Votre organisation a déjà {} écrans ouverts sur ce nœud, le nombre admis.",
            "Your organisation already has {} screens open on this node, as many as may be.",
        ),
        Text("Fermer un écran de votre organisation.", "Close a screen of your organisation."),
    ),
    ScreensOf.NODE: (
        Text("Ce nœud a déjà {} écrans ouverts, le nombre admis.", "This node already has {} screens open."),
        Text("Fermer un écran, ou réessayer plus tard.", "Close a screen, or try again later."),
    ),
}


async def screen_of(requester: SignedIn, ports: Screens) -> AsyncIterator[Subscription]:
    """Hold a subscription while the answer goes out; raises a 503 problem before it begins."""
    try:
        with ports.changes.subscribe(requester) as screen:
            yield screen
    except TooManyScreens as refused:
        detail, remedy = _TOO_MANY[refused.whose]
        raise Problem(
            503,
            Cause.SCREENS,
            Text(detail.fr.format(refused.screens_max), detail.en.format(refused.screens_max)),
            remedy=remedy,
            members={"whose": refused.whose.value},
            headers={"Retry-After": "5"},
        ) from None


Screen = Annotated[Subscription, Depends(screen_of)]


@router.get("/changes", response_class=EventSourceResponse)
async def changes(
    follower: Following, screen: Screen, ports: Screens, request: Request, language: Tongue
) -> AsyncIterator[ServerSentEvent]:
    """Follow what changes; ends when the session does, or what it rests on. What can't be read now is told once it can."""
    cookie = request.cookies.get(ports.owner, "")
    snapshots: Snapshots = request.app.state.snapshots
    while True:
        try:
            # Once in each round on its own, so that a session that is followed is not idle.
            if await ports.sign_in.who(cookie) is None or await follower.refusal() is not None:
                return
            yield _clock(ports)
            async for news in _news(ports, snapshots, screen, follower.requester, language):
                yield news
            until_s = anyio.current_time() + CLOCK_EVERY_S  # however much changes: a session that is over must end
            while (left_s := until_s - anyio.current_time()) > 0 and await screen.wait(left_s):
                await anyio.sleep(COALESCE_S)
                if await follower.refusal() is not None:
                    return
                async for news in _news(ports, snapshots, screen, follower.requester, language):
                    yield news
        except NotRead:
            yield _clock(ports)  # of nobody's affairs: whether the session still stands is not known now
            await anyio.sleep(AGAIN_AFTER_S)

"""The main job, done once at the demo's start: sign in, open an event and a camera, receive a picture.

A busy machine may answer 503, let a ticket lapse or give no picture yet: each step is asked again for as long as it takes.
An answer that refuses, or a port that takes no connections any more, ends the demo.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import httpx
import websockets

from belvedere.demo.accounts import DemoAccount
from belvedere.demo.waiting import DemoFailed, Progress
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import EventKind, Role

AGAIN_S = 0.5
REFUSED_IN_A_ROW_MAX = 10
"""A listening port takes connections however busy its process: refused this often in a row, nobody listens there."""
BINARIES = 2
"""The initialisation segment and a first chunk."""
_ASKED_AGAIN = frozenset({429, 503})


async def do_main_job(app_url: str, accounts: Sequence[DemoAccount], progress: Progress) -> None:
    """Return once a picture came through and its event was closed; raises `DemoFailed`."""
    officer = next(account for account in accounts if account.role is Role.CIC_OPERATOR)
    # No deadline of the client's own: who waits here is cancelled by Ctrl-C, or by the end of a process.
    async with httpx.AsyncClient(
        base_url=app_url, headers={"Origin": app_url}, trust_env=False, timeout=httpx.Timeout(None)
    ) as client:
        job = _MainJob(client, app_url, awaited=Text("le nœud de l'agent", "the officer's node"))
        async with progress.waiting_for(lambda: job.awaited):
            await job.do(officer)


async def until_witnessed(app_url: str, progress: Progress) -> None:
    """Return once another party's node has witnessed this one's log: its agents are served from then on."""
    waited = Text("la liaison entre les deux nœuds", "the link between the two nodes")
    async with (
        httpx.AsyncClient(base_url=app_url, trust_env=False, timeout=httpx.Timeout(None)) as client,
        progress.waiting_for(lambda: waited),
    ):
        while True:
            try:
                if (await client.get("/readyz")).json()["witness"] is True:
                    return
            except httpx.TransportError:
                pass  # a node that ended is told by its process
            await anyio.sleep(AGAIN_S)


@dataclass
class _MainJob:
    """One officer's browser; `awaited` is what it waits for now."""

    client: httpx.AsyncClient
    app_url: str
    awaited: Text

    async def do(self, officer: DemoAccount) -> None:
        who = {"login": officer.login, "password": officer.password, "station": officer.station_secret}
        self.awaited = Text("la connexion d'un agent du CIC", "an officer of the State to be signed in")
        await self._ask("POST", "/login", who)
        self.awaited = Text("l'ouverture d'un événement", "an event to be opened")
        words = {"kind": EventKind.LEVEE_DE_DOUTE, "motive": "vérification au démarrage de la démonstration"}
        event = (await self._ask("POST", "/events", words)).json()["id"]
        self.awaited = Text("la liste des caméras", "the list of cameras")
        await self._see(await self._first_camera(), event)
        self.awaited = Text("la clôture de l'événement", "the event to be closed")
        await self._ask("PATCH", f"/events/{event}", {"state": "closed"}, done=409)
        await self._ask("POST", "/logout", done=401)

    async def _first_camera(self) -> str:
        """Return a camera; a node that owns none waits until their owner's has told of them."""
        while True:
            listed = (await self._ask("GET", "/cameras")).json()["features"]
            if listed:
                camera: str = listed[0]["properties"]["id"]
                return camera
            await anyio.sleep(AGAIN_S)

    async def _ask(self, method: str, path: str, body: object = None, *, done: int | None = None) -> httpx.Response:
        """Return the answer, asked for again while the node says that it cannot yet.

        `done` is what it answers where an earlier asking, told that nothing was recorded in time, was recorded late.
        """
        refused = 0
        while True:
            try:
                answer = await self.client.request(method, f"/api/v1{path}", json=body)
            except httpx.TransportError as failure:
                refused = refused + 1 if isinstance(failure, httpx.ConnectError) else 0
                if refused >= REFUSED_IN_A_ROW_MAX:
                    raise DemoFailed(f"nobody takes connections at {self.app_url} any more: {failure}") from None
            else:
                if answer.is_success or answer.status_code == done:
                    return answer
                refused = 0
                if answer.status_code not in _ASKED_AGAIN:
                    raise DemoFailed(f"the node answered {method} {path} with {answer.status_code}: {answer.text}")
            await anyio.sleep(AGAIN_S)

    async def _see(self, camera: str, event: str) -> None:
        """Return once the camera's picture came through: opened again, with a new ticket, as often as it takes."""
        while True:
            self.awaited = Text(f"l'ouverture de la caméra {camera}", f"camera {camera} to be opened")
            stream = (await self._ask("POST", "/streams", {"camera": camera, "event": event})).json()
            self.awaited = Text(f"la première image de {camera}", f"the first picture of {camera}")
            if await self._pictures(stream["media_url"], camera):
                return
            await anyio.sleep(AGAIN_S)

    async def _pictures(self, media_url: str, camera: str) -> bool:
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        binaries = 0
        try:
            async with websockets.connect(
                media_url,
                origin=websockets.Origin(self.app_url),
                additional_headers={"Cookie": cookies},
                proxy=None,
                open_timeout=None,
                ping_timeout=None,
            ) as socket:
                async for message in socket:
                    if isinstance(message, str):
                        self._note(message, camera)
                    else:
                        binaries += 1
                        if binaries >= BINARIES:
                            return True
        except (OSError, websockets.WebSocketException):
            pass  # a ticket that lapsed, a relay that is not there yet: the camera is opened again
        return False

    def _note(self, message: str, camera: str) -> None:
        """Take up what the relay says of a camera that gives no picture."""
        cause = json.loads(message).get("cause")
        if isinstance(cause, str):
            self.awaited = Text(f"la première image de {camera} ({cause})", f"the first picture of {camera} ({cause})")

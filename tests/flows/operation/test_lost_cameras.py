"""Why a camera fails reads differently wherever it is told, in both languages, and is told to nobody who may not see it.

Reliability 4, 16, 18, 27.
"""

import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import anyio
import pytest

from belvedere.cli.logs import log_to_stderr
from belvedere.domain.ids import CameraId
from belvedere.domain.source_causes import SOURCE_CAUSES, SourceCause
from belvedere.inventory.cameras import CameraSource
from belvedere.media.native import NativeRelay
from belvedere.media.relay import CameraLost, RelayConfig
from tests.flows.conftest import CITY, City
from tests.flows.media.cameras import Oddity, odd_camera
from tests.flows.operation.conftest import Site
from tests.flows.test_inventory_read import withdraw

pytestmark = pytest.mark.anyio
ODDITIES = {
    "vda-001": (Oddity.WRONG_PASSWORD, SourceCause.WRONG_PASSWORD),
    "vda-002": (Oddity.NO_TRANSPORT, SourceCause.NO_TRANSPORT),
    "vda-003": (Oddity.NOT_FOUND, SourceCause.NOT_FOUND),
}
CANARY = "canary-5d1e"


@asynccontextmanager
async def faulty_city(site: Site) -> AsyncIterator[City]:
    """Serve the small city, three of whose cameras are odd and whose others have no address."""
    async with AsyncExitStack() as stack:
        sources = {}
        for camera, (oddity, _) in ODDITIES.items():
            _, url = await stack.enter_async_context(odd_camera(oddity))
            sources[camera] = {"url": f"{url}?key={CANARY}", "username": "cam", "password": CANARY}
        site.settings.inventory.sources.write_text(json.dumps({"cameras": sources}))
        site.change("media", warm=tuple(ODDITIES))
        relay = NativeRelay(RelayConfig(host="127.0.0.1", cookie_name=CITY, source_networks=("127.0.0.0/8",)))
        yield await stack.enter_async_context(site.serving(relay))


async def lost(city: City) -> dict[str, Any]:
    """Return the properties of the odd cameras once all are told as lost."""
    operator = await city.sign_in("csu-operator")
    with anyio.fail_after(30):
        while True:
            features = (await operator.client.get("/api/v1/cameras")).json()["features"]
            found = {each["id"]: each["properties"] for each in features if each["id"] in ODDITIES}
            if all(each["state"] == "lost" for each in found.values()):
                return found
            await anyio.sleep(0.05)


@pytest.mark.relay
async def test_a_wrong_password_udp_only_and_a_404_read_differently_everywhere(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log_to_stderr()
    async with faulty_city(site) as city:
        sheets = await lost(city)
        await anyio.sleep(0.1)  # the log is written by the task that hears the relay
        readiness = {
            language: (await city.browser().get("/readyz", headers={"Accept-Language": language})).json()["cameras"]
            for language in ("fr", "en")
        }
        metrics = (await city.browser().get("/metrics")).text
    causes = {camera: cause.value for camera, (_, cause) in ODDITIES.items()}
    # 1. The sheet, whose words the screens hold (frontend/src/i18n/source_causes.ts).
    assert {camera: sheet["cause"] for camera, sheet in sheets.items()} == causes
    # 2. The log.
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    told = {event["camera"]: event for event in events if event["event"] == "camera_lost"}
    assert {camera: event["cause"] for camera, event in told.items()} == causes
    for camera, (_, cause) in ODDITIES.items():
        words = SOURCE_CAUSES[cause].sentence
        assert (told[camera]["fr"], told[camera]["en"]) == (words.fr, words.en)
        assert told[camera]["address"].removeprefix("127.0.0.1:").isdigit(), "neither path nor query"
    assert "status 461" in told["vda-002"]["detail"]
    assert CANARY not in stream.getvalue()
    # 3. Readiness, in both languages; the nine others have no address.
    for language, cameras in readiness.items():
        assert cameras["lost"] == 12
        said = {each["cause"]: each for each in cameras["by_cause"]}
        assert {cause: each["count"] for cause, each in said.items()} == dict.fromkeys(causes.values(), 1) | {
            "no-address": 9
        }
        for cause, each in said.items():
            assert each["detail"] == getattr(SOURCE_CAUSES[SourceCause(cause)].sentence, language)
            assert each["remedy"] == getattr(SOURCE_CAUSES[SourceCause(cause)].remedy, language)
        assert next(iter(said)) == "no-address", "the most frequent first"
    # 4. The metrics: every cause a series, from the start.
    for cause in SourceCause:
        count = 9 if cause is SourceCause.NO_ADDRESS else int(cause.value in causes.values())
        assert f'belvedere_cameras_lost{{cause="{cause}"}} {count}.0' in metrics


async def states_heard(city: City, login: str, camera: str) -> list[dict[str, Any]]:
    """Return what one screen is told of cameras' states when that camera is lost."""
    agent = await city.sign_in(login)
    heard: list[dict[str, Any]] = []
    kind = ""
    with anyio.move_on_after(1.5):
        async with agent.client.stream("GET", "/api/v1/changes") as answer:
            assert answer.status_code == 200, "it follows what else changes"
            told = False
            async for line in answer.aiter_lines():
                if not told:
                    told = True
                    city.relay.lost[CameraId(camera)] = SourceCause.SILENT
                    await city.relay.tell(CameraLost(CameraId(camera), SourceCause.SILENT))
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: ") and kind == "cameras":
                    heard += json.loads(line.removeprefix("data: "))["items"]
                    break
    return heard


async def test_who_may_read_the_list_is_told_of_a_lost_camera_and_why(city: City) -> None:
    expected = [{"id": "vda-001", "state": "lost", "cause": "silent"}]
    assert await states_heard(city, "csu-operator", "vda-001") == expected
    # Signed in less than a second after another screen asked how every session stands.
    assert await states_heard(city, "cic-operator", "vda-001") == expected


async def test_who_may_not_read_the_list_is_told_of_no_fault(city: City) -> None:
    await withdraw(await city.sign_in("police-director"), withdrawn=True)
    agent = await city.sign_in("cic-operator")
    answer = await agent.client.get("/api/v1/cameras")
    assert (answer.status_code, answer.json()["cause"]) == (403, "authorisation-withdrawn")
    assert await states_heard(city, "cic-operator", "vda-001") == []


def test_of_a_source_only_host_and_port_are_an_address() -> None:
    for url in (
        f"rtsp://u:{CANARY}@10.0.0.1:554/{CANARY}?key={CANARY}",
        "rtsp://10.0.0.1:554/user=admin_password=x",
        "rtsp://10.0.0.1:554",
    ):
        assert CameraSource(url, "u", CANARY).address == "10.0.0.1:554"
    assert CANARY not in CameraSource(f"rtsp://u:1/{CANARY}@10.0.0.1/", None, None).address

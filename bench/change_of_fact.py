"""One change of fact → the last of 1,000 viewings closed: decided again, recorded, revoked, seen by the client.

A node with its real store and relay, eight simulated cameras, an officer with 125 events on each of them. The director
records that the prefect's authorisation is withdrawn; the clock runs from before that request is sent.
"""

import asyncio
import json
import tempfile
import time
from datetime import date
from pathlib import Path

import httpx

from belvedere.agents.enrolment import AccountToEnrol, StationToEnrol
from belvedere.demo.accounts import CITY, STATE
from belvedere.demo.signing import sign_for_all
from belvedere.demo.town import CONVENTION
from belvedere.domain.vocabulary import Role
from belvedere.media.native import NativeRelay
from belvedere.media.relay import RelayConfig
from belvedere.node.compose import run_node
from belvedere.node.enrolment import enrol
from belvedere.settings import Settings
from bench import results
from bench.programs import compiled, module, running

EVENTS, CAMERAS = 125, 8
PASSWORD = "for measuring only"
SETTLES_S = 5.0


async def run() -> None:
    """Measure once and append, in ms."""
    with tempfile.TemporaryDirectory() as made:
        folder, ready = Path(made), Path(made) / "simulator.json"
        simulator = module("simulator", "--seed", "1", "--cameras", str(CAMERAS), "--ready-file", ready)
        async with running(*simulator):
            while not ready.exists():  # noqa: ASYNC110  (another process writes it)
                await asyncio.sleep(0.05)
            settings = await _settle(folder, json.loads(ready.read_text()))
            relay = NativeRelay(
                RelayConfig(
                    host="127.0.0.1",
                    cookie_name=CITY,
                    source_networks=("127.0.0.0/8",),
                    connections_of_address_max=8_000,
                )
            )
            async with (
                run_node(settings, relay=relay) as node,
                httpx.AsyncClient(base_url=node.app_url, headers={"Origin": node.app_url}) as officer,
                httpx.AsyncClient(base_url=node.app_url, headers={"Origin": node.app_url}) as director,
            ):
                await _sign_in(officer, "officer")
                await _sign_in(director, "director")
                opened_s, paths = time.monotonic(), await _open_all(officer)
                opened_s = time.monotonic() - opened_s
                (folder / "paths").write_text("\n".join(paths) + "\n")
                cookie = f"{CITY}={officer.cookies[CITY]}"
                (folder / "headers").write_text(f"Origin: {node.app_url}\r\nCookie: {cookie}\r\n")
                command = (compiled("load"), "revoke", str(relay.port), folder / "paths", folder / "headers", "0")
                async with running(*command) as load:
                    await load.line()
                    await asyncio.sleep(SETTLES_S)
                    from_us = time.monotonic_ns() // 1000
                    answer = await director.post(
                        "/api/v1/convention/withdrawal", json={"withdrawn": True, "act": "mesure"}
                    )
                    answered_us = time.monotonic_ns() // 1000
                    answer.raise_for_status()
                    ended = [[int(word) for word in line.split()] for line in await load.rest()]
    took_ms = [(at_us - from_us) / 1000 for _, at_us, _ in ended]
    line = {
        "viewings": len(ended),
        "opened_per_s": round(len(paths) / opened_s),
        "answered_ms": round((answered_us - from_us) / 1000, 1),
        "closed_p50_ms": round(results.percentile(took_ms, 50), 1),
        "last_closed_ms": round(max(took_ms), 1),
    }
    print(results.append("change_of_fact", line))


async def _settle(folder: Path, city: dict[str, object]) -> Settings:
    for name, content in (
        ("cameras.geojson", city["inventory"]),
        ("ground.geojson", city["ground"]),
        ("sources.json", {"cameras": city["sources"]}),
    ):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(json.dumps(content))
    settings = Settings.model_validate(
        {
            "node": {"party": CITY, "data_dir": folder / "data", "origin": f"belvedere.example/{CITY}"},
            "media": {"source_networks": ["127.0.0.0/8"]},
            "inventory": {
                "cameras": folder / "cameras.geojson",
                "sources": folder / "sources.json",
                "ground": folder / "ground.geojson",
            },
            "conventions": [{"directory": folder / "convention"}],
        }
    )
    agents = (("officer", STATE, "cic", Role.CIC_OPERATOR), ("director", CITY, "csu", Role.POLICE_DIRECTOR))
    await enrol(
        settings,
        [
            AccountToEnrol(login, PASSWORD, login, party, service, role, "mesure", date(2022, 10, 1), None)
            for login, party, service, role in agents
        ],
        [StationToEnrol(f"{login}-desk", party, login, f"secret of {login}") for login, party, _, _ in agents],
    )
    sign_for_all(CONVENTION, folder / "convention")
    return settings


async def _sign_in(client: httpx.AsyncClient, login: str) -> None:
    body = {"login": login, "password": PASSWORD, "station": f"secret of {login}"}
    (await client.post("/api/v1/login", json=body)).raise_for_status()


async def _open_all(officer: httpx.AsyncClient) -> list[str]:
    """Open everything, eight at a time: the tickets live 30 s only."""
    cameras = [each["id"] for each in (await officer.get("/api/v1/cameras")).json()["features"]]
    paths = []

    async def opened(camera: str, event: str) -> None:
        answer = await officer.post("/api/v1/streams", json={"camera": camera, "event": event})
        answer.raise_for_status()
        paths.append("/media/" + answer.json()["media_url"].rsplit("/", 1)[1])

    for _ in range(EVENTS):
        event = (await officer.post("/api/v1/events", json={"kind": "intervention"})).json()["id"]
        await asyncio.gather(*(opened(camera, event) for camera in cameras))
    return paths

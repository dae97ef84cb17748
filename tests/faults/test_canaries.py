"""Reliability 4: secrets are searched for in all that a real node writes, answers and shows of itself."""

import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.faults.served import Served, ServedSite
from tests.faults.served_story import Story
from tests.faults.test_killed import site_in
from tests.flows.conftest import AGENTS, PASSWORD, PIN, station_secret

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

CAMERA_PASSWORD = "canary-7f3a"
ROLES = ("cic-operator", "cic-supervisor", "csu-operator", "police-director", "inspector")


@dataclass
class Secrets:
    """What must stand nowhere, each by its name."""

    known: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, secret: str | bytes) -> None:
        self.known[name] = secret.encode() if isinstance(secret, str) else secret

    def found_in(self, content: bytes, *, but: str = "") -> list[str]:
        """Return the names of the secrets that `content` holds, as they are or in base64 or hex."""
        return [
            name
            for name, secret in self.known.items()
            if not (but and name.startswith(but))
            and any(form in content for form in (secret, base64.b64encode(secret)[:-3], secret.hex().encode()))
        ]


def key_of(site: ServedSite) -> bytes:
    """Return the longest line of the node's private key."""
    lines = (site.settings.node.data_dir / "node-key.pem").read_bytes().splitlines()
    return max((line for line in lines if not line.startswith(b"-")), key=len)


def answers(served: Served, secrets: Secrets) -> dict[str, bytes]:
    """Return every answer to a GET that OpenAPI describes, in every role."""
    found: dict[str, bytes] = {}
    described = served.client().get("/openapi.json").json()["paths"]
    for login in ROLES:
        client = served.sign_in(login)
        secrets.add(f"cookie of {login}", client.cookies["villeneuve-dascq"])
        for path, methods in described.items():
            if "get" in methods and "{" not in path and not path.endswith("/changes"):
                found[f"{login} GET {path}"] = whole(client.get(path))
        for path in ("/", "/healthz", "/readyz", "/metrics", "/openapi.json"):
            found[f"{login} GET {path}"] = whole(client.get(path))
    return found


def whole(answer: httpx.Response) -> bytes:
    return str(answer.headers).encode() + answer.content


def refusals(served: Served) -> dict[str, bytes]:
    """Return answers that could repeat what was sent."""
    client, officer = served.client(), served.sign_in("cic-operator")
    relief = {"login": "cic-second", "pin": PIN}
    sent = {"login": "csu-operator", "password": PASSWORD, "station": station_secret("csu-operator")}
    return {
        "login with a member too many": whole(client.post("/api/v1/login", json=sent | {"extra": 1})),
        "login ill-typed": whole(client.post("/api/v1/login", json=sent | {"login": [PASSWORD]})),
        "login wrong": whole(client.post("/api/v1/login", json=sent | {"login": "nobody"})),
        "relief ill-typed": whole(officer.post("/api/v1/session/relief", json=relief | {"pin": [PIN]})),
        "relief with a member too many": whole(officer.post("/api/v1/session/relief", json=relief | {"extra": 1})),
        "relief of nobody": whole(officer.post("/api/v1/session/relief", json=relief | {"login": "nobody"})),
        "relief": whole(officer.post("/api/v1/session/relief", json=relief)),
    }


def test_no_secret_stands_in_logs_answers_metrics_database_exports_or_the_process(
    tmp_path: Path, enrolled_data: Path
) -> None:
    site, secrets = site_in(tmp_path / "site", enrolled_data), Secrets()
    secrets.add("camera password", CAMERA_PASSWORD)
    secrets.add("password", PASSWORD)
    secrets.add("pin", f'"{PIN}"')
    secrets.add("pin as Python writes it", f"'{PIN}'")
    secrets.add("node key", key_of(site))
    for login in AGENTS:
        secrets.add(f"station secret of {login}", station_secret(login))
    assert secrets.found_in(site.settings.inventory.sources.read_bytes()) == ["camera password"], "the search finds"

    with site.serving() as served:
        assert Story(served).tell().ended
        officer = served.sign_in("cic-operator")
        event = officer.post("/api/v1/events", json={"kind": "intervention"}).json()["id"]
        opened = officer.post("/api/v1/streams", json={"camera": "vda-012", "event": event})
        ticket = opened.json()["media_url"].rsplit("/", 1)[1]
        secrets.add("ticket", ticket)
        assert secrets.found_in(opened.content) == ["ticket"], "its one place"
        shown = answers(served, secrets) | refusals(served)
        process = Path(f"/proc/{served.pid}")
        shown["command line"] = (process / "cmdline").read_bytes()
        shown["environment"] = (process / "environ").read_bytes()
        limits = (process / "limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits), "a core file would hold them all"
    shown["ledger"] = json.dumps(site.records()).encode()
    shown["standard error"], shown["standard output"] = site.log.read_bytes(), site.said.read_bytes()
    for file in site.settings.node.data_dir.iterdir():
        if file.name != "node-key.pem":
            shown[f"data/{file.name}"] = file.read_bytes()

    assert len(shown) > 60
    assert shown["standard error"].count(b'"event": "request"') > 60
    assert {place: found for place, content in shown.items() if (found := secrets.found_in(content))} == {}


def test_what_holds_secrets_is_for_its_owner_alone(tmp_path: Path, enrolled_data: Path) -> None:
    site = site_in(tmp_path / "site", enrolled_data)
    with site.serving():
        pass
    for file in site.settings.node.data_dir.iterdir():
        if file.name.startswith(("belvedere.sqlite3", "node-key")):
            assert file.stat().st_mode & 0o077 == 0, file.name

"""The drill of docs/operation.md, told to real processes: serve, back up under load, lose the disk, restore, serve."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import anyio
import httpx
import pytest
from typer.testing import CliRunner

from belvedere.agents.enrolment import AccountToEnrol, StationToEnrol
from belvedere.cli.main import app
from belvedere.demo.signing import sign_for_all
from belvedere.domain.vocabulary import Role
from belvedere.ledger.keys import load_or_create_key
from belvedere.ledger.note import verifier_key
from belvedere.media.relay import RELAY_ENV
from belvedere.node.database import KEY_FILE
from belvedere.node.enrolment import enrol
from belvedere.settings import read_settings
from belvedere.store.database import DATABASE_FILE
from tests.flows.conftest import CITY, CONVENTIONS, PASSWORD, camera_feature

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]
CANARY = "canary-3d9f-camera-password"
ORIGIN = f"belvedere.example/{CITY}"
LOGIN = {"login": "cic", "password": PASSWORD, "station": "a-station-secret-of-24-signs"}


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@dataclass
class Site:
    """One node's folder, its key of secrets apart, and what is asked of it."""

    folder: Path
    acknowledged: list[str] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "node.toml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def install(self) -> None:
        """Do what docs/operation.md says, in its order."""
        self.data.mkdir(mode=0o700)
        features = [camera_feature(number) for number in (1, 2, 3)]
        (self.folder / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        (self.folder / "ground.geojson").write_text('{"type": "FeatureCollection", "features": []}')
        sources = self.folder / "sources.json"
        sources.touch(mode=0o600)
        cameras = {f"vda-{n:03}": {"url": "rtsp://127.0.0.1:9/x", "password": CANARY} for n in (1, 2, 3)}
        sources.write_text(json.dumps({"cameras": cameras}))
        sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", self.folder / "convention")
        self.config.write_text(
            f'[node]\nparty = "{CITY}"\ndata_dir = "data"\norigin = "{ORIGIN}"\n'
            '[media]\nsource_networks = ["127.0.0.0/8"]\n'
            '[inventory]\ncameras = "cameras.geojson"\nsources = "sources.json"\nground = "ground.geojson"\n'
            '[secrets]\nkey_file = "../apart/secret.key"\n[[conventions]]\ndirectory = "convention"\n'
        )
        code, output = run("sources", "seal", sources, "--config", self.config)
        assert code == 0, output
        account = AccountToEnrol(
            "cic", PASSWORD, "agent", "etat", "cic", Role.CIC_OPERATOR, "arrêté", date(2022, 10, 1), None
        )
        anyio.run(enrol, read_settings(self.config), [account], [StationToEnrol("p", "etat", "p", LOGIN["station"])])
        code, output = run("check-config", "--config", self.config)
        assert code == 0, output

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Run `belvedere serve` in a process of its own; its address."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        with (self.folder / "node.log").open("ab") as log:
            node = subprocess.Popen(
                [sys.executable, "-m", "belvedere", "serve", "--config", str(self.config), "--ready-file", str(ready)],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={**os.environ, RELAY_ENV: "fake"},
            )
        try:
            until_s = time.monotonic() + 60
            while not ready.exists():
                assert node.poll() is None, (self.folder / "node.log").read_text()
                assert time.monotonic() < until_s
                time.sleep(0.05)
            yield json.loads(ready.read_text())["app_url"]
        finally:
            node.send_signal(signal.SIGTERM)
            assert node.wait(30) == 0

    @contextmanager
    def signed_in(self, app_url: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=app_url, headers={"Origin": app_url}, trust_env=False, timeout=30) as client:
            assert client.post("/api/v1/login", json=LOGIN).status_code == 200
            yield client

    @contextmanager
    def load(self, app_url: str) -> Iterator[None]:
        """Open and close streams as fast as the node answers; what it acknowledges is noted."""
        over = threading.Event()

        def ask() -> None:
            with self.signed_in(app_url) as client:
                event = client.post("/api/v1/events", json={"kind": "levee-de-doute"}).json()["id"]
                number = 0
                while not over.is_set():
                    number += 1
                    body = {"camera": f"vda-{number % 3 + 1:03}", "event": event}
                    opened = client.post("/api/v1/streams", json=body)
                    if opened.status_code == 201:
                        self.acknowledged.append(opened.json()["id"])
                        client.delete(f"/api/v1/streams/{opened.json()['id']}")

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield
        finally:
            over.set()
            asking.join(30)

    def until_more_than(self, count: int) -> None:
        """Return once more than `count` viewings are acknowledged, however busy the machine is."""
        until_s = time.monotonic() + 60
        while len(self.acknowledged) <= count:
            assert time.monotonic() < until_s
            time.sleep(0.02)

    def viewings_in(self, database: Path, vkey: str) -> set[str]:
        """Return the viewings that a database's verified ledger tells of."""
        exported = self.folder / "exported.jsonl"
        code, output = run("ledger", "export", "--database", database, "-o", exported)
        assert code == 0, output
        code, output = run("ledger", "verify", exported, "--vkey", vkey)
        assert (code, "JUSTE" in output) == (0, True), output
        lines = [json.loads(line) for line in exported.read_text().splitlines()[1:-1]]
        # What another party did for itself stands there by its hash alone.
        records = [line["record"] for line in lines if "record" in line]
        return {record["viewing"] for record in records if record["kind"] == "opened"}


def test_a_node_lost_and_restored_serves_again_and_no_acknowledged_viewing_is_missing(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.folder.mkdir()
    site.install()
    vkey = str(verifier_key(ORIGIN, load_or_create_key(site.data / KEY_FILE)))
    first, last, peers = tmp_path / "b1.sqlite3", tmp_path / "b2.sqlite3", tmp_path / "etat.checkpoint"

    # 1. Back up under load, from outside the process.
    with site.serving() as app_url:
        with site.load(app_url):
            site.until_more_than(0)
            before = len(site.acknowledged)
            command = [sys.executable, "-m", "belvedere", "backup", "--config", str(site.config), "-o", str(first)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            during = len(site.acknowledged)
            site.until_more_than(during)
        assert 0 < before < during < len(site.acknowledged), "the node went on while it was backed up"
        held = site.viewings_in(first, vkey)
        assert set(site.acknowledged[:before]) <= held
        peers.write_text(httpx.get(f"{app_url}/api/v1/ledger/checkpoint", trust_env=False).text)
        assert httpx.get(f"{app_url}/readyz", trust_env=False).status_code == 200
        code, output = run("restore", "--config", site.config, first)
        assert (code, "in use by process" in output) == (2, True), "never under a running node"

    # 2. Stopped, it can be backed up too. Then the disk is lost.
    assert run("backup", "--config", site.config, "-o", last)[0] == 0
    for path in site.data.glob(f"{DATABASE_FILE}*"):
        path.unlink()

    # 3. The older backup would fork what the other party has seen; the newer one goes on from it.
    code, output = run("restore", "--config", site.config, first, "--peer-checkpoint", peers)
    assert (code, "REFUSÉ" in output) == (1, True), output
    assert run("restore", "--config", site.config, last)[0] == 1, "nothing tells what others saw"
    code, output = run("restore", "--config", site.config, last, "--peer-checkpoint", peers)
    assert code == 0, output

    # 4. It serves, it is whole, and nothing that was acknowledged is missing.
    with site.serving() as app_url, site.signed_in(app_url) as client:
        assert client.get("/readyz").status_code == 200
        event = client.post("/api/v1/events", json={"kind": "intervention"}).json()["id"]
        opened = client.post("/api/v1/streams", json={"camera": "vda-002", "event": event})
        assert opened.status_code == 201, opened.text
        site.acknowledged.append(opened.json()["id"])
    assert set(site.acknowledged) <= site.viewings_in(site.data / DATABASE_FILE, vkey)

    # 5. The cameras' password stands in no file but the one sealed with the key; every log line is an event.
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert holders == []
    lines = [json.loads(line) for line in (site.folder / "node.log").read_text().splitlines()]
    assert {"store_opened", "node_ready", "request"} <= {line["event"] for line in lines}
    assert not any("/media/" in str(line) and "/media/…" not in str(line) for line in lines)


def test_a_node_refuses_to_start_on_a_restore_that_was_cut_short(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.folder.mkdir()
    site.install()
    (site.data / "restore-under-way").write_text("{}")
    code, output = run("serve", "--config", site.config)
    assert (code, "belvedere restore" in output) == (2, True)
    code, output = run("check-config", "--config", site.config, "--lang", "en")
    assert (code, "cut short" in output) == (1, True)

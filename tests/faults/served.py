"""A real `belvedere serve` on a site of its own: started, traced, killed, started again; and its ledger read afterwards."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from belvedere.ledger.note import verifier_key
from belvedere.ledger.verify import verify_ledger
from belvedere.node.compose import RunningNode, run_node
from belvedere.node.database import identity_of
from belvedere.settings import Settings
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.faults.warm import Warm
from tests.flows.conftest import PASSWORD, NotingRelay, station_secret

READY_WITHIN_S = 120


def strace_works() -> bool:
    """Return whether this machine lets one process trace another."""
    try:
        probe = subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return probe.returncode == 0


class NodeProcess(Protocol):
    """A process of a node, whoever started it."""

    pid: int

    def poll(self) -> int | None:
        """Return the code it ended with, None while it runs."""

    def wait(self, timeout: float) -> int:
        """Return the code it ended with; raises `subprocess.TimeoutExpired`."""


@dataclass
class Served:
    """One run of the process."""

    process: NodeProcess
    app_url: str
    pid: int
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self) -> httpx.Client:
        """Return a browser that isn't signed in."""
        client = httpx.Client(base_url=self.app_url, headers={"Origin": self.app_url}, trust_env=False, timeout=60)
        self.clients.append(client)
        return client

    def sign_in(self, login: str) -> httpx.Client:
        """Return an agent's browser."""
        client = self.client()
        body = {"login": login, "password": PASSWORD, "station": station_secret(login)}
        client.post("/api/v1/login", json=body).raise_for_status()
        return client

    def alive(self) -> bool:
        return self.process.poll() is None


@dataclass
class ServedSite:
    """A folder with node.toml, conventions, inventory and data, as an administrator would have it."""

    folder: Path
    settings: Settings
    environment: dict[str, str] = field(default_factory=lambda: {"BELVEDERE_RELAY": "fake"})
    more: str = ""
    """What else stands in node.toml."""

    def __post_init__(self) -> None:
        settings, convention = self.settings, self.settings.conventions[0]
        networks = json.dumps(list(settings.media.source_networks))
        (self.folder / "node.toml").write_text(
            f'[node]\nparty = "{settings.node.party}"\ndata_dir = "{settings.node.data_dir}"\n'
            f'origin = "{settings.node.origin}"\n'
            f"[media]\nsource_networks = {networks}\n"
            f'[inventory]\ncameras = "{settings.inventory.cameras}"\nsources = "{settings.inventory.sources}"\n'
            f'ground = "{settings.inventory.ground}"\n'
            f'[[conventions]]\ndirectory = "{convention.directory}"\n{self.more}'
        )

    @property
    def log(self) -> Path:
        """What the process wrote to standard error, of every run."""
        return self.folder / "serve.log"

    @property
    def said(self) -> Path:
        """What the process wrote to standard output."""
        return self.folder / "serve.out"

    @contextmanager
    def serving(self, *, under: Sequence[str] = ()) -> Iterator[Served]:
        """Run the process, behind the command `under`, until the block ends."""
        command = [*under, sys.executable, "-m", "belvedere", *self._arguments()]
        with self.log.open("ab") as log, self.said.open("ab") as said:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=log, env=os.environ | self.environment,
                start_new_session=True,
            )  # fmt: skip
        with self._until_the_end(process) as served:
            if served.app_url:
                served.pid = _node_of(process.pid, traced=bool(under))
            yield served

    @contextmanager
    def forked(self, warm: Warm, *, kill_at: int, at_sync: bool = False) -> Iterator[Served]:
        """Run a child of the warm process that dies at act `kill_at` of its disk or sockets, until the block ends.

        With `at_sync` the syncs alone are counted.
        """
        process = warm.fork(self._arguments(), out=self.said, err=self.log, kill_at=kill_at, at_sync=at_sync)
        with self._until_the_end(process) as served:
            yield served

    def _arguments(self) -> list[str]:
        self._ready.unlink(missing_ok=True)
        return ["serve", "--config", str(self.folder / "node.toml"), "--ready-file", str(self._ready)]

    @property
    def _ready(self) -> Path:
        return self.folder / "ready.json"

    @contextmanager
    def _until_the_end(self, process: NodeProcess) -> Iterator[Served]:
        served = Served(process, "", process.pid)
        try:
            _await_ready(process, self._ready)
            if self._ready.exists():
                served.app_url = json.loads(self._ready.read_text())["app_url"]
            yield served
        finally:
            for client in served.clients:
                client.close()
            _end(process)

    def records(self) -> list[dict[str, Any]]:
        """Return the ledger's records, oldest first, as an export gives them; raises if the export does not verify."""
        identity = identity_of(self.settings)
        content = b"".join(exported_ledger(self.settings.node.data_dir / DATABASE_FILE, whole=True))
        verify_ledger(lambda: io.BytesIO(content), vkeys=[verifier_key(identity.origin, identity.key)])
        lines = [json.loads(line) for line in content.splitlines()[1:-1]]
        return [dict(line["record"]) for line in lines if line.get("record") is not None]

    @asynccontextmanager
    async def started_again(self) -> AsyncIterator[RunningNode]:
        """Run the node in this process, over what the killed one left."""
        async with run_node(self.settings, relay=NotingRelay(), record_within_s=60.0) as node:
            yield node


def site_of(settings: Settings) -> ServedSite:
    """Return the site of a node that has one peer, at the port of its settings."""
    (peer,) = settings.peers
    return ServedSite(
        settings.node.data_dir.parent,
        settings,
        more=f'[web]\nport = {settings.web.port}\n[[peers]]\nparty = "{peer.party}"\nurl = "{peer.url}"\n',
    )


def _await_ready(process: NodeProcess, ready: Path) -> None:
    """Return once the node serves, or has ended."""
    until_s = time.monotonic() + READY_WITHIN_S
    while not ready.exists() and process.poll() is None:
        assert time.monotonic() < until_s, "the node did not come up"
        time.sleep(0.02)


def _node_of(pid: int, *, traced: bool) -> int:
    """Return the node's own process id: a tracer's only child."""
    if not traced:
        return pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0])


def _end(process: NodeProcess) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)

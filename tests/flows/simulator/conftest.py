"""A small simulated city in a process of its own, for all tests of this folder."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.simulator.rtsp_client import RtspClient
from tests.promises import allowed_s

UP_S_MAX = 75.0


@dataclass(frozen=True)
class Town:
    """A running simulator and what its ready file says."""

    folder: Path
    ready: dict[str, Any]

    def client(self, camera_id: str) -> RtspClient:
        source = self.ready["sources"][camera_id]
        return RtspClient(source["url"], source["username"], source["password"])

    def url(self, camera_id: str) -> str:
        """Return the camera's address with its credentials in it, as players take it."""
        source = self.ready["sources"][camera_id]
        return str(source["url"]).replace("rtsp://", f"rtsp://{source['username']}:{source['password']}@")

    def tell(self, camera_id: str, what: str, **body: float | str | list[str]) -> dict[str, Any]:
        answer = httpx.post(f"{self.ready['control_url']}/cameras/{camera_id}/{what}", json=body, timeout=10)
        answer.raise_for_status()
        state: dict[str, Any] = answer.json()
        return state

    def state(self, camera_id: str) -> dict[str, Any]:
        state: dict[str, Any] = httpx.get(f"{self.ready['control_url']}/cameras/{camera_id}", timeout=10).json()
        return state


def started(folder: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Start a simulator and wait for its ready file."""
    ready = folder / "ready.json"
    process = subprocess.Popen([sys.executable, "-m", "simulator", "--ready-file", str(ready), *arguments])
    deadline = time.monotonic() + allowed_s(UP_S_MAX)
    while not ready.exists():
        assert process.poll() is None, "the simulator ended before it was ready"
        assert time.monotonic() < deadline, "no ready file yet"
        time.sleep(0.02)
    return process, json.loads(ready.read_text())


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    process, ready = started(folder, "--bands", "--cameras", "12", "--seed", "3", "--parent-pid", str(os.getpid()))
    yield Town(folder, ready)
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"

"""The simulator as a process: its ready file, its control service, its end; and one camera by command."""

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from belvedere.cli.main import app
from tests.flows.simulator.conftest import Town
from tests.flows.simulator.rtsp_client import Refused, RtspClient
from tests.promises import allowed_s

pytestmark = [pytest.mark.processes, pytest.mark.relay]
BELVEDERE = Path(sys.executable).with_name("belvedere")


def test_the_ready_file_tells_all_that_the_demo_needs(town: Town) -> None:
    ready = town.ready
    assert set(ready) == {"rtsp_port", "control_url", "inventory", "ground", "sources"}
    ids = [feature["properties"]["id"] for feature in ready["inventory"]["features"]]
    assert ids == [f"vda-{number:03d}" for number in range(1, 13)]
    assert set(ready["sources"]) == set(ids)
    for camera_id, source in ready["sources"].items():
        assert source["url"] == f"rtsp://127.0.0.1:{ready['rtsp_port']}/{camera_id}"
    turning = {each["properties"]["id"] for each in ready["inventory"]["features"] if each["properties"]["ptz"]}
    assert {camera_id for camera_id, source in ready["sources"].items() if source["steering"] is not None} == turning
    assert len({source["password"] for source in ready["sources"].values()}) == 12
    assert {feature["properties"]["kind"] for feature in ready["ground"]["features"]} >= {"road", "water"}


def test_only_its_owner_reads_the_ready_file_and_nothing_is_left_beside_it(town: Town) -> None:
    assert stat.S_IMODE((town.folder / "ready.json").stat().st_mode) == 0o600
    assert [path.name for path in town.folder.iterdir()] == ["ready.json"]


def test_it_ends_with_its_parent_and_leaves_no_port(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    script = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-m', 'simulator', '--cameras', '2', '--ready-file', {str(ready)!r},"
        " '--parent-pid', str(os.getpid())])\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + allowed_s(20)
    while not ready.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (child,) = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    child.wait(timeout=10)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", json.loads(ready.read_text())["rtsp_port"])) != 0


def test_a_parent_already_gone_is_an_end_too(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    process = subprocess.Popen([sys.executable, "-m", "simulator", "--cameras", "1", "--parent-pid", str(gone.pid)])
    assert process.wait(allowed_s(20)) == 0


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("vda-999/freeze", {}, 404),
        ("vda-001/drop", {"seconds": -1}, 422),
        ("vda-001/freeze", {"second": 1}, 422),
        ("vda-001/resolution", {"width": 641, "height": 360}, 422),
        ("vda-001/resolution", {"width": 640}, 422),
        ("vda-001/explode", {}, 404),
    ],
)
def test_the_control_service_refuses_what_it_does_not_know(
    town: Town, path: str, body: dict[str, float], status: int
) -> None:
    answer = httpx.post(f"{town.ready['control_url']}/cameras/{path}", json=body, timeout=10)
    assert answer.status_code == status


def test_health_names_what_is_watched(town: Town) -> None:
    health = httpx.get(f"{town.ready['control_url']}/healthz", timeout=10).json()
    assert health["cameras"] == 12


def one_camera(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [BELVEDERE, "simulate", "camera", "--rtsp-port", "0", *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


@pytest.mark.anyio
async def test_one_camera_plays_for_anyone_under_any_name(tmp_path: Path) -> None:
    process, url = one_camera("--number", "412", "--width", "320", "--height", "180", "--fps", "10")
    try:
        assert url.endswith("/cam")
        for asked in (url, url.removesuffix("cam"), url.replace("cam", "stream/1")):
            async with RtspClient(asked) as client:
                try:
                    await client.play()
                except Refused:
                    pytest.fail(f"{asked} was refused")
                await client.access_unit()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--ptz"], "ONVIF"),
        (["--ptz", "--onvif-port", "0", "--quirk", "P99"], "P99"),
        (["--quirk", "P03"], "ONVIF"),
        (["--username", "somebody"], "password"),
        (["--onvif-port", "0"], "ONVIF"),
        (["--width", "641"], "641"),
        (["--host", "nowhere"], "IP"),
    ],
)
def test_one_camera_refuses_what_it_cannot_do(arguments: list[str], word: str) -> None:
    refused = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["simulate", "camera", "--rtsp-port", "0", *arguments])
    assert refused.exit_code == 2
    assert word in refused.output


def test_a_taken_port_is_told_not_traced() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        refused = CliRunner().invoke(app, ["simulate", "camera", "--rtsp-port", port])
    assert refused.exit_code == 2
    assert "Address already in use" in refused.output

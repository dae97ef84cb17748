"""A slow machine is no fault: the demo waits for as long as it takes and says for what; it ends with what it waits for."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import anyio
import httpx
import psutil
import pytest
from websockets.asyncio.server import ServerConnection, serve

from belvedere.demo.accounts import demo_accounts
from belvedere.demo.main_job import do_main_job
from belvedere.demo.town import ZONE, open_town, written_file
from belvedere.demo.waiting import DemoFailed, Progress, while_they_run
from belvedere.domain.text import Text
from tests.flows.conftest import MovedClock
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio
ONCE_GIVEN_UP_AFTER_S = 30.0


@dataclass
class LeapingClock(MovedClock):
    """Ten seconds go by whenever it is asked: a machine on which everything takes very long."""

    def monotonic_s(self) -> float:
        self.passed_s += 10
        return self.passed_s


@dataclass
class Said:
    """What was said on the terminal."""

    lines: list[Text] = field(default_factory=list)

    def progress(self) -> Progress:
        return Progress(LeapingClock(), self.lines.append, say_every_s=0.05)

    def of(self, what: str) -> list[str]:
        return [line.en for line in self.lines if what in line.en]


def longest_s(lines: list[str]) -> float:
    """Return the longest wait that the lines tell, 0 where they tell none."""
    return max((float(line.split(", ")[-1].split(" s ")[0]) for line in lines), default=0.0)


def child(tmp_path: Path, program: str) -> list[str]:
    return [sys.executable, "-c", f"import pathlib, time; file = pathlib.Path({str(tmp_path / 'ready')!r}); {program}"]


async def test_a_process_that_takes_long_is_waited_for_and_named_with_the_time_so_far(tmp_path: Path) -> None:
    said = Said()
    program = "input(); file.write_text('{\"up\": 1}'); time.sleep(60)"
    async with await anyio.open_process(child(tmp_path, program), start_new_session=True) as process:
        async with anyio.create_task_group() as tasks:

            async def lets_it_go_on() -> None:
                while len(said.lines) < 5:
                    await anyio.sleep(0.01)
                assert process.stdin is not None
                await process.stdin.send(b"\n")

            tasks.start_soon(lets_it_go_on)
            async with said.progress().waiting_for(lambda: Text("la ville simulée", "the simulated city")):
                ready = await while_they_run({"simulated city": process}, lambda: written_file(tmp_path / "ready"))
        process.kill()
    assert ready == {"up": 1}
    assert said.lines[0] == Text(
        "on attend la ville simulée, depuis 10 s", "waiting for the simulated city, 10 s so far"
    )
    assert longest_s(said.of("the simulated city")) > ONCE_GIVEN_UP_AFTER_S


async def test_what_waits_for_a_process_ends_with_it_and_says_how_it_ended(tmp_path: Path) -> None:
    with anyio.fail_after(allowed_s(10)), pytest.RaisesGroup(pytest.RaisesExc(DemoFailed, match=r"city.*exit 3")):
        async with await anyio.open_process(child(tmp_path, "raise SystemExit(3)")) as process:
            await while_they_run({"simulated city": process}, lambda: written_file(tmp_path / "ready"))


@dataclass
class SlowNode:
    """Answers each request 503 twice before it does what is asked; its relay lets a ticket lapse, then is silent a while.

    What it said it could not record, a close and a sign-out, was recorded late: asked again, they are done already.
    """

    media_url: str = ""
    asked: dict[str, int] = field(default_factory=dict)
    sockets: int = 0
    refuses: bool = False

    def answer(self, method: str, path: str) -> tuple[int, object]:
        key = f"{method} {path}"
        self.asked[key] = self.asked.get(key, 0) + 1
        if self.refuses:
            return 401, {"cause": "wrong-password"}
        if self.asked[key] <= 2:
            return 503, {"cause": "busy"}
        answers: dict[str, tuple[int, object]] = {
            "cameras": (200, {"features": [{"properties": {"id": "vda-001"}}]}),
            "streams": (201, {"id": "v-1", "media_url": self.media_url}),
            "events/e-1": (409, {"cause": "event-closed"}),
            "logout": (401, {"cause": "not-signed-in"}),
        }
        return answers.get(path.removeprefix("/api/v1/"), (200, {"id": "e-1"}))

    async def relay(self, socket: ServerConnection) -> None:
        self.sockets += 1
        if self.sockets == 1:
            await socket.close(4401, "ticket")
            return
        await socket.send('{"codec": "avc1", "width": 1, "height": 1}')
        await socket.send('{"source": "lost", "cause": "silent"}')
        await anyio.sleep(0.3)
        for _ in range(2):
            await socket.send(b"chunk")
        await socket.wait_closed()


@contextmanager
def served(node: SlowNode) -> Iterator[str]:
    """Serve the slow node's API on loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, body = node.answer(self.command, self.path)
            said = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names by which http.server looks for them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_the_main_job_is_asked_for_again_until_a_picture_comes_and_says_what_it_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("belvedere.demo.main_job.AGAIN_S", 0.06)
    node, said = SlowNode(), Said()
    async with serve(node.relay, "127.0.0.1", 0) as media:
        node.media_url = f"ws://127.0.0.1:{next(iter(media.sockets)).getsockname()[1]}/media/ticket"
        with served(node) as app_url, anyio.fail_after(allowed_s(15)):
            await do_main_job(app_url, demo_accounts(1), said.progress())
    assert node.asked == {
        "POST /api/v1/login": 3,
        "POST /api/v1/events": 3,
        "GET /api/v1/cameras": 3,
        "POST /api/v1/streams": 4,  # once more, for a new ticket
        "PATCH /api/v1/events/e-1": 3,
        "POST /api/v1/logout": 3,
    }
    assert node.sockets == 2
    for step in ("signed in", "an event to be opened", "camera vda-001 to be opened", "vda-001 (silent)", "closed"):
        assert said.of(step), step
    assert longest_s(said.of("so far")) > ONCE_GIVEN_UP_AFTER_S


async def test_a_node_that_refuses_or_takes_no_connections_any_more_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("belvedere.demo.main_job.AGAIN_S", 0.01)
    node = SlowNode(refuses=True)
    with served(node) as app_url, pytest.RaisesGroup(pytest.RaisesExc(DemoFailed, match="401.*wrong-password")):
        await do_main_job(app_url, demo_accounts(1), Said().progress())
    assert node.asked == {"POST /api/v1/login": 1}
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and nobody listens
        nowhere = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with (
            anyio.fail_after(allowed_s(10)),
            pytest.RaisesGroup(pytest.RaisesExc(DemoFailed, match=f"nobody takes connections at {nowhere}")),
        ):
            await do_main_job(nowhere, demo_accounts(1), Said().progress())


def simulators_of(parent: int) -> list[psutil.Process]:
    """Return the simulators that a process has started."""
    return [
        each for each in psutil.Process(parent).children() if any("simulator" in word for word in each.cmdline()[2:3])
    ]


@pytest.mark.processes
async def test_a_demo_whose_simulator_stands_still_for_long_comes_up_and_ends_with_its_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELVEDERE_RELAY", "fake")
    said = Said()

    async def stand_still() -> None:
        while not (found := simulators_of(os.getpid())):
            await anyio.sleep(0.01)
        found[0].suspend()
        while longest_s(said.of("the simulated city")) <= ONCE_GIVEN_UP_AFTER_S:
            await anyio.sleep(0.01)
        assert not (tmp_path / "simulator.json").exists()
        found[0].resume()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stand_still)
        starts_at = datetime(2026, 3, 28, 23, 30, tzinfo=ZONE)
        async with open_town(
            tmp_path, cameras=2, seed=1, port_base=0, progress=said.progress(), starts_at=starts_at
        ) as town:
            async with httpx.AsyncClient(trust_env=False) as client:
                page = await client.get(f"{town.app_url}/demo")
                assert (await client.get(f"{town.app_url}/readyz")).status_code == 200, (
                    "nothing was recorded later than now"
                )
            assert 'datetime="2026-03-28T23:3' in page.text, "the hour at which it was told to start, and some seconds"
            (node,) = cast("list[dict[str, Any]]", town.ready()["nodes"])
            assert psutil.Process(node["pid"]).ppid() == os.getpid()
            assert longest_s(said.of("the simulated city")) > ONCE_GIVEN_UP_AFTER_S
            assert said.of("the city's node")
            town.processes["nœud de la ville · city's node"].kill()
            with anyio.fail_after(allowed_s(10)), pytest.RaisesGroup(pytest.RaisesExc(DemoFailed, match="city's node")):
                await town.until_a_process_ends()


@pytest.mark.processes
def test_ctrl_c_ends_a_demo_that_still_waits_and_leaves_nothing_running(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("belvedere")
    demo = subprocess.Popen(
        [program, "demo", "--cameras", "2", "--ready-file", tmp_path / "ready.json"],
        env={**os.environ, "BELVEDERE_RELAY": "fake"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not (found := simulators_of(demo.pid)):
        assert demo.poll() is None
    (simulator,) = found
    simulator.suspend()
    assert demo.stderr is not None
    assert demo.stderr.readline().decode() == (
        "on attend la ville simulée, depuis 5 s · waiting for the simulated city, 5 s so far\n"
    )
    demo.send_signal(signal.SIGINT)
    simulator.resume()
    assert demo.wait(allowed_s(15)) == 0
    demo.stderr.close()
    assert not psutil.pid_exists(simulator.pid)
    assert not (tmp_path / "ready.json").exists()

"""Two real nodes in two processes speak over their channel: one freezes, one is killed, one comes back. Reliability 11, 23.

Each fault is shown to have fired: the frozen process answers nothing, the killed one died of its signal.
"""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner
from websockets import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from belvedere.cli.main import app
from belvedere.media.relay import RELAY_ENV
from belvedere.settings import Settings
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.faults.served import Served, ServedSite
from tests.flows.conftest import CITY, STATE
from tests.flows.two_nodes import TwoNodes, two_nodes
from tests.promises import allowed_s

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
NOTICED_WITHIN_S = 3.0


@dataclass
class Two:
    """The two nodes, running."""

    city: Served
    state: Served
    sites: dict[str, ServedSite]


@pytest.fixture
def nodes(tmp_path: Path, enrolled_data: Path, enrolled_state_data: Path) -> TwoNodes:
    return two_nodes(tmp_path, enrolled_data, enrolled_state_data)


def site_of(settings: Settings, environment: dict[str, str]) -> ServedSite:
    (peer,) = settings.peers
    listens = settings.channel
    channel = "" if listens is None else f"[channel]\nport = {listens.port}\nmedia_port = {listens.media_port}\n"
    dialled = "" if peer.channel is None else f'channel = "{peer.channel}"\nmedia = "{peer.media}"\n'
    more = (
        f'[web]\nport = {settings.web.port}\n{channel}[[peers]]\nparty = "{peer.party}"\nurl = "{peer.url}"\n{dialled}'
    )
    return ServedSite(settings.node.data_dir.parent, settings, environment, more=more)


@contextmanager
def running(nodes: TwoNodes, *, relay: str = "fake") -> Iterator[Two]:
    sites = {party: site_of(each, {RELAY_ENV: relay}) for party, each in ((CITY, nodes.city), (STATE, nodes.state))}
    with ExitStack() as stack:
        city, state = (stack.enter_context(sites[party].serving()) for party in (CITY, STATE))
        assert within(lambda: is_up(state, CITY) and is_up(city, STATE))
        yield Two(city, state, sites)


def within(asked: Callable[[], bool], *, s: float = 60) -> bool:
    until = time.monotonic() + s
    while time.monotonic() < until:
        if asked():
            return True
        time.sleep(0.05)
    return False


def is_up(node: Served, peer: str) -> bool:
    return f'belvedere_peer_link_up{{party="{peer}"}} 1.0' in node.client().get("/metrics").text


def cameras(officer: httpx.Client) -> list[str]:
    return [each["id"] for each in officer.get("/api/v1/cameras").json()["features"]]


def test_a_frozen_node_is_noticed_within_three_seconds_and_the_link_comes_back_by_itself(nodes: TwoNodes) -> None:
    with running(nodes) as two:
        officer = two.state.sign_in("cic-operator")
        os.kill(two.city.pid, signal.SIGSTOP)
        frozen_s = time.monotonic()
        try:
            assert within(lambda: not link_of(officer)["up"])
            took_s = time.monotonic() - frozen_s
            assert within(lambda: link_of(officer)["place"] == "node"), (
                "its machine takes a connection, and no node answers"
            )
            with pytest.raises(httpx.TimeoutException):
                httpx.get(f"{two.city.app_url}/healthz", timeout=0.5, trust_env=False)
        finally:
            os.kill(two.city.pid, signal.SIGCONT)
        assert took_s <= allowed_s(NOTICED_WITHIN_S), "the fault fired, and was noticed"
        assert within(lambda: is_up(two.state, CITY) and is_up(two.city, STATE))
        assert link_of(officer)["place"] is None


def link_of(officer: httpx.Client) -> dict[str, Any]:
    """Return what a room reads of the link to the partner's node."""
    (partner,) = officer.get("/api/v1/partners").json()["items"]
    link: dict[str, Any] = partner["link"]
    return link


def test_a_node_killed_and_started_again_is_known_again_with_its_cameras(nodes: TwoNodes) -> None:
    with running(nodes) as two:
        officer = two.state.sign_in("cic-operator")
        assert within(lambda: len(cameras(officer)) == 12)
        os.kill(two.city.pid, signal.SIGKILL)
        assert two.city.process.wait(20) == -signal.SIGKILL, "the fault fired"
        assert within(lambda: not is_up(two.state, CITY))
        assert len(cameras(officer)) == 12, "what was told stays known"
        refused = officer.post("/api/v1/streams", json={"camera": "vda-001", "event": event_of(officer)})
        assert (refused.status_code, refused.json()["cause"]) == (403, "owner-away")
        with two.sites[CITY].serving() as city:
            assert within(lambda: is_up(two.state, CITY) and is_up(city, STATE))


def event_of(officer: httpx.Client) -> str:
    answer = officer.post("/api/v1/events", json={"kind": "levee-de-doute"})
    assert answer.status_code == 201, answer.text
    event: str = answer.json()["id"]
    return event


def test_what_opens_across_two_processes_stands_in_both_files_with_the_others_word(nodes: TwoNodes) -> None:
    with running(nodes) as two:
        officer = two.state.sign_in("cic-operator")
        event = event_of(officer)
        opened = opened_once_witnessed(officer, event)
        officer.delete(f"/api/v1/streams/{opened['id']}").raise_for_status()
        operator = two.city.sign_in("csu-operator")
        assert within(lambda: operator.get("/api/v1/streams").json()["items"] == [])
    for settings in (nodes.city, nodes.state):
        file = settings.node.data_dir.parent / "ledger.jsonl"
        file.write_bytes(b"".join(exported_ledger(settings.node.data_dir / DATABASE_FILE)))
        keys = settings.conventions[0].directory / "keys.json"
        verified = CliRunner().invoke(app, ["ledger", "verify", str(file), "--keys", str(keys)])
        assert verified.exit_code == 0, verified.output
        assert "hold the signed word of another party's node" in verified.output
    there, here = (records_of(settings) for settings in (nodes.city, nodes.state))
    (asked,) = [each for each in there if each["kind"] == "decision" and each["evidence"]]
    (answered,) = [each for each in here if each["kind"] == "answered" and each["verdict"] == "granted"]
    assert asked["evidence"] == answered["evidence"]
    assert [each["viewing"] for each in there if each["kind"] == "opened"] == [asked["viewing"]]
    assert [each["viewing"] for each in here if each["kind"] == "opened"] == [asked["viewing"]]
    ends = [[each["viewing"] for each in records if each["kind"] == "ended"] for records in (there, here)]
    assert ends == [[asked["viewing"]], [asked["viewing"]]], "the slot came back, once"
    question = json.loads(base64.urlsafe_b64decode(asked["evidence"][0].split(".")[1] + "=="))
    assert (question["iss"], question["camera"], question["agent"]) == (STATE, "vda-001", asked["subject"]["agent"])


def opened_once_witnessed(officer: httpx.Client, event: str) -> dict[str, Any]:
    """Open the first camera; until another node has witnessed the city's log, no partner is served."""
    until = time.monotonic() + 60
    while True:
        answer = officer.post("/api/v1/streams", json={"camera": "vda-001", "event": event})
        if answer.status_code == 201:
            opened: dict[str, Any] = answer.json()
            return opened
        assert answer.json()["cause"] in ("not-witnessed", "not-compared"), answer.text
        assert time.monotonic() < until
        time.sleep(0.1)


def records_of(settings: Settings) -> list[dict[str, Any]]:
    """Return the records of a stopped node's exported file."""
    lines = b"".join(exported_ledger(settings.node.data_dir / DATABASE_FILE)).splitlines()
    return [entry["record"] for entry in map(json.loads, lines) if isinstance(entry.get("record"), dict)]


@pytest.fixture
def camera(tmp_path: Path, nodes: TwoNodes) -> Iterator[None]:
    """A simulated camera, in a process of its own, at the address that the city's node has for its first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sources = {"cameras": {"vda-001": {"url": f"rtsp://127.0.0.1:{port}/cam"}}}
    nodes.city.inventory.sources.write_text(json.dumps(sources))
    with (tmp_path / "camera.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "belvedere", "simulate", "camera", "--rtsp-port", str(port)], stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def shown(node: Served, officer: httpx.Client, media_url: str) -> Iterator[ClientConnection]:
    """Watch, as a browser does."""
    cookies = "; ".join(f"{name}={value}" for name, value in officer.cookies.items())
    with connect(
        media_url,
        origin=Origin(node.app_url),
        additional_headers={"Cookie": cookies},
        proxy=None,
        compression=None,
        max_size=None,
    ) as viewer:
        yield viewer


def pictures(viewer: ClientConnection, count: int) -> None:
    """Return once so many pictures came."""
    while count:
        message = viewer.recv(60)
        count -= isinstance(message, bytes)


def told_until_closed(viewer: ClientConnection) -> tuple[list[str], int | None]:
    """Return the causes that a viewer is told, and the code with which its picture ends."""
    causes = []
    try:
        while True:
            message = viewer.recv(60)
            if isinstance(message, str):
                causes.append(str(json.loads(message).get("cause")))
    except ConnectionClosed as closed:
        return causes, None if closed.rcvd is None else closed.rcvd.code


@pytest.mark.relay
def test_the_picture_of_a_frozen_owner_ends_within_the_hold_and_comes_back_once_it_answers(
    nodes: TwoNodes, camera: None
) -> None:
    with running(nodes, relay="real") as two:
        officer = two.state.sign_in("cic-operator")
        event = event_of(officer)
        opened = opened_once_witnessed(officer, event)
        with shown(two.state, officer, opened["media_url"]) as viewer:
            pictures(viewer, 20)
            os.kill(two.city.pid, signal.SIGSTOP)
            frozen_s = time.monotonic()
            try:
                causes, code = told_until_closed(viewer)
                took_s = time.monotonic() - frozen_s
            finally:
                os.kill(two.city.pid, signal.SIGCONT)
        assert "peer-silent" in causes, "the fault fired, and was told"
        assert code == 4408
        assert took_s <= allowed_s(10)
        assert within(lambda: is_up(two.state, CITY) and is_up(two.city, STATE))
        again = opened_once_witnessed(officer, event)
        with shown(two.state, officer, again["media_url"]) as viewer:
            pictures(viewer, 20)
        operator = two.city.sign_in("csu-operator")
        seen = operator.get("/api/v1/streams").json()["items"]
        assert [each["id"] for each in seen] == [again["id"]], "one slot, once"

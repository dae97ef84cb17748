"""Two real nodes in two processes speak over their channel: one freezes, one is killed, one comes back. Reliability 11, 23.

Each fault is shown to have fired: the frozen process answers nothing, the killed one died of its signal.
"""

import base64
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from belvedere.cli.main import app
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


def site_of(settings: Settings) -> ServedSite:
    (peer,) = settings.peers
    channel = "" if settings.channel is None else f"[channel]\nport = {settings.channel.port}\n"
    dialled = "" if peer.channel is None else f'channel = "{peer.channel}"\n'
    more = (
        f'[web]\nport = {settings.web.port}\n{channel}[[peers]]\nparty = "{peer.party}"\nurl = "{peer.url}"\n{dialled}'
    )
    return ServedSite(settings.node.data_dir.parent, settings, more=more)


@contextmanager
def running(nodes: TwoNodes) -> Iterator[Two]:
    sites = {CITY: site_of(nodes.city), STATE: site_of(nodes.state)}
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
        os.kill(two.city.pid, signal.SIGSTOP)
        frozen_s = time.monotonic()
        try:
            assert within(lambda: not is_up(two.state, CITY))
            took_s = time.monotonic() - frozen_s
            with pytest.raises(httpx.TimeoutException):
                httpx.get(f"{two.city.app_url}/healthz", timeout=0.5, trust_env=False)
        finally:
            os.kill(two.city.pid, signal.SIGCONT)
        assert took_s <= allowed_s(NOTICED_WITHIN_S), "the fault fired, and was noticed"
        assert within(lambda: is_up(two.state, CITY) and is_up(two.city, STATE))


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
        # Pictures do not cross yet, so it ends at once; what was asked and answered stands all the same.
        assert within(lambda: not_yet(officer, event))
        assert within(lambda: officer.get("/api/v1/streams").json()["items"] == [])
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


def not_yet(officer: httpx.Client, event: str) -> bool:
    """Ask once the city has been witnessed; return whether it was granted there and had no picture here."""
    answer = officer.post("/api/v1/streams", json={"camera": "vda-001", "event": event})
    return answer.status_code == 503 and "no-picture" in answer.json()["type"]


def records_of(settings: Settings) -> list[dict[str, Any]]:
    """Return the records of a stopped node's exported file."""
    lines = b"".join(exported_ledger(settings.node.data_dir / DATABASE_FILE)).splitlines()
    return [entry["record"] for entry in map(json.loads, lines) if isinstance(entry.get("record"), dict)]

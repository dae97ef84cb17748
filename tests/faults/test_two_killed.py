"""Two real nodes, either of them killed at any write, sync or send, again and again: both come to hold the same. Reliability 9, 11, 13.

Each death is shown to be the fault's: the process ended by SIGKILL, and said at which act it was killed.
"""

import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from belvedere.cli.main import app
from belvedere.media.relay import RELAY_ENV
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.faults.served import Served, ServedSite
from tests.faults.test_channel import is_up, site_of, within
from tests.faults.warm import Warm, warm
from tests.flows.conftest import CITY, STATE
from tests.flows.two_nodes import TwoNodes, two_nodes

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
SEED = 20261201
KILLED_WITHIN = range(200, 3000)
"""At which act of its disk or sockets: some have just come up by then, some have opened dozens of pictures."""
QUOTA = 8
HOSTED = (1, 2, 3)
"""The cameras that the State's agent opens whose account the city hosts; the others are opened from the State's node."""
ACROSS = tuple(range(4, 13))


class Died(Exception):
    """A node answers no more."""


@dataclass
class Side:
    """One party's node, as it runs since its last start."""

    site: ServedSite
    warm: Warm
    deaths: Counter[str] = field(default_factory=Counter)
    """How often it was killed, by the act in whose place."""
    served: Served | None = None
    people: dict[str, httpx.Client] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    _run: ExitStack = field(default_factory=ExitStack)

    def start(self, kill_at: int) -> None:
        """Fork it, to be killed at this act; 0 for never."""
        self._run, self.people, self.events = ExitStack(), {}, {}
        self.served = self._run.enter_context(self.site.forked(self.warm, kill_at=kill_at))

    def stop(self) -> None:
        """End it in order, if it runs."""
        self._run.close()

    def is_dead(self) -> bool:
        """Whether it is; then that it was killed by the fault is shown, and counted."""
        assert self.served is not None
        if self.served.process.poll() is None:
            return False
        assert self.served.process.wait(20) == -signal.SIGKILL
        *before, fired = re.findall(r"(?m)^KILLED at (\w+) \d+$", self.site.log.read_text())
        assert len(before) == self.deaths.total()
        self.deaths[fired] += 1
        self.stop()
        return True

    def ask(self, login: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask as an agent; raises `Died`."""
        assert self.served is not None
        try:
            if login not in self.people:
                if not self.served.app_url:
                    raise Died
                self.people[login] = self.served.sign_in(login)
            answer = self.people[login].request(method, f"/api/v1{path}", json=body)
        except httpx.TransportError:
            raise Died from None
        except httpx.HTTPStatusError as refused:
            # Nothing can be recorded for a moment, or somebody signs in too often: asked again later.
            answer = refused.response
        assert answer.status_code not in {401, 500}, answer.text
        return answer

    def streams(self, login: str) -> list[dict[str, Any]]:
        """Return what an agent's party watches, as this node has it."""
        answer = self.ask(login, "GET", "/streams")
        return list(answer.json()["items"]) if answer.status_code == 200 else []

    def event(self, login: str) -> str | None:
        """Return an open event of the agent's since this start."""
        if login not in self.events:
            answer = self.ask(login, "POST", "/events", {"kind": "levee-de-doute"})
            if answer.status_code == 201:
                self.events[login] = answer.json()["id"]
        return self.events.get(login)


@dataclass
class Two:
    """The two nodes, and chance."""

    city: Side
    state: Side
    chance: random.Random
    opened: int = 0
    said: Counter[str] = field(default_factory=Counter)
    """How often each cause was answered to an opening; "None" where it opened."""

    def deaths(self) -> int:
        return self.city.deaths.total() + self.state.deaths.total()

    def raise_the_dead(self, *, armed: bool) -> None:
        """Start each node that was killed, until both run."""
        for side in (self.city, self.state):
            while side.is_dead():
                side.start(self.chance.choice(KILLED_WITHIN) if armed else 0)

    def act(self) -> None:
        """Have somebody open or close something, by chance."""
        side, login, cameras = self.chance.choice(
            (
                (self.state, "cic-operator", ACROSS),
                (self.state, "cic-operator", ACROSS),
                (self.city, "cic-second", HOSTED),
            )
        )
        mine = [each["id"] for each in side.streams(login) if each["mine"]]
        if mine and self.chance.random() < 0.4:
            side.ask(login, "DELETE", f"/streams/{self.chance.choice(mine)}")
            return
        event = side.event(login)
        if event is None:
            time.sleep(0.05)  # no partner is served before a witness has seen the log
        else:
            body = {"camera": f"vda-{self.chance.choice(cameras):03}", "event": event}
            answer = side.ask(login, "POST", "/streams", body)
            self.opened += answer.status_code == 201
            self.said[str(answer.json().get("cause"))] += 1

    def across(self) -> tuple[set[str], set[str]]:
        """Return what runs from the State's node at the city's cameras: as the city holds it, and as the State does."""
        hosted = {each["id"] for each in self.city.streams("cic-second") if each["mine"]}
        there = {each["id"] for each in self.city.streams("csu-operator") if each["party"] == STATE} - hosted
        return there, {each["id"] for each in self.state.streams("cic-operator")}

    def come_to_hold_the_same(self, *, armed: bool) -> None:
        """Wait until both run, speak, and hold the same; whoever is killed meanwhile is started again."""

        def same() -> bool:
            self.raise_the_dead(armed=armed)
            try:
                if not all(self._up()):
                    return False
                there, here = self.across()
                (slots,) = self.city.ask("csu-operator", "GET", "/streams").json()["slots"]
                assert slots["used"] <= QUOTA
                return there == here
            except Died:
                return False

        assert within(same, s=120)

    def _up(self) -> Iterator[bool]:
        for side, peer in ((self.city, STATE), (self.state, CITY)):
            assert side.served is not None
            if not side.served.app_url:
                yield False
                return
            try:
                yield is_up(side.served, peer)
            except httpx.TransportError:
                raise Died from None


@contextmanager
def two(nodes: TwoNodes, failing_disk: Path, seed: int) -> Iterator[Two]:
    relay = {RELAY_ENV: "fake"}
    # A warm process has one child at a time, so each side has its own.
    with warm(failing_disk, relay) as city, warm(failing_disk, relay) as state:
        sides = Two(
            Side(site_of(nodes.city, relay), city),
            Side(site_of(nodes.state, relay), state),
            random.Random(seed),
        )
        try:
            for side in (sides.city, sides.state):
                side.start(sides.chance.choice(KILLED_WITHIN))
            yield sides
        finally:
            sides.state.stop()
            sides.city.stop()


def cycles(nodes: TwoNodes, failing_disk: Path, *, count: int, seed: int) -> Two:
    """Kill `count` times; then close what runs, and read both files."""
    with two(nodes, failing_disk, seed) as both:
        while both.deaths() < count:
            before = both.deaths()
            while both.deaths() == before:
                try:
                    both.act()
                except Died:
                    within(lambda: any(map(_has_ended, (both.city, both.state))), s=20)
                both.raise_the_dead(armed=both.deaths() < count)
            both.come_to_hold_the_same(armed=both.deaths() < count)
        _close_all(both)
    _both_files_say_the_same(nodes, both)
    return both


def _has_ended(side: Side) -> bool:
    assert side.served is not None
    return side.served.process.poll() is not None


def _close_all(both: Two) -> None:
    """Have neither be killed any more, and close what runs."""
    for side in (both.city, both.state):
        side.stop()
        side.start(0)
    both.come_to_hold_the_same(armed=False)
    for side, login in ((both.state, "cic-operator"), (both.city, "cic-second")):
        for each in side.streams(login):
            if each["mine"]:
                side.ask(login, "DELETE", f"/streams/{each['id']}")
    assert within(lambda: both.city.streams("csu-operator") == both.state.streams("cic-operator") == [])


def _both_files_say_the_same(nodes: TwoNodes, both: Two) -> None:
    """Each viewing that began ended once, in each ledger; what the State opened the city had granted, in words that hold."""
    told = {}
    for party, side, settings in ((CITY, both.city, nodes.city), (STATE, both.state, nodes.state)):
        records = told[party] = side.site.records()
        opened, ended = (
            Counter(str(each["viewing"]) for each in records if each["kind"] == kind) for kind in ("opened", "ended")
        )
        assert set(opened.values()) | set(ended.values()) <= {1}, "begun and ended once"
        assert set(opened) == set(ended), "a slot is lost"
        file = settings.node.data_dir.parent / "ledger.jsonl"
        file.write_bytes(b"".join(exported_ledger(settings.node.data_dir / DATABASE_FILE, whole=True)))
        keys = settings.conventions[0].directory / "keys.json"
        verified = CliRunner().invoke(app, ["ledger", "verify", str(file), "--keys", str(keys)])
        assert verified.exit_code == 0, verified.output
    granted = {each["viewing"] for each in told[CITY] if each["kind"] == "decision" and each["verdict"] == "granted"}
    assert {each["viewing"] for each in told[STATE] if each["kind"] == "opened"} <= granted


@pytest.fixture
def nodes(tmp_path: Path, enrolled_data: Path, enrolled_state_data: Path) -> TwoNodes:
    return two_nodes(tmp_path, enrolled_data, enrolled_state_data)


def test_two_nodes_killed_at_any_write_in_turn_come_to_hold_the_same(nodes: TwoNodes, failing_disk: Path) -> None:
    both = cycles(nodes, failing_disk, count=3, seed=SEED)
    assert both.deaths() >= 3
    assert both.opened > 4


@pytest.mark.sweep
@pytest.mark.timeout(7200)
def test_two_nodes_killed_two_hundred_times_lose_and_double_no_slot(nodes: TwoNodes, failing_disk: Path) -> None:
    began_s = time.perf_counter()
    both = cycles(nodes, failing_disk, count=200, seed=SEED)
    assert all(side.deaths.keys() >= {"write", "sync", "send"} for side in (both.city, both.state))
    print(
        f"seed {SEED}, {time.perf_counter() - began_s:.0f} s, {both.opened} opened, answered {dict(both.said)}; "
        f"city {dict(both.city.deaths)}, State {dict(both.state.deaths)}"
    )

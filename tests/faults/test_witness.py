"""Two real nodes in two processes: a database put back, a witness killed at any moment. Reliability 7, 23, 28.

Each fault is shown to have fired: the database is an older one, the killed process died of its signal.
"""

import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.note import SignedNote
from belvedere.settings import Settings
from belvedere.store.database import DATABASE_FILE
from tests.faults.served import Served, site_of
from tests.flows.conftest import CITY, STATE
from tests.flows.two_nodes import TwoNodes, two_nodes

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
KILLS = 3
SEED = 20261130


@pytest.fixture
def nodes(tmp_path: Path, enrolled_data: Path) -> TwoNodes:
    return two_nodes(tmp_path, enrolled_data)


def within(asked: Callable[[], bool], *, s: float = 30) -> bool:
    until = time.monotonic() + s
    while time.monotonic() < until:
        if asked():
            return True
        time.sleep(0.1)
    return False


def shown(node: Served) -> Checkpoint:
    """Return the head that a node shows."""
    return Checkpoint.parse(SignedNote.parse(node.client().get("/api/v1/ledger/checkpoint").text).text)


def held(nodes: TwoNodes, witness: Served) -> Checkpoint | None:
    """Return the newest head of the city's ledger that the State's node co-signed."""
    answer = witness.client().get(f"/api/v1/ledger/witnessed/{nodes.keys[CITY].log.current.name}")
    if answer.status_code == 404:
        return None
    note = SignedNote.parse(answer.text)
    assert note.signed_by(nodes.keys[CITY].log.current)
    assert note.signed_by(nodes.keys[STATE].witness.current)
    return Checkpoint.parse(note.text)


def holds(nodes: TwoNodes, witness: Served, size: int) -> bool:
    head = held(nodes, witness)
    return head is not None and head.size >= size


def says(node: Served, words: str) -> bool:
    answer = node.client().get("/readyz", headers={"Accept-Language": "en"})
    return any(each["part"] == "witness" and words in each["detail"] for each in answer.json()["lacking"])


def opens_an_event(officer: httpx.Client) -> httpx.Response:
    return officer.post("/api/v1/events", json={"kind": "levee-de-doute"})


def test_a_ledger_put_back_from_an_old_copy_is_found_by_both_nodes_and_serves_no_partner(
    nodes: TwoNodes, tmp_path: Path
) -> None:
    city_site, state_site = site_of(nodes.city), site_of(nodes.state)
    data, old = nodes.city.node.data_dir, tmp_path / "old"
    with state_site.serving() as state:
        with city_site.serving() as city:
            officer = city.sign_in("cic-operator")
            assert within(lambda: opens_an_event(officer).status_code == 201), "a witness has seen the city's ledger"
            assert within(lambda: held(nodes, state) == shown(city))
        shutil.copytree(data, old)
        with city_site.serving() as city:
            officer = city.sign_in("cic-operator")
            for _ in range(4):
                assert within(lambda: opens_an_event(officer).status_code == 201)
            assert within(lambda: held(nodes, state) == shown(city))
            newest = shown(city)
        for file in data.glob(f"{DATABASE_FILE}*"):
            file.unlink()
        for file in old.glob(f"{DATABASE_FILE}*"):
            shutil.copy(file, data)
        with city_site.serving() as city:
            assert shown(city).size < newest.size, "the fault fired"
            assert within(lambda: says(city, "it has only"))
            assert within(lambda: says(state, "rolled back"))
            refused = opens_an_event(city.sign_in("cic-operator"))
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:belvedere:problem:ledger-contradicted")
            operator = city.sign_in("csu-operator")
            assert operator.post("/api/v1/streams", json={"camera": "vda-001"}).status_code == 201
            # The own room goes on, and so does its ledger: in another direction than the one that was co-signed.
            while shown(city).size <= newest.size:
                assert opens_an_event(operator).status_code == 201
            assert within(lambda: says(state, "rewritten"))
            assert held(nodes, state) == newest


def test_a_witness_killed_at_any_moment_never_signed_away_what_it_does_not_hold(nodes: TwoNodes) -> None:
    city_site, state_site = site_of(nodes.city), site_of(nodes.state)
    chance, sizes = random.Random(SEED), list[int]()
    with city_site.serving() as city:
        operator = city.sign_in("csu-operator")
        for kills_left in reversed(range(KILLS + 1)):
            with state_site.serving() as state:
                if sizes:
                    kept = held(nodes, state)
                    assert kept is not None
                    assert kept.size >= max(cosigned_in(nodes.city), sizes[-1]), "what left was kept before"
                assert within(partial(holds, nodes, state, shown(city).size)), "and it goes on from there"
                until = time.monotonic() + chance.uniform(0.2, 1.5)
                while kills_left and time.monotonic() < until:
                    assert opens_an_event(operator).status_code == 201
                if kills_left:
                    os.kill(state.pid, signal.SIGKILL)
                    assert state.process.wait(20) == -signal.SIGKILL, "the fault fired"
                    sizes.append(cosigned_in(nodes.city))
        assert not says(city, "another history")
    assert sizes == sorted(sizes)
    assert len(sizes) == KILLS


def cosigned_in(settings: Settings) -> int:
    """Return how many entries the newest co-signature covers that the city's node was handed."""
    with sqlite3.connect(f"file:{settings.node.data_dir / DATABASE_FILE}?mode=ro", uri=True) as database:
        (size,) = database.execute("SELECT max(size) FROM ledger_cosignatures").fetchone()
    return int(size)

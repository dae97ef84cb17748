"""Two nodes witness each other's log: what is co-signed, what is refused, and who is served meanwhile.

Reliability 7, 8, 23, 28. The faults that two processes make stand in tests/faults/test_witness.py.
"""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.domain.record import Record, RecordKind
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.note import SignedNote, VerifierKey, cosign_note
from belvedere.ledger.verify import VerifiedLedger, verify_ledger
from belvedere.node.compose import run_node
from belvedere.node.database import identity_of, witness_key_of
from belvedere.peers import witnessing
from belvedere.settings import PeerSection, Settings
from belvedere.store.backup import back_up
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from belvedere.store.witness_rows import SqlHeadStore
from tests.flows.conftest import CITY, STATE, City, MovedClock, NotingRelay
from tests.flows.two_nodes import TwoNodes, two_nodes

pytestmark = pytest.mark.anyio


@pytest.fixture
def nodes(tmp_path: Path, enrolled_data: Path, monkeypatch: pytest.MonkeyPatch) -> TwoNodes:
    monkeypatch.setattr(witnessing, "LOOK_EVERY_S", 0.05)
    return two_nodes(tmp_path, enrolled_data)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[City]:
    clock, relay = MovedClock(), NotingRelay()
    async with run_node(settings, clock=clock, relay=relay, record_within_s=20.0) as node:
        city = City(node, clock, relay, settings)
        try:
            yield city
        finally:
            for client in city.clients:
                await client.aclose()


async def within(asked: Callable[[], Awaitable[bool]]) -> bool:
    for _ in range(200):
        if await asked():
            return True
        await anyio.sleep(0.05)
    return False


async def readiness(city: City) -> dict[str, Any]:
    body: dict[str, Any] = (await city.browser().get("/readyz")).json()
    return body


async def is_cosigned(node: City, by: VerifierKey) -> bool:
    """Return whether the newest head of a node's log is co-signed."""
    held, head = await SqlHeadStore(node.node.database).cosigned(by), node.node.database.head
    assert head is not None
    return held is not None and held.checkpoint.size == head.size


def exported(node: City, *keys: VerifierKey) -> VerifiedLedger:
    content = b"".join(exported_ledger(node.settings.node.data_dir / DATABASE_FILE, until_cosigned=True))
    return verify_ledger(lambda: io.BytesIO(content), vkeys=keys)


async def test_each_nodes_exported_file_verifies_offline_with_the_others_key(nodes: TwoNodes) -> None:
    async with running(nodes.city) as city, running(nodes.state) as state:
        await (await city.sign_in("csu-operator")).opened(1, None)
        for node, party, other in ((city, CITY, STATE), (state, STATE, CITY)):
            witness = nodes.keys[other].witness.current
            assert await within(partial(is_cosigned, node, witness))
            assert node.node.database.head is not None
            assert exported(node, nodes.keys[party].log.current, witness).size == node.node.database.head.size


async def test_a_node_that_nobody_can_dial_has_its_own_log_witnessed_all_the_same(nodes: TwoNodes) -> None:
    """One open port, the owner's, is enough for both logs."""
    dialled_by_nobody = nodes.city.model_copy(update={"peers": [PeerSection(party=STATE)]})
    async with running(dialled_by_nobody) as city, running(nodes.state) as state:
        assert await within(partial(is_cosigned, city, nodes.keys[STATE].witness.current))
        assert await within(partial(is_cosigned, state, nodes.keys[CITY].witness.current))
        await grow(state, 300)
        assert await within(partial(is_cosigned, state, nodes.keys[CITY].witness.current))
        assert await is_ready(city)
        assert await is_ready(state)
        assert exported(state, nodes.keys[STATE].log.current, nodes.keys[CITY].witness.current).size > 300


async def test_cosigning_writes_no_record_so_two_nodes_come_to_rest(nodes: TwoNodes) -> None:
    async with running(nodes.city) as city, running(nodes.state) as state:
        assert await within(partial(is_cosigned, city, nodes.keys[STATE].witness.current))
        assert await within(partial(is_cosigned, state, nodes.keys[CITY].witness.current))
        before = [node.node.database.head for node in (city, state)]
        await anyio.sleep(0.5)
        assert [node.node.database.head for node in (city, state)] == before


async def test_a_node_serves_no_partner_before_a_witness_has_seen_its_log_and_its_own_room_meanwhile(
    nodes: TwoNodes,
) -> None:
    async with running(nodes.city) as city:
        operator, officer = await city.sign_in("csu-operator"), await city.sign_in("cic-operator")
        assert (await operator.open(1, None)).status_code == 201, "the own room waits for nobody"
        waits = await officer.client.post("/api/v1/events", json={"kind": "levee-de-doute"})
        assert (waits.status_code, waits.json()["type"]) == (503, "urn:belvedere:problem:not-witnessed")
        assert not (await readiness(city))["witness"]
        async with running(nodes.state):
            assert await within(partial(is_ready, city))
            event = await officer.open_event()
            assert (await officer.open(2, event)).status_code == 201


async def test_where_no_witness_can_be_reached_the_director_answers_for_the_journal_and_partners_are_served(
    nodes: TwoNodes,
) -> None:
    async with running(nodes.city) as city:
        officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
        words = {"reason": "journal comparé à l'export du matin"}
        partners = (await director.client.get("/api/v1/partners")).json()
        assert partners["may_be_confirmed"]
        (state,) = partners["items"]
        assert (state["party"], state["waits"]["cause"]) == (STATE, "not-witnessed")
        for login in ("cic-supervisor", "cic-operator", "csu-operator", "csu-room-chief"):
            refused = await (await city.sign_in(login)).client.post("/api/v1/ledger/confirmation", json=words)
            assert refused.status_code == 403, login
        assert (await officer.client.post("/api/v1/events", json={"kind": "levee-de-doute"})).status_code == 503
        assert (await director.client.post("/api/v1/ledger/confirmation", json={"reason": " "})).status_code == 422
        assert (await director.client.post("/api/v1/ledger/confirmation", json=words)).status_code == 204
        assert (await officer.open(2, await officer.open_event())).status_code == 201
        (told,) = await city.records(kind="witness")
        assert (told["cause"], told["detail"], told["subject"]["party"]) == ("log-confirmed", words, CITY)
        again = await director.client.post("/api/v1/ledger/confirmation", json=words)
        assert (again.status_code, again.json()["type"]) == (409, "urn:belvedere:problem:nothing-to-confirm")
        told = (await officer.client.get("/api/v1/partners")).json()
        assert [(each["party"], each["waits"]) for each in told["items"]] == [(STATE, None)]
        assert not told["may_be_confirmed"]
    async with running(nodes.city) as city:
        officer = await city.sign_in("cic-operator")
        waits = await officer.client.post("/api/v1/events", json={"kind": "levee-de-doute"})
        assert waits.status_code == 503, "the director's word is for one start"


async def is_ready(node: City) -> bool:
    return bool((await readiness(node))["witness"])


async def test_a_node_restored_from_an_old_backup_is_refused_and_both_sides_say_so(
    nodes: TwoNodes, tmp_path: Path
) -> None:
    database, old = nodes.city.node.data_dir / DATABASE_FILE, tmp_path / "old.sqlite3"
    async with running(nodes.state) as state:
        async with running(nodes.city) as city:
            assert await within(partial(is_cosigned, city, nodes.keys[STATE].witness.current))
            back_up(database, old)
            await grow(city, 5)
            assert await within(partial(is_cosigned, city, nodes.keys[STATE].witness.current))
        put_back(old, database)
        async with running(nodes.city) as city:
            officer = await city.sign_in("cic-operator")
            assert await within(partial(says, city, "it has only"))
            assert await within(partial(says, state, "rolled back"))
            waits = await officer.client.post("/api/v1/events", json={"kind": "levee-de-doute"})
            assert (waits.status_code, waits.json()["type"]) == (503, "urn:belvedere:problem:ledger-contradicted")
            (told,) = await city.records(kind="witness")
            assert (told["cause"], told["detail"]) == ("log-contradicted", {"party": STATE})
            operator = await city.sign_in("csu-operator")
            assert (await operator.open(1, None)).status_code == 201
            # It goes on all the same, and what it signs now is another history than the one that was co-signed.
            await grow(city, 20)
            assert await within(partial(says, state, "rewritten"))
    # The proof outlives the witness's own start, and an honest head shown afterwards.
    async with running(nodes.state) as state:
        held = await SqlHeadStore(state.node.database).witnessed(nodes.keys[CITY].log.current.name)
        assert held is not None
        assert held.forked is not None
        seen, other = (Checkpoint.parse(SignedNote.parse(note).text) for note in (held.note, held.forked))
        assert seen.root != other.root
        assert all(SignedNote.parse(note).signed_by(nodes.keys[CITY].log.current) for note in (held.note, held.forked))
        (told,) = await state.records(kind="witness")
        assert (told["cause"], told["evidence"]) == ("log-forked", [held.note, held.forked])


async def says(node: City, words: str) -> bool:
    answer = await node.browser().get("/readyz", headers={"Accept-Language": "en"})
    return any(each["part"] == "witness" and words in each["detail"] for each in answer.json()["lacking"])


async def grow(node: City, records: int) -> None:
    """Let the node write records, whatever they tell."""
    made = [Record(kind=RecordKind.DECISION, at=MovedClock().at, camera=f"c-{number}") for number in range(records)]
    await node.node.database.write(lambda transaction: [transaction.append(each) for each in made], timeout_s=30)


def put_back(backup: Path, database: Path) -> None:
    """Put an old copy in the place of a stopped node's database, as somebody would who does not know `belvedere restore`."""
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)
    database.write_bytes(backup.read_bytes())


async def test_what_runs_for_a_partner_ends_once_a_witness_proves_that_the_log_is_not_the_one_it_saw(
    nodes: TwoNodes,
) -> None:
    async with running(nodes.city) as city, running(nodes.state):
        assert await within(partial(is_ready, city))
        operator, officer = await city.sign_in("csu-operator"), await city.sign_in("cic-operator")
        own = await operator.opened(1, None)
        theirs = await officer.opened(2, await officer.open_event())
        # What the city's own key signed once, and its log does not contain.
        lost = Checkpoint(nodes.keys[CITY].log.current.name, 7, b"\x07" * 32)
        answer = await bring(city, cosigned_for(nodes, lost))
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:belvedere:problem:ledger-contradicted")
        assert city.relay.ended(theirs) == (4403, "ledger-contradicted")
        assert city.relay.ended(own) is None
        ended = await city.records(kind="ended", viewing=theirs)
        assert [each["cause"] for each in ended] == ["ledger-contradicted"]


def cosigned_for(nodes: TwoNodes, checkpoint: Checkpoint) -> str:
    """Return a head of the city's log, signed by it and co-signed by the State, whatever it states."""
    key = witness_key_of(nodes.state)
    text = checkpoint.text()
    note = checkpoint.signed(identity_of(nodes.city).key)
    return str(note.with_signature(cosign_note(text, name=nodes.keys[STATE].witness.current.name, key=key, at_s=1)))


async def bring(city: City, note: str) -> httpx.Response:
    return await city.browser().post(
        "/api/v1/ledger/cosignature", content=note, headers={"Content-Type": "text/plain; charset=utf-8"}
    )


async def test_nobody_but_a_pinned_witness_says_anything_about_a_log_and_only_of_heads_that_it_signed(
    nodes: TwoNodes,
) -> None:
    async with running(nodes.city) as city, running(nodes.state):
        assert await within(partial(is_ready, city))
        lost = Checkpoint(nodes.keys[CITY].log.current.name, 7, b"\x07" * 32)
        good = cosigned_for(nodes, lost)
        text, stranger = lost.text(), Ed25519PrivateKey.generate()
        by_stranger = cosign_note(text, name="belvedere.example/etat", key=stranger, at_s=1)
        only_witness = SignedNote(text, SignedNote.parse(good).signatures[1:])
        bad = {
            "no note": "x",
            "empty": "",
            "not signed by the log": str(only_witness),
            "by nobody's witness": str(lost.signed(identity_of(nodes.city).key)),
            "by a stranger under the witness's name": str(
                lost.signed(identity_of(nodes.city).key).with_signature(by_stranger)
            ),
            "altered": good.replace("\n7\n", "\n8\n"),
            "another log's": good.replace("villeneuve-dascq\n", "autre\n", 1),
            "too long": good + "x" * 20_000,
        }
        for what, note in bad.items():
            answer = await bring(city, note)
            assert answer.status_code == 422, what
        assert await is_ready(city)

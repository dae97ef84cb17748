"""A node that dials has its own log witnessed by sending its head: C2SP tlog-witness, from both ends at once."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belvedere.domain.causes import Cause
from belvedere.domain.ids import PartyId
from belvedere.ledger.note import BadNote
from belvedere.ledger.proofs import consistency_proof
from belvedere.ledger.witness import Doubt, OtherSize, Refusal, UnknownLog
from belvedere.ledger.witness_request import WitnessRequest
from belvedere.peers.head_sender import HeadSender
from belvedere.peers.own_log import OwnLog
from belvedere.peers.standing import PeersStanding
from belvedere.peers.witness_desk import WitnessDesk
from tests.unit.ledger.ledgers import NODE_VKEY, ORIGIN
from tests.unit.ledger.test_proofs import subtrees
from tests.unit.ledger.test_tree import entries
from tests.unit.peers.made import CITY, EndedRights, Heads, Room, TestClock, head, room

pytestmark = pytest.mark.anyio


@dataclass
class AskedDesk:
    """The witness's desk, as its peer's client reaches it."""

    desk: WitnessDesk

    async def add(self, request: WitnessRequest) -> str | OtherSize | None:
        answer = await self.desk.add(request.spelt())
        return answer if isinstance(answer, str | OtherSize) else None

    async def held(self, origin: str) -> str | None:
        return await self.desk.held(origin)


@dataclass
class Sending:
    """A node that sends its head, and the witness that it sends it to."""

    heads: Heads
    standing: PeersStanding
    clock: TestClock
    sender: HeadSender
    witness: Room
    desk: WitnessDesk


@pytest.fixture
def sending() -> Sending:
    witness, clock, happened = room(), TestClock(), list[str]()
    desk = WitnessDesk([witness.witness])
    heads, standing = Heads(happened, own=entries(9)), PeersStanding([CITY], clock)
    own_log = OwnLog(
        NODE_VKEY,
        party=PartyId("villeneuve-dascq"),
        size_at_start=9,
        heads=heads,
        standing=standing,
        rights=EndedRights(happened),
        clock=TestClock(),
    )
    sender = HeadSender(CITY, NODE_VKEY, asked_at=AskedDesk(desk), own_log=own_log, heads=heads, standing=standing)
    return Sending(heads, standing, clock, sender, witness, desk)


async def test_a_head_that_is_sent_comes_back_cosigned_and_is_sent_no_more_until_it_grows(sending: Sending) -> None:
    await sending.sender.send()
    assert sending.witness.happened == ["kept 9"]
    assert sending.heads.happened == ["holds 9"]
    assert sending.standing.waits(CITY.party) is None
    await sending.sender.send()
    assert sending.witness.happened == ["kept 9"]
    sending.heads.own = entries(300)
    await sending.sender.send()
    assert sending.heads.happened == ["holds 9", "holds 300"]


async def test_a_log_whose_cosignatures_were_lost_is_told_the_size_that_its_witness_knows(sending: Sending) -> None:
    await sending.sender.send()
    sending.heads.brought, sending.heads.own = None, entries(12)
    await sending.sender.send()
    assert sending.heads.happened == ["holds 9", "holds 12"]


@pytest.mark.parametrize("lost", [entries(5), [b"another".ljust(32), *entries(9)[1:]], [b"another".ljust(32)] * 20])
async def test_a_node_that_goes_on_from_too_old_a_backup_learns_it_from_its_witness(
    sending: Sending, lost: list[bytes]
) -> None:
    await sending.sender.send()
    sending.heads.own, sending.heads.brought = lost, None
    await sending.sender.send()
    waits = sending.standing.waits(CITY.party)
    assert waits is not None
    assert waits.cause is Cause.LEDGER_CONTRADICTED
    assert sending.heads.happened[-1] == "ended"


def request(kept: list[bytes], old_size: int) -> str:
    proof = consistency_proof(old_size, len(kept), subtrees(kept)) if old_size <= len(kept) else []
    return WitnessRequest(old_size, tuple(proof), head(kept)).spelt()


async def test_what_anybody_may_have_kept_says_nothing_against_a_log(sending: Sending) -> None:
    await sending.sender.send()
    witness = sending.witness
    witness.standing.brought(CITY)
    assert await sending.desk.add(request(entries(5), 5)) == OtherSize(9)
    assert await sending.desk.add(request(entries(5), 9)) == OtherSize(9)
    spoilt = WitnessRequest(9, (b"\x00" * 32,) * 3, head(entries(12))).spelt()
    refused = await sending.desk.add(spoilt)
    assert isinstance(refused, Refusal)
    assert refused.doubt is Doubt.UNPROVED
    assert witness.standing.waits(CITY.party) is None
    assert witness.happened == ["kept 9"]


async def test_two_signed_heads_of_one_size_prove_a_fork_whoever_brings_them(sending: Sending) -> None:
    await sending.sender.send()
    refused = await sending.desk.add(request([b"another".ljust(32), *entries(9)[1:]], 9))
    assert isinstance(refused, Refusal)
    assert refused.doubt is Doubt.FORKED
    assert sending.witness.happened == ["kept 9", "kept 9 forked", "ended"]


async def test_a_good_head_that_anybody_sends_makes_nothing_good_that_the_log_itself_showed(sending: Sending) -> None:
    await sending.sender.send()
    witness = sending.witness
    witness.standing.brought(CITY)
    witness.log.entries = entries(5)
    await witness.looks()
    assert isinstance(await sending.desk.add(request(entries(9), 9)), str)
    assert witness.standing.waits(CITY.party) is not None


async def test_a_log_that_no_convention_pins_has_no_witness_here(sending: Sending) -> None:
    assert isinstance(await sending.desk.add("old 0\n\nother.example/log\n1\nAAAA\n\n"), UnknownLog)
    assert await sending.desk.held("other.example/log") is None
    assert await sending.desk.held(ORIGIN) is None


@given(old_size=st.integers(0, 2**63 - 1), proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_request_is_read_as_it_was_spelt(old_size: int, proof: list[bytes]) -> None:
    made = WitnessRequest(old_size, tuple(proof), head(entries(3)))
    assert WitnessRequest.parse(made.spelt()) == made


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old",
        "old 1",
        "old 01\n\nnote\n",
        "old -1\n\nnote\n",
        "old 9223372036854775808\n\nnote\n",
        "new 1\n\nnote\n",
        "old 1\nAAAA\n\nnote\n",
        "old 1\nnot base64\n\nnote\n",
        "old 1\n" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + "\nnote\n",
    ],
)
def test_what_is_no_request_is_refused(body: str) -> None:
    with pytest.raises(BadNote):
        WitnessRequest.parse(body)

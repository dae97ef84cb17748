"""Who waits, and why: before a witness has seen this log, when one contradicts it, when it falls silent."""

from datetime import timedelta

import anyio
import pytest

from belvedere.changes import LogConfirmed
from belvedere.domain.causes import Cause
from belvedere.domain.ids import PartyId
from belvedere.domain.partner_waits import PartnerStands
from belvedere.domain.record import Subject
from belvedere.domain.text import Text
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.cosigned import Contradicted, NoWitness, Taken
from belvedere.ledger.tree import frontier_of
from belvedere.ledger.witness import Doubt, Refusal, ShownHead, UnknownLog, cosigned, read_shown
from belvedere.ledger.witness_request import WitnessRequest
from belvedere.peers import standing as standing_module
from belvedere.peers.own_log import OwnLog
from belvedere.peers.peer import Peer
from belvedere.peers.standing import SILENT_S_MAX, PeersStanding
from belvedere.peers.witness_desk import WitnessDesk
from belvedere.peers.witnessing import Witness, WitnessKey
from tests.unit.ledger.ledgers import NODE_KEY, NODE_VKEY, ORIGIN, WITNESS_KEY, WITNESS_VKEY
from tests.unit.ledger.test_tree import entries
from tests.unit.peers.made import CITY, CITY_KEYS, EndedRights, Heads, TestClock, head

pytestmark = pytest.mark.anyio
STRANGER = PartyId("rouen")


def cause(standing: PeersStanding, party: PartyId = CITY.party) -> Cause | None:
    waits = standing.waits(party)
    return None if waits is None else waits.cause


def test_without_peers_nobody_waits() -> None:
    standing = PeersStanding([], TestClock())
    assert cause(standing) is None
    assert standing.lacks() is None


def test_after_a_start_every_partner_waits_for_the_first_witness_hosted_ones_too() -> None:
    standing = PeersStanding([CITY], TestClock())
    assert cause(standing) is cause(standing, STRANGER) is Cause.NOT_WITNESSED
    standing.brought(CITY)
    assert cause(standing) is cause(standing, STRANGER) is None


def test_a_witness_that_answers_and_cosigns_nothing_for_an_hour_keeps_its_own_party_out() -> None:
    clock = TestClock()
    standing = PeersStanding([CITY], clock)
    standing.brought(CITY)
    clock.passed_s += SILENT_S_MAX + 1
    assert cause(standing) is None, "the link may be down: what needs the link ends by itself"
    standing.reached(CITY)
    assert cause(standing) is Cause.WITNESS_SILENT
    assert cause(standing, STRANGER) is None
    assert standing.cosigned_ago_s() == {CITY.party: SILENT_S_MAX + 1}
    standing.brought(CITY)
    assert cause(standing) is None


def confirmed(standing: PeersStanding) -> None:
    by = Subject("villeneuve-dascq", "csu", "csu-1", "mur-1")
    standing.follow((LogConfirmed("comparé au relevé", by, TestClock().now()),))


def test_the_directors_word_stands_for_the_first_witness_until_one_proves_otherwise() -> None:
    standing = PeersStanding([CITY], TestClock())
    assert standing.may_be_confirmed()
    confirmed(standing)
    assert cause(standing) is cause(standing, STRANGER) is None
    assert not standing.may_be_confirmed(), "once is enough"
    standing.contradicted(Text("autre", "other"))
    assert cause(standing) is Cause.LEDGER_CONTRADICTED


def test_nobody_confirms_what_a_witness_has_seen_or_contradicted() -> None:
    seen, contradicted = PeersStanding([CITY], TestClock()), PeersStanding([CITY], TestClock())
    seen.brought(CITY)
    contradicted.contradicted(Text("autre", "other"))
    confirmed(contradicted)
    assert not seen.may_be_confirmed()
    assert not contradicted.may_be_confirmed()
    assert cause(contradicted) is Cause.LEDGER_CONTRADICTED
    assert not PeersStanding([], TestClock()).may_be_confirmed()


def test_a_partner_that_waits_is_told_with_the_moment_since_when() -> None:
    clock = TestClock()
    standing, started_at = PeersStanding([CITY], clock), clock.now()
    (stands,) = standing.partners()
    assert stands.waits is not None
    assert (stands.waits.cause, stands.waits.since) == (Cause.NOT_WITNESSED, started_at)
    standing.brought(CITY)
    clock.at += timedelta(seconds=60)
    refusal = Refusal(Doubt.FORKED, Text("réécrit", "rewritten"))
    standing.judged(CITY, refusal)
    clock.at += timedelta(seconds=60)
    standing.judged(CITY, refusal)
    (stands,) = standing.partners()
    assert stands.waits is not None
    assert (stands.waits.cause, stands.waits.since) == (Cause.PARTNERS_LEDGER, started_at + timedelta(seconds=60))
    standing.judged(CITY, None)
    assert standing.partners() == (PartnerStands(CITY.party, None),)


async def test_the_screens_are_told_when_a_partner_begins_to_wait_or_waits_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standing_module, "_TELL_EVERY_S", 0.001)
    standing, told = PeersStanding([CITY], TestClock()), list[Cause | None]()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(standing.tell_forever, lambda: told.append(cause(standing)))
        for happens in (lambda: standing.brought(CITY), lambda: None, lambda: standing.contradicted(Text("", ""))):
            await anyio.sleep(0.02)
            happens()
        await anyio.sleep(0.02)
        tasks.cancel_scope.cancel()
    assert told == [None, Cause.LEDGER_CONTRADICTED]


async def test_a_party_that_left_is_waited_for_by_nobody_and_says_nothing_any_more(happened: list[str]) -> None:
    bound = [CITY_KEYS]
    peer = Peer(CITY.party, lambda: bound, ORIGIN)
    standing = PeersStanding([peer], TestClock())
    assert cause(standing) is Cause.NOT_WITNESSED
    note = brought(entries(3))
    assert read_shown(note, *peer.log) != read_shown(note)
    bound.clear()
    assert cause(standing) is cause(standing, STRANGER) is None
    assert standing.lacks() is None
    assert standing.cosigned_ago_s() == {}
    refused = read_shown(note, *peer.log)
    assert isinstance(refused, Refusal)
    heads, rights = Heads(happened, own=entries(3)), EndedRights(happened)
    taken = OwnLog(
        NODE_VKEY, party=CITY.party, size_at_start=0, heads=heads, standing=standing, rights=rights, clock=TestClock()
    )
    assert await taken.take(note) == NoWitness()
    witness = Witness(
        peer,
        WitnessKey(WITNESS_VKEY.name, WITNESS_KEY),
        heads=heads,
        standing=standing,
        rights=rights,
        clock=TestClock(),
    )
    request = WitnessRequest(0, (), head(entries(3)))
    assert await WitnessDesk([witness]).add(request.spelt()) == UnknownLog()
    assert happened == []


@pytest.fixture
def happened() -> list[str]:
    return []


def own_log(happened: list[str], kept: list[bytes], *, size_at_start: int = 0) -> tuple[OwnLog, PeersStanding]:
    standing = PeersStanding([CITY], TestClock())
    heads, rights = Heads(happened, own=kept), EndedRights(happened)
    own = PartyId("villeneuve-dascq")
    log = OwnLog(
        NODE_VKEY,
        party=own,
        size_at_start=size_at_start,
        heads=heads,
        standing=standing,
        rights=rights,
        clock=TestClock(),
    )
    return log, standing


def brought(kept: list[bytes], *, at_s: int = 1) -> str:
    shown = read_shown(head(kept), NODE_VKEY)
    assert isinstance(shown, ShownHead)
    return cosigned(shown, name=WITNESS_VKEY.name, key=WITNESS_KEY, at_s=at_s).note


async def test_what_a_witness_brings_is_kept_once_and_lets_partners_in(happened: list[str]) -> None:
    log, standing = own_log(happened, entries(9))
    assert isinstance(await log.take(brought(entries(7))), Taken)
    assert isinstance(await log.take(brought(entries(9))), Taken)
    assert isinstance(await log.take(brought(entries(7))), Taken), "a replay harms nobody"
    assert happened == ["holds 7", "holds 9"]
    assert standing.waits(CITY.party) is None


async def test_a_head_that_the_log_lost_keeps_every_partner_out_until_the_next_start(happened: list[str]) -> None:
    log, standing = own_log(happened, entries(9))
    assert isinstance(await log.take(brought(entries(9))), Taken)
    for lost in (entries(10), [b"another".ljust(32), *entries(9)[1:]]):
        assert isinstance(await log.take(brought(lost)), Contradicted)
    assert isinstance(await log.take(brought(entries(9), at_s=2)), Taken)
    assert cause(standing) is cause(standing, STRANGER) is Cause.LEDGER_CONTRADICTED
    assert happened == ["holds 9", "ended", "ended", "holds 9"]


async def test_a_head_from_before_the_start_lets_nobody_in_and_one_that_holds_the_start_does(
    happened: list[str],
) -> None:
    log, standing = own_log(happened, entries(9), size_at_start=9)
    assert isinstance(await log.take(brought(entries(8), at_s=99)), Taken)
    assert cause(standing) is Cause.NOT_WITNESSED, "anybody can have kept it"
    assert isinstance(await log.take(brought(entries(9))), Taken)
    assert cause(standing) is None


async def test_a_replayed_head_is_no_sign_of_life(happened: list[str]) -> None:
    log, standing = own_log(happened, entries(9))
    clock = standing._clock
    assert isinstance(clock, TestClock)
    note = brought(entries(9))
    await log.take(note)
    clock.passed_s += 100
    await log.take(note)
    assert standing.cosigned_ago_s() == {CITY.party: 100}


async def test_nothing_is_learned_from_a_note_that_proves_nothing(happened: list[str]) -> None:
    log, standing = own_log(happened, entries(9))
    assert isinstance(await log.take(head(entries(30))), NoWitness)
    assert isinstance(await log.take("nothing"), Refusal)
    other = Checkpoint(f"{ORIGIN}-2", 30, frontier_of(entries(30)).root()).signed(NODE_KEY)
    assert isinstance(await log.take(str(other)), Refusal)
    assert happened == []
    assert cause(standing) is Cause.NOT_WITNESSED

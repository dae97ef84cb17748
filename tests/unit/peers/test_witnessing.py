"""What a witness does at each look, in which order: kept before anybody has it, refused aloud, shown what was lost."""

from datetime import timedelta

import pytest

from belvedere.domain.causes import Cause
from belvedere.domain.failures import NotRecorded
from belvedere.ledger.witness import WitnessedHead
from belvedere.peers.ports import Unreachable
from belvedere.peers.witnessing import BRING_AGAIN_S, COSIGN_AGAIN_S
from tests.unit.ledger.test_tree import entries
from tests.unit.peers.made import CITY, Room, head, room

pytestmark = pytest.mark.anyio


@pytest.fixture
async def seen() -> Room:
    """A witness that has co-signed nine entries, and brought them; its own log was seen too."""
    made = room()
    made.log.entries = entries(9)
    assert await made.looks() == ["kept 9", "brought 9"]
    made.standing.brought(CITY)
    return made


async def test_a_cosignature_leaves_only_once_its_head_is_kept(seen: Room) -> None:
    seen.log.entries = entries(300)
    assert await seen.looks() == ["kept 300", "brought 300"]
    seen.heads.refuses = True
    seen.log.entries = entries(301)
    with pytest.raises(NotRecorded):
        await seen.looks()
    assert seen.happened == [], "what is not kept is not signed away"
    seen.heads.refuses = False
    assert await seen.looks() == ["kept 301", "brought 301"]


async def test_an_unchanged_head_is_left_alone_and_cosigned_anew_after_a_while(seen: Room) -> None:
    assert await seen.looks() == []
    seen.clock.at += timedelta(seconds=COSIGN_AGAIN_S)
    assert await seen.looks() == ["kept 9", "brought 9"]


async def test_a_clock_that_is_set_back_states_no_earlier_time(seen: Room) -> None:
    assert seen.heads.kept is not None
    before_s = seen.heads.kept.cosigned_at_s
    seen.clock.at -= timedelta(days=1)
    seen.log.entries = entries(10)
    assert await seen.looks() == ["kept 10", "brought 10"]
    assert seen.heads.kept.cosigned_at_s == before_s


async def test_what_another_look_kept_meanwhile_is_not_brought_in_its_place(seen: Room) -> None:
    seen.log.entries = entries(10)
    other = room()
    other.log.entries = entries(12)
    await other.looks()
    known = seen.heads.kept

    async def overtaken(origin: str) -> WitnessedHead | None:
        found, seen.heads.kept = known, other.heads.kept
        return found

    seen.heads.witnessed = overtaken  # type: ignore[method-assign]
    assert await seen.looks() == []
    assert seen.heads.kept == other.heads.kept


async def test_a_head_that_was_kept_while_another_was_asked_for_makes_no_old_head_of_it(seen: Room) -> None:
    """Where both nodes dial each other, the log's own sending may overtake the look at it."""
    other = room()
    other.log.entries = entries(12)
    await other.looks()
    ask = seen.log.checkpoint

    async def overtaken() -> str:
        note = await ask()
        seen.heads.kept = other.heads.kept
        return note

    seen.log.checkpoint = overtaken  # type: ignore[method-assign]
    seen.clock.at += timedelta(seconds=COSIGN_AGAIN_S)
    assert await seen.looks() == []
    assert seen.standing.waits(CITY.party) is None


async def test_a_cosignature_that_did_not_arrive_is_brought_at_the_next_look(seen: Room) -> None:
    seen.log.entries = entries(10)
    bring = seen.log.bring

    async def lost(note: str) -> bool:
        raise Unreachable("cut")

    seen.log.bring = lost  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        await seen.looks()
    seen.log.bring = bring  # type: ignore[method-assign]
    assert await seen.looks() == ["brought 10"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("rolled back", "rolled back"),
        ("rewritten", "rewritten"),
        ("entries missing", "does not show all"),
        ("spoilt tiles", "does not make the tree"),
        ("unsigned", "not signed"),
        ("another log's", "another log|not of"),
    ],
)
async def test_a_log_that_is_refused_is_not_cosigned_its_party_waits_and_its_node_is_shown_what_was(
    seen: Room, what: str, words: str
) -> None:
    log = seen.log
    match what:
        case "rolled back":
            log.entries = entries(8)
        case "rewritten":
            log.entries = [b"another".ljust(32), *entries(12)[1:]]
        case "entries missing":
            log.entries, log.lacks_tiles = entries(12), True
        case "spoilt tiles":
            log.entries, log.spoils_tiles = entries(12), True
        case "unsigned":
            log.note = head(entries(9)).replace("\n9\n", "\n10\n")
        case _:
            log.note = head(entries(9)).replace("villeneuve-dascq", "rouen")
    happened = await seen.looks()
    forked = ["kept 9 forked"] if what == "rewritten" else []
    assert happened == [*forked, "ended", "brought 9"]
    assert len(seen.heads.told) == len(forked), "what two signed heads prove is recorded, once, and nothing else"
    waits = seen.standing.waits(CITY.party)
    assert waits is not None
    assert waits.cause is Cause.PARTNERS_LEDGER
    assert any(word in waits.said.en for word in words.split("|")), waits.said.en
    assert seen.standing.lacks() is not None
    # Said once; ended at each look, for what was being opened meanwhile; shown again after a while.
    assert await seen.looks() == ["ended"]
    seen.clock.passed_s += BRING_AGAIN_S
    assert await seen.looks() == ["ended", "brought 9"]


async def test_a_log_that_catches_up_is_served_again_and_one_that_was_rewritten_never(seen: Room) -> None:
    seen.log.entries = entries(8)
    await seen.looks()
    assert seen.standing.waits(CITY.party) is not None
    seen.log.entries = entries(10)
    assert await seen.looks() == ["kept 10", "brought 10"]
    assert seen.standing.waits(CITY.party) is None
    seen.log.entries = [b"another".ljust(32), *entries(12)[1:]]
    await seen.looks()
    seen.log.entries = entries(14)
    assert await seen.looks() == ["ended"]
    assert seen.standing.waits(CITY.party) is not None


async def test_a_peer_that_does_not_answer_is_not_refused(seen: Room) -> None:
    seen.log.away = True
    with pytest.raises(Unreachable):
        await seen.looks()
    assert seen.standing.waits(CITY.party) is None

"""After any act nothing runs that is no longer granted, nor past an agent's last day. vda-etat, articles 3 and 6; CSI R253-3."""

from datetime import date, timedelta

import pytest

from belvedere.acts.open_stream import OpenStream, Running, open_stream
from belvedere.changes import Change, HabilitationRenewed
from belvedere.domain.clock import Instant
from belvedere.domain.ids import EventId
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.snapshot import Snapshot
from tests.unit.acts.every_act import ACTS, ENDS, ends_of, wrong_after
from tests.unit.changes.small_city import AT, account, camera, requester
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
MIDNIGHT = "2026-03-25T23:00:00+00:00"


@pytest.mark.parametrize("name", ACTS)
async def test_after_an_act_nothing_runs_that_is_no_longer_granted(node: SmallNode, name: str) -> None:
    def look(now: Snapshot) -> tuple[dict[str, str], list[str]]:
        step = ACTS[name](now, AT)
        assert step.changes, "an act that changes something"
        return ends_of(step.changes), wrong_after(now, step.changes, AT)

    ended, wrong = await node.spine.read(look)
    assert wrong == []
    assert ended == ENDS.get(name, {})


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_committed_is_the_step_itself_and_its_records_tell_its_ends(node: SmallNode, name: str) -> None:
    before = len(await node.records())
    await node.spine.commit(ACTS[name], essential=True)
    records = (await node.records())[before:]
    assert {each["viewing"]: each["cause"] for each in records if each["kind"] == "ended"} == ENDS.get(name, {})
    (told,) = node.follower.told
    assert ends_of(told) == ENDS.get(name, {})


async def changes_of(node: SmallNode, name: str) -> tuple[Change, ...]:
    """Return what an act would change."""
    return await node.spine.read(lambda now: ACTS[name](now, AT).changes)


async def until_of(node: SmallNode, *changes: Change, viewing: str = "v-1") -> str | None:
    """Return until when a viewing runs once these changes are made and all is decided again."""

    def look(now: Snapshot) -> Instant | None:
        after = After(now, changes)
        found = After(after, review(after, AT))
        return next(each.valid_until for each in found.viewings() if each.id == viewing)

    until = await node.spine.read(look)
    return None if until is None else until.isoformat()


async def test_a_viewing_runs_to_the_end_of_its_agents_last_day_however_often_it_is_decided_again(
    node: SmallNode,
) -> None:
    assert await until_of(node) == MIDNIGHT
    for name in ("complete an event", "declare the room inactive", "tell of the term", "open a stream again"):
        assert await until_of(node, *await changes_of(node, name)) == MIDNIGHT, name


async def test_a_term_that_is_shorter_than_the_habilitation_is_the_one_that_counts(node: SmallNode) -> None:
    longer = HabilitationRenewed(account("cic-operator", until=date(2040, 1, 1)), False, AT)
    alone = await until_of(node, longer)
    assert alone == await until_of(node, HabilitationRenewed(account("cic-operator"), False, AT))
    assert alone != MIDNIGHT


async def test_an_opening_is_granted_to_the_end_of_the_last_day_and_no_longer(node: SmallNode) -> None:
    command = OpenStream(requester("cic-operator"), camera(5), EventId("e-1"), id="v-5")
    answer = await node.spine.read(lambda now: open_stream(now, command, AT).answer)
    assert isinstance(answer, Running)
    assert answer.viewing.valid_until is not None
    assert answer.viewing.valid_until.isoformat() == MIDNIGHT
    day_after = AT + timedelta(days=1)
    refused = await node.spine.read(lambda now: ends_of(review(now, day_after)))
    assert refused == {"v-1": "not-habilitated"}

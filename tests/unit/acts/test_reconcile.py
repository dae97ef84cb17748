"""Two ledgers are compared viewing by viewing, whatever order they tell them in. Reliability 11, 28."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belvedere.acts.reconcile import ReconciliationDesk
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId, Pseudonym, ViewingId
from belvedere.domain.reconciliation import (
    SETTLES_WITHIN,
    Difference,
    DifferenceKind,
    Reconciled,
    ViewingAccount,
    by_viewing,
    compare,
)
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Verdict
from belvedere.store.reconciliation_rows import accounts_of
from tests.unit.peers.messages_made import STATE
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=24)
ASKED = NOW - timedelta(hours=2)
OPENED = ViewingAccount(ViewingId("v-1"), CameraId("vda-001"), Pseudonym("cic-7Q2M"), Verdict.GRANTED, ASKED, ASKED)
OVER = replace(OPENED, ended_at=ASKED + timedelta(minutes=5), cause="closed")
ASKED_ONLY = replace(OPENED, verdict=None, opened_at=None)
REFUSED = replace(ASKED_ONLY, verdict=Verdict.REFUSED)

CASES: Mapping[str, tuple[ViewingAccount | None, ViewingAccount | None, DifferenceKind | None]] = {
    "the same on both": (OVER, OVER, None),
    "still running on both": (OPENED, OPENED, None),
    "opened a second later there": (OPENED, replace(OPENED, opened_at=ASKED + timedelta(seconds=1)), None),
    "refused, and counted as a repeat there": (REFUSED, None, None),
    "over here, running there": (OVER, OPENED, DifferenceKind.RUNS),
    "running here, never opened there": (OPENED, ASKED_ONLY, DifferenceKind.RUNS),
    "granted and ended there, never opened here": (ASKED_ONLY, OVER, DifferenceKind.OPENED),
    "granted there, and nothing of it here": (None, OVER, DifferenceKind.MISSING),
    "joined here, cut before it was asked": (None, replace(OVER, verdict=None), DifferenceKind.OPENED),
    "joined here and running, never asked": (None, replace(OPENED, verdict=None), DifferenceKind.RUNS),
    "granted here, refused there": (OVER, REFUSED, DifferenceKind.VERDICT),
    "two ends": (OVER, replace(OVER, cause="link-lost"), DifferenceKind.CAUSE),
    "another camera": (OVER, replace(OVER, camera=CameraId("vda-002")), DifferenceKind.SUBJECT),
    "another agent": (OVER, replace(OVER, agent=Pseudonym("cic-other")), DifferenceKind.SUBJECT),
}


def told(account: ViewingAccount | None) -> Mapping[ViewingId, ViewingAccount]:
    return by_viewing([] if account is None else [account])


@pytest.mark.parametrize("what", CASES)
def test_what_differs_is_named_by_the_gravest_difference(what: str) -> None:
    here, there, kind = CASES[what]
    found = compare(told(here), told(there), since=SINCE, now=NOW)
    assert [each.kind for each in found] == ([] if kind is None else [kind])


def test_what_a_cut_explains_is_no_disagreement() -> None:
    explained = {kind for kind in DifferenceKind if not kind.is_disagreement}
    assert explained == {DifferenceKind.OPENED, DifferenceKind.CAUSE}


@pytest.mark.parametrize("ago", [timedelta(0), SETTLES_WITHIN - timedelta(seconds=1)])
def test_what_is_under_way_and_what_began_at_the_edge_of_the_day_waits(ago: timedelta) -> None:
    lately = replace(OVER, ended_at=NOW - ago)
    assert compare(told(lately), told(OPENED), since=SINCE, now=NOW) == ()
    first = replace(OVER, asked_at=SINCE + ago)
    assert compare(told(first), told(None), since=SINCE, now=NOW) == ()


_IDS = st.sampled_from([ViewingId(f"v-{number}") for number in range(6)])
_TIMES = st.sampled_from([None, ASKED, ASKED + timedelta(minutes=1)])
_ACCOUNTS = st.builds(
    ViewingAccount,
    _IDS,
    st.sampled_from([CameraId("vda-001"), CameraId("vda-002")]),
    st.just(Pseudonym("cic-7Q2M")),
    st.none() | st.sampled_from(Verdict),
    st.just(ASKED),
    _TIMES,
    _TIMES,
    st.sampled_from([None, "closed", "link-lost"]),
)
_LEDGERS = st.lists(_ACCOUNTS, max_size=6).map(by_viewing)


@given(_LEDGERS, _LEDGERS)
def test_both_sides_find_the_same_differences(
    here: dict[ViewingId, ViewingAccount], there: dict[ViewingId, ViewingAccount]
) -> None:
    found = compare(here, there, since=SINCE, now=NOW)
    mirrored = tuple(Difference(each.viewing, each.kind, each.there, each.here) for each in found)
    assert compare(there, here, since=SINCE, now=NOW) == mirrored


@given(_LEDGERS, _LEDGERS)
def test_a_viewing_differs_once_at_most_and_only_for_what_either_holds_of_it(
    here: dict[ViewingId, ViewingAccount], there: dict[ViewingId, ViewingAccount]
) -> None:
    found = [each.viewing for each in compare(here, there, since=SINCE, now=NOW)]
    assert len(found) == len(set(found))
    assert set(found) <= {viewing for viewing in here.keys() | there.keys() if here.get(viewing) != there.get(viewing)}
    alone = [
        viewing
        for viewing in sorted(here.keys() | there.keys())
        if compare(_only(here, viewing), _only(there, viewing), since=SINCE, now=NOW)
    ]
    assert found == alone, "what is told of one viewing says nothing of another"


def _only(ledger: Mapping[ViewingId, ViewingAccount], viewing: ViewingId) -> Mapping[ViewingId, ViewingAccount]:
    return {key: each for key, each in ledger.items() if key == viewing}


def test_an_account_is_what_the_first_record_of_each_kind_says() -> None:
    def record(**changed: object) -> dict[str, object]:
        return {
            "viewing": "v-1",
            "camera": "vda-001",
            "subject": {"agent": "cic-7Q2M"},
            "verdict": None,
            "evidence": [],
            "cause": None,
            **changed,
        }

    later = ASKED + timedelta(minutes=5)
    asked = ("decision", ASKED, record(verdict="granted"))
    answered = ("answered", ASKED, record(verdict="granted", evidence=["question", "answer"]))
    opened = ("opened", ASKED, record())
    ended = ("ended", later, record(cause="closed"))
    again = ("ended", later + timedelta(minutes=1), record(cause="link-lost"))
    assert accounts_of([asked, answered, opened, ended, again]) == [OVER]
    assert accounts_of([asked]) == [ASKED_ONLY], "this node's own decision is not the owner's"
    decided = ("decision", ASKED, record(verdict="granted", evidence=["question", "answer"]))
    assert accounts_of([decided, opened, ended]) == [OVER], "the owner's ledger says the same"


class Ledger:
    """What a ledger holds, as a test says."""

    def __init__(self, *accounts: ViewingAccount) -> None:
        self.accounts: Sequence[ViewingAccount] | Text = accounts

    async def between(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount]:
        assert not isinstance(self.accounts, Text)
        return self.accounts

    async def of(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount] | Text:
        return self.accounts


async def test_a_disagreement_is_recorded_once_and_what_a_cut_explains_is_not(node: SmallNode) -> None:
    shift = node.clock.now() - NOW
    moved = [
        replace(each, asked_at=ASKED + shift, opened_at=ASKED + shift, ended_at=ended)
        for each, ended in ((OVER, ASKED + shift), (OPENED, None))
    ]
    here, there = Ledger(moved[0]), Ledger(moved[1])
    desk = ReconciliationDesk(node.spine, here, there, node.clock)
    for _ in range(2):
        compared = await desk.compare(STATE)
        assert isinstance(compared, Reconciled)
        assert [each.kind for each in compared.disagreements] == [DifferenceKind.RUNS]
    (recorded,) = await node.records(cause="ledgers-differ")
    assert recorded["detail"] == {"count": 1, "party": "etat", "viewings": ["v-1"]}
    there.accounts = [replace(moved[0], cause="link-lost")]
    compared = await desk.compare(STATE)
    assert isinstance(compared, Reconciled)
    assert (len(compared.differences), compared.disagreements) == (1, ())
    there.accounts = Text("coupée", "down")
    assert await desk.compare(STATE) == Text("coupée", "down")
    assert len(await node.records(cause="ledgers-differ")) == 1

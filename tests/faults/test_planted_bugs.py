"""Bugs planted in each part of the spine: every one is caught, by a check that says which it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from belvedere.acts import events, open_stream, relief, suspend
from belvedere.changes import (
    AuthorisationDeclared,
    Change,
    EventClosed,
    HoursAnnounced,
    PartyLeft,
    RoomDeclared,
    StreamSuspended,
    SuspensionLifted,
    TextInstalled,
    TextReplaced,
    records,
)
from belvedere.domain.centre import CentreState
from belvedere.domain.convention_texts import LEFT, TermTold
from belvedere.domain.record import Record
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.followers.in_force import InForceFollower
from belvedere.followers.log import LogFollower
from belvedere.followers.relay import RelayFollower
from belvedere.followers.screens import ScreensFollower
from belvedere.followers.sessions import SessionsFollower
from belvedere.rights import review
from belvedere.spine.after import After
from belvedere.store import spine_store
from belvedere.store.apply import DECLARES
from tests.flows.conftest import City
from tests.flows.operation.test_metrics import series
from tests.flows.test_after import Differing, twins_in
from tests.unit.acts.every_act import ACTS, settled, wrong_after
from tests.unit.changes import agreed_keys
from tests.unit.changes.small_city import (
    AT,
    CITY,
    REF,
    RUNNING,
    SEVEN_STREAMS,
    SUSPENDED_CAMERA,
    TODAY,
    ended,
    hours,
    subject,
    suspended,
    suspension,
    text,
    told,
)
from tests.unit.changes.test_records import wrongly_recorded
from tests.unit.spine.small_node import SmallNode, small_node

BY = subject("police-director")
LIFTING = SuspensionLifted(suspension(SUSPENDED_CAMERA, "v-over"), BY, AT, REF)
FOLLOWERS = (InForceFollower, SessionsFollower, RelayFollower, ScreensFollower, LogFollower)


# In a follower.


@pytest.mark.anyio
@pytest.mark.parametrize("broken", FOLLOWERS, ids=lambda kind: kind.__name__)
async def test_a_follower_that_raises_is_named_and_nobody_else_is_harmed(
    city: City, monkeypatch: pytest.MonkeyPatch, broken: type
) -> None:
    officer = await city.sign_in("cic-operator")
    heard: list[str] = []

    def noting(kind: type) -> Callable[[Any, Sequence[Change]], None]:
        follow = kind.follow  # type: ignore[attr-defined]  # a follower's

        def noted(self: object, changes: Sequence[Change]) -> None:
            heard.append(kind.__name__)
            if kind is broken:
                raise RuntimeError("planted")
            follow(self, changes)

        return noted

    for kind in FOLLOWERS:
        monkeypatch.setattr(kind, "follow", noting(kind))
    with capture_logs() as said:
        answer = await officer.client.post("/api/v1/events", json={"kind": "levee-de-doute"})
    assert answer.status_code == 201, "the act is done, whatever fails to follow it"
    assert heard == [kind.__name__ for kind in FOLLOWERS], "each follower hears of it, once and in order"
    told = [(each["event"], each["follower"]) for each in said if each["event"] == "follower_failed"]
    assert told == [("follower_failed", broken.__name__)]
    assert city.node.spine.failures_total == 1
    assert (await series(city))["belvedere_followers_failed_total"] == 1
    assert len(await city.records(kind="event")) == 1


@pytest.mark.anyio
async def test_a_picture_is_admitted_and_its_end_carried_out_though_another_follower_raises(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await city.sign_in("cic-operator")

    def planted(self: object, changes: Sequence[Change]) -> None:
        raise RuntimeError("planted")

    for kind in (SessionsFollower, InForceFollower):
        monkeypatch.setattr(kind, "follow", planted)
    viewing = await officer.opened(1, await officer.open_event())
    assert viewing in city.relay.serving
    assert (await officer.client.delete(f"/api/v1/streams/{viewing}")).status_code == 204
    assert city.relay.ended(viewing) == (1000, "closed")


# In `record_of`.


def replaced(record_of: Callable[[Change], Record | None], kind: type, **members: object) -> Callable[[Change], Any]:
    def planted(change: Change) -> Record | None:
        record = record_of(change)
        return replace(record, **members) if isinstance(change, kind) and record is not None else record  # type: ignore[arg-type]  # planted

    return planted


def test_a_record_with_a_wrong_cause_is_caught_and_its_change_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "record_of", replaced(records.record_of, StreamSuspended, cause=RecordedAct.LIFTED))
    (found,) = wrongly_recorded()
    assert found.startswith("StreamSuspended: cause is ")
    assert "LIFTED" in found


def test_a_record_that_is_forgotten_is_caught_and_its_change_named(monkeypatch: pytest.MonkeyPatch) -> None:
    record_of = records.record_of
    monkeypatch.setattr(
        records, "record_of", lambda change: None if isinstance(change, EventClosed) else record_of(change)
    )
    (found,) = wrongly_recorded()
    assert found.startswith("EventClosed: leaves None instead of ")


# In the state in memory.


@pytest.fixture
def differing(tmp_path: Path) -> Iterator[Differing]:
    with twins_in(tmp_path) as differ:
        yield differ


def test_an_end_that_is_not_taken_in_memory_is_caught_and_its_viewing_named(
    differing: Differing, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert differing([ended(RUNNING[0])]) == []
    monkeypatch.setattr(After, "_end", lambda self, viewing: None)
    found = differing([ended(RUNNING[0])])
    assert any(line.startswith("viewing: 'v-1': ") and line.endswith(" is not None") for line in found), found


def test_what_is_declared_and_not_taken_in_memory_is_caught(
    differing: Differing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(After, "_lift", lambda self, flow: None)
    found = differing([LIFTING])
    assert {line.split(":")[0] for line in found} == {"suspension", "suspensions", "suspension_by_viewing"}


# In what the store keeps in memory from one state to the next.


ONE_OF_EACH = (
    LIFTING,
    suspended(1, "v-1", "v-2"),
    RoomDeclared(CentreState(inactive=True), "évacuation", BY, AT, REF),
    AuthorisationDeclared(CentreState(authorisation_withdrawn=True), "arrêté", BY, AT, REF),
    HoursAnnounced(TODAY, hours(TODAY), "marché", BY, AT, REF),
    TextInstalled(text(SEVEN_STREAMS), None, AT),
    TextReplaced(text(SEVEN_STREAMS), REF.sha256, BY, AT),
    told("non-renewal", TODAY),
    PartyLeft(TermTold(REF.id, LEFT, TODAY, "délibération 12"), CITY, REF, agreed_keys.proposal(None), BY, AT),
)


def test_what_is_declared_and_kept_for_too_long_is_caught(
    differing: Differing, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {type(change) for change in ONE_OF_EACH} == set(DECLARES)
    for change in ONE_OF_EACH:
        assert differing([change]) == []
        others = tuple(kind for kind in DECLARES if kind is not type(change))
        with monkeypatch.context() as patch:
            patch.setattr(spine_store, "DECLARES", others)
            assert differing([change]) != [], type(change).__name__


# In an act.


async def wrong_of(node: SmallNode, act: str) -> list[str]:
    """Return what is wrong after an act on the small city."""
    return await node.spine.read(lambda now: wrong_after(now, ACTS[act](now, AT).changes, AT))


@pytest.mark.anyio
async def test_a_review_that_an_act_forgets_is_caught_and_the_viewings_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful = {"close an event": events, "suspend a stream": suspend}
    async with small_node(tmp_path) as node:
        await settled(node)
        for act, module in forgetful.items():
            assert await wrong_of(node, act) == []
            with monkeypatch.context() as patch:
                patch.setattr(module, "review", lambda *_, **__: ())
                found = await wrong_of(node, act)
            assert [line.split(":")[0] for line in found] == ["v-1", "v-2"], act
            assert all("a review would still make ViewingEnded" in line for line in found)


@pytest.mark.anyio
async def test_a_habilitations_end_that_is_forgotten_is_caught_and_the_viewing_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug that 49 tests let pass: decided again, a viewing took the decision's term and lost its agent's last day."""
    async with small_node(tmp_path) as node:
        await settled(node)
        for module, act in ((review, "complete an event"), (open_stream, "open a stream")):
            assert await wrong_of(node, act) == []
            with monkeypatch.context() as patch:
                patch.setattr(module, "runs_until", lambda decision, _: decision.valid_until)
                found = await wrong_of(node, act)
            assert any("past its agent's last day 2026-03-25" in line for line in found), act


@pytest.mark.anyio
async def test_a_relief_that_keeps_what_it_may_not_watch_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_node(tmp_path) as node:
        await settled(node)
        monkeypatch.setattr(relief, "review", lambda *_, **__: ())
        found = await wrong_of(node, "relieve")
        assert [line.split(":")[0] for line in found].count("v-2") >= 1, found

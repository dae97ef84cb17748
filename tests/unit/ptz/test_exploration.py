"""Every state of one camera that a few people reach in a few acts keeps the promises. Rules A10 to A13, B7."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

import tests.unit.ptz.world
from belvedere.domain.causes import Cause
from belvedere.domain.ids import LeaseId
from belvedere.domain.leases import ANSWER_S, HEARTBEAT_S, LEASE_IDLE_S, LEASE_MAX_S, Rank
from belvedere.ptz.arbitration import (
    Answer,
    Ask,
    Asked,
    CameraState,
    ForeignMovement,
    Granted,
    Held,
    HoldersAnswer,
    Input,
    Lapse,
    Move,
    Outcome,
    Renew,
    Stand,
    Stop,
    step,
)
from tests.unit.ptz.world import PEOPLE, Played, broken

Step = Callable[[CameraState, Input, float], Outcome]
DEPTH = 7
ASKERS = ("cic", "cic-2", "srpj", "csu", "chief")


def relative(state: CameraState, now_s: float) -> CameraState:
    """Return the state with its times as seen from now: two states that go on alike are one."""

    def since(at_s: float, most_s: float) -> float:
        return max(at_s - now_s, -most_s)

    held = state.held
    return CameraState(
        fence=0,
        held=None
        if held is None
        else Held(
            held.claim,
            0,
            since(held.since_s, LEASE_MAX_S),
            since(held.moved_s, LEASE_IDLE_S),
            since(held.heard_s, LEASE_IDLE_S),
        ),
        asked=tuple(
            Asked(each.claim, each.awaits, None if each.settles_s is None else since(each.settles_s, 0), each.extended)
            for each in state.asked
        ),
    )


def next_of(played: Played, now_s: float) -> Iterator[tuple[str, Played]]:
    """Yield all that can happen next: somebody asks, answers, moves or lets go, the world turns, time passes."""
    world, held = played.world, played.state.held
    for name in ASKERS:
        yield f"{name} asks", played.asks(name, now_s)
    yield "the room turns", played.turns(replace(world, active=not world.active), now_s)
    yield "the word turns", played.turns(replace(world, authorised=not world.authorised), now_s)
    if world.event_open:
        yield "the event closes", played.turns(replace(world, event_open=False), now_s)
    if "cic" in world.watching:
        yield "a picture closes", played.turns(replace(world, watching=world.watching - {"cic"}), now_s)
    yield "the camera turns by itself", played.given(ForeignMovement(), now_s)
    for each in played.state.asked:
        for said in HoldersAnswer:
            yield f"{said} to {each.claim.lease}", played.reviewed(now_s).given(Answer(each.claim.lease, said), now_s)
        yield f"{each.claim.lease} gives up", played.given(Lapse(each.claim.lease, Cause.RELEASED), now_s)
    if held is not None:
        lease = held.claim.lease
        yield "it moves", played.given(Move(lease, held.fence), now_s)
        yield "it lets go", played.reviewed(now_s).given(Lapse(lease, Cause.RELEASED), now_s)
        yield "it asks again", played.given(Renew(lease), now_s)


def explored(depth: int) -> Iterator[tuple[list[str], Played]]:
    """Yield each state once, with one way to it."""
    seen: set[tuple[object, ...]] = set()
    at: list[tuple[list[str], Played, float]] = [([], Played(), 0.0)]
    for _ in range(depth):
        coming: list[tuple[list[str], Played, float]] = []
        for path, played, now_s in at:
            following = [(what, after, now_s) for what, after in next_of(played, now_s)]
            for passed_s, heard in ((HEARTBEAT_S, ()), (ANSWER_S, tuple(PEOPLE)), (LEASE_IDLE_S, tuple(PEOPLE))):
                later_s = now_s + passed_s
                following.append((f"{passed_s:.0f} s pass", played.passes(later_s, heard), later_s))
            for what, after, then_s in following:
                key = (relative(after.state, then_s), after.world, after.owed, after.wrong)
                if key not in seen:
                    seen.add(key)
                    way = [*path, what]
                    yield way, after
                    coming.append((way, after, then_s))
        at = coming


def test_whatever_a_few_people_do_one_steers_at_a_time_and_on_what_entitles_it() -> None:
    count = 0
    for way, played in explored(DEPTH):
        count += 1
        assert broken(played) == [], " → ".join(way)
    assert count > 10_000, f"only {count} states: the exploration is cut short"


def test_in_every_state_the_owner_has_the_camera_as_soon_as_it_asks() -> None:
    for way, played in explored(DEPTH - 1):
        for name in ("csu", "chief"):
            held = played.state.held
            after = played.asks(name, 10_000.0).state
            steers = after.held
            if held is not None and held.claim.rank.is_own and PEOPLE[name].rank <= held.claim.rank:
                continue  # a colleague of the own room is asked, and nobody comes before its chief
            assert steers is not None, " → ".join(way)
            assert steers.claim.lease == LeaseId(name), " → ".join((*way, name))
            assert steers.claim.rank >= Rank.OWN_ROOM
            assert held is None or steers.fence > held.fence, "late commands of the former holder are told apart"


def _granting_beside(state: CameraState, given: Input, now_s: float) -> Outcome:
    """Grant every claim at once, whoever steers."""
    if isinstance(given, Ask) and state.held is not None:
        return replace(state, fence=state.fence + 1), (Granted(given.claim, state.fence + 1),)
    return step(state, given, now_s)


def _deaf_to_lapses(state: CameraState, given: Input, now_s: float) -> Outcome:
    """Let a lease go on after what it rests on."""
    held = state.held
    if isinstance(given, Lapse) and held is not None and held.claim.lease == given.lease:
        return state, ()
    return step(state, given, now_s)


def _forgetting_the_regime(state: CameraState, given: Input, now_s: float) -> Outcome:
    """Let a lease go on as it was granted, whatever the hours."""
    held = state.held
    if isinstance(given, Stand) and held is not None and held.claim.lease == given.lease:
        return state, ()
    return step(state, given, now_s)


def _with_an_old_fence(state: CameraState, given: Input, now_s: float) -> Outcome:
    """Give the next holder the fence of the one before."""
    after, effects = step(state, given, now_s)
    if after.held is None or after.fence == state.fence or state.held is None:
        return after, effects
    old = replace(after, fence=state.fence, held=replace(after.held, fence=state.fence))
    return old, tuple(replace(each, fence=state.fence) if isinstance(each, Granted) else each for each in effects)


def _never_stopping(state: CameraState, given: Input, now_s: float) -> Outcome:
    """Leave the camera turning when its lease ends."""
    after, effects = step(state, given, now_s)
    return after, tuple(each for each in effects if not isinstance(each, Stop))


@pytest.mark.parametrize(
    "bug", [_granting_beside, _deaf_to_lapses, _forgetting_the_regime, _with_an_old_fence, _never_stopping]
)
def test_the_exploration_finds_a_bug_that_is_planted(bug: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tests.unit.ptz.world, "step", bug)
    assert any(broken(played) for _, played in explored(5))

"""Long stories of one camera, as chance has them: the same promises as the exploration, further than it goes."""

from dataclasses import replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from belvedere.domain.causes import Cause
from belvedere.domain.ids import LeaseId
from belvedere.ptz.arbitration import Answer, ForeignMovement, Heard, HoldersAnswer, Lapse, Move, Rejected, Renew, step
from tests.unit.ptz.world import PEOPLE, Played, World, broken

NAMES = st.sampled_from(sorted(PEOPLE))


class OneCamera(RuleBasedStateMachine):
    """Everybody asks, answers and moves; the world turns around them, and time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.played = Played()
        self.former: list[tuple[LeaseId, int]] = []

    def _play(self, played: Played) -> None:
        held = self.played.state.held
        if held is not None and (played.state.held is None or played.state.held.fence != held.fence):
            self.former.append((held.claim.lease, held.fence))
        self.played = played

    @rule(name=NAMES)
    def asks(self, name: str) -> None:
        self._play(self.played.asks(name, self.now_s))

    @rule(name=NAMES, said=st.sampled_from(HoldersAnswer))
    def answers(self, name: str, said: HoldersAnswer) -> None:
        self._play(self.played.reviewed(self.now_s).given(Answer(LeaseId(name), said), self.now_s))

    @rule(name=NAMES)
    def lets_go(self, name: str) -> None:
        self._play(self.played.reviewed(self.now_s).given(Lapse(LeaseId(name), Cause.RELEASED), self.now_s))

    @rule(name=NAMES)
    def asks_again(self, name: str) -> None:
        self._play(self.played.given(Renew(LeaseId(name)), self.now_s))

    @rule(name=NAMES)
    def moves(self, name: str) -> None:
        self._play(self.played.given(Move(LeaseId(name), self.played.state.fence), self.now_s))

    @rule()
    def turns_by_itself(self) -> None:
        self._play(self.played.given(ForeignMovement(), self.now_s))

    @rule(name=NAMES)
    def is_heard(self, name: str) -> None:
        self._play(self.played.given(Heard(LeaseId(name)), self.now_s))

    @rule(passed_s=st.sampled_from((0.2, 1.0, 3.0, 10.0, 30.0, 120.0, 1800.0)), heard=st.booleans())
    def time_passes(self, passed_s: float, heard: bool) -> None:
        self.now_s += passed_s
        self._play(self.played.passes(self.now_s, tuple(PEOPLE) if heard else ()))

    @rule(active=st.booleans(), authorised=st.booleans(), event_open=st.booleans(), watching=st.sets(NAMES))
    def the_world_turns(self, active: bool, authorised: bool, event_open: bool, watching: set[str]) -> None:
        world = World(active, authorised, event_open, frozenset(watching))
        self._play(self.played.turns(world, self.now_s))

    @rule()
    def all_is_well(self) -> None:
        world = replace(self.played.world, event_open=True, authorised=True, watching=frozenset(PEOPLE))
        self._play(self.played.turns(world, self.now_s))

    @invariant()
    def nothing_is_broken(self) -> None:
        assert broken(self.played) == []

    @invariant()
    def no_command_of_a_former_holder_turns_the_camera(self) -> None:
        for lease, fence in self.former:
            _, effects = step(self.played.state, Move(lease, fence), self.now_s)
            assert all(isinstance(each, Rejected) for each in effects), (lease, fence)


OneCamera.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),  # a story that fails is told as it was found: to shorten it takes minutes
)
TestOneCamera = OneCamera.TestCase

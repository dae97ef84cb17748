"""Events, viewings, slots, suspensions, pre-emption, habilitations and restarts: any sequence, against a model in memory.

vda-etat, articles 2, 3, 6; reliability 13. The node is real, with its SQLite store; the model is forty lines of dictionaries.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from belvedere.acts.events import Typed
from belvedere.acts.open_stream import NotOpened, Opened, OpenStream
from belvedere.acts.suspend import SuspendStream
from belvedere.agents.habilitations import HabilitationDesk
from belvedere.domain.agents import Account
from belvedere.domain.decision import Refused
from belvedere.domain.events import Event
from belvedere.domain.ids import CameraId, EventId, ViewingId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.vocabulary import EventKind, SuspensionGround
from belvedere.media.relay import ViewingConnected
from belvedere.rights import endings
from tests.faults.node_beside import NodeBeside, node_beside
from tests.faults.quota_crowd import QUOTA, requester
from tests.flows.conftest import CITY, STATE, CityMaker
from tests.flows.making import give_last_day

pytestmark = [pytest.mark.timeout(600)]
T = TypeVar("T")
SEED = 20261122
PARTNERS = ("cic-operator", "cic-second", "srpj")
LOGINS = (*PARTNERS, "csu-operator", "cic-supervisor", "police-director")
CAMERAS = [f"vda-{number:03}" for number in range(1, 13)]


def cause_of(outcome: NotOpened) -> str:
    """Return why the convention refused."""
    assert isinstance(outcome.decision, Refused)
    return outcome.decision.cause


@dataclass
class Watched:
    """A running viewing as the model has it."""

    login: str
    service: str
    party: str
    camera: str
    event: str | None


class Room(RuleBasedStateMachine):
    """What people do, in any order, and what must be true after each act."""

    beside: ClassVar[NodeBeside]
    restart: ClassVar[list[Callable[[], NodeBeside]]] = []
    acts: ClassVar[int] = 0
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[str, tuple[str, str]] = {}
        self.viewings: dict[str, Watched] = {}
        self.suspended: dict[str, str] = {}
        self.undesignated: set[str] = set()
        self.numbers: dict[str, int] = {}

    def call(self, work: Callable[[], Awaitable[T]]) -> T:
        Room.acts += 1
        return self.beside.call(work)

    @property
    def node(self) -> Any:
        return self.beside.city.node

    @property
    def relay(self) -> Any:
        return self.beside.city.relay

    def slots(self) -> list[str]:
        return list(dict.fromkeys(each.camera for each in self.viewings.values() if each.party == STATE))

    def end(self, which: Callable[[str, Watched], bool]) -> list[str]:
        ended = [viewing for viewing, each in self.viewings.items() if which(viewing, each)]
        for viewing in ended:
            del self.viewings[viewing]
        self.forget_free_slots()
        return ended

    def forget_free_slots(self) -> None:
        self.numbers = {camera: number for camera, number in self.numbers.items() if camera in self.slots()}

    @initialize()
    def clean(self) -> None:
        async def work() -> None:
            await self.node.watch.end(lambda _: True, lambda _: endings.closed_by_agent())
            suspended = await self.node.spine.read(lambda reading: list(reading.suspensions()))
            director = await requester(self.node, "police-director")
            for each in suspended:
                await self.node.web.streams.suspensions.lift(director, each.viewing)
            for login in LOGINS:
                await self._designate(login)

        self.call(work)

    async def _designate(self, login: str) -> None:
        await give_last_day(self.node, login, None)

    @rule(login=st.sampled_from((*PARTNERS, "csu-operator")))
    def an_event_is_opened(self, login: str) -> None:
        async def work() -> Event | ActRefused:
            opened: Event | ActRefused = await self.node.web.events.desk.open(
                await requester(self.node, login), EventKind.INTERVENTION, Typed()
            )
            return opened

        event = self.call(work)
        assert isinstance(event, ActRefused) == (login in self.undesignated)
        if isinstance(event, Event):
            self.events[event.id] = (login, event.party)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def an_event_is_closed_by_its_opener(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(list(self.events)))
        login, _ = self.events[event]

        async def work() -> Any:
            who = await requester(self.node, login)
            return await self.node.web.events.desk.amend(who, EventId(event), Typed(motive="fini"), close=True)

        closed = self.call(work)
        if login in self.undesignated:
            assert isinstance(closed, ActRefused)
            return
        assert isinstance(closed, Event)
        del self.events[event]
        # The owner's own room may watch without an event: what it watches goes on.
        if self.end(lambda _, each: each.event == event and each.party == STATE):
            self.reached.add("event closed")

    @precondition(lambda self: any(party == STATE for _, party in self.events.values()))
    @rule(login=st.sampled_from(PARTNERS), cameras=st.lists(st.sampled_from(CAMERAS), min_size=3, unique=True))
    def a_wall_of_streams_is_asked_for(self, login: str, cameras: list[str]) -> None:
        event = next(event for event, (_, party) in self.events.items() if party == STATE)
        for camera in cameras:
            self._ask(login, camera, event)

    @rule(data=st.data(), login=st.sampled_from((*PARTNERS, "csu-operator")), camera=st.sampled_from(CAMERAS))
    def a_stream_is_asked_for(self, data: st.DataObject, login: str, camera: str) -> None:
        self._ask(login, camera, data.draw(st.sampled_from([None, *list(self.events)])))

    def _ask(self, login: str, camera: str, event: str | None) -> None:
        own = self.events.get(event or "", ("", ""))[1]

        async def work() -> tuple[Requester, Any]:
            who = await requester(self.node, login)
            wanted = None if event is None else EventId(event)
            return who, await self.node.web.streams.opener(
                OpenStream(requester=who, camera=CameraId(camera), event=wanted)
            )

        who, outcome = self.call(work)
        if login in self.undesignated:
            assert isinstance(outcome, ActRefused)
            return
        if event is not None and own != who.party:
            assert type(outcome).__name__ == "Unknown"
            self.reached.add("another party's event")
            return
        if who.party == CITY:
            assert isinstance(outcome, Opened)
            self._opened(outcome, login, who, camera, event)
            return
        if event is None or camera in self.suspended:
            assert isinstance(outcome, NotOpened)
            assert cause_of(outcome) != "quota"
            self.reached.add(f"refused: {cause_of(outcome)}")
            return
        self._asked_by_the_state(outcome, login, who, camera, event)

    def _asked_by_the_state(self, outcome: Any, login: str, who: Requester, camera: str, event: str) -> None:
        slots = self.slots()
        if camera not in slots and len(slots) >= QUOTA:
            others = [
                held
                for held in slots
                if all(
                    each.service != "cic"
                    for each in self.viewings.values()
                    if (each.camera, each.party) == (held, STATE)
                )
            ]
            if who.service != "cic" or not others:
                assert isinstance(outcome, NotOpened)
                assert cause_of(outcome) == "quota"
                assert [holder.camera for holder in outcome.holders] == slots
                self.reached.add("quota")
                return
            preempted = self.end(lambda _, each: each.camera == others[0] and each.party == STATE)
            assert all(self.relay.ended(viewing)[0] == 4409 for viewing in preempted)
            self.reached.add("pre-empted")
        assert isinstance(outcome, Opened)
        self._opened(outcome, login, who, camera, event)
        slot = outcome.viewing.slot
        assert slot is not None
        assert 1 <= slot <= QUOTA
        assert self.numbers.setdefault(camera, slot) == slot, "a camera keeps its slot until its last viewer"
        taken = [self.numbers[each] for each in self.slots()]
        assert len(taken) == len(set(taken)), "a slot is one camera"
        assert outcome.slots_used == len(self.slots())

    def _opened(self, outcome: Opened, login: str, who: Requester, camera: str, event: str | None) -> None:
        found = Watched(login, who.service, who.party, camera, event)
        same = [viewing for viewing, each in self.viewings.items() if each == found]
        assert not same or same == [outcome.viewing.id], "the same viewing with a new ticket"
        self.viewings[outcome.viewing.id] = found

        async def connect() -> None:
            await self.relay.tell(ViewingConnected(ViewingId(outcome.viewing.id)))

        self.call(connect)

    @precondition(lambda self: self.viewings)
    @rule(data=st.data(), stranger=st.booleans())
    def a_viewing_is_closed(self, data: st.DataObject, stranger: bool) -> None:
        viewing = data.draw(st.sampled_from(list(self.viewings)))
        login = "cic-supervisor" if stranger else self.viewings[viewing].login

        async def work() -> bool:
            return bool(await self.node.web.streams.closer(await requester(self.node, login), ViewingId(viewing)))

        assert self.call(work) is not stranger
        if not stranger:
            del self.viewings[viewing]
            self.forget_free_slots()

    @precondition(lambda self: self.slots())
    @rule(data=st.data())
    def the_director_suspends(self, data: st.DataObject) -> None:
        viewing = data.draw(st.sampled_from([id_ for id_, each in self.viewings.items() if each.party == STATE]))
        camera = self.viewings[viewing].camera

        async def work() -> Any:
            director = await requester(self.node, "police-director")
            return await self.node.web.streams.suspensions.suspend(
                SuspendStream(director, ViewingId(viewing), SuspensionGround.MASK_FAULT, "masque")
            )

        self.call(work)
        ended = self.end(lambda _, each: each.camera == camera and each.party == STATE)
        assert all(self.relay.ended(each) == (4403, "suspended") for each in ended)
        self.suspended[camera] = viewing
        self.reached.add("suspended")

    @precondition(lambda self: self.suspended)
    @rule(data=st.data())
    def the_director_lifts(self, data: st.DataObject) -> None:
        camera = data.draw(st.sampled_from(sorted(self.suspended)))
        viewing = self.suspended.pop(camera)

        async def work() -> None:
            await self.node.web.streams.suspensions.lift(
                await requester(self.node, "police-director"), ViewingId(viewing)
            )

        self.call(work)

    @precondition(lambda self: set(PARTNERS) - self.undesignated)
    @rule(data=st.data())
    def a_habilitation_ends(self, data: st.DataObject) -> None:
        login = data.draw(st.sampled_from(sorted(set(PARTNERS) - self.undesignated)))

        async def work() -> None:
            desk: HabilitationDesk = self.node.web.agents.habilitations
            agent = (await requester(self.node, login)).agent
            ended = await desk.end(await requester(self.node, "cic-supervisor"), agent)
            assert isinstance(ended, Account)

        self.call(work)
        if self.end(lambda _, each: each.login == login):
            self.reached.add("habilitation ended")
        self.undesignated.add(login)

    @precondition(lambda self: self.undesignated)
    @rule(data=st.data())
    def an_agent_is_designated_again(self, data: st.DataObject) -> None:
        login = data.draw(st.sampled_from(sorted(self.undesignated)))
        self.undesignated.remove(login)
        self.call(lambda: self._designate(login))

    @rule(minutes=st.integers(1, 30))
    def time_passes(self, minutes: int) -> None:
        async def work() -> None:
            self.beside.city.clock.move(timedelta(minutes=minutes))
            await self.node.watch.tick()

        self.call(work)

    @precondition(lambda self: self.viewings)
    @rule(sure=st.integers(0, 9))
    def the_node_is_started_again(self, sure: int) -> None:
        if sure == 0:
            Room.beside = self.restart[0]()
            self.viewings.clear()
            self.forget_free_slots()
            self.reached.add("restarted")

    @invariant()
    def what_runs_is_what_the_model_says(self) -> None:
        async def work() -> tuple[list[Any], list[str]]:
            found: tuple[list[Any], list[str]] = await self.node.spine.read(
                lambda reading: (list(reading.viewings()), [str(each) for each in reading.slots(STATE)])
            )
            return found

        running, slots = self.beside.call(work)
        assert {each.id: each.camera for each in running} == {v: each.camera for v, each in self.viewings.items()}
        assert slots == self.slots()
        assert len(slots) <= QUOTA
        served = {viewing for viewing in self.relay.admitted if self.relay.ended(viewing) is None}
        assert served == set(self.viewings), "the relay serves what is granted and nothing else"

    def teardown(self) -> None:
        async def work() -> list[dict[str, Any]]:
            return await self.beside.city.records()

        records = self.beside.call(work)
        opened = [each["viewing"] for each in records if each["kind"] == "opened"]
        ended = [each["viewing"] for each in records if each["kind"] == "ended"]
        assert len(opened) == len(set(opened))
        assert len(ended) == len(set(ended)), "each viewing ends once"
        assert set(opened) - set(ended) == set(self.viewings) or len(records) >= 5000


@pytest.fixture
def room(city_maker: CityMaker) -> Iterator[type[Room]]:
    with ExitStack() as nodes:

        def start() -> NodeBeside:
            nodes.pop_all().close()
            return nodes.enter_context(node_beside(city_maker))

        Room.beside, Room.acts = start(), 0
        Room.reached.clear()
        Room.restart[:] = [start]
        yield Room


def run(room: type[Room], *, examples: int, steps: int) -> None:
    bounded = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED)(room), settings=bounded)


def test_any_sequence_of_acts_leaves_what_the_model_says(room: type[Room]) -> None:
    run(room, examples=40, steps=50)
    assert room.acts > 100
    assert {"suspended", "habilitation ended", "quota"} <= room.reached, room.reached


@pytest.mark.sweep
@pytest.mark.timeout(7200)
def test_100_000_acts_leave_what_the_model_says(room: type[Room]) -> None:
    began_s = time.perf_counter()
    run(room, examples=1000, steps=110)
    print(f"{room.acts} acts, reached {sorted(room.reached)}, {time.perf_counter() - began_s:.0f} s, seed {SEED}")
    assert {"quota", "pre-empted", "restarted"} <= room.reached

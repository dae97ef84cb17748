"""A link's fault is told with where it is and whose, located anew, restored, each once. Source: rules A19."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from belvedere.acts.link_faults import BACK_FOR_S, LOST_FOR_S, STARTS_WITHIN_S, LinkFaultWatch
from belvedere.domain.faults import FaultPlace, OverLinkFault, link_times
from belvedere.domain.ids import PartyId
from belvedere.domain.link_state import LinkFault, LinkState, places_of, whose_link
from belvedere.domain.text import Text
from belvedere.peers.wire import LinkEnd
from belvedere.store.fault_rows import SqlFaults
from tests.unit.changes.small_city import AT, CITY, STATE
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
LILLE = PartyId("lille")
UP = LinkState(up=True, since=AT, said=Text("établie", "up"), since_s=0.0, was_up=True)
DOWN = replace(UP, up=False)


@dataclass
class Links:
    """How the links stand, as a test says."""

    node: SmallNode
    states: dict[PartyId, LinkState] = field(default_factory=dict)

    def put(self, state: LinkState) -> None:
        """The State's link stands so from now on."""
        clock = self.node.clock
        self.states[STATE] = replace(state, since=clock.now(), since_s=clock.monotonic_s())

    async def told(self, watch: LinkFaultWatch) -> list[tuple[str, str, str | None]]:
        """Look, and return what the ledger says of links."""
        await watch.look()
        records = await self.node.records(kind="fault")
        return [(each["cause"], each["detail"]["place"], each["detail"]["whose"]) for each in records]


async def test_a_link_that_stays_down_is_told_located_and_restored_once(node: SmallNode) -> None:
    links = Links(node)
    watch = LinkFaultWatch(node.spine, lambda: links.states, node.clock)
    links.put(UP)
    assert await links.told(watch) == []
    links.put(DOWN)
    lost_at = node.clock.now()
    node.clock.move(timedelta(seconds=LOST_FOR_S - 1))
    assert await links.told(watch) == [], "a few seconds are no fault"
    node.clock.move(timedelta(seconds=1))
    told = ("link-fault-told", "link", None)
    assert await links.told(watch) == [told]
    assert await links.told(watch) == [told], "once"
    links.states[STATE] = replace(links.states[STATE], place=FaultPlace.NODE)
    located = ("link-fault-located", "node", str(STATE))
    assert await links.told(watch) == [told, located]
    links.put(UP)
    back_at = node.clock.now()
    node.clock.move(timedelta(seconds=BACK_FOR_S - 1))
    assert await links.told(watch) == [told, located], "one that comes and goes is one fault"
    node.clock.move(timedelta(seconds=1))
    assert await links.told(watch) == [told, located, ("link-restored", "node", str(STATE))]
    restored = (await node.records(kind="fault"))[-1]
    spelt = [restored["detail"][name].replace("Z", "+00:00") for name in ("since", "back_at")]
    assert spelt == [at.isoformat(timespec="microseconds") for at in (lost_at, back_at)]
    assert await node.spine.read(lambda snapshot: dict(snapshot.link_faults())) == {}


async def test_a_fault_that_was_told_before_a_restart_is_restored_after_it(node: SmallNode) -> None:
    links = Links(node)
    links.put(DOWN)
    node.clock.move(timedelta(seconds=LOST_FOR_S))
    await links.told(LinkFaultWatch(node.spine, lambda: links.states, node.clock))
    links.put(UP)
    node.clock.move(timedelta(seconds=BACK_FOR_S))
    told = await links.told(LinkFaultWatch(node.spine, lambda: links.states, node.clock))
    assert [cause for cause, _, _ in told] == ["link-fault-told", "link-restored"]


async def test_two_nodes_that_start_one_after_the_other_have_no_fault(node: SmallNode) -> None:
    links = Links(node)
    watch = LinkFaultWatch(node.spine, lambda: links.states, node.clock)
    links.put(replace(DOWN, was_up=False))
    node.clock.move(timedelta(seconds=STARTS_WITHIN_S - 1))
    assert await links.told(watch) == []
    node.clock.move(timedelta(seconds=1))
    assert [cause for cause, _, _ in await links.told(watch)] == ["link-fault-told"]


def test_what_all_links_have_in_common_is_this_side() -> None:
    node_down = replace(DOWN, place=FaultPlace.NODE)
    assert places_of({STATE: DOWN}) == {STATE: FaultPlace.LINK}
    assert places_of({STATE: DOWN, LILLE: UP}) == {STATE: FaultPlace.LINK}
    assert places_of({STATE: DOWN, LILLE: DOWN}) == dict.fromkeys((STATE, LILLE), FaultPlace.OWN_SIDE)
    assert places_of({STATE: node_down, LILLE: DOWN}) == {STATE: FaultPlace.NODE, LILLE: FaultPlace.LINK}


def test_whose_a_fault_is_follows_from_where_it_is() -> None:
    whose = {place: whose_link(LinkFault(STATE, place, AT), CITY) for place in FaultPlace}
    assert (whose[FaultPlace.NODE], whose[FaultPlace.OWN_SIDE], whose[FaultPlace.LINK]) == (STATE, CITY, None)


def test_each_end_of_a_conversation_says_where_the_fault_is() -> None:
    assert LinkEnd.STOPPED.place is FaultPlace.NODE
    assert LinkEnd.SILENT.place is FaultPlace.LINK
    assert LinkEnd.INTERNAL.place is FaultPlace.OWN_SIDE
    assert {end.place for end in LinkEnd} <= {FaultPlace.NODE, FaultPlace.LINK, FaultPlace.OWN_SIDE}


def test_how_long_a_link_was_down_counts_what_overlaps_once() -> None:
    hour = timedelta(hours=1)
    over = [
        OverLinkFault(STATE, AT, AT + 2 * hour),
        OverLinkFault(STATE, AT + hour, AT + 3 * hour),
        OverLinkFault(LILLE, AT - hour, AT),
    ]
    times = link_times(over, starts=AT, ends=AT + 24 * hour)
    assert {party: (each.faults, each.lost_s) for party, each in times.items()} == {STATE: (2, 3 * 3600.0)}


async def test_the_fault_of_a_link_to_a_party_that_left_is_over_and_was_not_restored(node: SmallNode) -> None:
    links = Links(node)
    watch = LinkFaultWatch(node.spine, lambda: links.states, node.clock)
    links.put(DOWN)
    node.clock.move(timedelta(seconds=LOST_FOR_S))
    told = ("link-fault-told", "link", None)
    assert await links.told(watch) == [told]
    down = links.states.pop(STATE)
    closed = ("link-closed", "link", None)
    assert await links.told(watch) == [told, closed]
    assert await links.told(watch) == [told, closed], "once"
    assert await node.spine.read(lambda snapshot: dict(snapshot.link_faults())) == {}
    over = await SqlFaults(node.database).links_over_since(AT - timedelta(days=1))
    assert [(each.party, each.back_at) for each in over] == [(STATE, node.clock.now())], "it counts until then"
    links.put(down)
    node.clock.move(timedelta(seconds=LOST_FOR_S))
    assert await links.told(watch) == [told, closed, told], "joined anew, its faults are told as any"


async def test_a_party_that_left_while_the_node_was_down_leaves_no_fault(node: SmallNode) -> None:
    links = Links(node)
    links.put(DOWN)
    node.clock.move(timedelta(seconds=LOST_FOR_S))
    await links.told(LinkFaultWatch(node.spine, lambda: links.states, node.clock))
    links.states.clear()
    again = await links.told(LinkFaultWatch(node.spine, lambda: links.states, node.clock))
    assert [cause for cause, _, _ in again] == ["link-fault-told", "link-closed"]

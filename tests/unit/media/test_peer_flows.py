"""One flow a camera and partner node, whatever the number of its viewers: when it begins, how long it lives, how it ends."""

from dataclasses import dataclass, field

import pytest

from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.media.peer_flows import IncomingFlows, OutgoingFlows
from belvedere.media.relay import BadSource, PeerSource, UnknownCamera
from tests.flows.conftest import MovedClock, NotingRelay

CITY, STATE, LILLE = PartyId("villeneuve-dascq"), PartyId("etat"), PartyId("lille")
ONE, TWO = CameraId("vda-001"), CameraId("vda-002")
V1, V2, V3 = (ViewingId(f"v-{number}") for number in (1, 2, 3))


@dataclass
class Owner:
    """The owner's flows, over a relay that notes what it is told."""

    clock: MovedClock = field(default_factory=MovedClock)
    relay: NotingRelay = field(default_factory=NotingRelay)

    def __post_init__(self) -> None:
        self.flows = OutgoingFlows(self.relay, self.clock)

    def admit(self, viewing: ViewingId, *, hold_ms: int = 10_000, party: PartyId = STATE) -> None:
        self.flows.admit(viewing, camera=ONE, party=party, hold_ms=hold_ms)

    def revoke(self, viewing: ViewingId, code: int = 4403, cause: Cause = Cause.SUSPENDED) -> None:
        assert self.flows.revoke(viewing, code=code, cause=cause, article=None)


def test_two_agents_of_one_party_make_one_flow_and_another_party_has_its_own() -> None:
    owner = Owner()
    owner.admit(V1)
    owner.admit(V2)
    owner.admit(V3, party=LILLE)
    flow, of_lille = owner.relay.serving
    assert len({flow, of_lille}) == 2
    assert all(owner.flows.is_flow(ViewingId(each)) for each in (flow, of_lille))
    assert not any(owner.flows.is_flow(each) for each in (V1, V2, V3))


def test_a_flow_ends_with_its_last_viewing_in_its_words() -> None:
    owner = Owner()
    owner.admit(V1)
    owner.admit(V2)
    owner.revoke(V1, 1000, Cause.CLOSED)
    assert owner.relay.revoked == []
    owner.revoke(V2)
    ((_, code, cause, _),) = owner.relay.revoked
    assert (code, cause) == (4403, Cause.SUSPENDED)
    assert not owner.flows.revoke(V2, code=4403, cause=Cause.SUSPENDED, article=None), "it is over"
    assert owner.flows.ticket_for(STATE, ONE) is None


def test_a_flow_lives_as_long_as_the_longest_of_its_viewings_and_no_longer_than_those_that_are_left() -> None:
    owner = Owner()
    owner.admit(V1, hold_ms=10_000)
    owner.admit(V2, hold_ms=3_000)
    (flow,) = owner.relay.serving
    assert owner.relay.admitted[flow] == 10_000, "one that ends soon does not shorten the others"
    owner.clock.move_s(1)
    assert owner.flows.extend(V2, hold_ms=500)
    assert owner.relay.extended[-1] == (flow, 9_000)
    owner.revoke(V1)
    assert owner.relay.extended[-1] == (flow, 500), "nor does one that is over lengthen them"
    assert not owner.flows.extend(V1, hold_ms=10_000)


def test_a_ticket_is_of_the_partys_own_flow_and_lets_a_flow_in_again_that_the_relay_lost() -> None:
    owner = Owner()
    assert owner.flows.ticket_for(STATE, ONE) is None
    owner.admit(V1)
    assert owner.flows.ticket_for(LILLE, ONE) is None
    assert owner.flows.ticket_for(STATE, TWO) is None
    owner.relay.admitted.clear()
    ticket = owner.flows.ticket_for(STATE, ONE)
    assert ticket is not None
    assert "/" not in ticket
    assert owner.flows.carried_by(ViewingId(owner.relay.tickets[-1])) == (V1,)


@dataclass
class Beneficiary:
    """The flows to a node that owns the second camera, and takes down what it asks for."""

    relay: NotingRelay = field(default_factory=NotingRelay)
    asked: list[tuple[PartyId, CameraId]] = field(default_factory=list)
    told: list[CameraId] = field(default_factory=list)
    sources: dict[PartyId, PeerSource] = field(default_factory=lambda: {CITY: PeerSource("wss://city.example:1", CITY)})

    def __post_init__(self) -> None:
        self.flows = IncomingFlows(self.relay, self.sources, {ONE: CITY}.get, self.told.extend)
        self.flows.ask_over(lambda owner, camera: self.asked.append((owner, camera)))


def test_a_camera_is_known_from_its_first_viewing_to_its_last_and_its_ticket_asked_for_once() -> None:
    here = Beneficiary()
    for viewing in (V1, V1, V2):
        here.flows.begin(viewing, ONE)
    assert (list(here.relay.peer_sources), here.asked) == ([ONE], [(CITY, ONE)])
    assert set(here.flows.watching(ONE)) == {V1, V2}
    here.flows.end(V1)
    assert list(here.relay.peer_sources) == [ONE]
    here.flows.end(V2)
    here.flows.end(V2)
    assert (list(here.relay.peer_sources), here.told) == ([], [ONE])
    here.flows.begin(V3, ONE)
    assert here.asked == [(CITY, ONE)] * 2


def test_a_camera_of_the_node_itself_is_asked_of_nobody() -> None:
    here = Beneficiary()
    here.flows.begin(V1, TWO)
    here.flows.end(V1)
    assert (here.relay.peer_sources, here.asked, here.told) == ({}, [], [])


def test_a_ticket_goes_to_the_camera_that_its_owner_told_it_for_while_it_is_watched() -> None:
    here = Beneficiary()
    here.flows.take_ticket(CITY, ONE, "early")
    here.flows.begin(V1, ONE)
    assert here.flows.without_ticket(CITY) == [ONE]
    here.flows.take_ticket(LILLE, ONE, "anothers")
    here.flows.take_ticket(CITY, ONE, "T-1")
    assert here.relay.given == [(ONE, "/peer-media/T-1")]
    assert here.flows.without_ticket(CITY) == []
    here.flows.ticket_wanted(ONE)
    assert here.flows.without_ticket(CITY) == [ONE]
    here.flows.ticket_wanted(TWO)
    assert here.asked == [(CITY, ONE)] * 2


def test_without_an_address_for_its_owners_pictures_nothing_is_admitted() -> None:
    here = Beneficiary(sources={})
    with pytest.raises(BadSource, match="media"):
        here.flows.begin(V1, ONE)
    assert not here.flows.knows(ONE)


def test_a_relay_that_forgot_the_camera_is_no_fault_of_the_viewings_end() -> None:
    class Forgetful(NotingRelay):
        def remove_camera(self, camera: CameraId) -> None:
            raise UnknownCamera(camera)

    here = Beneficiary(relay=Forgetful())
    here.flows.begin(V1, ONE)
    here.flows.end(V1)
    assert not here.flows.knows(ONE)

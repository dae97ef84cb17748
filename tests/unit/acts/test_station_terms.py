"""A station for a time shows images to the end of its last day, and what is watched there ends with it. Rules A22."""

from dataclasses import replace
from datetime import timedelta

import pytest

from belvedere.agents.stations import RegisterStation, StationDesk, TermPassed, register_station
from belvedere.changes import HabilitationRenewed, StationRegistered, ViewingEnded
from belvedere.clock import SystemIds
from belvedere.domain.agents import Habilitation, Station
from belvedere.domain.causes import Cause
from belvedere.domain.ids import EventId
from belvedere.policy.openings import end_of_day
from belvedere.rights.review import review
from belvedere.spine.step import Step
from tests.unit.changes.small_city import AT, CITY, TODAY, account, requester, station, subject
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
SUPERVISOR = requester("cic-supervisor")


async def test_a_vehicle_is_a_station_to_the_end_of_its_last_day(node: SmallNode) -> None:
    desk = StationDesk(node.spine, SystemIds(), owner=CITY)
    await desk.register(SUPERVISOR, "véhicule de commandement", until=TODAY + timedelta(days=2))
    (change,) = node.follower.of(StationRegistered)
    (record,) = await node.records(kind="station", cause="registered")
    assert record["detail"]["until"] == "2026-03-27"
    vehicle, agent, zone = change.station, SUPERVISOR.agent, node.place.zone
    last = end_of_day(TODAY + timedelta(days=2), zone)
    moments = (AT, last - timedelta(seconds=1), last)
    standings = await node.spine.read(lambda snapshot: [snapshot.standing(agent, vehicle.id, at) for at in moments])
    assert [each.station_registered for each in standings] == [True, True, False]
    assert {each.registered_until for each in standings} == {last}


async def test_a_day_that_has_passed_registers_nothing(node: SmallNode) -> None:
    command = RegisterStation(SUPERVISOR, station("srpj").id, "stade", b"9" * 32, TODAY - timedelta(days=1))
    step = await node.spine.read(lambda snapshot: register_station(snapshot, command, AT))
    assert (step.answer, step.changes) == (TermPassed(), ())
    today = RegisterStation(SUPERVISOR, station("srpj").id, "stade", b"9" * 32, TODAY)
    step = await node.spine.read(lambda snapshot: register_station(snapshot, today, AT))
    assert isinstance(step.answer, Station)


async def test_what_is_watched_at_a_station_ends_with_its_last_day(node: SmallNode) -> None:
    known = station("cic-operator")
    temporary = Station(known.id, known.party, known.label, known.secret_sha256, service=known.service, until=TODAY)
    officer = replace(account("cic-operator"), habilitation=Habilitation("acte", TODAY, None))
    await node.make(
        StationRegistered(temporary, subject("cic-supervisor"), AT), HabilitationRenewed(officer, False, AT)
    )
    viewing = await node.opened("cic-operator", 4, EventId("e-1"), name="v-temporary")
    last = end_of_day(TODAY, node.place.zone)
    assert viewing.valid_until == last, "the relay itself stops it then"
    node.clock.at = last
    await node.spine.commit(lambda snapshot, now: Step(None, review(snapshot, now, lambda each: each.id == viewing.id)))
    (ended,) = [each for each in node.follower.of(ViewingEnded) if each.viewing.id == viewing.id]
    assert ended.ending.cause is Cause.STATION_UNREGISTERED

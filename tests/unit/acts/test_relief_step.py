"""A relief: what changes hands, what ends, and who may not take over."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from belvedere.acts.relief import HandedOver, MayNotRelieve, Relieve, relieve
from belvedere.changes import (
    Change,
    EventClosed,
    EventKept,
    HabilitationRenewed,
    SessionRelieved,
    StationEnded,
    StreamSuspended,
    ViewingEnded,
    ViewingRelieved,
)
from belvedere.domain.agents import Habilitation, Session
from belvedere.domain.causes import Cause
from belvedere.spine.after import After
from belvedere.spine.step import Step
from tests.unit.changes.small_city import (
    AT,
    CITY,
    REF,
    RUNNING,
    STATE,
    TODAY,
    ZONE,
    account,
    event,
    opened,
    requester,
    session,
    station,
    subject,
    suspension,
    viewing,
)
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
FORMER, RELIEF = requester("cic-second"), replace(requester("cic-operator", 1), station=requester("cic-second").station)
MIDNIGHT = datetime.combine(TODAY + timedelta(days=1), time(0), ZONE)


async def step(node: SmallNode, command: Relieve, *changes: Change) -> Step[HandedOver | MayNotRelieve]:
    """Return the step on a state in which these changes were made before."""
    return await node.spine.read(lambda now: relieve(After(now, changes), command, AT))


async def test_the_reliefs_session_takes_the_formers_place_and_its_pictures(node: SmallNode) -> None:
    found = await step(node, Relieve(FORMER, RELIEF))
    assert found.answer == HandedOver(1)
    swapped, handed = found.changes
    new = Session(RELIEF.session_sha256, RELIEF.agent, RELIEF.station, AT, AT)
    assert swapped == SessionRelieved(session("cic-second").cookie_sha256, new, STATE)
    assert isinstance(handed, ViewingRelieved)
    assert handed == ViewingRelieved(
        replace(
            RUNNING[1],
            service=RELIEF.service,
            agent=RELIEF.agent,
            pseudonym=RELIEF.pseudonym,
            agent_label=RELIEF.label,
            session_sha256=RELIEF.session_sha256,
            valid_until=MIDNIGHT.astimezone(AT.tzinfo),
        ),
        former=FORMER.pseudonym,
        by=replace(subject("cic-operator"), station=str(FORMER.station)),
        at=AT,
        convention=REF,
    ), "it runs to the relief's last day, no longer to the former's"


async def test_an_agent_that_relieves_itself_begins_its_session_anew_and_nothing_is_told(node: SmallNode) -> None:
    again = requester("csu-operator", 1)
    found = await step(node, Relieve(requester("csu-operator"), again))
    assert found.answer == HandedOver(1)
    handed = [change for change in found.changes if isinstance(change, ViewingRelieved)]
    assert [(change.viewing.id, change.former, change.viewing.session_sha256) for change in handed] == [
        ("v-4", None, again.session_sha256)
    ]
    (swapped,) = (change for change in found.changes if isinstance(change, SessionRelieved))
    assert swapped.party == CITY


async def test_open_events_get_the_relief_as_their_keeper_and_closed_ones_stay(node: SmallNode) -> None:
    closed = EventClosed(event("e-4", closed_at=AT, motive="fini"), subject("cic-operator"), AT, REF)
    found = await step(node, Relieve(requester("cic-operator"), requester("cic-second", 1)), closed)
    kept = [change.event for change in found.changes if isinstance(change, EventKept)]
    who = account("cic-second")
    assert kept == [event("e-1", kept_by=who.agent, kept_by_pseudonym=who.pseudonym)]
    assert kept[0].opened_by == account("cic-operator").agent


async def test_what_the_relief_may_not_watch_ends_and_is_not_handed_over(node: SmallNode) -> None:
    more = opened(viewing("v-5", "cic-second", 4, "e-1"))
    stopped = StreamSuspended(suspension(4, "v-x"), (), subject("police-director"), AT, REF)
    found = await step(node, Relieve(FORMER, RELIEF), more, stopped)
    assert found.answer == HandedOver(1)
    ended = [change for change in found.changes if isinstance(change, ViewingEnded)]
    handed = [change for change in found.changes if isinstance(change, ViewingRelieved)]
    assert [(change.viewing.id, change.ending.cause) for change in ended] == [("v-5", Cause.SUSPENDED)]
    assert [change.viewing.id for change in handed] == ["v-2"]
    assert ended[0].viewing.agent == RELIEF.agent
    kinds = [type(change) for change in found.changes]
    assert kinds == [SessionRelieved, ViewingEnded, ViewingRelieved], "the ends before what goes on"


async def test_who_lacks_a_habilitation_or_a_station_of_its_own_party_does_not_take_over(node: SmallNode) -> None:
    yesterday = Habilitation("acte", date(2022, 1, 1), date(2026, 3, 24))
    over = HabilitationRenewed(replace(account("cic-operator"), habilitation=yesterday), False, AT)
    assert await step(node, Relieve(FORMER, RELIEF), over) == Step(MayNotRelieve(Cause.NOT_HABILITATED))
    gone = StationEnded(replace(station("cic-second"), ended_at=AT), subject("cic-supervisor"), AT)
    assert await step(node, Relieve(FORMER, RELIEF), gone) == Step(MayNotRelieve(Cause.STATION_UNREGISTERED))
    elsewhere = replace(RELIEF, station=station("csu-operator").id)
    assert await step(node, Relieve(FORMER, elsewhere)) == Step(MayNotRelieve(Cause.STATION_UNREGISTERED))


async def test_the_pictures_of_others_stay_with_them(node: SmallNode) -> None:
    found = await step(node, Relieve(requester("cic-supervisor"), requester("cic-second", 1)))
    assert found.answer == HandedOver(0)
    assert [type(change) for change in found.changes] == [SessionRelieved]

"""The facts on which a convention decides, gathered from one state, and until when a right runs."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from belvedere.changes import AuthorisationDeclared, Change, HoursAnnounced, RoomDeclared, StationEnded
from belvedere.domain.causes import Cause
from belvedere.domain.centre import CentreState, HoursVaried
from belvedere.domain.decision import Granted
from belvedere.domain.ids import PartyId
from belvedere.domain.record import ConventionRef
from belvedere.domain.request import (
    AgentFacts,
    CameraFacts,
    DecisionRequest,
    EventFacts,
    Holder,
    HoursOverride,
    OwnerIsSteering,
    StateFacts,
    SuspensionFacts,
)
from belvedere.domain.standing import Standing
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action, EventKind, Role, SuspensionGround
from belvedere.rights.facts import (
    asked_by,
    convention_ref,
    earlier,
    event_facts,
    hours_override_at,
    request_to_decide,
    runs_until,
    stranger,
)
from belvedere.spine.after import After
from belvedere.spine.snapshot import Snapshot
from tests.unit.changes import small_city
from tests.unit.changes.small_city import (
    AT,
    CITY,
    REF,
    STATE,
    SUSPENDED_CAMERA,
    TODAY,
    ZONE,
    camera,
    event,
    requester,
    station,
    subject,
    suspended,
    watched,
)
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
BY = subject("police-director")
SOON, LATER = AT + timedelta(hours=1), AT + timedelta(hours=2)


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        (None, None, None),
        (None, SOON, SOON),
        (SOON, None, SOON),
        (SOON, LATER, SOON),
        (LATER, SOON, SOON),
        (SOON, SOON, SOON),
    ],
)
def test_the_earlier_of_two_instants_counts_and_none_is_never(
    one: datetime | None, other: datetime | None, first: datetime | None
) -> None:
    assert earlier(one, other) == first
    granted = Granted((), Text("Oui.", "Yes."), valid_until=one)
    assert runs_until(granted, Standing(True, True, other)) == first


def announced(day: date, opens: time, closes: time) -> HoursAnnounced:
    return HoursAnnounced(day, HoursVaried(day, opens, closes, "fête"), "fête", BY, AT, REF)


INTO_THE_NIGHT = announced(TODAY, time(18), time(2))
BY_DAY = announced(TODAY + timedelta(days=1), time(9), time(12))
NIGHT, DAY = HoursOverride(time(18), time(2)), HoursOverride(time(9), time(12))


@pytest.mark.parametrize(
    ("changes", "day", "hour", "override"),
    [
        ((), TODAY, time(12), None),
        ((INTO_THE_NIGHT,), TODAY, time(12), NIGHT),
        ((INTO_THE_NIGHT,), TODAY + timedelta(days=1), time(1, 59), NIGHT),
        ((INTO_THE_NIGHT,), TODAY + timedelta(days=1), time(2), None),
        ((INTO_THE_NIGHT, BY_DAY), TODAY + timedelta(days=1), time(1, 59), NIGHT),
        ((INTO_THE_NIGHT, BY_DAY), TODAY + timedelta(days=1), time(2), DAY),
        ((BY_DAY,), TODAY + timedelta(days=1), time(23), DAY),
        ((BY_DAY,), TODAY + timedelta(days=2), time(9), None),
        ((announced(TODAY, time(9), time(9)),), TODAY + timedelta(days=1), time(8), HoursOverride(time(9), time(9))),
    ],
)
async def test_the_hours_of_a_night_are_those_of_its_eve_until_that_opening_ends(
    node: SmallNode, changes: tuple[Change, ...], day: date, hour: time, override: HoursOverride | None
) -> None:
    at = datetime.combine(day, hour, ZONE)
    assert await node.spine.read(lambda now: hours_override_at(After(now, changes), at=at, zone=ZONE)) == override


async def test_a_request_carries_every_fact_of_the_state_and_nothing_else(node: SmallNode) -> None:
    changes: list[Change] = [
        RoomDeclared(CentreState(inactive=True), "évacuation", BY, AT, REF),
        announced(TODAY, time(10), time(19)),
        suspended(1, "v-x"),
    ]
    asked = asked_by(
        requester("cic-operator"),
        Action.VIEW,
        watched(1),
        at=AT,
        event=event("e-1", motive="rixe"),
        purpose="verbalisation",
    )
    assert asked.camera == watched(1)
    found = await node.spine.read(lambda now: request_to_decide(After(now, changes), asked, zone=ZONE))
    assert found == DecisionRequest(
        action=Action.VIEW,
        at=AT,
        agent=AgentFacts(party="etat", service="cic", habilitated=True, station_registered=True),
        camera=CameraFacts(
            id="vda-001",
            owner="villeneuve-dascq",
            commune="Villeneuve-d'Ascq",
            zone="centre",
            camera_class="voie-publique",
            authorised_until=date(2031, 12, 2),
            ptz=False,
        ),
        event=EventFacts(kind=EventKind.LEVEE_DE_DOUTE, open=True, motive="given"),
        purpose="verbalisation",
        state=StateFacts(
            streams_in_use=2,
            camera_in_use=True,
            holders=(Holder("vda-001", "cic"), Holder("vda-002", "srpj")),
            hours_override=HoursOverride(time(10), time(19)),
            centre_inactive=True,
            owner_is_steering=OwnerIsSteering.UNKNOWN,
            authorisation_withdrawn=False,
            suspended=SuspensionFacts(ground=SuspensionGround.MASK_FAULT, by_role=Role.POLICE_DIRECTOR),
        ),
    )


async def test_a_request_says_what_is_not_the_case_too(node: SmallNode) -> None:
    changes: list[Change] = [
        AuthorisationDeclared(CentreState(authorisation_withdrawn=True), "arrêté", BY, AT, REF),
        StationEnded(replace(station("cic-second"), ended_at=AT), BY, AT),
    ]
    asked = asked_by(requester("cic-second"), Action.TAKE_PTZ, watched(6), at=AT, event=None)

    def look(now: Snapshot) -> DecisionRequest:
        return request_to_decide(After(now, changes), asked, zone=ZONE)

    found = await node.spine.read(look)
    assert (found.action, found.event, found.purpose) == (Action.TAKE_PTZ, None, None)
    assert (found.agent.habilitated, found.agent.station_registered, found.camera.ptz) == (True, False, True)
    state = found.state
    assert (state.camera_in_use, state.suspended, state.hours_override) == (False, None, None)
    assert (state.centre_inactive, state.authorisation_withdrawn) == (False, True)


async def test_the_convention_that_a_record_names_is_the_partys_own_or_none(node: SmallNode) -> None:
    found = await node.spine.read(
        lambda now: [convention_ref(now, party) for party in (CITY, STATE, PartyId("nobody"))]
    )
    assert found == [REF, REF, None]
    assert isinstance(found[0], ConventionRef)


def test_a_stranger_is_refused_without_an_article_and_an_event_is_told_as_far_as_it_counts() -> None:
    refused = stranger()
    assert (refused.cause, refused.articles, refused.remedy) == (Cause.STRANGER, (), None)
    assert event_facts(None) is None
    closed = event_facts(event("e-2", closed_at=AT))
    assert closed == EventFacts(kind=EventKind.LEVEE_DE_DOUTE, open=False, motive=None)


async def test_of_another_owners_camera_its_own_facts_are_not_guessed_from_this_nodes(tmp_path: Path) -> None:
    """A party that owns cameras too is held by its own declarations for its own alone; what flows to it from others is apart."""
    city = small_city.place()
    cameras = dict(small_city.Inventory({camera(number): watched(number) for number in range(1, 13)}).by_id)
    cameras[camera(2)] = watched(2, owner=PartyId("lille"))
    told = small_city.Inventory(cameras, told=True)
    async with small_node(tmp_path, replace(city, party=STATE, cameras=told)) as node:
        declared = CentreState(inactive=True, authorisation_withdrawn=True)
        await node.make(RoomDeclared(declared, "panne", BY, AT, REF))

        def work(snapshot: Snapshot) -> DecisionRequest:
            asked = asked_by(requester("cic-operator"), Action.VIEW, watched(SUSPENDED_CAMERA), at=AT, event=None)
            return request_to_decide(snapshot, asked, zone=ZONE)

        state = (await node.spine.read(work)).state
        assert (state.centre_inactive, state.authorisation_withdrawn, state.suspended) == (False, False, None)
        # Of the two cameras that flow to it, one is of another owner.
        assert (state.streams_in_use, {each.camera for each in state.holders or ()}) == (1, {camera(1)})

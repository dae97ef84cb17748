"""What is no longer granted ends, with its cause, its code and the facts that the rule read; the rest goes on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from belvedere.changes import (
    Change,
    EventClosed,
    HabilitationEnded,
    HabilitationRenewed,
    StationEnded,
    ViewingEnded,
    ViewingProlonged,
)
from belvedere.domain.agents import Habilitation
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import Pseudonym, ServiceId
from belvedere.domain.record import EventRef
from belvedere.domain.viewings import EXPIRED, REVOKED, Ending, Viewing
from belvedere.rights import endings
from belvedere.rights.review import Reviewed, convention_of, end, endings_of, every, review
from belvedere.spine.after import After
from belvedere.spine.snapshot import Snapshot
from tests.unit.changes.small_city import (
    AT,
    REF,
    RUNNING,
    TODAY,
    ZONE,
    account,
    camera,
    event,
    opened,
    station,
    subject,
    suspended,
    viewing,
)
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
MIDNIGHT = datetime.combine(TODAY + timedelta(days=1), time(0), ZONE)
"""When the last day of `cic-operator` is over, and `v-1` with it."""
SECOND = timedelta(seconds=1)
BY = subject("police-director")


async def reviewed(
    node: SmallNode, *changes: Change, at: Instant = AT, ahead: timedelta = timedelta(0)
) -> Sequence[Reviewed]:
    """Return what becomes of the viewings once these changes are made."""
    return await node.spine.read(lambda now: review(After(now, changes), at, ahead=ahead))


def told(changes: Sequence[Reviewed]) -> dict[str, tuple[Cause, int]]:
    return {each.viewing.id: (each.ending.cause, each.ending.code) for each in endings_of(changes)}


async def test_where_nothing_changed_nothing_becomes_of_a_viewing(node: SmallNode) -> None:
    assert await reviewed(node) == ()


async def test_a_viewing_ends_at_its_term_and_a_moment_before_it_where_the_relays_clock_is_early(
    node: SmallNode,
) -> None:
    over = {"v-1": (Cause.NOT_HABILITATED, EXPIRED)}
    assert told(await reviewed(node, at=MIDNIGHT)) == over
    assert told(await reviewed(node, at=MIDNIGHT - SECOND)) == {}
    assert told(await reviewed(node, at=MIDNIGHT - SECOND, ahead=SECOND)) == over
    assert told(await reviewed(node, at=MIDNIGHT - 2 * SECOND, ahead=SECOND)) == {}
    assert told(await reviewed(node, at=MIDNIGHT + SECOND, ahead=SECOND)) == over


async def test_what_is_withdrawn_before_its_term_is_revoked(node: SmallNode) -> None:
    yesterday = replace(account("cic-second"), habilitation=Habilitation("acte", date(2022, 1, 1), date(2026, 3, 24)))
    ended = await reviewed(node, HabilitationEnded(yesterday, Pseudonym("p"), "acte", AT))
    assert told(ended) == {"v-2": (Cause.NOT_HABILITATED, REVOKED)}
    (end_,) = endings_of(ended)
    assert end_.facts["agent.habilitated"] is False
    assert end_.ending.articles


async def test_an_end_carries_its_convention_its_event_and_the_facts_that_the_rule_read(node: SmallNode) -> None:
    closed = event("e-1", closed_at=AT, motive="fini")
    for change in await reviewed(node, EventClosed(closed, subject("cic-operator"), AT, REF)):
        assert isinstance(change, ViewingEnded)
        assert (change.at, change.convention, change.event) == (AT, REF, EventRef("e-1", "levee-de-doute"))
        assert change.facts["event.open"] is False
        assert change.ending.cause is Cause.EVENT_CLOSED
        assert change.viewing.id in {"v-1", "v-2"}


async def test_a_suspended_flow_ends_with_the_ground_and_the_directors_words(node: SmallNode) -> None:
    change = suspended(1, "v-1", "v-2")
    ended = endings_of(await reviewed(node, change))
    assert {each.viewing.id for each in ended} == {"v-1", "v-2"}
    for each in ended:
        assert (each.ending.cause, each.ending.code) == (Cause.SUSPENDED, REVOKED)
        assert "défaut de masquage" in each.ending.reason.fr
        assert "masque tombé" in each.ending.reason.fr
        assert each.ending.articles
        assert "state.suspended" in " ".join(each.facts)


async def test_in_the_own_room_a_habilitation_and_a_station_that_end_end_its_pictures_too(node: SmallNode) -> None:
    undesignated = HabilitationEnded(replace(account("csu-operator"), habilitation=None), Pseudonym("p"), "acte", AT)
    unregistered = StationEnded(replace(station("csu-operator"), ended_at=AT), BY, AT)
    assert {name: cause for name, (cause, _) in told(await reviewed(node, undesignated)).items()} == {
        "v-4": Cause.NOT_HABILITATED
    }
    assert {name: cause for name, (cause, _) in told(await reviewed(node, unregistered)).items()} == {
        "v-4": Cause.STATION_UNREGISTERED
    }
    both = told(await reviewed(node, undesignated, unregistered))
    assert {name: cause for name, (cause, _) in both.items()} == {"v-4": Cause.NOT_HABILITATED}


async def test_a_habilitation_that_is_renewed_prolongs_what_runs(node: SmallNode) -> None:
    (longer,) = await reviewed(node, HabilitationRenewed(account("cic-operator"), False, AT))
    assert isinstance(longer, ViewingProlonged)
    assert longer.viewing.id == "v-1"
    assert longer.viewing.valid_until is None or longer.viewing.valid_until > MIDNIGHT


async def test_a_viewing_whose_camera_is_known_no_more_expires_under_no_convention(node: SmallNode) -> None:
    node.place.cameras.by_id.pop(camera(1))  # type: ignore[attr-defined]  # the small city's inventory
    ended = endings_of(await reviewed(node))
    assert {each.viewing.id: (each.ending, each.convention) for each in ended} == {
        "v-1": (endings.expired(), None),
        "v-2": (endings.expired(), None),
    }
    assert await node.spine.read(lambda now: convention_of(now, RUNNING[0])) is None
    assert await node.spine.read(lambda now: convention_of(now, RUNNING[3])) is not None


async def test_only_what_is_picked_is_decided_again_or_ended(node: SmallNode) -> None:
    closed = EventClosed(event("e-1", closed_at=AT), subject("cic-operator"), AT, REF)

    def look(now: Snapshot) -> tuple[Sequence[object], Sequence[ViewingEnded], Sequence[ViewingEnded]]:
        after = After(now, [closed])
        return (
            review(after, AT, lambda each: each.id == "v-3"),
            endings_of(end(now, AT, lambda each: each.service == ServiceId("srpj"), lambda _: endings.session_ended())),
            endings_of(end(now, AT, every, _by_name)),
        )

    none, one, everything = await node.spine.read(look)
    assert none == ()
    assert [(each.viewing.id, each.ending, dict(each.facts)) for each in one] == [("v-3", endings.session_ended(), {})]
    assert [(each.viewing.id, each.ending.cause) for each in everything] == [
        ("v-1", Cause.CLOSED),
        *((name, Cause.RESTART) for name in ("v-2", "v-3", "v-4")),
    ]
    assert everything[3].event is None


def _by_name(each: Viewing) -> Ending:
    return endings.closed_by_agent() if each.id == "v-1" else endings.restarted()


async def test_two_who_ask_otherwise_are_not_decided_as_one(node: SmallNode) -> None:
    """What was asked once is decided once: of one camera, by agents of one service, for events that differ."""
    others = [
        opened(viewing("v-5", "cic-operator", 1, "e-4")),
        opened(viewing("v-6", "cic-operator", 1, None)),
    ]
    ended = told(await reviewed(node, *others))
    assert ended.keys() == {"v-5", "v-6"}, "an event that is not there, and none"

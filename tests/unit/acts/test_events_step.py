"""Who opens, completes and closes an event, and what it says then."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from belvedere.acts.events import (
    AlreadyClosed,
    AmendEvent,
    EventUnknown,
    EventWords,
    MotiveOwed,
    NotYoursToClose,
    NotYoursToComplete,
    OpenEvent,
    amend_event,
    open_event,
)
from belvedere.changes import Change, EventAmended, EventClosed, EventKept, EventOpened
from belvedere.domain.events import Event
from belvedere.domain.ids import EventId, PartyId
from belvedere.domain.requester import Requester
from belvedere.domain.vocabulary import EventKind, Role
from belvedere.spine.after import After
from tests.unit.changes.small_city import AT, REF, account, event, requester, subject, words
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
OPENER, COLLEAGUE, SUPERVISOR = requester("cic-operator"), requester("cic-second"), requester("cic-supervisor")
OTHER_SERVICE = requester("srpj")


def amend(who: Requester, name: str = "e-1", *, close: bool = False, **texts: str) -> AmendEvent:
    return AmendEvent(who, EventId(name), typed(**texts), close)


def typed(**texts: str) -> EventWords:
    return EventWords(**{name: words(text) for name, text in texts.items()})


async def answer(node: SmallNode, command: AmendEvent, *changes: Change) -> object:
    """Return the answer to a command, given what happened before."""
    return await node.spine.read(lambda now: amend_event(After(now, changes), command, AT).answer)


async def test_an_event_is_opened_by_its_keeper_with_the_words_that_are_there(node: SmallNode) -> None:
    said = typed(sector="Centre", motive="rixe", dispatch_number="26-77")
    command = OpenEvent(OPENER, EventKind.TROUBLE_GRAVE, said, "e-new")
    step = await node.spine.read(lambda now: open_event(now, command, AT))
    who = account("cic-operator")
    opened = Event(
        id=EventId("e-new"),
        party=who.party,
        kind=EventKind.TROUBLE_GRAVE,
        opened_at=AT,
        opened_by=who.agent,
        opened_by_pseudonym=who.pseudonym,
        kept_by=who.agent,
        kept_by_pseudonym=who.pseudonym,
        sector=words("Centre"),
        motive=words("rixe"),
        dispatch_number=words("26-77"),
    )
    assert (step.answer, step.changes) == (opened, (EventOpened(opened, subject("cic-operator"), AT, REF),))


@pytest.mark.parametrize("close", [True, False])
async def test_another_partys_event_is_as_unknown_as_none_and_a_closed_one_is_left(
    node: SmallNode, close: bool
) -> None:
    given: dict[str, Any] = {"motive": "rixe", "close": close}
    assert await answer(node, amend(requester("csu-operator"), **given)) == EventUnknown()
    assert await answer(node, amend(OPENER, "e-nowhere", **given)) == EventUnknown()
    closed = EventClosed(event("e-1", closed_at=AT, motive="fini"), subject("cic-operator"), AT, REF)
    assert await answer(node, amend(OPENER, **given), closed) == AlreadyClosed()


async def test_its_words_are_its_openers_its_reliefs_and_its_services_to_give(node: SmallNode) -> None:
    for who in (OPENER, COLLEAGUE, SUPERVISOR):
        assert isinstance(await answer(node, amend(who, motive="rixe")), Event)
    given: list[dict[str, Any]] = [{"motive": "rixe"}, {"sector": "Centre"}, {"dispatch_number": "26-77"}, {}]
    for texts in given:
        assert await answer(node, amend(OTHER_SERVICE, **texts)) == NotYoursToComplete()
        refused = NotYoursToComplete() if texts else NotYoursToClose()
        assert await answer(node, amend(OTHER_SERVICE, close=True, **texts)) == refused
    relief = EventKept(replace(event("e-1"), kept_by=OTHER_SERVICE.agent, kept_by_pseudonym=OTHER_SERVICE.pseudonym))
    assert isinstance(await answer(node, amend(OTHER_SERVICE, motive="rixe"), relief), Event)


async def test_it_is_closed_by_its_opener_its_relief_or_a_supervisor_once_its_motive_is_given(node: SmallNode) -> None:
    assert await answer(node, amend(OPENER, close=True)) == MotiveOwed()
    assert await answer(node, amend(COLLEAGUE, close=True, motive="fini")) == NotYoursToClose()
    assert await answer(node, amend(COLLEAGUE, close=True)) == NotYoursToClose()
    for who in (OPENER, SUPERVISOR, replace(COLLEAGUE, role=Role.CIC_SUPERVISOR)):
        closed = await answer(node, amend(who, close=True, motive="fini"))
        assert isinstance(closed, Event)
        assert (closed.closed_at, closed.motive) == (AT, words("fini"))
    worded = EventAmended(event("e-1", motive="rixe"), subject("cic-operator"), AT, REF)
    already = await answer(node, amend(OPENER, close=True), worded)
    assert isinstance(already, Event)
    assert (already.closed_at, already.motive) == (AT, words("rixe"))


async def test_what_is_not_given_stays_and_what_is_given_replaces_it(node: SmallNode) -> None:
    before = event("e-1", motive="rixe", dispatch_number="26-77", sector="Centre")
    worded = EventAmended(before, subject("cic-operator"), AT, REF)
    for name, text in (("motive", "attroupement"), ("dispatch_number", "26-78"), ("sector", "Pont")):
        typing: dict[str, Any] = {name: text}
        changed: dict[str, Any] = {name: words(text)}
        assert await answer(node, amend(OPENER, **typing), worded) == replace(before, **changed)
    assert await answer(node, amend(OPENER), worded) == before


async def test_what_is_done_is_told_with_who_and_under_which_text(node: SmallNode) -> None:
    for close, kind in ((False, EventAmended), (True, EventClosed)):
        command = amend(SUPERVISOR, motive="fini", close=close)
        step = await node.spine.read(partial(amend_event, command=command, now=AT))
        told = step.changes[0]
        assert type(told) is kind
        assert isinstance(step.answer, Event)
        assert told == kind(step.answer, subject("cic-supervisor"), AT, REF)
    assert await node.spine.read(lambda now: amend_event(now, amend(OTHER_SERVICE), AT).changes) == ()


async def test_a_party_that_no_text_binds_tells_its_events_under_none(node: SmallNode) -> None:
    stranger = replace(OPENER, party=PartyId("nobody"))
    step = await node.spine.read(lambda now: open_event(now, OpenEvent(stranger, EventKind.INTERVENTION, id="e"), AT))
    (told,) = step.changes
    assert isinstance(told, EventOpened)
    assert told.convention is None


def test_an_end_passes_where_openings_no_longer_do() -> None:
    assert amend(OPENER, close=True).essential
    assert not amend(OPENER, motive="rixe").essential
    assert not OpenEvent(OPENER, EventKind.INTERVENTION).essential
    assert all(typed(**{name: "mot"}) for name in ("motive", "dispatch_number", "sector"))
    assert not amend(OPENER, close=True).said

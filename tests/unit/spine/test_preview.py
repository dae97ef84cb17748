"""What is foreseen is the step itself, not committed: the same endings, the same decision, and nothing is written."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from belvedere.acts.centre import CentreDesk, DeclareAuthorisation, DeclareRoom, declare_authorisation, declare_room
from belvedere.acts.conventions import ConventionDesk, ForeseenReplacement
from belvedere.acts.open_stream import OpenStream, open_stream
from belvedere.acts.preview import OwnerHeard, Preview, Previewed, Previewer
from belvedere.acts.terms import ForeseenTerm, TermDesk
from belvedere.changes import Change, Decided, TermAnnounced, ViewingEnded
from belvedere.domain.causes import Cause
from belvedere.domain.centre import CentreState
from belvedere.domain.convention_texts import TermWord
from belvedere.domain.decision import Granted, Refused
from belvedere.domain.ids import EventId, PartyId
from belvedere.domain.vocabulary import Action
from belvedere.policy import Convention
from belvedere.rights.review import review
from belvedere.spine.in_force import InForce
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step
from tests.unit.acts.every_act import NO_DOUBT, settled
from tests.unit.changes import small_city
from tests.unit.changes.small_city import (
    AT,
    CITY,
    CONVENTION,
    MARKDOWN,
    STATE,
    TODAY,
    camera,
    requester,
    text,
    told,
)
from tests.unit.spine.same_state import differences, read
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
DIRECTOR = requester("police-director")
Foreseen = list[tuple[object, ...]]


class EverybodySigned:
    """Every party has signed every text (implements `acts.conventions.Signatures`)."""

    def missing(self, *, convention: str, sha256: str, note: str) -> list[str]:
        return []


@pytest.fixture
async def city(node: SmallNode) -> SmallNode:
    """The small city, once every viewing has been decided again."""
    await settled(node)
    return node


async def unchanged_by(city: SmallNode, ask: Callable[[], Awaitable[object]]) -> object:
    """Return what `ask` returns, which has written nothing and made nothing follow."""
    records, before = len(await city.records()), await city.spine.read(read)
    answer = await ask()
    after = await city.spine.read(read)
    assert (len(await city.records()), city.follower.told, differences(before, after)) == (records, [], [])
    return answer


def endings(ended: object) -> Foreseen:
    """Return what ends, how, and on which facts: all that a person is shown of it, and the record."""
    assert isinstance(ended, list | tuple)
    return [
        (each.viewing, each.ending, each.at, each.convention, each.event, dict(each.facts))
        for each in ended
        if isinstance(each, ViewingEnded)
    ]


def done(city: SmallNode) -> Foreseen:
    """Return what ended."""
    return endings(city.follower.changes)


# The room and the authorisation.


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_a_foreseen_withdrawal_ends_what_the_withdrawal_ends(city: SmallNode, withdrawn: bool) -> None:
    desk = CentreDesk(city.spine, city.clock)
    foreseen = await unchanged_by(city, lambda: desk.foresee(withdrawn=withdrawn))
    assert await desk.withdraw(DIRECTOR, withdrawn=withdrawn, act="arrêté") == CentreState(
        authorisation_withdrawn=withdrawn
    )
    assert endings(foreseen) == done(city)
    assert len(done(city)) == (3 if withdrawn else 0)


@pytest.mark.parametrize("inactive", [True, False])
async def test_a_foreseen_room_ends_what_the_declaration_ends(city: SmallNode, inactive: bool) -> None:
    desk = CentreDesk(city.spine, city.clock)
    foreseen = await unchanged_by(city, lambda: desk.foresee(inactive=inactive))
    assert await desk.declare(DIRECTOR, inactive=inactive, reason="évacuation") == CentreState(inactive=inactive)
    assert endings(foreseen) == done(city)


async def test_what_is_foreseen_of_the_one_keeps_what_was_declared_of_the_other(city: SmallNode) -> None:
    desk = CentreDesk(city.spine, city.clock)
    await city.spine.act(declare_authorisation, DeclareAuthorisation(DIRECTOR, True, "arrêté"))
    await city.spine.act(declare_room, DeclareRoom(DIRECTOR, True, "évacuation"))
    assert await city.spine.read(lambda now: now.centre()) == CentreState(True, True)
    city.follower.told.clear()
    await unchanged_by(city, lambda: desk.foresee(inactive=False))
    assert await desk.declare(DIRECTOR, inactive=False, reason="retour") == CentreState(False, True)


# Texts and terms.


def desk_of(city: SmallNode) -> ConventionDesk:
    in_force = InForce(CITY, city.place.texts)
    in_force.show(text(), ())
    return ConventionDesk(city.spine, EverybodySigned(), in_force, city.clock)


@pytest.mark.parametrize("markdown", [NO_DOUBT, MARKDOWN.replace(b"cameras = 8", b"cameras = 1")])
async def test_a_foreseen_replacement_ends_what_the_replacement_ends(city: SmallNode, markdown: bytes) -> None:
    desk = desk_of(city)
    foreseen = await unchanged_by(city, lambda: desk.foresee(markdown=markdown, note="signé"))
    assert isinstance(foreseen, ForeseenReplacement)
    assert (foreseen.missing, foreseen.already_replaced) == ((), False)
    replaced = await desk.replace(DIRECTOR, markdown=markdown, note="signé")
    assert isinstance(replaced, Convention)
    assert replaced.sha256 == foreseen.convention.sha256
    assert endings(foreseen.ended) == done(city)
    assert len(done(city)) == (3 if markdown == NO_DOUBT else 0)


@pytest.mark.parametrize("word", list(TermWord))
async def test_a_foreseen_word_about_the_term_is_what_the_word_does(city: SmallNode, word: TermWord) -> None:
    await city.make(told("non-renewal", TODAY))
    city.follower.told.clear()
    desk = TermDesk(city.spine, city.clock)
    foreseen = await unchanged_by(city, lambda: desk.foresee(convention=CONVENTION, word=word, on=TODAY))
    assert isinstance(foreseen, ForeseenTerm)
    convention = await desk.tell(DIRECTOR, convention=CONVENTION, word=word, on=TODAY, act="lettre")
    assert isinstance(convention, Convention)
    assert (foreseen.ends_at, endings(foreseen.ended)) == (convention.ends_at, done(city))
    (announced,) = city.follower.of(TermAnnounced)
    assert announced.ends_at == foreseen.ends_at
    assert (foreseen.ends_at is None) == (word is TermWord.CORRECTION)


async def test_a_term_that_has_come_ends_at_once_what_a_word_would_end(city: SmallNode) -> None:
    """The last day has passed: whatever is told then, the foreseen ends are those of the step."""
    await city.make(told("non-renewal", TODAY))
    ends_at = await city.spine.read(lambda now: now.conventions()[0].ends_at)
    assert ends_at is not None
    city.clock.at = ends_at + timedelta(hours=1)
    city.follower.told.clear()
    desk = TermDesk(city.spine, city.clock)

    again = partial(desk.foresee, convention=CONVENTION, word=TermWord.NON_RENEWAL, on=TODAY)
    foreseen = await unchanged_by(city, again)
    assert isinstance(foreseen, ForeseenTerm)

    def step(now: Snapshot, at: object) -> Step[None]:
        changes: tuple[Change, ...] = review(now, city.clock.now())
        return Step(None, changes)

    await city.spine.commit(step)
    assert endings(foreseen.ended) == done(city)
    assert [each[0] for each in done(city)], "something ends with the term"


# A button, before it is pressed.


def nobody_heard(owner: PartyId) -> OwnerHeard:
    raise AssertionError("the cameras of this node's own ask no other node")


@pytest.mark.parametrize("near", [True, False])
async def test_of_another_nodes_camera_the_answer_says_as_of_when_and_on_old_facts_nothing_would_open(
    tmp_path: Path, near: bool
) -> None:
    cameras = small_city.Inventory({camera(number): small_city.watched(number) for number in range(1, 13)}, told=True)
    heard = OwnerHeard(AT - timedelta(seconds=1 if near else 4), near)
    async with small_node(tmp_path, replace(small_city.place(), party=STATE, cameras=cameras)) as state:
        previewer = Previewer(state.spine, state.clock, lambda owner: heard)
        question = Preview(requester("cic-operator"), Action.VIEW, camera(4), EventId("e-1"), None)
        previewed = await previewer(question)
        assert previewed is not None
        assert previewed.as_of == heard.at
        if near:
            assert isinstance(previewed.decision, Granted)
        else:
            assert isinstance(previewed.decision, Refused)
            assert previewed.decision.cause is Cause.OWNER_AWAY


@pytest.mark.parametrize(
    ("login", "number", "event"),
    [
        ("cic-operator", 4, "e-1"),
        ("cic-operator", 4, None),
        ("cic-operator", 8, "e-1"),
        ("srpj", 4, "e-2"),
        ("csu-operator", 4, None),
        ("csu-operator", 4, "e-3"),
    ],
)
async def test_a_previewed_decision_is_the_one_that_is_recorded(
    city: SmallNode, login: str, number: int, event: str | None
) -> None:
    named = None if event is None else EventId(event)
    question = Preview(requester(login), Action.VIEW, camera(number), named, None)
    previewed = await unchanged_by(city, lambda: Previewer(city.spine, city.clock, nobody_heard)(question))
    await city.spine.act(open_stream, OpenStream(requester(login), camera(number), named, id="v-new"))
    (decided,) = city.follower.of(Decided)
    assert previewed == Previewed(decided.decision, None)
    assert decided.request.at == AT


async def test_of_another_partys_event_or_an_unknown_camera_nothing_is_previewed(city: SmallNode) -> None:
    previewer = Previewer(city.spine, city.clock, nobody_heard)
    for who, number, event in (("cic-operator", 4, "e-3"), ("cic-operator", 99, "e-1"), ("cic-operator", 4, "e-9")):
        question = Preview(requester(who), Action.VIEW, camera(number), EventId(event), None)
        assert await unchanged_by(city, partial(previewer, question)) is None

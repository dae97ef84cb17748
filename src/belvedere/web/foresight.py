"""What a director's act would end or change, said before the act; nothing here is written."""

from collections.abc import Sequence
from typing import assert_never

from fastapi import APIRouter

from belvedere.acts.conventions import Comparison, ForeseenReplacement, TooLarge
from belvedere.acts.terms import ForeseenTerm, ImpossibleDay, UnknownConvention
from belvedere.changes import ViewingEnded
from belvedere.domain.causes import Cause
from belvedere.domain.convention_texts import TermWord
from belvedere.domain.text import Language
from belvedere.domain.vocabulary import Action, Verdict
from belvedere.policy.change_words import conditions
from belvedere.policy.table import Answered
from belvedere.web.asking import SignedIn, Tongue, convention_of
from belvedere.web.convention_life import unfit_text, untold_term
from belvedere.web.ports import Direction
from belvedere.web.problems import Problem
from belvedere.web.schemas import (
    ActivityPreviewIn,
    AnswerOut,
    ChangeOut,
    ChangesOut,
    EndsOfPartyOut,
    EndsOut,
    ForeseenReplacementOut,
    ForeseenTermOut,
    ReplacementIn,
    TermPreviewIn,
    TextIn,
    WithdrawalPreviewIn,
)

router = APIRouter(tags=["convention"])


def _ends(ended: Sequence[ViewingEnded]) -> EndsOut:
    by_party: dict[str, list[str]] = {}
    for each in ended:
        by_party.setdefault(each.viewing.party, []).append(each.viewing.camera)
    return EndsOut(
        views=len(ended),
        parties=[
            EndsOfPartyOut(party=party, views=len(cameras), cameras=list(dict.fromkeys(cameras)))
            for party, cameras in by_party.items()
        ],
    )


@router.post("/centre/activity/preview")
async def activity(body: ActivityPreviewIn, ports: Direction) -> EndsOut:
    """Return what would end if the room were declared so (director)."""
    return _ends(await ports.centre.foresee(inactive=body.inactive))


@router.post("/convention/withdrawal/preview")
async def withdrawal(body: WithdrawalPreviewIn, ports: Direction) -> EndsOut:
    """Return what would end if the prefect's authorisation were withdrawn, or given again (director)."""
    return _ends(await ports.centre.foresee(withdrawn=body.withdrawn))


@router.post("/convention/term/preview")
async def term(body: TermPreviewIn, requester: SignedIn, ports: Direction) -> ForeseenTermOut:
    """Return when the convention would end if this were told, and what would end at once (director)."""
    convention = convention_of(ports.in_force, requester)
    outcome = await ports.terms.foresee(convention=convention.id, word=TermWord(body.word), on=body.on)
    match outcome:
        case ForeseenTerm(ends_at, before, ended):
            return ForeseenTermOut(ends_at=ends_at, ends_at_before=before, ends=_ends(ended))
        case UnknownConvention() | ImpossibleDay():
            raise untold_term(outcome)
        case _:
            assert_never(outcome)


@router.post("/convention/replacement/preview")
async def replacement(body: ReplacementIn, ports: Direction, language: Tongue) -> ForeseenReplacementOut:
    """Return what a text would do in the place of the one in force, and what it still lacks (director)."""
    outcome = await ports.texts.foresee(markdown=body.markdown.encode(), note=body.signatures)
    if not isinstance(outcome, ForeseenReplacement):
        raise unfit_text(outcome)
    return ForeseenReplacementOut(
        title=outcome.convention.title.in_language(language),
        sha256=outcome.convention.sha256,
        sha256_before=outcome.standing.sha256,
        ends_at=outcome.convention.ends_at,
        missing=list(outcome.missing),
        already_replaced=outcome.already_replaced,
        ends=_ends(outcome.ended),
    )


@router.post("/convention/replacement/changes")
async def changed_answers(body: TextIn, ports: Direction, language: Tongue) -> ChangesOut:
    """Return which answers a text would change, situations answered alike together; takes seconds (director)."""
    outcome = await ports.texts.compare(markdown=body.markdown.encode())
    match outcome:
        case Comparison():
            return _changes(outcome, language)
        case TooLarge():
            raise Problem(409, Cause.TOO_MANY_SITUATIONS)
        case _:
            raise unfit_text(outcome)


def _changes(comparison: Comparison, language: Language) -> ChangesOut:
    return ChangesOut(
        items=[
            ChangeOut(
                action=Action(change.action),
                conditions=list(conditions(change, comparison.after, language)),
                before=_answer(change.before),
                after=_answer(change.after),
                situations=change.situations,
            )
            for change in comparison.changes
        ]
    )


def _answer(answer: Answered) -> AnswerOut:
    return AnswerOut(
        verdict=Verdict(answer.verdict),
        articles=list(answer.articles),
        obligations=list(answer.obligations),
        preempts=answer.preempts > 0,
        cause=answer.cause,
    )

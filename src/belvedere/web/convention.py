"""The convention in force, the question before the click, habilitations, and the prefect's withdrawal."""

from typing import Literal, assert_never

from fastapi import APIRouter

from belvedere.acts.not_offered import OFFERED
from belvedere.acts.preview import Preview
from belvedere.agents.habilitations import AgentUnknown, OwnHabilitation
from belvedere.domain.agents import Account
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.domain.ids import AgentId, CameraId, EventId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Language
from belvedere.domain.vocabulary import Action
from belvedere.policy import Convention
from belvedere.policy.clauses.steering import PtzTakeover, While
from belvedere.rights.watched import slots_of
from belvedere.web.asking import SignedIn, Tongue, convention_of
from belvedere.web.joining import words_of
from belvedere.web.ports import Agents, Conventions, Direction
from belvedere.web.problems import Problem, act_refused, not_found
from belvedere.web.schemas import (
    ConventionOut,
    CouldWatchOut,
    DecisionOut,
    DecisionWordsOut,
    HabilitationOut,
    HabilitationsOut,
    ObligationOut,
    PartyOut,
    PreviewIn,
    ReadingOut,
    WhoCouldWatchOut,
    WithdrawalIn,
)

router = APIRouter(tags=["convention"])


@router.get("/convention")
async def convention(requester: SignedIn, ports: Conventions, language: Tongue) -> ConventionOut:
    """Return the convention under which the requester asks here."""
    found = convention_of(ports.in_force, requester)
    centre, quota = await ports.store.read(lambda reading: (reading.centre(), slots_of(reading, requester.party)))
    return ConventionOut(
        id=found.id,
        title=found.title.in_language(language),
        sha256=found.sha256,
        words=words_of(found, ports.keys.of(found.id)),
        in_force_from=found.in_force_from,
        regime=found.regime,
        regime_reading=_regime_reading(found),
        parties=[party.id for party in found.parties],
        bound=[
            PartyOut(
                id=party.id,
                name=party.name,
                room=party.room,
                services=list(party.services),
                other_services=party.other_services,
            )
            for party in found.parties
        ],
        quota=quota,
        authorisation_withdrawn=centre.authorisation_withdrawn,
    )


def _regime_reading(found: Convention) -> ReadingOut | None:
    for clause in found.of(PtzTakeover):
        if clause.while_ is While.CENTRE_ACTIVE and clause.alternative is not None and clause.approved_by is not None:
            return ReadingOut(alternative=clause.alternative, approved_by=clause.approved_by)
    return None


@router.post("/preview")
async def preview(body: PreviewIn, requester: SignedIn, ports: Conventions, language: Tongue) -> DecisionOut:
    """Return what the engine would answer now, without a record."""
    previewed = await ports.preview(
        Preview(
            requester=requester,
            action=body.action,
            camera=CameraId(body.camera),
            event=None if body.event is None else EventId(body.event),
            purpose=body.purpose,
        )
    )
    if previewed is None:
        raise not_found()
    decision = previewed.decision
    granted = decision if isinstance(decision, Granted) else None
    words = _texts(decision)
    return DecisionOut(
        verdict=_verdict(decision),
        articles=list(decision.articles),
        obligations=[ObligationOut(kind=owed.kind, due=owed.due) for owed in granted.obligations] if granted else [],
        valid_until=decision.valid_until,
        reason=words[language.value].reason,
        remedy=words[language.value].remedy,
        preempts=list(granted.preempts) if granted else [],
        offered=body.action in OFFERED or (body.action is Action.TAKE_PTZ and ports.steers(CameraId(body.camera))),
        cause=decision.cause if isinstance(decision, Refused) else None,
        as_of=previewed.as_of,
        texts=words,
    )


def _verdict(decision: Decision) -> Literal["granted", "refused", "pending"]:
    match decision:
        case Granted():
            return "granted"
        case Refused():
            return "refused"
        case Pending():
            return "pending"


def _texts(decision: Decision) -> dict[str, DecisionWordsOut]:
    remedy = None if isinstance(decision, Granted) else decision.remedy
    return {
        language.value: DecisionWordsOut(
            reason=decision.reason.in_language(language),
            remedy=None if remedy is None else remedy.in_language(language),
        )
        for language in Language
    }


@router.get("/cameras/{camera}/who-could-watch")
async def who_could_watch(camera: str, requester: SignedIn, ports: Conventions) -> WhoCouldWatchOut:
    """Return who could watch one of this node's cameras now, and why, service by service (direction, inspection)."""
    del requester
    found = await ports.who_could_watch(CameraId(camera))
    if found is None:
        raise not_found()
    return WhoCouldWatchOut(
        camera=camera,
        items=[
            CouldWatchOut(
                party=each.party,
                service=each.service or None,
                verdict=_verdict(each.decision),
                kinds=list(each.kinds),
                purposes=list(each.purposes),
                articles=list(each.decision.articles),
                valid_until=each.decision.valid_until,
                preempts=list(each.decision.preempts) if isinstance(each.decision, Granted) else [],
                texts=_texts(each.decision),
            )
            for each in found
        ],
    )


@router.post("/convention/withdrawal", status_code=204)
async def withdrawal(body: WithdrawalIn, requester: SignedIn, ports: Direction) -> None:
    """Record that the prefect's authorisation is withdrawn, or given again (director)."""
    outcome = await ports.centre.withdraw(requester, withdrawn=body.withdrawn, act=body.act)
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)


def _habilitation(account: Account) -> HabilitationOut:
    held = account.habilitation
    return HabilitationOut(
        agent=account.agent,
        label=account.label,
        role=account.role,
        service=account.service,
        act=None if held is None else held.act,
        since=None if held is None else held.since,
        until=None if held is None else held.until,
    )


@router.get("/habilitations")
async def habilitations(requester: SignedIn, ports: Agents) -> HabilitationsOut:
    """Return the agents of one's own party (supervisor)."""
    return HabilitationsOut(items=[_habilitation(account) for account in await ports.habilitations.agents(requester)])


@router.delete("/habilitations/{agent}")
async def end_habilitation(agent: str, requester: SignedIn, ports: Agents) -> HabilitationOut:
    """End an agent's habilitation; what ran on it ends with cause and article (supervisor)."""
    outcome = await ports.habilitations.end(requester, AgentId(agent))
    match outcome:
        case Account():
            return _habilitation(outcome)
        case AgentUnknown():
            raise not_found()
        case OwnHabilitation():
            raise Problem(409, Cause.OWN_HABILITATION)
        case ActRefused():
            raise act_refused(outcome)
        case _:
            assert_never(outcome)

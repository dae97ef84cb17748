"""The director's deputies: named for a term, and no more."""

from typing import assert_never

from fastapi import APIRouter

from belvedere.acts.deputies import EndDeputy, NameDeputy, NotNamed
from belvedere.acts.unknown import Unknown
from belvedere.domain.authorisations import Deputy
from belvedere.domain.causes import Cause
from belvedere.domain.ids import AgentId
from belvedere.domain.refused_act import ActRefused
from belvedere.spine.snapshot import Snapshot
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Steering
from belvedere.web.problems import Problem, act_refused, not_found
from belvedere.web.steering_schemas import DeputiesOut, DeputyIn, DeputyOut

router = APIRouter(tags=["ptz"])


@router.get("/deputies")
async def deputies(requester: SignedIn, ports: Steering) -> DeputiesOut:
    """Return whom the director named."""

    def find(snapshot: Snapshot) -> DeputiesOut:
        labels = {each.agent: each.label for each in snapshot.accounts(requester.party)}
        return DeputiesOut(
            items=[
                DeputyOut(agent=each.agent, label=labels.get(each.agent, each.pseudonym), until=each.until)
                for each in snapshot.deputies()
            ]
        )

    return await ports.store.read(find)


@router.put("/deputies/{agent}", status_code=204)
async def name(agent: str, body: DeputyIn, requester: SignedIn, ports: Steering) -> None:
    """Name an agent of the room, for a term (director)."""
    outcome = await ports.deputies.name(NameDeputy(requester, AgentId(agent), body.until))
    match outcome:
        case Deputy():
            pass
        case Unknown():
            raise not_found()
        case ActRefused():
            raise act_refused(outcome)
        case NotNamed(cause):
            raise Problem(422 if cause is Cause.DEPUTY_TERM else 409, cause)
        case _:
            assert_never(outcome)


@router.delete("/deputies/{agent}", status_code=204)
async def end(agent: str, requester: SignedIn, ports: Steering) -> None:
    """Name an agent no more (director)."""
    outcome = await ports.deputies.end(EndDeputy(requester, AgentId(agent)))
    match outcome:
        case Deputy():
            pass
        case Unknown():
            raise not_found()
        case ActRefused():
            raise act_refused(outcome)
        case _:
            assert_never(outcome)

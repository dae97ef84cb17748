"""Whose a pseudonym is: for an inspection or a requisition, by name to whoever asks on the agent's own node, and recorded."""

from typing import Annotated, assert_never

from fastapi import APIRouter, Path

from belvedere.acts.resolutions import PseudonymUnknown
from belvedere.domain.agents import Account
from belvedere.domain.ids import Pseudonym
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.resolutions import ResolutionGround
from belvedere.domain.vocabulary import Role
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Resolutions
from belvedere.web.problems import act_refused, not_found
from belvedere.web.schemas import In, Out, Words

router = APIRouter(tags=["pseudonyms"])
PseudonymId = Annotated[str, Path(max_length=128)]


class ResolutionIn(In):
    """For what it is resolved, and under which act: the inspection's, or the requisition's reference."""

    ground: ResolutionGround
    act: Words


class AgentNamedOut(Out):
    """Whose the pseudonym is, as the agent's own room calls it."""

    pseudonym: str
    name: str
    service: str
    role: Role


@router.post("/pseudonyms/{pseudonym}/resolution")
async def resolve(pseudonym: PseudonymId, body: ResolutionIn, requester: SignedIn, ports: Resolutions) -> AgentNamedOut:
    """Return whose a pseudonym of one's own party is; recorded here, and on the other parties' nodes without the name."""
    outcome = await ports.resolve(requester, Pseudonym(pseudonym), body.ground, body.act)
    match outcome:
        case Account():
            return AgentNamedOut(
                pseudonym=outcome.pseudonym, name=outcome.label, service=outcome.service, role=outcome.role
            )
        case PseudonymUnknown():
            raise not_found()
        case ActRefused():
            raise act_refused(outcome)
        case _:
            assert_never(outcome)

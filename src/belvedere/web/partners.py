"""The partners that have a node: which of them wait for this node's journal to be seen, and the director's word for it."""

from datetime import datetime

from fastapi import APIRouter

from belvedere.acts.witness import NothingToConfirm
from belvedere.domain.causes import Cause
from belvedere.domain.ids import PartyId
from belvedere.domain.partner_waits import PartnerStands
from belvedere.domain.refused_act import ActRefused
from belvedere.rights.sight import Sight
from belvedere.web.asking import SignedIn
from belvedere.web.ports import PartnerPorts, Partners
from belvedere.web.problems import Problem, act_refused
from belvedere.web.schemas import In, Out, Words

router = APIRouter(tags=["partners"])


class WaitsOut(Out):
    """Why nothing new is opened to a partner for now, and since when."""

    cause: Cause
    since: datetime


class PartnerOut(Out):
    """A partner that has a node; it waits while this node's journal, or its own, is in doubt."""

    party: str
    waits: WaitsOut | None


class PartnersOut(Out):
    """The partners that have a node, as far as the reader sees them; whether the director may answer for the journal."""

    items: list[PartnerOut]
    may_be_confirmed: bool


class ReasonIn(In):
    """Why, in the director's words."""

    reason: Words


def _partner(stands: PartnerStands) -> PartnerOut:
    waits = stands.waits
    return PartnerOut(
        party=stands.party,
        waits=None if waits is None else WaitsOut(cause=waits.cause, since=waits.since),
    )


def partners_body(ports: PartnerPorts, reader: PartyId) -> PartnersOut:
    """Return how the partners stand, as far as `reader` sees it: the node's own room all of them, a partner itself."""
    sight = Sight(reader, ports.owner)
    return PartnersOut(
        items=[_partner(each) for each in ports.stand() if sight.right(each.party)],
        may_be_confirmed=ports.may_be_confirmed(),
    )


@router.get("/partners")
async def partners(requester: SignedIn, ports: Partners) -> PartnersOut:
    """Return which partners wait, since when and why."""
    return partners_body(ports, requester.party)


@router.post("/ledger/confirmation", status_code=204)
async def confirm_log(body: ReasonIn, requester: SignedIn, ports: Partners) -> None:
    """Answer for this node's journal where no witness has seen it since the start (director); partners are served then."""
    outcome = await ports.confirmations.confirm(requester, reason=body.reason)
    match outcome:
        case None:
            return
        case ActRefused():
            raise act_refused(outcome)
        case NothingToConfirm():
            raise Problem(409, Cause.NOTHING_TO_CONFIRM)

"""The partners that have a node: which of them wait for this node's journal to be seen, and the director's word for it."""

from datetime import datetime

from fastapi import APIRouter

from belvedere.acts.witness import NothingToConfirm
from belvedere.domain.causes import Cause
from belvedere.domain.faults import FaultPlace
from belvedere.domain.ids import PartyId
from belvedere.domain.link_state import LinkState, places_of
from belvedere.domain.partner_waits import PartnerStands
from belvedere.domain.reconciliation import Reconciled
from belvedere.domain.refused_act import ActRefused
from belvedere.rights.sight import Sight
from belvedere.web.asking import SignedIn
from belvedere.web.ports import PartnerPorts, Partners
from belvedere.web.problems import Problem, act_refused
from belvedere.web.schemas import In, Out, SaidOut, Words

router = APIRouter(tags=["partners"])


class WaitsOut(Out):
    """Why nothing new is opened to a partner for now, and since when."""

    cause: Cause
    since: datetime


class LinkOut(Out):
    """How the link to a partner's node stands, since when; while it is down, where the fault is and what is known of it."""

    up: bool
    since: datetime
    place: FaultPlace | None
    said: SaidOut


class PartnerOut(Out):
    """A partner that has a node; it waits while this node's journal, or its own, is in doubt.

    `disagreements` counts the viewings that the two ledgers tell otherwise and that no cut explains; `other_text` is the hash of
    the text that its node has in force, where it is not the one in force here: nothing new opens between the two then.
    """

    party: str
    waits: WaitsOut | None
    disagreements: int
    other_text: str | None
    link: LinkOut | None


class PartnersOut(Out):
    """The partners that have a node, as far as the reader sees them; whether the director may answer for the journal."""

    items: list[PartnerOut]
    may_be_confirmed: bool


class ReasonIn(In):
    """Why, in the director's words."""

    reason: Words


def _partner(ports: PartnerPorts, stands: PartnerStands) -> PartnerOut:
    waits, link, said = stands.waits, ports.links().get(stands.party), ports.reconciled().get(stands.party)
    return PartnerOut(
        party=stands.party,
        waits=None if waits is None else WaitsOut(cause=waits.cause, since=waits.since),
        disagreements=len(said.disagreements) if isinstance(said, Reconciled) else 0,
        link=None if link is None else _link(link, places_of(ports.links())[stands.party] if not link.up else None),
        other_text=None if link is None or link.other_text is None else link.other_text.sha256,
    )


def _link(link: LinkState, place: FaultPlace | None) -> LinkOut:
    return LinkOut(up=link.up, since=link.since, place=place, said=SaidOut(fr=link.said.fr, en=link.said.en))


def partners_body(ports: PartnerPorts, reader: PartyId) -> PartnersOut:
    """Return how the partners stand, as far as `reader` sees it: the node's own room all of them, a partner itself."""
    sight = Sight(reader, ports.owner)
    return PartnersOut(
        items=[_partner(ports, each) for each in ports.stand() if sight.right(each.party)],
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

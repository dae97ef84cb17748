"""What two nodes' ledgers tell otherwise of the viewings between them, for who answers for a node or inspects it."""

from datetime import datetime

from fastapi import APIRouter

from belvedere.domain.ids import PartyId
from belvedere.domain.reconciliation import Difference, DifferenceKind, Reconciled, ViewingAccount
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Verdict
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Reconciliation
from belvedere.web.schemas import Out, SaidOut

router = APIRouter(tags=["reconciliation"])


class AccountOut(Out):
    """What one ledger holds of a viewing."""

    camera: str
    agent: str
    verdict: Verdict | None
    asked_at: datetime | None
    opened_at: datetime | None
    ended_at: datetime | None
    cause: str | None


class DifferenceOut(Out):
    """A viewing that the two tell otherwise; `unexplained` where no cut, stop or late answer makes it so."""

    viewing: str
    kind: DifferenceKind
    unexplained: bool
    here: AccountOut | None
    there: AccountOut | None


class ReconciledOut(Out):
    """One partner's node: what differs since an instant, or why it was not compared. `whole`: no viewing was left out."""

    party: str
    at: datetime | None
    since: datetime | None
    compared: int
    whole: bool
    differences: list[DifferenceOut]
    not_compared: SaidOut | None


class ReconciliationOut(Out):
    """Every partner that has a node."""

    items: list[ReconciledOut]


@router.get("/reconciliation")
async def reconciliation(requester: SignedIn, ports: Reconciliation) -> ReconciliationOut:
    """Compare this node's ledger with each partner's over the last day, now; that it was read is recorded."""
    await ports.note(requester)
    found = await ports.compare()
    return ReconciliationOut(items=[_reconciled(party, said) for party, said in sorted(found.items())])


def _reconciled(party: PartyId, said: Reconciled | Text) -> ReconciledOut:
    if isinstance(said, Text):
        why = SaidOut(fr=said.fr, en=said.en)
        return ReconciledOut(
            party=party, at=None, since=None, compared=0, whole=False, differences=[], not_compared=why
        )
    return ReconciledOut(
        party=party,
        at=said.at,
        since=said.since,
        compared=said.compared,
        whole=said.whole,
        differences=[_difference(each) for each in said.differences],
        not_compared=None,
    )


def _difference(each: Difference) -> DifferenceOut:
    return DifferenceOut(
        viewing=each.viewing,
        kind=each.kind,
        unexplained=each.kind.is_disagreement,
        here=_account(each.here),
        there=_account(each.there),
    )


def _account(account: ViewingAccount | None) -> AccountOut | None:
    if account is None:
        return None
    return AccountOut(
        camera=account.camera,
        agent=account.agent,
        verdict=account.verdict,
        asked_at=account.asked_at,
        opened_at=account.opened_at,
        ended_at=account.ended_at,
        cause=account.cause,
    )

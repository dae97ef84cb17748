"""A supervisor ends the habilitation of an agent of its own party (rules A1; CSI R253-3)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from belvedere.agents.supervision import SUPERVISING
from belvedere.changes import HabilitationEnded
from belvedere.domain.agents import Account
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class EndHabilitation:
    """The command: this agent of the requester's party is designated no longer."""

    needs: ClassVar[Needs] = SUPERVISING
    essential: ClassVar[bool] = True
    requester: Requester
    agent: AgentId


@dataclass(frozen=True, slots=True)
class AgentUnknown:
    """The requester's party has no such agent."""


@dataclass(frozen=True, slots=True)
class OwnHabilitation:
    """Nobody ends its own designation: who could end another's by mistake afterwards, or say that it was one?"""


def end_habilitation(
    snapshot: Snapshot, command: EndHabilitation, now: Instant
) -> Step[Account | AgentUnknown | OwnHabilitation]:
    """End a habilitation now, and what its agent watches with it."""
    requester, account = command.requester, snapshot.account(command.agent)
    if account is None or account.party != requester.party:
        return Step(AgentUnknown())
    if account.agent == requester.agent:
        return Step(OwnHabilitation())
    held = account.habilitation
    if held is None:
        return Step(account)
    yesterday = now.astimezone(snapshot.place.zone).date() - timedelta(days=1)
    over = replace(account, habilitation=replace(held, until=yesterday))
    change = HabilitationEnded(over, requester.pseudonym, held.act, now)
    reviewed = review(After(snapshot, (change,)), now, lambda viewing: viewing.agent == over.agent)
    return Step(over, (change, *reviewed))


class HabilitationDesk:
    """Shows and ends habilitations."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def agents(self, requester: Requester) -> list[Account]:
        """Return the agents of the requester's party."""
        return await self._spine.read(lambda snapshot: list(snapshot.accounts(requester.party)))

    async def end(self, requester: Requester, agent: AgentId) -> Account | AgentUnknown | OwnHabilitation | ActRefused:
        """End a habilitation now; raises `NotRecorded`."""
        return await self._spine.act(end_habilitation, EndHabilitation(requester, agent))

"""A supervisor ends the habilitation of an agent of its own party (FACTS A1; CSI R253-3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from belvedere.agents.model import Account
from belvedere.agents.ports import AgentsStore, AgentsTransaction
from belvedere.agents.supervision import SUPERVISING, StandingIn
from belvedere.domain.asker import Asker
from belvedere.domain.clock import Clock
from belvedere.domain.ids import AgentId, PartyId
from belvedere.domain.record import Record, RecordKind, Subject
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import act_refused


@dataclass(frozen=True, slots=True)
class AgentUnknown:
    """The asker's party has no such agent."""


@dataclass(frozen=True, slots=True)
class OwnHabilitation:
    """Nobody ends its own designation: who could end another's by mistake afterwards, or say that it was one?"""


class HabilitationDesk:
    """Shows and ends habilitations; `ended` is told of each end once it is durable, late or not."""

    def __init__(
        self,
        *,
        owner: PartyId,
        store: AgentsStore,
        clock: Clock,
        zone: ZoneInfo,
        ended: Callable[[AgentId], None],
    ) -> None:
        self._owner = owner
        self._store = store
        self._clock = clock
        self._zone = zone
        self._ended = ended

    async def agents(self, asker: Asker) -> list[Account]:
        """Return the agents of the asker's party."""
        return await self._store.read(lambda reading: list(reading.accounts(asker.party)))

    async def end(self, asker: Asker, agent: AgentId) -> Account | AgentUnknown | OwnHabilitation | ActRefused:
        """End a habilitation now; raises `NotRecorded`."""
        at = self._clock.now()
        yesterday = at.astimezone(self._zone).date() - timedelta(days=1)

        def work(tx: AgentsTransaction) -> Account | AgentUnknown | OwnHabilitation | ActRefused:
            refused = act_refused(StandingIn(tx, self._zone), asker, SUPERVISING, owner=self._owner, at=at)
            if refused is not None:
                return refused
            account = tx.account(agent)
            if account is None or account.party != asker.party:
                return AgentUnknown()
            if account.agent == asker.agent:
                return OwnHabilitation()
            if account.habilitation is None:
                return account
            ended = replace(account, habilitation=replace(account.habilitation, until=yesterday))
            tx.put_account(ended)
            tx.append(
                Record(
                    kind=RecordKind.HABILITATION,
                    at=at,
                    subject=Subject(
                        party=account.party,
                        service=account.service,
                        agent=account.pseudonym,
                        station=None,
                    ),
                    cause=RecordedAct.ENDED,
                    detail={"by": asker.pseudonym, "act": account.habilitation.act},
                )
            )
            return ended

        def follow(outcome: Account | AgentUnknown | OwnHabilitation | ActRefused) -> None:
            if isinstance(outcome, Account):
                self._ended(outcome.agent)

        outcome = await self._store.transact(work, essential=True, on_late=follow)
        follow(outcome)
        return outcome

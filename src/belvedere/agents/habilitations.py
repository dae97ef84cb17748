"""A supervisor ends the habilitation of an agent of its own party (FACTS A1; CSI R253-3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from belvedere.agents.model import Account
from belvedere.agents.ports import AgentsStore, AgentsTransaction
from belvedere.domain.asker import SUPERVISORS, Asker
from belvedere.domain.clock import Clock
from belvedere.domain.ids import AgentId
from belvedere.domain.record import Record, RecordKind, Subject


@dataclass(frozen=True, slots=True)
class AgentUnknown:
    """The asker's party has no such agent."""


@dataclass(frozen=True, slots=True)
class NotASupervisor:
    """Only a supervisor of the party ends a habilitation."""


class HabilitationDesk:
    """Shows and ends habilitations; `ended` is told of each end once it is durable, late or not."""

    def __init__(self, *, store: AgentsStore, clock: Clock, zone: ZoneInfo, ended: Callable[[AgentId], None]) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._ended = ended

    async def agents(self, asker: Asker) -> list[Account] | NotASupervisor:
        """Return the agents of the asker's party."""
        if asker.role not in SUPERVISORS:
            return NotASupervisor()
        return await self._store.read(lambda reading: list(reading.accounts(asker.party)))

    async def end(self, asker: Asker, agent: AgentId) -> Account | AgentUnknown | NotASupervisor:
        """End a habilitation now; raises `NotRecorded`."""
        if asker.role not in SUPERVISORS:
            return NotASupervisor()
        at = self._clock.now()
        yesterday = at.astimezone(self._zone).date() - timedelta(days=1)

        def work(tx: AgentsTransaction) -> Account | AgentUnknown:
            account = tx.account(agent)
            if account is None or account.party != asker.party:
                return AgentUnknown()
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
                    cause="ended",
                    detail={"by": asker.pseudonym, "act": account.habilitation.act},
                )
            )
            return ended

        def follow(outcome: Account | AgentUnknown) -> None:
            if isinstance(outcome, Account):
                self._ended(outcome.agent)

        outcome = await self._store.transact(work, essential=True, on_late=follow)
        follow(outcome)
        return outcome

"""Accounts and stations enter a node by a file that its administrator imports; none exist by default."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from belvedere.agents.log_in import digest
from belvedere.agents.model import Account, Habilitation, Station
from belvedere.agents.passwords import Passwords
from belvedere.agents.ports import AgentsStore, AgentsTransaction
from belvedere.domain.clock import Clock
from belvedere.domain.ids import (
    AgentId,
    IdSource,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
)
from belvedere.domain.record import Record, RecordKind, Subject
from belvedere.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class AccountToEnrol:
    """One account as the import file gives it; the password is hashed and forgotten."""

    login: str
    password: str
    label: str
    party: str
    service: str
    role: Role
    habilitated_by: str | None
    habilitated_since: date | None
    habilitated_until: date | None
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class StationToEnrol:
    """One viewing station as the import file gives it."""

    id: str
    party: str
    label: str
    secret: str
    service: str | None = None


def pseudonym_for(service: str, login: str, label: str, ids: IdSource) -> Pseudonym:
    """Return a fresh pseudonym such as `cic-7Q2M` that neither equals nor contains the login or the label."""
    hidden = [word.lower() for word in (login, label) if word]
    while True:
        code = base64.b32encode(ids.secret(5)).decode()[:4]
        # The bare code is last: a login `cic` with the label `agent` leaves neither prefix.
        for candidate in (f"{service}-{code}", f"agent-{code}", code):
            if not any(word in candidate.lower() for word in hidden):
                return Pseudonym(candidate)


class Enrolment:
    """Imports accounts and stations, recording each habilitation and station."""

    def __init__(self, *, store: AgentsStore, passwords: Passwords, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self._ids = ids

    async def enrol(self, accounts: Sequence[AccountToEnrol], stations: Sequence[StationToEnrol]) -> None:
        """Enrol all or nothing; raises `NotRecorded`, and `ValueError` on a station id or login of the wrong form."""
        for station in stations:
            if not re.fullmatch(r"[a-z0-9-]{1,64}", station.id):
                raise ValueError(f"station id `{station.id}`: use a-z, 0-9 and - only, 1 to 64 signs")
        enrolled = [self._account(account) for account in accounts]
        at = self._clock.now()

        def work(tx: AgentsTransaction) -> None:
            for station in stations:
                tx.put_station(
                    Station(
                        id=StationId(station.id),
                        party=PartyId(station.party),
                        label=station.label,
                        secret_sha256=digest(station.secret),
                        service=None if station.service is None else ServiceId(station.service),
                    )
                )
                tx.append(
                    Record(
                        kind=RecordKind.STATION,
                        at=at,
                        subject=Subject(party=station.party, service=None, agent=None, station=station.id),
                        cause="registered",
                    )
                )
            for account in enrolled:
                tx.put_account(account)
                if account.habilitation is not None:
                    until = account.habilitation.until
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
                            cause="designated",
                            detail={
                                "act": account.habilitation.act,
                                "since": account.habilitation.since.isoformat(),
                                "until": None if until is None else until.isoformat(),
                            },
                        )
                    )

        await self._store.transact(work)

    def _account(self, given: AccountToEnrol) -> Account:
        habilitation = None
        if given.habilitated_by is not None and given.habilitated_since is not None:
            habilitation = Habilitation(
                act=given.habilitated_by,
                since=given.habilitated_since,
                until=given.habilitated_until,
            )
        return Account(
            agent=AgentId(self._ids.fresh("a")),
            login=given.login,
            label=given.label,
            party=PartyId(given.party),
            service=ServiceId(given.service),
            role=given.role,
            pseudonym=pseudonym_for(given.service, given.login, given.label, self._ids),
            password_hash=self._passwords.hash(given.password),
            pin_hash=None if given.pin is None else self._passwords.hash(given.pin),
            habilitation=habilitation,
        )

"""Accounts and stations enter a node, and change there, by a file that its administrator imports; none exist by default.

What a file leaves out of an account or station that is known stays as it is. Each change is a record, without secrets.
"""

import base64
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from belvedere.agents.log_in import digest
from belvedere.agents.password_rules import weakness_of_password, weakness_of_pin
from belvedere.agents.passwords import Passwords
from belvedere.changes import AccountChanged, AccountOpened, Change, HabilitationRenewed, SessionClosed, StationEnrolled
from belvedere.domain.agents import Account, Habilitation, Station
from belvedere.domain.clock import Instant
from belvedere.domain.ids import (
    AgentId,
    IdSource,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
)
from belvedere.domain.vocabulary import Role
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class AccountToEnrol:
    """One account as the import file gives it; the password is hashed and forgotten.

    What is None of `password`, `pin` and the habilitation stays as it is in an account that is known.
    """

    login: str
    password: str | None
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
    """One viewing station as the import file gives it; without a secret, that of a known station stays."""

    id: str
    party: str
    label: str
    secret: str | None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How many accounts and stations are new, were changed, and were as the file says."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _AccountEntry:
    """An account as given, and where it stands in the file; hashes of what is new, None for what stays as it is."""

    place: str
    given: AccountToEnrol
    password_hash: str | None
    pin_hash: str | None


class NotEnrolled(Exception):
    """Nothing of the file was taken; the message names the entry, what is wrong with it, and the remedy."""


def pseudonym_for(service: str, login: str, label: str, ids: IdSource) -> Pseudonym:
    """Return a fresh pseudonym such as `cic-7Q2M` that neither equals nor contains the login or the label."""
    while True:
        code = base64.b32encode(ids.secret(5)).decode()[:4]
        # The bare code is last: a login `cic` with the label `agent` leaves neither prefix.
        for candidate in (f"{service}-{code}", f"agent-{code}", code):
            if _hides(candidate, login, label):
                return Pseudonym(candidate)


def _hides(pseudonym: str, login: str, label: str) -> bool:
    return not any(word.lower() in pseudonym.lower() for word in (login, label) if word)


class Enrolment:
    """Imports accounts and stations, recording each habilitation, station and change."""

    def __init__(self, *, spine: Spine, passwords: Passwords, ids: IdSource) -> None:
        self._spine = spine
        self._passwords = passwords
        self._ids = ids

    async def enrol(self, accounts: Sequence[AccountToEnrol], stations: Sequence[StationToEnrol]) -> Enrolled:
        """Enrol or change all or nothing; raises `NotRecorded`, and `NotEnrolled` where an entry can't be taken."""
        _look_at_stations(stations)
        _look_at_accounts(accounts)
        logins = [account.login for account in accounts]
        known = await self._spine.read(lambda snapshot: {each: snapshot.account_by_login(each) for each in logins})
        # Hashed and compared before the transaction: it must not hold the writer up.
        entries = [
            self._hashed(f"accounts.{number} (`{each.login}`)", each, known[each.login])
            for number, each in enumerate(accounts)
        ]
        # What chance gives is drawn before: a step may be run again.
        pseudonyms = {entry.place: self._new_pseudonym(entry.given) for entry in entries}
        ids = {entry.place: AgentId(self._ids.fresh("a")) for entry in entries}
        file = _File(stations, entries, pseudonyms, ids)
        return await self._spine.commit(lambda snapshot, now: enrol(snapshot, file, now))

    def _new_pseudonym(self, given: AccountToEnrol) -> Pseudonym:
        return pseudonym_for(given.service, given.login, given.label, self._ids)

    def _hashed(self, place: str, given: AccountToEnrol, known: Account | None) -> _AccountEntry:
        """Return the entry with the hashes of what is new in it; a secret given again as it is keeps its own."""
        kept = (None, None) if known is None else (known.password_hash, known.pin_hash)
        new = [
            None if secret is None or (hashed is not None and self._passwords.is_of(secret, hashed)) else secret
            for secret, hashed in zip((given.password, given.pin), kept, strict=True)
        ]
        password, pin = (None if secret is None else self._passwords.hash(secret) for secret in new)
        return _AccountEntry(place, given, password, pin)


@dataclass(frozen=True, slots=True)
class _File:
    """What is to be enrolled, with what chance gave for each account, by its place."""

    stations: Sequence[StationToEnrol]
    accounts: Sequence[_AccountEntry]
    pseudonyms: Mapping[str, Pseudonym]
    ids: Mapping[str, AgentId]


def enrol(snapshot: Snapshot, file: _File, now: Instant) -> Step[Enrolled]:
    """Enrol or change all or nothing; raises `NotEnrolled` where an entry can't be taken."""
    changes: list[Change] = []
    outcomes: Counter[str] = Counter()
    for number, given in enumerate(file.stations):
        made = _enrol_station(After(snapshot, changes), f"stations.{number} (`{given.id}`)", given, now)
        outcomes[made.answer] += 1
        changes.extend(made.changes)
    for entry in file.accounts:
        made = _enrol_account(After(snapshot, changes), entry, file, now)
        outcomes[made.answer] += 1
        changes.extend(made.changes)
    enrolled = Enrolled(new=outcomes["new"], changed=outcomes["changed"], unchanged=outcomes["unchanged"])
    return Step(enrolled, tuple(changes))


def _enrol_station(snapshot: Snapshot, place: str, given: StationToEnrol, now: Instant) -> Step[str]:
    known = snapshot.station(StationId(given.id))
    if known is not None and known.party != given.party:
        raise NotEnrolled(f"{place}: belongs to party `{known.party}`; give another id")
    if known is not None and known.ended_at is not None:
        raise NotEnrolled(f"{place}: ended on {known.ended_at.date()}; leave it out, or register another id")
    if given.secret is not None:
        holder = snapshot.station_by_secret(digest(given.secret))
        if holder is not None and holder.id != given.id:
            raise NotEnrolled(f"{place}: another station has this secret; give each station its own")
    elif known is None:
        raise NotEnrolled(f"{place}: is new and has no secret; give it one")
    secret_sha256 = known.secret_sha256 if given.secret is None and known is not None else digest(given.secret or "")
    station = Station(
        id=StationId(given.id),
        party=PartyId(given.party),
        label=given.label,
        secret_sha256=secret_sha256,
        service=None if given.service is None else ServiceId(given.service),
    )
    if station == known:
        return Step("unchanged")
    changed = None if known is None else _changed(known, station, ("label", "secret_sha256", "service"))
    return Step("new" if known is None else "changed", (StationEnrolled(station, changed, now),))


def _enrol_account(snapshot: Snapshot, entry: _AccountEntry, file: _File, now: Instant) -> Step[str]:
    known = snapshot.account_by_login(entry.given.login)
    if known is None:
        return _open_account(entry, file, now)
    if known.party != entry.given.party:
        raise NotEnrolled(f"{entry.place}: belongs to party `{known.party}`; give another login")
    return _change_account(snapshot, known, entry, file, now)


def _open_account(entry: _AccountEntry, file: _File, now: Instant) -> Step[str]:
    given = entry.given
    if entry.password_hash is None:
        raise NotEnrolled(f"{entry.place}: is new and has no password; give it one")
    account = Account(
        agent=file.ids[entry.place],
        login=given.login,
        label=given.label,
        party=PartyId(given.party),
        service=ServiceId(given.service),
        role=given.role,
        pseudonym=file.pseudonyms[entry.place],
        password_hash=entry.password_hash,
        pin_hash=entry.pin_hash,
        habilitation=_habilitation(given),
    )
    return Step("new", (AccountOpened(account, now),))


def _change_account(snapshot: Snapshot, known: Account, entry: _AccountEntry, file: _File, now: Instant) -> Step[str]:
    account = _as_given(known, entry, file)
    if account == known:
        return Step("unchanged")
    changes: list[Change] = []
    renewed = account.habilitation != known.habilitation
    if account.habilitation is not None and renewed:
        _refuse_to_revive(entry.place, known.habilitation, account.habilitation, now)
        changes.append(HabilitationRenewed(account, known.habilitation is None, now))
    changed = _changed(known, account, ("label", "service", "role", "pseudonym", "password_hash", "pin_hash"))
    if changed:
        changes.append(AccountChanged(account, changed, now))
    revived = renewed and not _surely_covers(known.habilitation, now)
    if revived or set(changed) & {"password", "pin", "role", "service"}:
        # Whoever was signed in was so with what no longer holds; what has ended is not opened again by a new act.
        signed_in = [each for each in snapshot.open_sessions() if each.agent == account.agent]
        changes.extend(SessionClosed(each.cookie_sha256) for each in signed_in)
    return Step("changed", tuple(changes))


def _as_given(known: Account, entry: _AccountEntry, file: _File) -> Account:
    """Return the known account as the entry has it."""
    given = entry.given
    pseudonym = known.pseudonym
    if not _hides(pseudonym, given.login, given.label):
        pseudonym = file.pseudonyms[entry.place]
    return replace(
        known,
        label=given.label,
        service=ServiceId(given.service),
        role=given.role,
        pseudonym=pseudonym,
        password_hash=entry.password_hash or known.password_hash,
        pin_hash=entry.pin_hash or known.pin_hash,
        habilitation=_habilitation(given) or known.habilitation,
    )


def _surely_covers(held: Habilitation | None, at: Instant) -> bool:
    """Return whether a habilitation is in force at `at` in every zone: one that is renewed in time interrupts nobody."""
    return held is not None and all(held.covers(at.date() + timedelta(days=days)) for days in (-1, 0, 1))


def _refuse_to_revive(place: str, held: Habilitation | None, given: Habilitation, at: Instant) -> None:
    """Refuse an old file that would bring back what has ended since: the same act, and no term that says until when."""
    over = held is not None and held.until is not None and held.until < at.date()
    if held is not None and over and given.until is None and (given.act, given.since) == (held.act, held.since):
        raise NotEnrolled(
            f"{place}: its habilitation by this act ended on {held.until}; name the act that renews it, or its new last "
            "day (`habilitated_until`), or leave the habilitation out"
        )


def _look_at_stations(stations: Sequence[StationToEnrol]) -> None:
    for number, station in enumerate(stations):
        if not re.fullmatch(r"[a-z0-9-]{1,64}", station.id):
            raise NotEnrolled(
                f"stations.{number}: `{station.id}` is no station id; use a-z, 0-9 and - only, 1 to 64 signs"
            )
    _refuse_twice("stations", [station.id for station in stations])


def _look_at_accounts(accounts: Sequence[AccountToEnrol]) -> None:
    for number, account in enumerate(accounts):
        place = f"accounts.{number} (`{account.login}`)"
        if account.password is not None:
            own_words = (account.login, account.label, account.party, account.service)
            weak = weakness_of_password(account.password, own_words)
            if weak is not None:
                raise NotEnrolled(f"{place}: its password is {weak}")
        if account.pin is not None:
            weak = weakness_of_pin(account.pin)
            if weak is not None:
                raise NotEnrolled(f"{place}: its PIN is not taken: {weak}")
        if (account.habilitated_by is None) != (account.habilitated_since is None):
            raise NotEnrolled(f"{place}: an act and its first day go together; give both, or neither")
        if account.habilitated_until is not None:
            if account.habilitated_since is None:
                raise NotEnrolled(f"{place}: a term without the act that gives it; give `habilitated_by`")
            if account.habilitated_until < account.habilitated_since:
                raise NotEnrolled(f"{place}: its habilitation ends before it begins; correct the days")
    _refuse_twice("accounts", [account.login for account in accounts])


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise NotEnrolled(f"{what}: {', '.join(f'`{name}`' for name in twice)} stands there twice; keep one")


def _habilitation(given: AccountToEnrol) -> Habilitation | None:
    if given.habilitated_by is None or given.habilitated_since is None:
        return None
    return Habilitation(act=given.habilitated_by, since=given.habilitated_since, until=given.habilitated_until)


_TOLD_AS = {"password_hash": "password", "pin_hash": "pin", "secret_sha256": "secret"}


def _changed(before: object, after: object, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return which members differ, by name: their values are secrets, or names that stay at home."""
    return tuple(_TOLD_AS.get(name, name) for name in names if getattr(before, name) != getattr(after, name))

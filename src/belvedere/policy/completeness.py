"""What a clause needs beside it. A rule that nothing would ever read, or that refers to what is not there, is an error.

Owns: which clauses depend on which. Does not know: files and lines, nor what a clause grants. A text without one of
these would either grant what no article carries, or leave an article without effect unnoticed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from belvedere.domain.vocabulary import Role
from belvedere.policy.clauses import Clause
from belvedere.policy.clauses.access import (
    Arrangements,
    Availability,
    EventRequired,
    Extraction,
    OrderValidity,
    OwnerRoom,
    Priority,
    Purposes,
    Quota,
    Scope,
    Stations,
    Suspension,
    Withdrawal,
)
from belvedere.policy.clauses.duties import Duty, InventoryDuty, Occurrence
from belvedere.policy.clauses.hours import CentreActivity, OpeningHours
from belvedere.policy.clauses.steering import (
    LeaseContinuation,
    Notice,
    OwedFor,
    OwnerPriority,
    PartnerSteering,
    PtzTakeover,
    Regime,
    While,
)
from belvedere.policy.convention import Party
from belvedere.policy.names import SERVICE_OF

C = TypeVar("C", bound=Clause)

_GRANTS = (OwnerRoom, Scope, Availability, Extraction, PtzTakeover, PartnerSteering, InventoryDuty)
_OF_A_PARTNER = (Quota, EventRequired, Arrangements, Stations, Priority)
_OF_AN_OWNER = (OrderValidity, Withdrawal, Extraction)
_IN_NO_ROOM = frozenset({Role.INSPECTOR, Role.ADMIN, Role.TECHNICIAN})


class Surroundings:
    """All clauses of a convention and its parties, asked by each clause for what it needs beside it."""

    def __init__(self, clauses: Sequence[Clause], parties: Sequence[Party]) -> None:
        self._clauses = clauses
        self._parties: Mapping[str, Party] = {each.id: each for each in parties}
        self._shared = {(each.owner, each.to) for each in self.of(Scope)}
        self._receivers = {to for _, to in self._shared}

    def of(self, kind: type[C]) -> tuple[C, ...]:
        """Return the clauses of one kind."""
        return tuple(each for each in self._clauses if isinstance(each, kind))

    def lacks(self, clause: Clause) -> Iterator[str]:
        """Yield what `clause` refers to and does not find. Its parties exist: that was checked before."""
        if isinstance(clause, _GRANTS) and not any(":" not in cite for cite in clause.cites):
            yield f"`{clause.KIND}` grants, and cites the law alone: name the article of the convention that carries it"
        yield from self._pair(clause)
        yield from self._services(clause)
        match clause:
            case Scope():
                yield from self._scope(clause)
            case Purposes() | Priority() | Arrangements():
                yield from self._restriction(clause)
            case OpeningHours() | CentreActivity():
                yield from self._room(clause)
            case PtzTakeover() | PartnerSteering() | LeaseContinuation() | Notice():
                yield from self._steering(clause)
            case Duty():
                yield from self._duty(clause)
            case _:
                pass

    # --- who shares with whom

    def _services(self, clause: Clause) -> Iterator[str]:
        match clause:
            case OwnerRoom(any_service=False):
                yield from self._no_service(clause.owner)
            case Availability():
                yield from self._no_service(clause.to)
                yield from self._no_such_service(clause.services, clause.to)
            case Priority():
                yield from self._no_such_service((clause.service,), clause.party)
            case InventoryDuty():
                yield from self._no_such_service((clause.to_service,), clause.to)
            case _:
                pass

    def _restriction(self, clause: Purposes | Priority | Arrangements) -> Iterator[str]:
        match clause:
            case Purposes(owner=owner, to=to, camera_class=kind):
                if not any(each.subject == (owner, to, kind) for each in self.of(Scope)):
                    yield f"`purposes` are listed for the class `{kind}`, which no `scope` shares"
            case Priority(party=party):
                if not any(each.party == party for each in self.of(Quota)):
                    yield f"`priority` among the streams of `{party}` needs a `quota`: nothing limits them"
            case Arrangements(party=party):
                if not any(each.party == party for each in self.of(EventRequired)):
                    yield f"`arrangements` adds kinds of event, and no `event-required` asks `{party}` for any"

    def _pair(self, clause: Clause) -> Iterator[str]:
        """Yield what is wrong with the parties of a clause: a rule between an owner and a partner needs something shared."""
        for owner, partner in _between(clause):
            if owner == partner:
                yield f"`{clause.KIND}` names `{owner}` on both sides: a party grants nothing to itself"
            elif not isinstance(clause, Scope) and (owner, partner) not in self._shared:
                yield f"`{clause.KIND}`: nothing of `{owner}` is shared with `{partner}`; write the `scope`"
        if isinstance(clause, _OF_A_PARTNER) and clause.party not in self._receivers:
            yield f"`{clause.KIND}` has no effect: no `scope` shares anything with `{clause.party}`"
        if isinstance(clause, _OF_AN_OWNER) and not self._has_room(clause.owner):
            yield f"`{clause.KIND}` is about cameras, and `{clause.owner}` has none here: no `owner-room` is its own"

    def _no_service(self, party: str) -> Iterator[str]:
        if not self._parties[party].services and not self._parties[party].other_services:
            yield (
                f"the header names no service of `{party}`: list its `services`, or say `other_services = true` "
                "for any service of the party"
            )

    def _no_such_service(self, services: Sequence[str], party: str) -> Iterator[str]:
        for service in services:
            if not self._parties[party].has(service):
                known = ", ".join(self._parties[party].services)
                yield f"`{service}` is no service of `{party}`; the header lists: {known}"

    def _scope(self, clause: Scope) -> Iterator[str]:
        owner, to = clause.owner, clause.to
        if not self._has_room(owner):
            yield f"`scope` shares cameras of `{owner}`, and no `owner-room` says what `{owner}` does with them"
        opened = (
            any((each.owner, each.to) == (owner, to) for each in self.of(Availability))
            or any((each.owner, each.to) == (owner, to) for each in self.of(InventoryDuty))
            or any(each.owner == owner and to in each.to for each in self.of(Extraction))
        )
        if not opened:
            yield f"`scope` shares cameras with `{to}`, and nothing opens them: write `availability`"
        purposes = {each.camera_class for each in self.of(Purposes) if (each.owner, each.to) == (owner, to)}
        if purposes and clause.camera_class not in purposes:
            yield f"the class `{clause.camera_class}` is shared, and no `purposes` say for what: others have theirs"

    # --- the owner's room

    def _has_room(self, owner: str) -> bool:
        return any(each.owner == owner for each in self.of(OwnerRoom))

    def _hours(self, owner: str) -> list[OpeningHours]:
        return [each for each in self.of(OpeningHours) if each.owner == owner]

    def _room(self, clause: OpeningHours | CentreActivity) -> Iterator[str]:
        hours, party = self._hours(clause.owner), self._parties[clause.owner]
        if not hours:
            yield f"`{clause.KIND}` needs the `opening-hours` of `{clause.owner}`: without them no room is active"
        if clause.room.casefold() != party.room.casefold() and not party.has(clause.room):
            yield f"`{clause.room}` is no room of `{clause.owner}`; the header names `{party.room}`"
        other = next((each.room for each in hours if each.room != clause.room), None)
        if other is not None:
            yield f"`{clause.owner}` has one room here: `{clause.room}` and `{other}` are two"
        if isinstance(clause, CentreActivity):
            for each in self._parties:
                if each != clause.owner:
                    yield from self._not_the_owners("declared_by", clause.declared_by, clause.owner, each)

    def _not_the_owners(self, key: str, roles: Sequence[Role], owner: str, partner: str) -> Iterator[str]:
        """Yield the roles that are the partner's own, or nobody's in a room: what the owner is to say, it says itself."""
        for role in roles:
            service = SERVICE_OF.get(role)
            theirs = service is not None and service in self._parties[partner].services
            if role in _IN_NO_ROOM or (theirs and service not in self._parties[owner].services):
                yield f"`{key}` names `{role}`, which is no role of the room of `{owner}`"

    # --- steering

    def _steering(self, clause: PtzTakeover | PartnerSteering | LeaseContinuation | Notice) -> Iterator[str]:
        owner, party = clause.owner, clause.party
        takeovers = {each.while_: each for each in self.of(PtzTakeover) if (each.owner, each.party) == (owner, party)}
        match clause:
            case PtzTakeover():
                yield from self._sees_first(clause.KIND, owner, party)
                yield from self._takeover(clause)
            case PartnerSteering(allowed=True):
                yield from self._sees_first(clause.KIND, owner, party)
            case LeaseContinuation():
                if set(takeovers) != set(While):
                    yield "`lease-continuation` needs a `ptz-takeover` for the closed room and one for the active room"
            case Notice():
                if clause.by != party:
                    yield f"the `notice` is owed by whoever steers, `{party}`, and not by `{clause.by}`"
                if not self._hours(owner):
                    yield f"`notice` is due at an opening, and needs the `opening-hours` of `{owner}`"
                if clause.owed_for is OwedFor.CONTROL and While.CENTRE_CLOSED not in takeovers:
                    yield "`notice` is owed for steering, and no `ptz-takeover` of the closed room makes it due"
            case _:
                pass

    def _takeover(self, clause: PtzTakeover) -> Iterator[str]:
        owner, party = clause.owner, clause.party
        if not self._hours(owner):
            yield f"`ptz-takeover` turns on whether the room is active, and needs the `opening-hours` of `{owner}`"
        notices = [each for each in self.of(Notice) if (each.owner, each.party) == (owner, party)]
        if clause.regime is Regime.NOTICE_AFTER and not notices:
            yield "the regime `notice-after` needs a `notice` clause: nothing says what is owed, nor by when"
        yield from self._not_the_owners("authorised_by", clause.authorised_by, owner, party)
        asked = [each for each in self.of(EventRequired) if each.party == party]
        further = [each for each in self.of(Arrangements) if each.party == party]
        known = {kind for each in asked for kind in each.kinds} | {kind for each in further for kind in each.kinds}
        for kind in clause.event_kinds:
            if asked and kind not in known:
                yield f"`event_kinds` names `{kind}`, which `event-required` does not let `{party}` open"

    def _sees_first(self, kind: str, owner: str, party: str) -> Iterator[str]:
        if not any((each.owner, each.to) == (owner, party) for each in self.of(Availability)):
            yield f"`{kind}` lets `{party}` steer what nothing lets it see: write `availability`"

    # --- duties

    def _duty(self, clause: Duty) -> Iterator[str]:
        if clause.by == clause.to:
            yield f"`duty` names `{clause.by}` on both sides: a party owes itself nothing"
        match clause.on:
            case Occurrence.HOURS_VARIED:
                if not any(each.varied for each in self._hours(clause.by)):
                    yield f"`duty` on `hours-varied`: no `opening-hours` of `{clause.by}` may be varied"
            case Occurrence.FLOW_SUSPENDED:
                if not any(each.subject == (clause.by, clause.to) for each in self.of(Suspension)):
                    yield f"`duty` on `flow-suspended`: no `suspension` lets `{clause.by}` suspend one"
            case Occurrence.OUT_OF_HOURS_CALL:
                if not self._hours(clause.by):
                    yield f"`duty` on `out-of-hours-call`: no `opening-hours` of `{clause.by}` are told"
            case _:
                pass


def _between(clause: Clause) -> list[tuple[str, str]]:
    """Return the owner and the partner that a clause rules, for each partner; none where it rules one party alone."""
    match clause:
        case Scope() | Availability() | Purposes() | InventoryDuty():
            return [(clause.owner, clause.to)]
        case Extraction():
            return [(clause.owner, to) for to in clause.to if to != clause.owner]
        case OwnerPriority():
            return [(clause.owner, clause.over)]
        case Suspension() | PtzTakeover() | PartnerSteering() | LeaseContinuation() | Notice():
            return [(clause.owner, clause.party)]
        case _:
            return []

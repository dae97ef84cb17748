"""Whether two states are the same: every read of the `Snapshot` protocol, over every id of the small city."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import cast

from belvedere.changes import Change
from belvedere.domain.ids import (
    AgentId,
    AuthorisationId,
    EventId,
    LeaseId,
    LookId,
    PartyId,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.vocabulary import Role
from belvedere.policy import Convention
from belvedere.spine.after import After
from belvedere.spine.snapshot import Snapshot
from belvedere.store.kept_state import KeptStates
from belvedere.store.snapshot import SqlSnapshot
from belvedere.store.spine_store import SqlTransaction
from belvedere.store.writer import WriteTransaction
from tests.unit.changes import small_city
from tests.unit.changes.small_city import AT, CITY, CONVENTION, SIGNED_IN, STATE, WHO, account, camera, session, station

PARTIES = (CITY, STATE, PartyId("nobody"))
SERVICES = tuple(map(ServiceId, ("csu", "cic", "srpj")))
AGENTS = (*(account(login).agent for login in WHO), AgentId("a-nobody"))
LOGINS = (*WHO, *(f"{login}-2" for login in WHO), "nobody")
STATIONS = (*(station(login).id for login in WHO), StationId("poste-neuf"))
SECRETS = (*(station(login).secret_sha256 for login in WHO), b"2" * 32, b"3" * 32)
SESSIONS = tuple(session(login, number).cookie_sha256 for login in SIGNED_IN for number in (0, 1))
ROLES = (Role.CIC_OPERATOR, Role.CSU_OPERATOR)
EVENTS = tuple(map(EventId, (*small_city.OPENERS, "e-nowhere")))
VIEWINGS = tuple(ViewingId(f"v-{name}") for name in (*range(1, 9), "over", "over-too"))
CAMERAS = tuple(camera(number) for number in range(1, 10))
LEASES = tuple(map(LeaseId, ("l-1", "l-2", "l-3", "l-nowhere")))
LOOKS = tuple(map(LookId, ("k-1", "k-2", "k-nowhere")))
AUTHORISATIONS = tuple(map(AuthorisationId, ("a-1", "a-2", "a-nowhere")))
JTIS = ("m-1", "m-2", "m-3")
DAYS = tuple(date(2026, 3, 23) + timedelta(days=days) for days in range(8))

Reads = Mapping[str, object]


def _convention(found: Convention | None) -> object:
    return None if found is None else (found.id, found.sha256, found.ends_at)


def _running(state: Snapshot) -> object:
    running = state.running()
    return (
        list(running.by_id.items()),
        {party: list(running.slots(party).items()) for party in PARTIES},
        {party: running.holders(party) for party in PARTIES},
    )


READS: Mapping[str, Callable[[Snapshot], object]] = {
    "place": lambda state: id(state.place),
    "conventions": lambda state: [_convention(each) for each in state.conventions()],
    "convention_between": lambda state: {
        (owner, party): _convention(state.convention_between(owner, party)) for owner in PARTIES for party in PARTIES
    },
    "event": lambda state: {each: state.event(each) for each in EVENTS},
    "events": lambda state: {party: list(state.events(party)) for party in (None, *PARTIES)},
    "events_kept_by": lambda state: {agent: list(state.events_kept_by(agent)) for agent in AGENTS},
    "running": _running,
    "ending": lambda state: state.ending(),
    "viewing": lambda state: {each: state.viewing(each) for each in VIEWINGS},
    "viewings": lambda state: list(state.viewings()),
    "slots": lambda state: {party: list(state.slots(party).items()) for party in PARTIES},
    "holders": lambda state: {party: state.holders(party) for party in PARTIES},
    "leases": lambda state: list(state.leases()),
    "lease": lambda state: {each: state.lease(each) for each in LEASES},
    "lease_over": lambda state: {each: state.lease_over(each) for each in LEASES},
    "fence": lambda state: {each: state.fence(each) for each in CAMERAS},
    "authorisation": lambda state: {each: state.authorisation(each) for each in AUTHORISATIONS},
    "authorisations": lambda state: list(state.authorisations()),
    "owed_notices": lambda state: list(state.owed_notices()),
    "look": lambda state: {each: state.look(each) for each in LOOKS},
    "deputies": lambda state: list(state.deputies()),
    "looks": lambda state: list(state.looks()),
    "crews_engaged": lambda state: list(state.crews_engaged()),
    "suspension": lambda state: {(each, party): state.suspension(each, party) for each in CAMERAS for party in PARTIES},
    "suspensions": lambda state: list(state.suspensions()),
    "suspension_by_viewing": lambda state: {each: state.suspension_by_viewing(each) for each in VIEWINGS},
    "centre": lambda state: state.centre(),
    "hours_varied": lambda state: {day: state.hours_varied(day) for day in DAYS},
    "hours_varied_from": lambda state: {day: list(state.hours_varied_from(day)) for day in DAYS[::3]},
    "faults": lambda state: list(state.faults().items()),
    "orders_confirmed": lambda state: state.orders_confirmed(),
    "handover_notes": lambda state: {
        (party, service): list(state.handover_notes(party, service)) for party in PARTIES for service in SERVICES
    },
    "convention_text": lambda state: {each: state.convention_text(each) for each in (CONVENTION, "none")},
    "convention_texts_replaced": lambda state: {
        each: state.convention_texts_replaced(each) for each in (CONVENTION, "none")
    },
    "convention_keys": lambda state: {each: state.convention_keys(each) for each in (CONVENTION, "none")},
    "convention_keys_replaced": lambda state: {
        each: list(state.convention_keys_replaced(each)) for each in (CONVENTION, "none")
    },
    "joint_proposals": lambda state: list(state.joint_proposals()),
    "terms_told": lambda state: {each: list(state.terms_told(each)) for each in (CONVENTION, "none")},
    "account": lambda state: {each: state.account(each) for each in AGENTS},
    "account_by_login": lambda state: {each: state.account_by_login(each) for each in LOGINS},
    "accounts": lambda state: {party: list(state.accounts(party)) for party in PARTIES},
    "agent_labels": lambda state: state.agent_labels(AGENTS),
    "station": lambda state: {each: state.station(each) for each in STATIONS},
    "station_by_secret": lambda state: {each: state.station_by_secret(each) for each in SECRETS},
    "stations": lambda state: {party: list(state.stations(party)) for party in PARTIES},
    "every_station": lambda state: list(state.every_station()),
    "standing": lambda state: {
        (agent, at, when): state.standing(agent, at, when)
        for agent, at in zip(AGENTS[::2], STATIONS[::2], strict=True)
        for when in (AT, AT + timedelta(days=2))
    },
    "session": lambda state: {each: state.session(each) for each in SESSIONS},
    "signed_in": lambda state: {each: state.signed_in(each) for each in SESSIONS},
    # In no order that anybody relies on.
    "open_sessions": lambda state: sorted(state.open_sessions(), key=lambda each: each.cookie_sha256),
    "sessions_open": lambda state: state.sessions_open(),
    "catalogue": lambda state: {party: state.catalogue(party) for party in PARTIES},
    "replica": lambda state: {party: state.replica(party) for party in PARTIES},
    "viewing_made_by": lambda state: {each: state.viewing_made_by(each) for each in VIEWINGS},
    "taken_until_s": lambda state: {(party, jti): state.taken_until_s(party, jti) for party in PARTIES for jti in JTIS},
    "layout": lambda state: {(at, role): state.layout(at, role) for at in STATIONS[::3] for role in ROLES},
}
"""What is read of a state, by the protocol's member."""
KEPT = (
    *("running", "ending", "viewing", "viewings", "slots", "holders"),
    *("centre", "hours_varied", "hours_varied_from", "suspension", "suspensions"),
    *("terms_told", "conventions", "convention_between"),
)
"""What the writer keeps in memory from one state to the next, and could keep for too long."""


def members_of_the_protocol() -> set[str]:
    """Return the names of all that a step may read."""
    return {name for base in Snapshot.__mro__ for name in vars(base) if not name.startswith("_")} - {"register"}


def read(state: Snapshot, names: Sequence[str] = tuple(READS)) -> Reads:
    """Return what a state says."""
    return {name: READS[name](state) for name in names}


def differences(one: Reads, other: Reads) -> list[str]:
    """Return where two states differ, one line a read."""
    return [f"{name}: {line}" for name in one for line in _apart(one[name], other[name])]


def _apart(one: object, other: object) -> list[str]:
    if one == other:
        return []
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [f"{key!r}: {line}" for key in one for line in _apart(one[key], other[key])]
    return [f"{one!r} is not {other!r}"]


class _Remembered:
    """A state whose answers are asked for once, however often it begins anew."""

    def __init__(self, answers: dict[tuple[object, ...], object], state: Snapshot) -> None:
        self._answers = answers
        self._state = state

    def __getattr__(self, name: str) -> object:
        member = getattr(self._state, name)
        if not callable(member):
            return member

        def ask(*args: object) -> object:
            if (name, *args) not in self._answers:
                self._answers[name, *args] = member(*args)
            return self._answers[name, *args]

        return ask


class Twins:
    """A state in memory and the tables, over a database that holds the small city before every call of `differ`."""

    def __init__(self) -> None:
        self.place = small_city.place()
        self._answers: dict[tuple[object, ...], object] = {}

    def differ(self, transaction: WriteTransaction, *parts: Sequence[Change]) -> list[str]:
        """Make `parts` one after the other in both; return where the two differ.

        Leaves the tables changed: the caller rolls the transaction back.
        """
        kept = KeptStates()
        before = self._snapshot(transaction, kept)
        before.centre()  # so that what is declared is kept, and could be kept for too long
        state = cast("Snapshot", _Remembered(self._answers, before))
        for part in parts:
            state = After(state, part)
        # Read before the tables change under it.
        in_memory = read(state)
        for part in parts:
            SqlTransaction(transaction, self.place, kept=kept).make(part, ())
        # From the rows, then as the writer keeps it in memory.
        found = differences(in_memory, read(self._snapshot(transaction, KeptStates())))
        as_kept = read(self._snapshot(transaction, kept), KEPT)
        return found + differences({name: in_memory[name] for name in KEPT}, as_kept)

    def _snapshot(self, transaction: WriteTransaction, kept: KeptStates) -> SqlSnapshot:
        return SqlSnapshot(transaction.connection, self.place, kept=kept)

"""Signing in and out: a login, a password, and the enrolment secret of a registered station."""

import base64
import hashlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import ClassVar
from zoneinfo import ZoneInfo

import structlog

from belvedere.agents.passwords import Passwords, Place, PlaceFull
from belvedere.agents.requesters import requester_of
from belvedere.agents.session_clock import SessionClock
from belvedere.agents.station_code import spellings
from belvedere.agents.throttle import ANY_LOGIN, Throttle
from belvedere.changes import Change, SessionClosed, SessionOpened, SessionSeen
from belvedere.domain.agents import SESSION_MAX, Account, Session, Station
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import IdSource, PartyId
from belvedere.domain.requester import DESK_ROLES, Requester
from belvedere.domain.standing import Standing
from belvedere.policy.standing import standing_of
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

log = structlog.get_logger(__name__)
SEEN_EVERY = timedelta(minutes=5)
"""How often it is written that a session was seen; in between it is only remembered."""
BUSY_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class LogIn:
    """The command. `address` is the client's network address, for the throttle only."""

    login: str
    password: str
    station_secret: str
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session it is, and how the agent stands now: a session whose agent lacks standing is closed by that."""

    requester: Requester
    standing: Standing


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Signed in; `cookie` is the session's secret, shown once."""

    session: SignedIn
    cookie: str


@dataclass(frozen=True, slots=True)
class Relief:
    """The agent that takes over; its session is opened in the place of the former one, not here."""

    session: SignedIn
    cookie: str


@dataclass(frozen=True, slots=True)
class NotByPin:
    """To act in this role one signs in with its password."""


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """No account has this login and this password; which of the two is not said."""

    cause: ClassVar[Cause] = Cause.WRONG_PASSWORD


@dataclass(frozen=True, slots=True)
class StationUnregistered:
    """The station's secret belongs to no registered station of `party`, the agent's, or to one that ended."""

    cause: ClassVar[Cause] = Cause.STATION_UNREGISTERED

    party: PartyId


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many wrong attempts, or too many at once; try again after `seconds`."""

    cause: ClassVar[Cause] = Cause.WAIT

    seconds: float


def open_session(
    snapshot: Snapshot, session: Session, party: PartyId, now: Instant, *, going_on: Collection[bytes]
) -> tuple[Change, ...]:
    """Return that a session opens, and that those whose end has passed are closed, but those of `going_on`."""
    over = [
        each.cookie_sha256
        for each in snapshot.open_sessions()
        if each.opened_at <= now - SESSION_MAX and each.cookie_sha256 not in going_on
    ]
    return (*(SessionClosed(each) for each in over), SessionOpened(session, party))


def digest(secret: str) -> bytes:
    """Return the SHA-256 under which a high-entropy secret is kept."""
    return hashlib.sha256(secret.encode()).digest()


class SignIn:
    """Opens, finds and closes sessions."""

    def __init__(
        self,
        *,
        spine: Spine,
        passwords: Passwords,
        sessions: SessionClock,
        clock: Clock,
        ids: IdSource,
        zone: ZoneInfo,
    ) -> None:
        self._zone = zone
        self._spine = spine
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._ids = ids
        self._throttle = Throttle()
        self.failures_total = 0

    async def log_in(self, command: LogIn) -> LoggedIn | WrongPassword | StationUnregistered | Wait:
        """Open a session; raises `NotRecorded`, and `TooManyAtOnce` where too many passwords wait."""
        secrets = [digest(spelt) for spelt in spellings(command.station_secret)]

        def find(reading: Snapshot) -> tuple[Account | None, Station | None]:
            found = (reading.station_by_secret(secret_sha256) for secret_sha256 in secrets)
            return reading.account_by_login(command.login), next((each for each in found if each is not None), None)

        account, station = await self._spine.read(find)
        if station is not None and station.ended_at is not None:
            station = None
        place = Place(command.address if station is None else station.id, registered=station is not None)
        try:
            async with self._passwords.turn(place, command.login):
                refused = await self._refusal(command, account, station, place)
        except PlaceFull:
            refused = Wait(BUSY_WAIT_S)
        if refused is not None:
            # Neither the login nor the password: what is typed into the wrong field must not stand in a log.
            log.warning("sign_in_refused", cause=refused.cause.value, place=place.name, registered=place.registered)
            return refused
        assert account is not None, "a password was right"
        assert station is not None, "a station was right"
        log.info("signed_in", agent=account.pseudonym, party=account.party, station=station.id)
        return await self._open_session(account, station)

    async def _refusal(
        self, command: LogIn, account: Account | None, station: Station | None, place: Place
    ) -> WrongPassword | StationUnregistered | Wait | None:
        """Return why not, counted, or None; the caller has the turn, so nothing else is counted meanwhile."""
        counted_for = (command.login,) if place.registered else (command.login, ANY_LOGIN)
        now_s = self._clock.monotonic_s()
        wait_s = max(self._throttle.wait_s(each, place.name, now_s) for each in counted_for)
        if wait_s > 0:
            return Wait(wait_s)
        matches = await self._passwords.matches(
            command.password, None if account is None else account.password_hash, place=place
        )
        if account is not None and matches and station is not None and station.party == account.party:
            self._throttle.succeeded(command.login, place.name)
            return None
        self.failures_total += 1
        for each in counted_for:
            self._throttle.failed(each, place.name, self._clock.monotonic_s())
        # A right password at no station counts like a wrong one, or the answer would tell for nothing that it is right.
        return StationUnregistered(account.party) if account is not None and matches else WrongPassword()

    async def _open_session(self, account: Account, station: Station) -> LoggedIn:
        session, cookie = self._new_session(account, station)
        # The wall clock may have jumped: what goes on by the time that passed is no ended session.
        going_on = self._sessions.going_on()

        def step(snapshot: Snapshot, now: Instant) -> Step[None]:
            return Step(None, open_session(snapshot, session, account.party, now, going_on=going_on))

        await self._spine.commit(step)
        return LoggedIn(self._signed_in(account, station, session), cookie)

    def _new_session(self, account: Account, station: Station) -> tuple[Session, str]:
        cookie = base64.urlsafe_b64encode(self._ids.secret(32)).decode().rstrip("=")
        now = self._clock.now()
        return Session(digest(cookie), account.agent, station.id, opened_at=now, seen_at=now), cookie

    async def relieve(
        self, requester: Requester, *, login: str, pin: str
    ) -> Relief | WrongPassword | StationUnregistered | NotByPin | Wait:
        """Return the agent of the same party that takes the requester's station over, by its PIN.

        Agents at a desk relieve one another, or one of the same role; an agent may relieve itself, and so begin its
        session anew.
        """

        def find(reading: Snapshot) -> tuple[Account | None, Station | None]:
            return reading.account_by_login(login), reading.station(requester.station)

        account, station = await self._spine.read(find)
        if account is not None and account.party != requester.party:
            account = None
        place = Place(requester.station, registered=True)
        try:
            async with self._passwords.turn(place, login):
                refused = await self._wrong_pin(login, pin, account, place)
        except PlaceFull:
            refused = Wait(BUSY_WAIT_S)
        if refused is not None:
            cause = Cause.WRONG_PIN if isinstance(refused, WrongPassword) else refused.cause
            log.warning("relief_refused", cause=cause.value, place=place.name)
            return refused
        assert account is not None, "a PIN was right"
        if station is None or station.ended_at is not None:
            return StationUnregistered(requester.party)
        if account.role is not requester.role and account.role not in DESK_ROLES:
            return NotByPin()
        session, cookie = self._new_session(account, station)
        return Relief(self._signed_in(account, station, session), cookie)

    async def _wrong_pin(
        self, login: str, pin: str, account: Account | None, place: Place
    ) -> WrongPassword | Wait | None:
        """Return why not, counted, or None; the caller has the turn, so nothing else is counted meanwhile."""
        wait_s = self._throttle.wait_s(login, place.name, self._clock.monotonic_s())
        if wait_s > 0:
            return Wait(wait_s)
        if await self._passwords.matches(pin, None if account is None else account.pin_hash, place=place):
            self._throttle.succeeded(login, place.name)
            return None
        self.failures_total += 1
        self._throttle.failed(login, place.name, self._clock.monotonic_s())
        return WrongPassword()

    async def who(self, cookie: str) -> SignedIn | None:
        """Return whose session a cookie stands for, and how the agent stands now; None once the session is over.

        Session, account and station are of one view.
        """
        cookie_sha256 = digest(cookie)
        now = self._clock.now()

        def find(reading: Snapshot) -> tuple[Session, Account, Station] | None:
            session = reading.session(cookie_sha256)
            if session is None:
                return None
            account = reading.account(session.agent)
            station = reading.station(session.station)
            if account is None or station is None:
                return None
            return session, account, station

        found = await self._spine.read(find)
        if found is None:
            return None
        session, account, station = found
        if not self._sessions.meet(session):
            return None
        if now - session.seen_at > SEEN_EVERY:
            # Reading goes on while nothing can be written: the room is never blinded by its own journal.
            with suppress(NotRecorded):
                seen = SessionSeen(replace(session, seen_at=now))
                await self._spine.commit(lambda _, __: Step(None, (seen,)))
        return self._signed_in(account, station, session)

    def _signed_in(self, account: Account, station: Station, session: Session) -> SignedIn:
        return SignedIn(
            requester_of(account, station, session, ends_at=self._sessions.ends_at(session)),
            standing_of(account, station, at=self._clock.now(), zone=self._zone),
        )

    async def standings(self) -> Mapping[bytes, Standing]:
        """Return how the agent of every session stands now, by the session's digest: one read for all that follow."""
        now = self._clock.now()

        def find(reading: Snapshot) -> Mapping[bytes, Standing]:
            account, station = cache(reading.account), cache(reading.station)
            return {
                each.cookie_sha256: standing_of(account(each.agent), station(each.station), at=now, zone=self._zone)
                for each in reading.open_sessions()
            }

        return await self._spine.read(find)

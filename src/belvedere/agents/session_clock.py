"""How long each session still goes on, in monotonic time: a jump of the wall clock signs nobody out (reliability 12).

A session that this process meets for the first time has what the wall clock leaves it; from then on only time that
really passes counts. Used on the event loop only.
"""

from dataclasses import dataclass
from datetime import timedelta

from belvedere.domain.agents import SESSION_IDLE, SESSION_MAX, Session
from belvedere.domain.clock import Clock, Instant

KEPT_MAX = 4096


@dataclass(slots=True)
class _Held:
    ends_s: float
    seen_s: float


class SessionClock:
    """The sessions that this process knows (by the digests of their cookies), bounded (implements `live.Sessions`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[bytes, _Held] = {}

    def meet(self, session: Session) -> bool:
        """Note that the session is used now; return whether it goes on, False once it is over or was idle too long."""
        now_s = self._clock.monotonic_s()
        held = self._held.pop(session.cookie_sha256, None) or self._first_met(session, now_s)
        goes_on = now_s < held.ends_s and now_s - held.seen_s <= SESSION_IDLE.total_seconds()
        if goes_on:
            held.seen_s = now_s
        self._held[session.cookie_sha256] = held
        while len(self._held) > KEPT_MAX:
            self._held.pop(next(iter(self._held)))
        return goes_on

    def ends_at(self, session: Session) -> Instant:
        """Return when the session ends, as the wall clock reads now."""
        held = self._held.get(session.cookie_sha256)
        if held is None:
            return session.ends_at
        return self._clock.now() + timedelta(seconds=held.ends_s - self._clock.monotonic_s())

    def forget(self, cookie_sha256: bytes) -> None:
        """Forget a session that was closed."""
        self._held.pop(cookie_sha256, None)

    def going_on(self) -> frozenset[bytes]:
        """Return the sessions known here whose longest time is not over."""
        now_s = self._clock.monotonic_s()
        return frozenset(cookie for cookie, held in self._held.items() if now_s < held.ends_s)

    def over(self, sessions: frozenset[bytes]) -> frozenset[bytes]:
        """Return those of these sessions that have gone on for as long as one may."""
        now_s = self._clock.monotonic_s()
        return frozenset(each for each in sessions if each in self._held and now_s >= self._held[each].ends_s)

    def _first_met(self, session: Session, now_s: float) -> _Held:
        now = self._clock.now()
        left = min(SESSION_MAX, session.ends_at - now)
        unseen = max(timedelta(0), now - session.seen_at)
        return _Held(now_s + left.total_seconds(), now_s - unseen.total_seconds())

"""Slows guessing down without ever locking a room out (reliability 22).

A wait is owed per login *and* place (registered station, or else address): whoever guesses elsewhere never delays
the operator at the console. An address without a registered station owes one for all its logins together, too: nobody
can sign in there anyway. The wait doubles from 1 s to 15 s and is forgotten after ten quiet minutes.
"""

from dataclasses import dataclass, field

FREE_FAILURES = 3
ANY_LOGIN = ""
"""Stands for every login of one address; no login is empty."""
FREE_FAILURES_OF_ANY = 10
WAIT_MAX_S = 15.0
FORGET_S = 600.0
KEYS_MAX = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


@dataclass
class Throttle:
    """Counts failed attempts in bounded memory; times are monotonic seconds."""

    _by_key: dict[tuple[str, str], _Failures] = field(default_factory=dict)

    def wait_s(self, login: str, place: str, now_s: float) -> float:
        """Return how long this login from this place has to wait still; 0 when it may try."""
        failures = self._by_key.get((login, place))
        free = FREE_FAILURES_OF_ANY if login == ANY_LOGIN else FREE_FAILURES
        if failures is None or failures.count < free:
            return 0.0
        owed_s = min(WAIT_MAX_S, 2.0 ** min(failures.count - free, 10))
        return max(0.0, failures.last_s + owed_s - now_s)

    def failed(self, login: str, place: str, now_s: float) -> None:
        """Note a failed attempt."""
        key = (login, place)
        failures = self._by_key.pop(key, None)
        if failures is None or now_s - failures.last_s > FORGET_S:
            failures = _Failures(0, now_s)
        self._by_key[key] = _Failures(failures.count + 1, now_s)
        while len(self._by_key) > KEYS_MAX:
            self._by_key.pop(next(iter(self._by_key)))

    def succeeded(self, login: str, place: str) -> None:
        """Forget the failures of this login at this place."""
        self._by_key.pop((login, place), None)

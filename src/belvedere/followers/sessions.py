"""The clock of sessions follows: what was opened begins to count, what was closed is forgotten."""

from collections.abc import Sequence
from typing import Protocol

from belvedere.changes import Change, SessionClosed, SessionOpened, SessionRelieved
from belvedere.domain.agents import Session


class SessionTimes(Protocol):
    """How long each session still goes on."""

    def meet(self, session: Session) -> bool:
        """Note that the session is used now."""

    def forget(self, cookie_sha256: bytes) -> None:
        """Forget a session that was closed."""


class SessionsFollower:
    """Tells the clock of sessions (implements `spine.ports.Follower`)."""

    def __init__(self, times: SessionTimes) -> None:
        self._times = times

    def follow(self, changes: Sequence[Change]) -> None:
        """Meet what was opened, forget what was closed."""
        for change in changes:
            match change:
                case SessionOpened(session):
                    self._times.meet(session)
                case SessionRelieved(former, session):
                    self._times.forget(former)
                    self._times.meet(session)
                case SessionClosed(session_sha256):
                    self._times.forget(session_sha256)

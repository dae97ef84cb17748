"""An agent closes its own picture, or leaves its station."""

from belvedere.changes import Change, SessionClosed
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ViewingId
from belvedere.domain.requester import Requester
from belvedere.domain.viewings import Viewing
from belvedere.rights import endings
from belvedere.rights.review import end, endings_of
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


def close_stream(snapshot: Snapshot, requester: Requester, viewing: ViewingId, now: Instant) -> Step[bool]:
    """End one viewing of the requester; False where it has no such viewing."""

    def own(candidate: Viewing) -> bool:
        return (candidate.id, candidate.party, candidate.agent) == (viewing, requester.party, requester.agent)

    ended = end(snapshot, now, own, lambda _: endings.closed_by_agent())
    return Step(bool(endings_of(ended)), ended)


def leave(snapshot: Snapshot, session_sha256: bytes, now: Instant) -> Step[None]:
    """Close the session and end all that runs by it."""
    closed: tuple[Change, ...] = (SessionClosed(session_sha256),) if snapshot.signed_in(session_sha256) else ()

    def of_the_session(viewing: Viewing) -> bool:
        return viewing.session_sha256 == session_sha256

    return Step(None, end(snapshot, now, of_the_session, lambda _: endings.session_ended(), beside=closed))


class StreamCloser:
    """Closes viewings; the slot is free when the camera's last viewer has gone.

    Whoever is signed in closes what is its own, whatever its standing: an end harms nobody.
    """

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def __call__(self, requester: Requester, viewing: ViewingId) -> bool:
        """Close one viewing; False where the requester has no such viewing."""
        return await self._spine.commit(
            lambda snapshot, now: close_stream(snapshot, requester, viewing, now), essential=True
        )

    async def leave(self, session_sha256: bytes) -> None:
        """End every viewing of a session that signs out, and the session."""
        await self._spine.commit(lambda snapshot, now: leave(snapshot, session_sha256, now), essential=True)

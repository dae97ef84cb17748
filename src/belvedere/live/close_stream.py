"""An agent closes its own picture."""

from belvedere.domain.asker import Asker
from belvedere.domain.ids import ViewingId
from belvedere.live import endings
from belvedere.live.model import Viewing
from belvedere.live.own_room import OwnRoomQueue
from belvedere.live.ports import LivePorts
from belvedere.live.review import ViewingReview


class StreamCloser:
    """Closes viewings of the asker; the slot is free when the camera's last viewer has gone."""

    def __init__(self, ports: LivePorts, review: ViewingReview, own_room: OwnRoomQueue) -> None:
        self._ports = ports
        self._review = review
        self._own_room = own_room

    async def __call__(self, asker: Asker, viewing: ViewingId) -> bool:
        """Close one viewing; False where the asker has no such viewing."""

        def own(candidate: Viewing) -> bool:
            return candidate.id == viewing and candidate.party == asker.party and candidate.agent == asker.agent

        unrecorded = self._own_room.end(own, endings.closed_by_agent())
        self._review.stop(unrecorded)
        return bool(unrecorded or await self._review.end(own, lambda _: endings.closed_by_agent()))

    async def leave(self, session_sha256: bytes) -> None:
        """End every viewing of a session that signs out."""

        def of_session(viewing: Viewing) -> bool:
            return viewing.session_sha256 == session_sha256

        self._review.stop(self._own_room.end(of_session, endings.session_ended()))
        await self._review.end(of_session, lambda _: endings.session_ended())
        self._ports.relay.void_tickets(session_sha256)

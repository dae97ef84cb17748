"""An agent closes its own picture."""

from belvedere.domain.asker import Asker
from belvedere.domain.ids import ViewingId
from belvedere.live import endings
from belvedere.live.model import Ending, Viewing
from belvedere.live.own_room import OwnRoomQueue
from belvedere.live.ports import LivePorts
from belvedere.live.records import ended_record
from belvedere.live.review import Ended, ViewingReview


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

        unrecorded = self._own_room.held(viewing)
        if unrecorded is not None and own(unrecorded):
            self._end_unrecorded(unrecorded, endings.closed_by_agent())
            return True
        return bool(await self._review.end(own, lambda _: endings.closed_by_agent()))

    def _end_unrecorded(self, viewing: Viewing, ending: Ending) -> None:
        self._own_room.ended(
            viewing.id,
            ended_record(
                viewing,
                at=self._ports.clock.now(),
                convention=self._ports.convention_for(viewing.party),
                event=None,
                ending=ending,
            ),
        )
        self._review.stop([Ended(viewing, ending)])

    async def leave(self, session_sha256: bytes) -> None:
        """End every viewing of a session that signs out."""
        for unrecorded in tuple(self._own_room.viewings):
            if unrecorded.session_sha256 == session_sha256:
                self._end_unrecorded(unrecorded, endings.session_ended())
        await self._review.end(
            lambda viewing: viewing.session_sha256 == session_sha256,
            lambda _: endings.session_ended(),
        )

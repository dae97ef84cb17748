"""An agent closes its own picture."""

from belvedere.domain.asker import Asker
from belvedere.domain.ids import ViewingId
from belvedere.live import endings
from belvedere.live.model import Viewing
from belvedere.live.review import ViewingReview


class StreamCloser:
    """Closes viewings of the asker; the slot is free when the camera's last viewer has gone."""

    def __init__(self, review: ViewingReview) -> None:
        self._review = review

    async def __call__(self, asker: Asker, viewing: ViewingId) -> bool:
        """Close one viewing; False where the asker has no such viewing; raises `NotRecorded`."""

        def own(candidate: Viewing) -> bool:
            return (
                candidate.id == viewing
                and candidate.party == asker.party
                and candidate.agent == asker.agent
            )

        return bool(await self._review.end(own, lambda _: endings.closed_by_agent()))

    async def leave(self, session_sha256: bytes) -> None:
        """End every viewing of a session that signs out; raises `NotRecorded`."""
        await self._review.end(
            lambda viewing: viewing.session_sha256 == session_sha256,
            lambda _: endings.session_ended(),
        )

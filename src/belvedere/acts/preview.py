"""What a button would do: the same engine on the facts of now, without a record."""

from dataclasses import dataclass

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.decision import Decision
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.requester import Requester
from belvedere.domain.vocabulary import Action
from belvedere.policy import decide
from belvedere.rights.facts import asked_by, request_to_decide
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Preview:
    """The question."""

    requester: Requester
    action: Action
    camera: CameraId
    event: EventId | None
    purpose: str | None


class Previewer:
    """Answers before the click."""

    def __init__(self, spine: Spine, clock: Clock) -> None:
        self._spine = spine
        self._clock = clock

    async def __call__(self, question: Preview) -> Decision | None:
        """Return what would be decided now; None where camera or event is unknown to the requester."""
        return await self._spine.read(lambda snapshot: preview(snapshot, question, self._clock.now()))


def preview(snapshot: Snapshot, question: Preview, now: Instant) -> Decision | None:
    """Return what would be decided; None where camera or event is unknown to the requester."""
    requester, camera = question.requester, snapshot.place.cameras.watched(question.camera)
    convention = None if camera is None else snapshot.convention_between(camera.owner, requester.party)
    event = None if question.event is None else snapshot.event(question.event)
    if camera is None or convention is None:
        return None
    if question.event is not None and (event is None or event.party != requester.party):
        return None
    asked = asked_by(requester, question.action, camera, at=now, event=event, purpose=question.purpose)
    return decide(convention, request_to_decide(snapshot, asked, zone=convention.zone))

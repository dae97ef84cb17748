"""What a button would do: the same engine on the facts of now, without a record."""

from dataclasses import dataclass

from belvedere.domain.asker import Asker
from belvedere.domain.decision import Decision
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.vocabulary import Action
from belvedere.live.facts import asked_by, request_to_decide
from belvedere.live.ports import LivePorts, LiveReading
from belvedere.policy import decide


@dataclass(frozen=True, slots=True)
class Preview:
    """The question."""

    asker: Asker
    action: Action
    camera: CameraId
    event: EventId | None
    purpose: str | None


class Previewer:
    """Answers before the click."""

    def __init__(self, ports: LivePorts) -> None:
        self._ports = ports

    async def __call__(self, question: Preview) -> Decision | None:
        """Return what would be decided now; None where camera or event is unknown to the asker."""
        asker = question.asker
        camera = self._ports.cameras.watched(question.camera)
        convention = self._ports.convention_for(asker.party)
        if camera is None or convention is None:
            return None
        watched, in_force = camera, convention

        def answer(reading: LiveReading) -> Decision | None:
            event = None if question.event is None else reading.event(question.event)
            if question.event is not None and (event is None or event.party != asker.party):
                return None
            at, purpose = self._ports.clock.now(), question.purpose
            asked = asked_by(asker, question.action, watched, at=at, event=event, purpose=purpose)
            return decide(in_force, request_to_decide(reading, asked, zone=in_force.zone))

        return await self._ports.store.read(answer)

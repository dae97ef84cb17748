"""What a button would do: the same engine on the facts of now, without a record.

Of another node's camera this node decides on what its owner last told, and says as of when; where that is old, nothing new would
open, and the answer says so beforehand.
"""

from collections.abc import Callable
from dataclasses import dataclass

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.decision import Decision, Granted, Refused
from belvedere.domain.ids import CameraId, EventId, PartyId
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


@dataclass(frozen=True, slots=True)
class OwnerHeard:
    """When another owner's node last answered (None: not since the start), and whether that is lately enough to open anything."""

    at: Instant | None
    near: bool


@dataclass(frozen=True, slots=True)
class Previewed:
    """What would be decided, `as_of` when its owner's node last answered; None for a camera of this node's own."""

    decision: Decision
    as_of: Instant | None


class Previewer:
    """Answers before the click."""

    def __init__(self, spine: Spine, clock: Clock, heard: Callable[[PartyId], OwnerHeard]) -> None:
        """`heard` tells when the node of another owner last answered."""
        self._spine = spine
        self._clock = clock
        self._heard = heard

    async def __call__(self, question: Preview) -> Previewed | None:
        """Return what would be decided now; None where camera or event is unknown to the requester."""
        decision, owner = await self._spine.read(
            lambda snapshot: (preview(snapshot, question, self._clock.now()), owner_elsewhere(snapshot, question))
        )
        if decision is None or owner is None:
            return None if decision is None else Previewed(decision, None)
        heard = self._heard(owner)
        if isinstance(decision, Granted) and not heard.near:
            words = Cause.OWNER_AWAY.words
            decision = Refused(decision.articles, Cause.OWNER_AWAY, words.sentence, words.remedy, facts=decision.facts)
        return Previewed(decision, heard.at)


def owner_elsewhere(snapshot: Snapshot, question: Preview) -> PartyId | None:
    """Return the owner of a camera of another node's; None for one of this node's."""
    camera = snapshot.place.cameras.watched(question.camera)
    return None if camera is None or snapshot.place.cameras.is_here(camera.id) else camera.owner


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

"""Steering is not offered yet: asked for, it is refused, said so, and written down."""

from dataclasses import dataclass
from typing import ClassVar

from belvedere.acts.unknown import Unknown
from belvedere.changes import Decided
from belvedere.changes.records import reference
from belvedere.domain.articles_of_speech import of
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Refused
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action
from belvedere.policy import Party, decide
from belvedere.rights.centre import centre_now
from belvedere.rights.facts import asked_by, request_to_decide
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

STEERING = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)
OFFERED = frozenset({Action.VIEW})
"""What a node carries out; of anything else it only says what the convention would answer."""


@dataclass(frozen=True, slots=True)
class TakePtz:
    """The command: this agent wants to steer this camera, for this event."""

    needs: ClassVar[Needs] = STEERING
    essential: ClassVar[bool] = False
    requester: Requester
    camera: CameraId
    event: EventId | None


def take_ptz(snapshot: Snapshot, command: TakePtz, now: Instant) -> Step[Refused | Unknown]:
    """Refuse to let anybody take a camera's PTZ, until the part that keeps article 3's rules is built."""
    requester, camera = command.requester, snapshot.place.cameras.watched(command.camera)
    convention = None if camera is None else snapshot.convention_between(camera.owner, requester.party)
    if camera is None or convention is None:
        return Step(Unknown("camera"))
    known = None if command.event is None else snapshot.event(command.event)
    if command.event is not None and known is None:
        return Step(Unknown("event"))
    foreign = known is not None and known.party != requester.party
    event = None if foreign else known
    asked = asked_by(requester, Action.TAKE_PTZ, camera, at=now, event=event)
    request = request_to_decide(snapshot, asked, zone=convention.zone)
    refused = _not_offered(decide(convention, request), snapshot, requester, convention.named(camera.owner), now)
    decided = Decided(requester, reference(convention), request, refused, event)
    return Step(Unknown("event") if foreign else refused, (decided,))


def _not_offered(decision: Decision, snapshot: Snapshot, requester: Requester, owner: Party, now: Instant) -> Refused:
    """Return the convention's own refusal; what it would grant or ask for, this system doesn't offer yet."""
    if isinstance(decision, Refused):
        return decision
    return Refused(
        articles=decision.articles,
        cause=Cause.NOT_OFFERED,
        reason=Text(
            "Ce système ne pilote pas encore les caméras, quoi que la convention permette.",
            "This system does not steer cameras yet, whatever the convention allows.",
        ),
        remedy=_remedy(snapshot, requester, owner, now),
        facts=decision.facts,
    )


def _remedy(snapshot: Snapshot, requester: Requester, owner: Party, now: Instant) -> Text:
    if requester.party == snapshot.place.party:
        return Text(
            f"Tourner la caméra dans le système vidéo {of(owner.called.fr)}.",
            f"Turn the camera in {owner.called.en}'s video system.",
        )
    centre = centre_now(snapshot, now)
    if centre is not None and centre.active:
        return Text(
            f"Demander au {owner.room} de tourner la caméra, par téléphone.",
            f"Ask the {owner.room} by telephone to turn the camera.",
        )
    return Text(
        f"Le {owner.room} est fermé : ouvrir une caméra voisine, ou envoyer quelqu'un.",
        f"The {owner.room} is closed: open a camera nearby, or send somebody.",
    )


class SteeringDesk:
    """Answers whoever wants to steer."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def take(
        self, requester: Requester, camera: CameraId, event: EventId | None
    ) -> Refused | Unknown | ActRefused:
        """Return the refusal, recorded; raises `NotRecorded`."""
        return await self._spine.act(take_ptz, TakePtz(requester, camera, event))

"""Steering is not offered yet: asked for, it is refused, said so, and written down."""

from belvedere.domain.asker import ROOM_ROLES, Asker
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Decision, Refused
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.record import Record
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action
from belvedere.live.centre import centre_now
from belvedere.live.facts import asked_by, request_to_decide
from belvedere.live.open_stream import Unknown
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.live.records import Repeats, decision_record
from belvedere.policy import Convention, decide

STEERING = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)
OFFERED = frozenset({Action.VIEW})
"""What a node carries out; of anything else it only says what the convention would answer."""


class SteeringDesk:
    """Refuses to let anybody take a camera's PTZ, until the part that keeps article 3's rules is built."""

    def __init__(self, ports: LivePorts) -> None:
        self._ports = ports
        self._repeats = Repeats()

    async def take(self, asker: Asker, camera: CameraId, event: EventId | None) -> Refused | Unknown | ActRefused:
        """Return the refusal, recorded; raises `NotRecorded`."""
        known_camera = self._ports.cameras.watched(camera)
        convention = self._ports.convention_for(asker.party)
        if known_camera is None or convention is None:
            return Unknown("camera")
        watched, in_force = known_camera, convention

        written: list[Record] = []

        def work(tx: LiveTransaction) -> Refused | Unknown | ActRefused:
            if (lacking := self._ports.act_refused(tx, asker, STEERING)) is not None:
                return lacking
            known = None if event is None else tx.event(event)
            if event is not None and known is None:
                return Unknown("event")
            foreign = known is not None and known.party != asker.party
            known = None if foreign else known
            asked = asked_by(asker, Action.TAKE_PTZ, watched, at=self._ports.clock.now(), event=known)
            request = request_to_decide(tx, asked, zone=in_force.zone)
            refused = self._not_offered(decide(in_force, request), tx, asker, in_force)
            record = decision_record(asker=asker, convention=in_force, request=request, event=known, decision=refused)
            if not self._repeats.is_repeat(record, asker=asker, now_monotonic_s=self._ports.clock.monotonic_s()):
                tx.append(record)
                written.append(record)
            return Unknown("event") if foreign else refused

        try:
            return await self._ports.store.transact(work)
        except NotRecorded:
            for record in written:
                self._repeats.forget(record, asker=asker)
            raise

    def _not_offered(self, decision: Decision, reading: LiveReading, asker: Asker, convention: Convention) -> Refused:
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
            remedy=self._remedy(reading, asker, convention),
            facts=decision.facts,
        )

    def _remedy(self, reading: LiveReading, asker: Asker, convention: Convention) -> Text:
        if asker.party == self._ports.owner:
            return Text(
                "Tourner la caméra dans le système vidéo de la ville.", "Turn the camera in the city's video system."
            )
        centre = centre_now(reading, convention, owner=self._ports.owner, at=self._ports.clock.now())
        if centre.active:
            return Text(
                "Demander au CSU de tourner la caméra, par téléphone.", "Ask the CSU by telephone to turn the camera."
            )
        return Text(
            "Le CSU est fermé : ouvrir une caméra voisine, ou envoyer quelqu'un.",
            "The CSU is closed: open a camera nearby, or send somebody.",
        )

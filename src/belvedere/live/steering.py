"""Steering is not offered yet: asked for, it is refused, said so, and written down."""

from belvedere.domain.asker import Asker
from belvedere.domain.decision import Decision, RefusalCause, Refused
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.record import Record
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action
from belvedere.live.facts import request_to_decide
from belvedere.live.open_stream import Unknown
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import Repeats, decision_record
from belvedere.policy import decide


class SteeringDesk:
    """Refuses to let anybody take a camera's PTZ, until the part that keeps article 3's rules is built."""

    def __init__(self, ports: LivePorts) -> None:
        self._ports = ports
        self._repeats = Repeats()

    async def take(self, asker: Asker, camera: CameraId, event: EventId | None) -> Refused | Unknown:
        """Return the refusal, recorded; raises `NotRecorded`."""
        known_camera = self._ports.cameras.watched(camera)
        convention = self._ports.convention_for(asker.party)
        if known_camera is None or convention is None:
            return Unknown("camera")
        watched, in_force = known_camera, convention

        written: list[Record] = []

        def work(tx: LiveTransaction) -> Refused | Unknown:
            known = None if event is None else tx.event(event)
            if event is not None and known is None:
                return Unknown("event")
            foreign = known is not None and known.party != asker.party
            known = None if foreign else known
            request = request_to_decide(
                tx,
                action=Action.TAKE_PTZ,
                at=self._ports.clock.now(),
                party=asker.party,
                service=asker.service,
                agent=asker.agent,
                station=asker.station,
                camera=watched,
                event=known,
                purpose=None,
                zone=in_force.zone,
            )
            refused = _not_offered(decide(in_force, request))
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


def _not_offered(decision: Decision) -> Refused:
    """Return the convention's own refusal; what it would grant or ask for, this system doesn't offer yet."""
    if isinstance(decision, Refused):
        return decision
    return Refused(
        articles=decision.articles,
        cause=RefusalCause.NOT_OFFERED,
        reason=Text(
            "Le pilotage n'est pas encore proposé par ce système.", "Steering is not offered by this system yet."
        ),
        remedy=Text(
            "Demander au CSU de tourner la caméra, par téléphone.", "Ask the CSU by telephone to turn the camera."
        ),
        facts=decision.facts,
    )

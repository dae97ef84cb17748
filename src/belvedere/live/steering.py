"""Steering is not offered yet: asked for, it is refused, said so, and written down."""

from belvedere.domain.asker import Asker
from belvedere.domain.decision import RefusalCause, Refused
from belvedere.domain.ids import ArticleRef, CameraId, EventId
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action, Verdict
from belvedere.live.open_stream import Unknown
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import Repeats, event_ref, reference, subject_of


class SteeringDesk:
    """Refuses to let anybody take a camera's PTZ, until the part that keeps article 3's rules is built."""

    def __init__(self, ports: LivePorts) -> None:
        self._ports = ports
        self._repeats = Repeats()

    async def take(self, asker: Asker, camera: CameraId, event: EventId | None) -> Refused | Unknown:
        """Return the refusal, recorded; raises `NotRecorded`."""
        if self._ports.cameras.watched(camera) is None:
            return Unknown("camera")
        convention = self._ports.convention_for(asker.party)
        refused = Refused(
            articles=() if convention is None else (ArticleRef(f"{convention.id}:art-3"),),
            cause=RefusalCause.NOT_OFFERED,
            reason=Text(
                "Le pilotage n'est pas encore proposé par ce système.",
                "Steering is not offered by this system yet.",
            ),
            remedy=Text(
                "Demander au CSU de tourner la caméra, par téléphone.",
                "Ask the CSU by telephone to turn the camera.",
            ),
        )

        def work(tx: LiveTransaction) -> Refused | Unknown:
            known = None if event is None else tx.event(event)
            if event is not None and (known is None or known.party != asker.party):
                return Unknown("event")
            record = Record(
                kind=RecordKind.DECISION,
                at=self._ports.clock.now(),
                convention=None if convention is None else reference(convention),
                action=Action.TAKE_PTZ,
                subject=subject_of(asker),
                camera=camera,
                event=event_ref(known),
                verdict=Verdict.REFUSED,
                articles=refused.articles,
                cause=refused.cause,
            )
            if not self._repeats.is_repeat(record, asker=asker, now_monotonic_s=self._ports.clock.monotonic_s()):
                tx.append(record)
            return refused

        return await self._ports.store.transact(work)

"""Who may read the list of cameras and their positions: the convention is asked each time, as for a picture."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from belvedere.domain.asker import Asker
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.domain.record import Record
from belvedere.domain.request import DecisionRequest
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action
from belvedere.live.facts import asked_by, request_to_decide
from belvedere.live.model import WatchedCamera
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.live.records import Repeats, decision_record
from belvedere.policy import Convention, decide


@dataclass(frozen=True, slots=True)
class Readable:
    """The asker may read the cameras of these owners."""

    owners: frozenset[PartyId]


class InventoryReader:
    """Answers whether an asker may read the inventory, one owner's cameras after the other's.

    One camera of each owner stands for all of them: what a convention says of the list, it says of an owner's whole list
    (A4), and no rule of `read_inventory` looks at the camera itself.

    A refusal is a record, as every decided refusal is, once a minute. A grant is none: the list is handed over as such, in
    a file too (FACTS A4), and what the law wants in the journal is the consultation of images (C5, CSI R253-5); a record
    at each load of a screen would bury those.
    """

    def __init__(self, ports: LivePorts, *, one_of_each_owner: Sequence[WatchedCamera]) -> None:
        self._ports = ports
        self._one_of_each_owner = tuple(one_of_each_owner)
        self._repeats: defaultdict[PartyId, Repeats] = defaultdict(Repeats)

    async def __call__(self, asker: Asker) -> Readable | Refused | Pending:
        """Return whose cameras may be read; the refusal, recorded, where there are none. Raises `NotRecorded`."""
        others = [camera for camera in self._one_of_each_owner if camera.owner != asker.party]
        # An owner's own agents have their own list by them, habilitated for images or not.
        readable = {camera.owner for camera in self._one_of_each_owner if camera.owner == asker.party}
        if not others:
            return Readable(frozenset(readable))
        convention = self._ports.convention_for(asker.party)
        if convention is None:
            return Readable(frozenset(readable)) if readable else _stranger()

        def answers(reading: LiveReading) -> list[tuple[WatchedCamera, Decision]]:
            return [(camera, self._decide(reading, asker, convention, camera)[1]) for camera in others]

        refusal: Refused | Pending | None = None
        for camera, foreseen in await self._ports.store.read(answers):
            decision = foreseen if isinstance(foreseen, Granted) else await self._refuse(asker, convention, camera)
            if isinstance(decision, Granted):
                readable.add(camera.owner)
            else:
                refusal = refusal or decision
        return refusal if refusal is not None and not readable else Readable(frozenset(readable))

    async def owners_readable(self, asker: Asker) -> frozenset[PartyId]:
        """Return whose cameras may be read, as for a screen that follows them; a refusal is no record. Raises `NotRead`."""
        others = [camera for camera in self._one_of_each_owner if camera.owner != asker.party]
        own = {camera.owner for camera in self._one_of_each_owner if camera.owner == asker.party}
        convention = self._ports.convention_for(asker.party)
        if not others or convention is None:
            return frozenset(own)

        def granted(reading: LiveReading) -> set[PartyId]:
            return {
                camera.owner
                for camera in others
                if isinstance(self._decide(reading, asker, convention, camera)[1], Granted)
            }

        return frozenset(own | await self._ports.store.read(granted))

    def _decide(
        self, reading: LiveReading, asker: Asker, convention: Convention, camera: WatchedCamera
    ) -> tuple[DecisionRequest, Decision]:
        asked = asked_by(asker, Action.READ_INVENTORY, camera, at=self._ports.clock.now(), event=None)
        request = request_to_decide(reading, asked, zone=convention.zone)
        return request, decide(convention, request)

    async def _refuse(self, asker: Asker, convention: Convention, camera: WatchedCamera) -> Decision:
        """Decide again where it can be written down, and write it down."""
        repeats = self._repeats[camera.owner]
        written: list[Record] = []

        def work(tx: LiveTransaction) -> Decision:
            request, decision = self._decide(tx, asker, convention, camera)
            if isinstance(decision, Granted):
                return decision
            record = decision_record(asker=asker, convention=convention, request=request, event=None, decision=decision)
            record = replace(record, camera=None, detail={"owner": camera.owner})  # of no one camera's journal
            if not repeats.is_repeat(record, asker=asker, now_monotonic_s=self._ports.clock.monotonic_s()):
                tx.append(record)
                written.append(record)
            return decision

        try:
            return await self._ports.store.transact(work)
        except NotRecorded:
            for record in written:
                repeats.forget(record, asker=asker)
            raise


def _stranger() -> Refused:
    return Refused(
        articles=(),
        cause=Cause.STRANGER,
        reason=Text(
            "Aucune convention ne lie votre organisation à cette ville.",
            "No convention binds your organisation to this city.",
        ),
    )

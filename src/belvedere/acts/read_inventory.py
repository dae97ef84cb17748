"""Who may read the list of cameras and their positions: the convention is asked each time, as for a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from belvedere.changes import Decided
from belvedere.changes.records import reference
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.domain.ids import PartyId
from belvedere.domain.request import DecisionRequest
from belvedere.domain.requester import Requester
from belvedere.domain.vocabulary import Action
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.rights.facts import asked_by, request_to_decide, stranger
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class Readable:
    """The requester may read the cameras of these owners."""

    owners: frozenset[PartyId]


def read_inventory(
    snapshot: Snapshot, requester: Requester, now: Instant, *, one_of_each_owner: Sequence[WatchedCamera]
) -> Step[Readable | Refused | Pending]:
    """Return whose cameras the requester may read; each refusal is a change, and there is no grant of nothing."""
    readable: set[PartyId] = set()
    refused: list[Decided] = []
    strangers = False
    for camera in one_of_each_owner:
        # An owner's own agents have their own list by them, habilitated for images or not.
        if camera.owner == requester.party:
            readable.add(camera.owner)
            continue
        convention = snapshot.convention_between(camera.owner, requester.party)
        if convention is None:
            strangers = True
            continue
        request, decision = _decide(snapshot, requester, convention, camera, now)
        if isinstance(decision, Granted):
            readable.add(camera.owner)
        else:
            refused.append(Decided(requester, reference(convention), request, decision, list_of=camera.owner))
    if readable or not (refused or strangers):
        return Step(Readable(frozenset(readable)), tuple(refused))
    first = refused[0].decision if refused else stranger()
    assert not isinstance(first, Granted), "only refusals are kept"
    return Step(first, tuple(refused))


def _decide(
    snapshot: Snapshot, requester: Requester, convention: Convention, camera: WatchedCamera, now: Instant
) -> tuple[DecisionRequest, Decision]:
    asked = asked_by(requester, Action.READ_INVENTORY, camera, at=now, event=None)
    request = request_to_decide(snapshot, asked, zone=convention.zone)
    return request, decide(convention, request)


class InventoryReader:
    """Answers whether a requester may read the inventory, one owner's cameras after the other's.

    One camera of each owner stands for all of them: what a convention says of the list, it says of an owner's whole list
    (rules A4), and no rule of `read_inventory` looks at the camera itself.

    A refusal is a record, as every decided refusal is, once a minute. A grant is none: the list is handed over as such, in
    a file too (rules A4), and what the law wants in the journal is the consultation of images (rules C5, CSI R253-5); a record
    at each load of a screen would bury those.
    """

    def __init__(self, spine: Spine, clock: Clock, *, one_of_each_owner: Callable[[], Sequence[WatchedCamera]]) -> None:
        self._spine = spine
        self._clock = clock
        self._one_of_each_owner = one_of_each_owner

    def _step(self, snapshot: Snapshot, requester: Requester, now: Instant) -> Step[Readable | Refused | Pending]:
        return read_inventory(snapshot, requester, now, one_of_each_owner=self._one_of_each_owner())

    async def __call__(self, requester: Requester) -> Readable | Refused | Pending:
        """Return whose cameras may be read; the refusal, recorded, where there are none. Raises `NotRecorded`."""
        foreseen = await self._spine.read(lambda snapshot: self._step(snapshot, requester, self._clock.now()))
        if not foreseen.changes:
            return foreseen.answer
        # Decided again where it can be written down.
        return await self._spine.commit(lambda snapshot, now: self._step(snapshot, requester, now))

    async def owners_readable(self, requester: Requester) -> frozenset[PartyId]:
        """Return whose cameras may be read, as for a screen that follows them; a refusal is no record. Raises `NotRead`."""
        step = await self._spine.read(lambda snapshot: self._step(snapshot, requester, self._clock.now()))
        return step.answer.owners if isinstance(step.answer, Readable) else frozenset()

"""Cameras told from party to party: what another party may know of this node's, and what another owner tells of its own.

Neither is anybody's act, and neither leaves a record: the list is handed over as such (rules A4). What a party may not see
is left out before anything is numbered, so that nobody can count it (reliability 27).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from belvedere.changes import CataloguePublished, CatalogueReceived, MessageTaken
from belvedere.changes.records import reference
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.record import ConventionRef
from belvedere.domain.text import Text
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import CatalogueTold, Replica, changes_to, differs, fault_of
from belvedere.rights.listed import found_under
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

AGAIN_MAX = 3


@dataclass(frozen=True, slots=True)
class Visible:
    """The cameras that a party may know, under a text."""

    under: ConventionRef | None
    cameras: Mapping[CameraId, Camera]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Another text came into force since it was worked out what may be seen."""


@dataclass(frozen=True, slots=True)
class Received:
    """The replica is as it was told up to here; `differs` where it is complete, and not the list that its owner has."""

    upto: int
    differs: bool = False


@dataclass(frozen=True, slots=True)
class NotReceived:
    """A page that is not taken, and what is wrong with it."""

    said: Text


def visible_to(snapshot: Snapshot, reader: PartyId, cameras: Iterable[Camera], now: Instant) -> Visible:
    """Return which of this node's own cameras agents of `reader` may find in a list."""
    convention = snapshot.convention_between(snapshot.place.party, reader)
    if convention is None or convention.party(reader) is None:
        return Visible(None, {})

    def is_found(camera: CameraId) -> bool:
        watched = snapshot.place.cameras.watched(camera)
        assert watched is not None, "it is of this node's own inventory"
        return found_under(snapshot, convention, reader, watched, now)

    seen = {camera.id: camera for camera in cameras if camera.owner == snapshot.place.party and is_found(camera.id)}
    return Visible(reference(convention), seen)


def publish(snapshot: Snapshot, reader: PartyId, visible: Visible) -> Step[int | Withheld]:
    """Tell `reader` what changed since it was told last; the answer is the newest number."""
    convention = snapshot.convention_between(snapshot.place.party, reader)
    if visible.under is not None and (convention is None or reference(convention) != visible.under):
        return Step(Withheld())
    told = snapshot.catalogue(reader)
    entries = changes_to(told, visible.cameras)
    if not entries:
        return Step(told.newest)
    return Step(entries[-1].number, (CataloguePublished(reader, entries),))


def receive(snapshot: Snapshot, told: CatalogueTold, message: MessageTaken) -> Step[Received | NotReceived]:
    """Let the replica of an owner's cameras follow a page that `message` brought."""
    owner, cameras = message.party, snapshot.place.cameras
    if snapshot.taken_until_s(owner, message.jti) is not None:
        return Step(NotReceived(_AGAIN))
    replica = snapshot.replica(owner)
    if not replica.is_next(told):
        return Step(Received(replica.upto))

    def taken(camera: CameraId) -> bool:
        known = cameras.watched(camera)
        return cameras.is_here(camera) or (known is not None and known.owner != owner)

    fault = fault_of(Replica() if told.after == 0 else replica, told, owner=owner, taken=taken)
    if fault is not None:
        return Step(NotReceived(fault))
    after = replica.after(told)
    return Step(Received(after.upto, differs(after, told)), (CatalogueReceived(owner, told), message))


_AGAIN = Text("message déjà reçu", "a message that was already received")


class CatalogueDesk:
    """Tells other parties of this node's cameras, and keeps what they tell of theirs. Raises `NotRead`, `NotRecorded`."""

    def __init__(self, spine: Spine, clock: Clock, *, here: Iterable[Camera]) -> None:
        self._spine = spine
        self._clock = clock
        self._here = tuple(here)

    async def publish(self, reader: PartyId) -> None:
        """Tell a party what changed."""
        for _ in range(AGAIN_MAX):
            visible = await self._spine.read(
                lambda snapshot: visible_to(snapshot, reader, self._here, self._clock.now())
            )
            answer = await self._spine.commit(lambda snapshot, _now: publish(snapshot, reader, visible))  # noqa: B023 (awaited here)
            if not isinstance(answer, Withheld):
                return

    async def receive(self, told: CatalogueTold, message: MessageTaken) -> Received | NotReceived:
        """Take a page that another owner sent."""
        return await self._spine.commit(lambda snapshot, _: receive(snapshot, told, message))

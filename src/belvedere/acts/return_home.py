"""A camera that a partner turned goes back to its rest position while the owner's room is not active, or stays.

Never while somebody watches it for the event for which it was turned, nor while somebody steers it.
"""

from dataclasses import dataclass
from typing import ClassVar

from belvedere.acts.unknown import Unknown
from belvedere.changes import CameraReturned, CameraStays
from belvedere.changes.records import event_ref, reference, subject_of
from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId
from belvedere.domain.record import ConventionRef
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.rest import AwayCamera
from belvedere.domain.standing import Needs
from belvedere.rights.centre import centre_now
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class HaveItStay:
    """The command: the camera stays where it looks. `away` is how it was left."""

    needs: ClassVar[Needs] = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)
    essential: ClassVar[bool] = True
    requester: Requester
    camera: CameraId
    away: AwayCamera | None


def is_watched(snapshot: Snapshot, away: AwayCamera) -> bool:
    """Return whether somebody watches the camera for that event, or steers it."""
    return any((each.camera, each.event) == (away.camera, away.event) for each in snapshot.viewings()) or any(
        each.camera == away.camera and each.is_held for each in snapshot.leases()
    )


def return_home(snapshot: Snapshot, now: Instant, *, away: AwayCamera) -> Step[bool | None]:
    """Have the camera go back; None where somebody watches it again, False where the owner's room takes care of it."""
    if is_watched(snapshot, away):
        return Step(None)
    centre = centre_now(snapshot, now)
    if centre is None or centre.active:
        return Step(False)
    told = event_ref(snapshot.event(away.event))
    returned = CameraReturned(away.camera, away.party, away.event, now, _ref(snapshot, away), told)
    return Step(True, (returned,))


def have_it_stay(snapshot: Snapshot, command: HaveItStay, now: Instant) -> Step[AwayCamera | Unknown]:
    """Have the camera stay: whoever turned it, or the owner's room."""
    away, requester = command.away, command.requester
    if away is None or requester.party not in {away.party, snapshot.place.party}:
        return Step(Unknown("camera"))
    told = event_ref(snapshot.event(away.event))
    by, ref = subject_of(requester), _ref(snapshot, away)
    return Step(away, (CameraStays(away.camera, away.party, away.event, by, now, ref, told),))


def _ref(snapshot: Snapshot, away: AwayCamera) -> ConventionRef | None:
    convention = snapshot.convention_between(snapshot.place.party, away.party)
    return None if convention is None else reference(convention)

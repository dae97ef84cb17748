"""Suspensions of a camera's flow to a party."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.vocabulary import SuspensionGround


@dataclass(frozen=True, slots=True)
class Suspension:
    """The director's end of one camera's flow to one party, until lifted (vda-etat, article 3, a reading)."""

    camera: CameraId
    party: PartyId
    ground: SuspensionGround
    reason: str
    since: Instant
    by_role: str
    by_label: str
    viewing: ViewingId

"""A request to decide, as the API writes it in JSON (api, A request to decide), parsed into frozen types.

`None` everywhere means *not given*; a missing fact counts against the requester (the only exception is
`OwnerIsSteering.UNKNOWN`, which refuses nothing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.vocabulary import Action, SuspensionGround


class OwnerIsSteering(StrEnum):
    """Whether a hand of the owner's room is on the camera."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """Who asks. The agent's name is not a fact of a decision."""

    party: str
    service: str | None = None
    habilitated: bool | None = None
    station_registered: bool | None = None


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """The camera that is asked for; `authorised_until` is the last day of its order, in the owner's zone."""

    id: str
    owner: str
    commune: str | None = None
    zone: str | None = None
    camera_class: str | None = None
    authorised_until: date | None = None
    ptz: bool | None = None


@dataclass(frozen=True, slots=True)
class EventFacts:
    """The operational event that the request is for. An unknown kind stays a plain word and counts as none."""

    kind: str | None = None
    open: bool | None = None
    motive: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A camera in flow to the requester's party, and a service that watches it (one entry per pair)."""

    camera: str
    service: str


@dataclass(frozen=True, slots=True)
class LeaseFacts:
    """A running right to steer, held by the requester's service."""

    held_since: Instant | None = None
    granted_while: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorisationFacts:
    """An authorisation to steer that somebody of the owner gave."""

    by_role: str | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class HoursOverride:
    """Other hours for the day of `at`'s opening, wall clock; read on Sundays and holidays only."""

    open: time
    close: time


@dataclass(frozen=True, slots=True)
class SuspensionFacts:
    """A suspension of this camera's flow to the requester's party."""

    ground: SuspensionGround | str | None = None
    by_role: str | None = None


@dataclass(frozen=True, slots=True)
class RequisitionFacts:
    """A judicial requisition, for an extraction."""

    kind: str | None = None
    reference: str | None = None
    file_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class StateFacts:
    """What is the case at the owner's node when the request is decided."""

    streams_in_use: int | None = None
    camera_in_use: bool | None = None
    holders: tuple[Holder, ...] | None = None
    lease: LeaseFacts | None = None
    authorisation: AuthorisationFacts | None = None
    notified: bool | None = None
    hours_override: HoursOverride | None = None
    centre_inactive: bool | None = None
    owner_is_steering: OwnerIsSteering | None = OwnerIsSteering.UNKNOWN
    """None where what is said is none of the three words: it counts against the requester."""
    authorisation_withdrawn: bool | None = None
    suspended: SuspensionFacts | None = None
    facts: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """One request: who asks to do what with which camera, for what, in which situation."""

    action: Action | str
    at: Instant
    agent: AgentFacts
    camera: CameraFacts
    event: EventFacts | None = None
    purpose: str | None = None
    requisition: RequisitionFacts | None = None
    state: StateFacts = field(default_factory=StateFacts)

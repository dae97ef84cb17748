"""The hearing of one request: which facts were read, what would change the answer by itself, what is owed.

Every read is recorded under its dotted name, in the order of reading, so that a decision carries exactly the facts
it rests on. A rule sees a request only through a hearing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue, Obligation, ObligationKind
from belvedere.domain.ids import ArticleRef, CameraId
from belvedere.domain.request import (
    AuthorisationFacts,
    DecisionRequest,
    Holder,
    HoursOverride,
    LeaseFacts,
    OwnerIsSteering,
    RequisitionFacts,
    SuspensionFacts,
)
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a request is refused: every text that carries the failed rule, and the one useful way out."""

    articles: tuple[ArticleRef, ...]
    cause: Cause
    reason: Text
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an answer has to wait for somebody of the owner."""

    articles: tuple[ArticleRef, ...]
    reason: Text
    remedy: Text | None = None


Finding = Objection | Hold | None
"""What a rule finds; None lets the request pass."""


class Hearing:
    """Reads the facts of one request, and notes what a grant would make due."""

    __slots__ = ("_request", "articles", "at", "changes_at", "facts", "obligations", "preempts", "remarks")

    def __init__(self, request: DecisionRequest) -> None:
        self._request = request
        self.at: Instant = request.at
        self.facts: dict[str, FactValue] = {}
        self.changes_at: Instant | None = None
        self.obligations: list[Obligation] = []
        self.preempts: tuple[CameraId, ...] = ()
        self.articles: tuple[ArticleRef, ...] | None = None
        self.remarks: Text | None = None

    # --- who asks for what, of whom

    def action(self) -> str:
        """Read `action`."""
        self.facts["action"] = value = str(self._request.action)
        return value

    def party(self) -> str:
        """Read `agent.party`."""
        self.facts["agent.party"] = value = self._request.agent.party
        return value

    def owner(self) -> str:
        """Read `camera.owner`."""
        self.facts["camera.owner"] = value = self._request.camera.owner
        return value

    def service(self) -> str | None:
        """Read `agent.service`."""
        self.facts["agent.service"] = value = self._request.agent.service
        return value

    def habilitated(self) -> bool:
        """Read `agent.habilitated`."""
        self.facts["agent.habilitated"] = value = self._request.agent.habilitated
        return value is True

    def station_registered(self) -> bool:
        """Read `agent.station_registered`."""
        self.facts["agent.station_registered"] = value = self._request.agent.station_registered
        return value is True

    # --- the camera

    def commune(self) -> str | None:
        """Read `camera.commune`."""
        self.facts["camera.commune"] = value = self._request.camera.commune
        return value

    def zone(self) -> str | None:
        """Read `camera.zone`."""
        self.facts["camera.zone"] = value = self._request.camera.zone
        return value

    def camera_class(self) -> str | None:
        """Read `camera.class`."""
        self.facts["camera.class"] = value = self._request.camera.camera_class
        return value

    def authorised_until(self) -> date | None:
        """Read `camera.authorised_until`."""
        value = self._request.camera.authorised_until
        self.facts["camera.authorised_until"] = None if value is None else value.isoformat()
        return value

    def can_turn(self) -> bool:
        """Read `camera.ptz`."""
        self.facts["camera.ptz"] = value = self._request.camera.ptz
        return value is True

    # --- the event and the purpose

    def event_kind(self) -> EventKind | None:
        """Read `event.kind`; a word that is no kind counts as none."""
        event = self._request.event
        self.facts["event.kind"] = value = None if event is None else event.kind
        try:
            return None if value is None else EventKind(value)
        except ValueError:
            return None

    def event_open(self) -> bool:
        """Read `event.open`."""
        event = self._request.event
        self.facts["event.open"] = value = None if event is None else event.open
        return value is True

    def has_motive(self) -> bool:
        """Read `event.motive`, only as given or not: its words are no fact of a decision."""
        event = self._request.event
        value = event is not None and event.motive is not None and bool(event.motive.strip())
        self.facts["event.motive"] = "given" if value else None
        return value

    def purpose(self) -> str | None:
        """Read `purpose`."""
        self.facts["purpose"] = value = self._request.purpose
        return value

    def requisition(self) -> RequisitionFacts | None:
        """Read `requisition`."""
        value = self._request.requisition
        self.facts["requisition"] = (
            None
            if value is None
            else {"kind": value.kind, "reference": value.reference, "file_sha256": value.file_sha256}
        )
        return value

    # --- the state of the owner's node

    def streams_in_use(self) -> int | None:
        """Read `state.streams_in_use`."""
        self.facts["state.streams_in_use"] = value = self._request.state.streams_in_use
        return value

    def camera_in_use(self) -> bool:
        """Read `state.camera_in_use`."""
        self.facts["state.camera_in_use"] = value = self._request.state.camera_in_use
        return value is True

    def holders(self) -> tuple[Holder, ...]:
        """Read `state.holders`."""
        value = self._request.state.holders
        self.facts["state.holders"] = (
            None if value is None else tuple({"camera": each.camera, "service": each.service} for each in value)
        )
        return () if value is None else value

    def lease(self) -> LeaseFacts | None:
        """Read `state.lease`."""
        value = self._request.state.lease
        self.facts["state.lease"] = (
            None if value is None else {"held_since": _written(value.held_since), "granted_while": value.granted_while}
        )
        return value

    def authorisation(self) -> AuthorisationFacts | None:
        """Read `state.authorisation`."""
        value = self._request.state.authorisation
        self.facts["state.authorisation"] = (
            None if value is None else {"by_role": value.by_role, "until": _written(value.until)}
        )
        return value

    def notified(self) -> bool:
        """Read `state.notified`."""
        self.facts["state.notified"] = value = self._request.state.notified
        return value is True

    def hours_override(self) -> HoursOverride | None:
        """Read `state.hours_override`."""
        value = self._request.state.hours_override
        self.facts["state.hours_override"] = (
            None
            if value is None
            else {"open": value.open.isoformat("minutes"), "close": value.close.isoformat("minutes")}
        )
        return value

    def centre_inactive(self) -> bool:
        """Read `state.centre_inactive`."""
        self.facts["state.centre_inactive"] = value = self._request.state.centre_inactive
        return value is True

    def owner_is_steering(self) -> OwnerIsSteering | None:
        """Read `state.owner_is_steering`."""
        value = self._request.state.owner_is_steering
        self.facts["state.owner_is_steering"] = "?" if value is None else value.value
        return value

    def authorisation_withdrawn(self) -> bool | None:
        """Read `state.authorisation_withdrawn`."""
        self.facts["state.authorisation_withdrawn"] = value = self._request.state.authorisation_withdrawn
        return value

    def suspended(self) -> SuspensionFacts | None:
        """Read `state.suspended`."""
        value = self._request.state.suspended
        self.facts["state.suspended"] = (
            None
            if value is None
            else {"ground": None if value.ground is None else str(value.ground), "by_role": value.by_role}
        )
        return value

    # --- time

    def now(self) -> Instant:
        """Read `at`. Whoever compares it says at what instant the comparison turns: `reached` or `turns_at`."""
        self.facts["at"] = self.at.isoformat()
        return self.at

    def reached(self, instant: Instant) -> bool:
        """Read `at` and tell whether it is `instant` or later; if not, the answer may change at `instant`."""
        if self.now() >= instant:
            return True
        self.turns_at(instant)
        return False

    def turns_at(self, instant: Instant) -> None:
        """Note that the answer may change by itself at `instant`."""
        if self.changes_at is None or instant < self.changes_at:
            self.changes_at = instant

    # --- what a grant makes due

    def owe(self, kind: ObligationKind, due: Instant | None) -> None:
        """Note an obligation that a grant brings."""
        self.obligations.append(Obligation(kind, due))


def _written(instant: Instant | None) -> str | None:
    return None if instant is None else instant.isoformat()


Rule = Callable[[Hearing], Finding]
"""One rule of one text. It reads facts through the hearing only, and never changes anything else."""

__all__ = ["Finding", "Hearing", "Hold", "Objection", "Rule"]

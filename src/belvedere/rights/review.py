"""Ends what is no longer granted: the same decision again, on the facts of the state that a step leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from belvedere.changes import Change, ViewingEnded, ViewingProlonged
from belvedere.changes.records import event_ref, reference
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Refused
from belvedere.domain.ids import EventId
from belvedere.domain.record import EventRef
from belvedere.domain.request import EventFacts
from belvedere.domain.viewings import Ending, Viewing
from belvedere.domain.vocabulary import Action
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.rights import endings
from belvedere.rights.facts import Asked, attested_event, attested_standing, event_facts, request_to_decide, runs_until
from belvedere.rights.steering import LeaseChange, review_leases
from belvedere.spine.after import After
from belvedere.spine.snapshot import Facts, Snapshot

Which = Callable[[Viewing], bool]
Reviewed = ViewingEnded | ViewingProlonged | LeaseChange


def every(_: Viewing) -> bool:
    """Pick every viewing."""
    return True


class _Hearings:
    """Decides on one state at one instant; what was asked is heard once, however many viewings ask it: `decide` is pure."""

    def __init__(self, facts: Facts, *, at: Instant) -> None:
        self.facts = facts
        self.at = at
        self._events: dict[EventId, EventFacts | None] = {}
        self._heard: dict[tuple[object, ...], Decision] = {}

    def decide(self, convention: Convention, viewing: Viewing, camera: WatchedCamera, at: Instant) -> Decision:
        """Return the decision of the convention as it stands in this state."""
        event = self._event_of(viewing)
        # All that `Asked` is made of, by ids: it costs more to make than to find.
        asked_as = (convention.id, at, viewing.party, viewing.service, viewing.agent, viewing.station, viewing.camera)
        key = (*asked_as, event, viewing.purpose, viewing.attested)
        found = self._heard.get(key)
        if found is None:
            asked = Asked(
                action=Action.VIEW,
                at=at,
                party=viewing.party,
                service=viewing.service,
                agent=viewing.agent,
                station=viewing.station,
                camera=camera,
                event=event,
                purpose=viewing.purpose,
                attested=attested_standing(viewing.attested),
            )
            found = decide(convention, request_to_decide(self.facts, asked, zone=convention.zone))
            self._heard[key] = found
        return found

    def _event_of(self, viewing: Viewing) -> EventFacts | None:
        if viewing.attested is not None:
            return attested_event(viewing.attested)
        event = viewing.event
        if event is None:
            return None
        if event not in self._events:
            self._events[event] = event_facts(self.facts.event(event))
        return self._events[event]


@dataclass(frozen=True, slots=True)
class _Over:
    """A viewing is no longer granted; `refused` where a rule says so."""

    ending: Ending
    refused: Refused | None = None


def review(
    snapshot: Snapshot, now: Instant, which: Which = every, *, ahead: timedelta = timedelta(0)
) -> tuple[Reviewed, ...]:
    """Decide every running viewing that `which` picks again, then every lease; return what changes by it.

    A viewing whose term comes within `ahead` is decided as at its term: the relay's clock may be a moment early.
    """
    hearings = _Hearings(snapshot, at=now)
    changes: list[ViewingEnded | ViewingProlonged] = []
    for viewing in snapshot.viewings():
        if not which(viewing):
            continue
        outcome = _decide_again(hearings, viewing, ahead=ahead)
        if isinstance(outcome, _Over):
            changes.append(ended(snapshot, viewing, outcome.ending, at=now, refused=outcome.refused))
        elif outcome != viewing:
            changes.append(ViewingProlonged(outcome))
    return (*changes, *leases_after(snapshot, changes, now))


def end(
    snapshot: Snapshot,
    now: Instant,
    which: Which,
    ending: Callable[[Viewing], Ending],
    *,
    beside: tuple[Change, ...] = (),
) -> tuple[Change, ...]:
    """End every running viewing that `which` picks, as `ending` says, and what rests on it; `beside` changes with them."""
    over = (ended(snapshot, viewing, ending(viewing), at=now) for viewing in snapshot.viewings() if which(viewing))
    changes = (*over, *beside)
    return (*changes, *leases_after(snapshot, changes, now))


def with_evidence(changes: Sequence[Change], evidence: tuple[str, ...]) -> tuple[Change, ...]:
    """Return `changes` in which each viewing ends on another party's signed word."""
    return tuple(replace(each, evidence=evidence) if isinstance(each, ViewingEnded) else each for each in changes)


def leases_after(snapshot: Snapshot, changes: Sequence[Change], now: Instant) -> tuple[LeaseChange, ...]:
    """Return what becomes of the leases once `changes` are made: nobody steers without what the lease rests on."""
    if not snapshot.leases():
        return ()
    return review_leases(After(snapshot, changes) if changes else snapshot, now)


def ended(
    facts: Facts, viewing: Viewing, ending: Ending, *, at: Instant, refused: Refused | None = None
) -> ViewingEnded:
    """Return that `viewing` ends so, under the convention in force."""
    convention = convention_of(facts, viewing)
    return ViewingEnded(
        viewing=viewing,
        ending=ending,
        at=at,
        convention=None if convention is None else reference(convention),
        event=_event_ref(facts, viewing),
        facts={} if refused is None else refused.facts,
    )


def _event_ref(facts: Facts, viewing: Viewing) -> EventRef | None:
    if viewing.event is None or viewing.attested is None:
        return event_ref(None if viewing.event is None else facts.event(viewing.event))
    return EventRef(viewing.event, viewing.attested.event_kind or "")


def endings_of(changes: Sequence[object]) -> list[ViewingEnded]:
    """Return the ends among `changes`."""
    return [change for change in changes if isinstance(change, ViewingEnded)]


def convention_of(facts: Facts, viewing: Viewing) -> Convention | None:
    """Return the convention under which a viewing runs, None where none does any more."""
    camera = facts.place.cameras.watched(viewing.camera)
    return None if camera is None else facts.convention_between(camera.owner, viewing.party)


def _decide_again(hearings: _Hearings, viewing: Viewing, *, ahead: timedelta) -> Viewing | _Over:
    facts, at = hearings.facts, hearings.at
    camera, convention = facts.place.cameras.watched(viewing.camera), convention_of(facts, viewing)
    if camera is None or convention is None:
        return _Over(endings.expired())
    if viewing.valid_until is not None and at < viewing.valid_until <= at + ahead:
        at = viewing.valid_until
    decision = hearings.decide(convention, viewing, camera, at)
    match decision:
        case Granted():
            standing = attested_standing(viewing.attested) or facts.standing(viewing.agent, viewing.station, at)
            # A convention may say nothing of the owner's own stations (rules A22 speaks of the State's): the node does.
            if not standing.habilitated or not standing.station_registered:
                lacks = Cause.STATION_UNREGISTERED if standing.habilitated else Cause.NOT_HABILITATED
                return _Over(endings.standing_ended(lacks, decision.articles))
            return replace(viewing, valid_until=runs_until(decision, standing))
        case Refused():
            suspension = facts.suspension(viewing.camera, viewing.party)
            if decision.cause is Cause.SUSPENDED and suspension is not None:
                return _Over(
                    endings.suspended(suspension, decision.articles, owner=convention.named(camera.owner)), decision
                )
            at_its_term = viewing.valid_until is not None and viewing.valid_until <= at
            return _Over(endings.no_longer_granted(decision, at_its_term=at_its_term), decision)
        case _:
            return _Over(endings.expired())

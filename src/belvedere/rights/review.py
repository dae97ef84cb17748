"""Ends what is no longer granted: the same decision again, on the facts of the state that a step leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from belvedere.changes import ViewingEnded, ViewingProlonged
from belvedere.changes.records import event_ref, reference
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Refused
from belvedere.domain.record import EventRef
from belvedere.domain.viewings import Ending, Viewing
from belvedere.domain.vocabulary import Action
from belvedere.policy import Convention, decide
from belvedere.rights import endings
from belvedere.rights.facts import Asked, attested_event, attested_standing, event_facts, request_to_decide, runs_until
from belvedere.spine.snapshot import Facts

Which = Callable[[Viewing], bool]
Reviewed = ViewingEnded | ViewingProlonged


def every(_: Viewing) -> bool:
    """Pick every viewing."""
    return True


class _Hearings:
    """Decides on one state at one instant; what was asked is heard once, however many viewings ask it: `decide` is pure."""

    def __init__(self, facts: Facts, *, at: Instant) -> None:
        self.facts = facts
        self.at = at
        self._heard: dict[tuple[str, Asked], Decision] = {}

    def decide(self, convention: Convention, asked: Asked) -> Decision:
        """Return the decision of the convention as it stands in this state."""
        found = self._heard.get((convention.id, asked))
        if found is None:
            found = decide(convention, request_to_decide(self.facts, asked, zone=convention.zone))
            self._heard[convention.id, asked] = found
        return found


@dataclass(frozen=True, slots=True)
class _Over:
    """A viewing is no longer granted; `refused` where a rule says so."""

    ending: Ending
    refused: Refused | None = None


def review(
    facts: Facts, now: Instant, which: Which = every, *, ahead: timedelta = timedelta(0)
) -> tuple[Reviewed, ...]:
    """Decide every running viewing that `which` picks again; return what becomes of those for which something changes.

    One whose term comes within `ahead` is decided as at its term: the relay's clock may be a moment early.
    """
    hearings = _Hearings(facts, at=now)
    changes: list[Reviewed] = []
    for viewing in facts.viewings():
        if not which(viewing):
            continue
        outcome = _decide_again(hearings, viewing, ahead=ahead)
        if isinstance(outcome, _Over):
            changes.append(ended(facts, viewing, outcome.ending, at=now, refused=outcome.refused))
        elif outcome != viewing:
            changes.append(ViewingProlonged(outcome))
    return tuple(changes)


def end(facts: Facts, now: Instant, which: Which, ending: Callable[[Viewing], Ending]) -> tuple[ViewingEnded, ...]:
    """End every running viewing that `which` picks, as `ending` says."""
    return tuple(ended(facts, viewing, ending(viewing), at=now) for viewing in facts.viewings() if which(viewing))


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
    decision = hearings.decide(
        convention,
        Asked(
            action=Action.VIEW,
            at=at,
            party=viewing.party,
            service=viewing.service,
            agent=viewing.agent,
            station=viewing.station,
            camera=camera,
            event=event_facts(None if viewing.event is None else facts.event(viewing.event))
            if viewing.attested is None
            else attested_event(viewing.attested),
            purpose=viewing.purpose,
            attested=attested_standing(viewing.attested),
        ),
    )
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

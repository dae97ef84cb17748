"""Operational events of one's own party."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from fastapi import APIRouter, Response

from belvedere.acts.events import (
    AlreadyClosed,
    EventUnknown,
    MotiveOwed,
    NotYoursToClose,
    NotYoursToComplete,
    Typed,
)
from belvedere.domain.causes import Cause
from belvedere.domain.events import Event
from belvedere.domain.ids import AgentId, EventId, PartyId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Text
from belvedere.domain.words import text_of
from belvedere.policy.clauses.access import EventRequired
from belvedere.spine.snapshot import Snapshot
from belvedere.web.asking import SignedIn
from belvedere.web.ports import EventPorts, Events, TextsInForce
from belvedere.web.problems import Problem, act_refused, bad_fields, not_for_this_role, not_found
from belvedere.web.schemas import EventIn, EventOut, EventPatch, EventsOut

router = APIRouter(tags=["events"])


def _event(event: Event, labels: Mapping[AgentId, str]) -> EventOut:
    return EventOut(
        id=event.id,
        kind=event.kind,
        state="open" if event.is_open else "closed",
        sector=text_of(event.sector),
        motive=text_of(event.motive),
        dispatch_number=text_of(event.dispatch_number),
        opened_at=event.opened_at,
        opened_by=event.opened_by_pseudonym,
        opened_by_label=labels.get(event.opened_by, event.opened_by_pseudonym),
        kept_by=event.kept_by_pseudonym,
        kept_by_label=labels.get(event.kept_by, event.kept_by_pseudonym),
        party=event.party,
        motive_owed=event.is_open and event.motive is None,
    )


def events_body(reading: Snapshot, party: PartyId) -> EventsOut:
    """Return the events that a party may see: its own."""
    events = reading.events(party)
    labels = reading.agent_labels({agent for event in events for agent in (event.opened_by, event.kept_by)})
    return EventsOut(items=[_event(event, labels) for event in events])


async def _told(ports: EventPorts, event: Event) -> EventOut:
    agents = {event.opened_by, event.kept_by}
    return _event(event, await ports.store.read(lambda reading: reading.agent_labels(agents)))


def event_articles(in_force: TextsInForce, party: PartyId) -> Sequence[str]:
    """Return what makes the party watch for events alone; nothing where no clause does, as for the owner."""
    convention = in_force.convention_for(party)
    return [] if convention is None else convention.cites_of(EventRequired, lambda clause: clause.party == party)


@router.get("/events")
async def events(requester: SignedIn, ports: Events) -> EventsOut:
    """Return one's own party's events."""
    return await ports.store.read(lambda reading: events_body(reading, requester.party))


@router.post("/events", status_code=201)
async def open_event(body: EventIn, requester: SignedIn, ports: Events, response: Response) -> EventOut:
    """Open an event: the kind is enough."""
    outcome = await ports.desk.open(requester, body.kind, Typed(body.sector, body.motive, body.dispatch_number))
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)
    response.headers["Location"] = f"/api/v1/events/{outcome.id}"
    return _event(outcome, {requester.agent: requester.label})


@router.patch("/events/{event}")
async def amend_event(event: str, body: EventPatch, requester: SignedIn, ports: Events) -> EventOut:
    """Complete an event, or close it: its motive is owed by then."""
    said = Typed(body.sector, body.motive, body.dispatch_number)
    outcome = await ports.desk.amend(requester, EventId(event), said, close=body.state == "closed")
    match outcome:
        case Event():
            own = outcome.opened_by == outcome.kept_by == requester.agent
            return _event(outcome, {requester.agent: requester.label}) if own else await _told(ports, outcome)
        case EventUnknown():
            raise not_found()
        case MotiveOwed():
            raise bad_fields(
                [("motive", Text("est dû avant la clôture de l'événement", "owed before the event is closed"))],
                articles=event_articles(ports.in_force, requester.party),
            )
        case NotYoursToClose():
            raise not_for_this_role(event_articles(ports.in_force, requester.party))
        case NotYoursToComplete():
            raise Problem(403, Cause.OTHER_SERVICES_EVENT, articles=event_articles(ports.in_force, requester.party))
        case ActRefused():
            raise act_refused(outcome)
        case AlreadyClosed():
            raise Problem(409, Cause.EVENT_CLOSED)
        case _:
            assert_never(outcome)

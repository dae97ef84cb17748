"""Who may use each route: one row an endpoint, checked both ways before the node starts (docs/reference/access.md).

A row says roles by kind of party, whether standing is asked (a habilitation in force, a registered station), and whether
the answer goes on. What is public is written out too. An act's row is what its command needs inside its transaction.
"""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from belvedere.acts.authorise import CHIEF, IN_THE_OWNERS_ROOM
from belvedere.acts.direction import DIRECTING
from belvedere.acts.events import AmendEvent, OpenEvent
from belvedere.acts.handover import HANDING_OVER
from belvedere.acts.joining import JOINING
from belvedere.acts.journal import READING, TRACE
from belvedere.acts.look import ASKING
from belvedere.acts.open_stream import OpenStream
from belvedere.acts.relief import RELIEVING
from belvedere.acts.steering import STEERING
from belvedere.acts.suspend import SuspendStream
from belvedere.agents.stations import LAYING_OUT
from belvedere.agents.supervision import SUPERVISING
from belvedere.domain.ids import PartyId
from belvedere.domain.requester import ROOM_ROLES, SUPERVISORS
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Role
from belvedere.policy.clauses.access import Suspension as SuspensionClause
from belvedere.web import (
    authorisations,
    cameras,
    centre,
    convention,
    convention_life,
    demo_clock,
    deputies,
    events,
    faults,
    foresight,
    handover,
    health,
    joining,
    journal,
    looks,
    node_card,
    partners,
    screens,
    session,
    stations,
    steering,
    steering_socket,
    stream_of_changes,
    streams,
    witness,
)
from belvedere.web.asking import Access, Rows
from belvedere.web.ports import AskingPorts


class UnlistedRoutes(Exception):
    """Routes and rows differ: the node does not start. A mistake of ours, never of who runs the node."""


def _event_articles(ports: AskingPorts, party: PartyId) -> Sequence[str]:
    return events.event_articles(ports.in_force, party)


def _suspension_articles(ports: AskingPorts, party: PartyId) -> Sequence[str]:
    found = ports.in_force.convention_for(party)
    return () if found is None else found.cites_of(SuspensionClause, lambda clause: clause.owner == ports.owner)


def _trace(_ports: AskingPorts, _party: PartyId) -> Sequence[str]:
    return TRACE


_ANYBODY = Access(Needs(owner=frozenset(Role), partner=frozenset(Role), standing=False))
"""Whoever is signed in, with a standing or without: how a session is left, and why it is closed."""
_LOOKING = Access(Needs(owner=ROOM_ROLES | {Role.INSPECTOR}, partner=ROOM_ROLES))
"""What a room sees; an inspection too, which has no wall."""
_STATIONS_LISTED = Access(Needs(owner=SUPERVISORS | {Role.ADMIN}, partner=SUPERVISORS))
_OWN_ROOM = Access(OpenStream.needs)
_SUPERVISING = Access(SUPERVISING)
_DIRECTING = Access(DIRECTING)
_MENDING = Access(Needs(owner=ROOM_ROLES | {Role.INSPECTOR, Role.TECHNICIAN, Role.ADMIN}))
"""What is lost, and whose it is: the own room, whoever inspects it, and whoever restores it."""
_OVERSEEING = Access(Needs(owner=frozenset({Role.POLICE_DIRECTOR, Role.CSU_ROOM_CHIEF, Role.INSPECTOR})))
"""Who answers for the owner's cameras, or inspects what was done with them."""
_JOINING = Access(JOINING)
_HANDING_OVER = Access(HANDING_OVER)
_SUSPENDING = Access(SuspendStream.needs, whose=_suspension_articles)
_READING = Access(READING, whose=_trace)

PUBLIC: Rows = dict.fromkeys(
    (
        node_card.node,
        session.log_in,
        journal.checkpoint,
        journal.tile,
        witness.cosignature,
        witness.witness,
        witness.witnessed,
        health.healthz,
        health.readyz,
        health.metrics,
        screens.page,
    )
)
DEMO: Rows = dict.fromkeys((demo_clock.page, demo_clock.move))
"""Public too, and there only where the node runs on a clock that can be moved."""
SIGNED_IN: Rows = {
    session.session: _ANYBODY,
    session.log_out: _ANYBODY,
    session.relieve: Access(RELIEVING),
    stations.stations: _STATIONS_LISTED,
    stations.register_station: _SUPERVISING,
    stations.end_station: _SUPERVISING,
    stations.layout: Access(LAYING_OUT),
    stations.keep_layout: Access(LAYING_OUT),
    cameras.cameras: _LOOKING,
    cameras.cameras_as_a_map: _LOOKING,
    cameras.cameras_as_a_table: _LOOKING,
    cameras.ground: _LOOKING,
    events.events: _LOOKING,
    events.open_event: Access(OpenEvent.needs, whose=_event_articles),
    events.amend_event: Access(AmendEvent.needs, whose=_event_articles),
    streams.streams: _LOOKING,
    streams.open_stream: _OWN_ROOM,
    streams.close_stream: _OWN_ROOM,
    streams.suspend: _SUSPENDING,
    streams.lift: _SUSPENDING,
    steering.take_ptz: Access(STEERING),
    steering.leases: _LOOKING,
    steering.notices: _LOOKING,
    steering.move: Access(STEERING),
    steering.go_to: Access(STEERING),
    steering.stop: Access(STEERING, stops=True),
    steering_socket.steer: Access(STEERING),
    steering.camera: Access(STEERING),
    steering.have_it_stay: Access(STEERING),
    deputies.deputies: Access(IN_THE_OWNERS_ROOM),
    deputies.name: _DIRECTING,
    deputies.end: _DIRECTING,
    looks.ask: Access(ASKING),
    looks.looks: _LOOKING,
    looks.answer: Access(IN_THE_OWNERS_ROOM),
    steering.answer: Access(STEERING),
    steering.release: Access(STEERING),
    authorisations.authorisations: _LOOKING,
    authorisations.write_down: Access(IN_THE_OWNERS_ROOM),
    authorisations.answer_request: Access(IN_THE_OWNERS_ROOM),
    authorisations.withdraw: Access(IN_THE_OWNERS_ROOM),
    authorisations.confirm: Access(IN_THE_OWNERS_ROOM),
    authorisations.crew_engaged: Access(CHIEF),
    authorisations.crew_gone: Access(CHIEF),
    partners.partners: _LOOKING,
    faults.faults: _MENDING,
    faults.availability: _MENDING,
    partners.confirm_log: _DIRECTING,
    centre.centre: _LOOKING,
    centre.declare_activity: _DIRECTING,
    centre.vary_hours: _DIRECTING,
    centre.usual_hours: _DIRECTING,
    centre.confirm_order: _DIRECTING,
    convention.convention: _LOOKING,
    convention.preview: _LOOKING,
    convention.who_could_watch: _OVERSEEING,
    convention.withdrawal: _DIRECTING,
    convention.habilitations: _SUPERVISING,
    convention.end_habilitation: _SUPERVISING,
    convention_life.page: _LOOKING,
    convention_life.coming: _LOOKING,
    convention_life.calendar_feed: _LOOKING,
    convention_life.what_if: _LOOKING,
    convention_life.replace: _DIRECTING,
    convention_life.tell_term: _DIRECTING,
    joining.keys: _JOINING,
    joining.propose_keys: _JOINING,
    joining.propose_leaving: _JOINING,
    joining.confirm: _JOINING,
    foresight.activity: _DIRECTING,
    foresight.withdrawal: _DIRECTING,
    foresight.term: _DIRECTING,
    foresight.replacement: _DIRECTING,
    foresight.changed_answers: _DIRECTING,
    handover.unread: _HANDING_OVER,
    handover.write: _HANDING_OVER,
    handover.acknowledge: _HANDING_OVER,
    journal.journal: _READING,
    journal.viewings: _READING,
    journal.viewings_file: Access(READING, follows=True, whose=_trace),
    stream_of_changes.changes: Access(_LOOKING.needs, follows=True),
}


def endpoints_of(app: FastAPI) -> dict[Callable[..., Any], str]:
    """Return every endpoint of the application with its path; those of included routers too.

    FastAPI's own description has no dependency, so no row; what is mounted is files.
    """
    return {
        context.endpoint: context.path or ""
        for context in iter_route_contexts(app.routes)
        if context.endpoint is not None
        and not isinstance(context.original_route, Mount)
        and context.path != app.openapi_url
    }


def rows_for(app: FastAPI, *, demo: bool) -> Rows:
    """Return the rows of the application; raises `UnlistedRoutes` where a route has none, or a row has no route."""
    rows: Rows = {**PUBLIC, **SIGNED_IN, **(DEMO if demo else {})}
    endpoints = endpoints_of(app)
    without = sorted(path for endpoint, path in endpoints.items() if endpoint not in rows)
    unused = sorted(f"{row.__module__}.{row.__name__}" for row in rows if row not in endpoints)
    if without or unused:
        raise UnlistedRoutes(f"routes without a row: {without}; rows without a route: {unused}; see web/access.py")
    return rows

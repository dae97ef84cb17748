"""Changes made so in the tables: the twin in SQL of `spine.after`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes import (
    AccountChanged,
    AccountOpened,
    AuthorisationDeclared,
    CataloguePublished,
    CatalogueReceived,
    Change,
    DisclosureTaken,
    EventAmended,
    EventClosed,
    EventKept,
    EventOpened,
    FaultLocated,
    FaultRestored,
    FaultTold,
    HabilitationEnded,
    HabilitationRenewed,
    HoursAnnounced,
    JointActProposed,
    KeysInstalled,
    KeysReplaced,
    LayoutKept,
    LinkFaultClosed,
    LinkFaultLocated,
    LinkFaultRestored,
    LinkFaultTold,
    MessageTaken,
    MotiveDisclosed,
    MotiveReceived,
    NoteRead,
    NoteWritten,
    OrderConfirmed,
    PartyLeft,
    ResolutionMade,
    ResolutionReceived,
    ResolutionSettled,
    RoomDeclared,
    SessionClosed,
    SessionOpened,
    SessionRelieved,
    SessionSeen,
    StationEnded,
    StationEnrolled,
    StationRegistered,
    StreamSuspended,
    SuspensionLifted,
    TermAnnounced,
    TextInstalled,
    TextReplaced,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
)
from belvedere.domain.agents import Account, Session, Station
from belvedere.domain.centre import CentreState
from belvedere.domain.convention_texts import LEFT, ConventionText, TermTold, TermWord
from belvedere.domain.events import Event
from belvedere.domain.faults import Fault
from belvedere.domain.ids import ViewingId
from belvedere.domain.viewings import Viewing
from belvedere.domain.words import Words
from belvedere.spine.running import Running
from belvedere.store import disclosure_rows, peer_rows, resolution_rows
from belvedere.store.agents_tables import accounts, layouts, sessions, stations
from belvedere.store.handover_rows import put_note, remove_note
from belvedere.store.joining_rows import put_keys, put_proposal, remove_proposal
from belvedere.store.ledger_rows import microseconds
from belvedere.store.live_tables import (
    centre,
    convention_texts,
    convention_texts_replaced,
    events,
    faults,
    hours_varied,
    link_faults,
    orders_confirmed,
    suspended_viewings,
    suspensions,
    terms_told,
    viewings,
)
from belvedere.store.rows import attested_text, us_or_none
from belvedere.store.steering_rows import apply_steering

_ENDED = select(func.json_each(bindparam("ended")).table_valued("value").c.value)
_REMOVE_VIEWINGS = delete(viewings).where(viewings.c.id.in_(_ENDED))
_Values = Mapping[str, Any]


def _putting(table: Table, *keys: Column[Any]) -> Any:
    """Return the statement that inserts a row, or replaces the one with its key."""
    statement = upsert(table)
    changed = {each.name: statement.excluded[each.name] for each in table.columns if not each.primary_key}
    return statement.on_conflict_do_update(index_elements=keys or list(table.primary_key), set_=changed)


_PUT_VIEWING = _putting(viewings)
_PUT_EVENT = _putting(events)
_PUT_ACCOUNT = _putting(accounts)
_PUT_STATION = _putting(stations)
_PUT_SESSION = _putting(sessions)
_PUT_LAYOUT = _putting(layouts)
_PUT_CENTRE = _putting(centre)
_PUT_FAULT = _putting(faults)
_PUT_LINK_FAULT = _putting(link_faults)
_PUT_HOURS = _putting(hours_varied)
_PUT_TEXT = _putting(convention_texts)


DECLARES = (
    StreamSuspended,
    SuspensionLifted,
    RoomDeclared,
    AuthorisationDeclared,
    HoursAnnounced,
    TextInstalled,
    TextReplaced,
    TermAnnounced,
    PartyLeft,
)
"""What changes the facts that are kept because they seldom change."""


def apply(connection: Connection, changes: Sequence[Change], running: Running) -> Running:
    """Make `changes` in the tables; return the running viewings that they leave, of those that `running` had."""
    put: dict[ViewingId, Viewing] = {}
    gone: dict[ViewingId, None] = {}
    for change in changes:
        match change:
            case ViewingEnded(viewing):
                put.pop(viewing.id, None)
                gone[viewing.id] = None
            case ViewingOpened(viewing) if viewing.attested is not None:
                peer_rows.keep_viewing(connection, viewing)
                disclosure_rows.keep_named(connection, viewing)
                gone.pop(viewing.id, None)
                put[viewing.id] = viewing
            case ViewingOpened(viewing) | ViewingProlonged(viewing) | ViewingRelieved(viewing):
                gone.pop(viewing.id, None)
                put[viewing.id] = viewing
            case EventOpened(event) | EventAmended(event) | EventClosed(event):
                connection.execute(_PUT_EVENT, _event(event))
            case EventKept(event):
                _keep(connection, event)
            case ResolutionMade() | ResolutionSettled() | ResolutionReceived():
                _apply_resolution(connection, change)
            case _:
                _apply_declared(connection, change)
                _apply_of_agents(connection, change)
                apply_steering(connection, change)
                _apply_fault(connection, change)
                _apply_of_peers(connection, change)
    if gone:
        connection.execute(_REMOVE_VIEWINGS, {"ended": json.dumps(list(gone))})
    if put:
        connection.execute(_PUT_VIEWING, [_viewing(viewing) for viewing in put.values()])
    return running.after(put, gone) if put or gone else running


def _apply_fault(connection: Connection, change: Change) -> None:
    match change:
        case FaultTold(fault) | FaultLocated(fault):
            connection.execute(_PUT_FAULT, _fault(fault))
        case FaultRestored(fault):
            connection.execute(delete(faults).where(faults.c.camera == fault.camera))
        case LinkFaultTold(link_fault) | LinkFaultLocated(link_fault):
            since_us = microseconds(link_fault.since)
            values = {"party": link_fault.party, "place": link_fault.place.value, "since_us": since_us}
            connection.execute(_PUT_LINK_FAULT, values)
        case LinkFaultRestored(link_fault) | LinkFaultClosed(link_fault):
            connection.execute(delete(link_faults).where(link_faults.c.party == link_fault.party))


def _apply_declared(connection: Connection, change: Change) -> None:
    match change:
        case StreamSuspended():
            _suspend(connection, change)
        case SuspensionLifted(suspension):
            for table in (suspensions, suspended_viewings):
                of_flow = (table.c.camera == suspension.camera, table.c.party == suspension.party)
                connection.execute(delete(table).where(*of_flow))
        case RoomDeclared(state) | AuthorisationDeclared(state):
            connection.execute(_PUT_CENTRE, _centre(state))
        case HoursAnnounced():
            _announce(connection, change)
        case OrderConfirmed(camera):
            connection.execute(upsert(orders_confirmed).values(camera=camera).on_conflict_do_nothing())
        case TextInstalled(text, before) | TextReplaced(text, before):
            _put_text(connection, text, before)
        case TermAnnounced(told):
            _tell_term(connection, told)
        case KeysInstalled() | JointActProposed() | KeysReplaced() | PartyLeft():
            _apply_joint(connection, change)


def _apply_joint(connection: Connection, change: KeysInstalled | JointActProposed | KeysReplaced | PartyLeft) -> None:
    match change:
        case KeysInstalled(keys):
            put_keys(connection, keys, None)
        case JointActProposed(proposal):
            put_proposal(connection, proposal)
        case KeysReplaced(keys, before, text):
            put_keys(connection, keys, before)
            if text is not None:
                _put_text(connection, text, text.sha256)
            remove_proposal(connection, keys.convention)
        case PartyLeft(told):
            _tell_term(connection, told)
            remove_proposal(connection, told.convention)


def _apply_of_agents(connection: Connection, change: Change) -> None:
    match change:
        case AccountOpened() | HabilitationRenewed() | AccountChanged() | HabilitationEnded():
            connection.execute(_PUT_ACCOUNT, _account(change.account))
        case StationEnrolled(station) | StationRegistered(station) | StationEnded(station):
            connection.execute(_PUT_STATION, _station(station))
        case SessionOpened(session):
            connection.execute(_PUT_SESSION, _session(session))
        case SessionSeen(session):
            # One that was closed meanwhile stays so.
            seen = update(sessions).where(sessions.c.cookie_sha256 == session.cookie_sha256)
            connection.execute(seen.values(seen_at_us=microseconds(session.seen_at)))
        case SessionRelieved(former, session):
            connection.execute(delete(sessions).where(sessions.c.cookie_sha256 == former))
            connection.execute(_PUT_SESSION, _session(session))
        case SessionClosed(session_sha256):
            connection.execute(delete(sessions).where(sessions.c.cookie_sha256 == session_sha256))
        case NoteWritten(note):
            put_note(connection, note)
        case NoteRead(note):
            remove_note(connection, note.id)
        case LayoutKept(layout):
            values = {"station": layout.station, "role": layout.role.value, "document": layout.document}
            connection.execute(_PUT_LAYOUT, values)


def _apply_of_peers(connection: Connection, change: Change) -> None:
    match change:
        case CataloguePublished():
            peer_rows.publish(connection, change)
        case CatalogueReceived():
            peer_rows.receive(connection, change)
        case MessageTaken():
            peer_rows.take(connection, change)
        case MotiveDisclosed():
            disclosure_rows.disclose(connection, change)
        case DisclosureTaken():
            disclosure_rows.take_disclosure(connection, change)
        case MotiveReceived():
            disclosure_rows.receive_motive(connection, change)


def _apply_resolution(connection: Connection, change: ResolutionMade | ResolutionSettled | ResolutionReceived) -> None:
    match change:
        case ResolutionMade():
            resolution_rows.owe(connection, change)
        case ResolutionSettled():
            resolution_rows.settle(connection, change)
        case ResolutionReceived():
            resolution_rows.receive(connection, change)


def _event(event: Event) -> _Values:
    return {
        "id": event.id,
        "party": event.party,
        "kind": event.kind.value,
        "opened_at_us": microseconds(event.opened_at),
        "opened_by": event.opened_by,
        "opened_by_pseudonym": event.opened_by_pseudonym,
        "kept_by": event.kept_by,
        "kept_by_pseudonym": event.kept_by_pseudonym,
        **_words("sector", event.sector),
        **_words("motive", event.motive),
        **_words("dispatch_number", event.dispatch_number),
        "closed_at_us": us_or_none(event.closed_at),
    }


def _words(column: str, words: Words | None) -> _Values:
    text, salt = (None, None) if words is None else (words.text, words.salt)
    return {column: text, f"{column}_salt": salt}


def _keep(connection: Connection, event: Event) -> None:
    """Give an event its keeper, and leave the rest of it as it stands: its words may have changed meanwhile."""
    kept = update(events).where(events.c.id == event.id)
    connection.execute(kept.values(kept_by=event.kept_by, kept_by_pseudonym=event.kept_by_pseudonym))


def _viewing(viewing: Viewing) -> _Values:
    return {
        "id": viewing.id,
        "camera": viewing.camera,
        "party": viewing.party,
        "service": viewing.service,
        "agent": viewing.agent,
        "pseudonym": viewing.pseudonym,
        "agent_label": viewing.agent_label,
        "station": viewing.station,
        "event": viewing.event,
        "purpose": viewing.purpose,
        "since_us": microseconds(viewing.since),
        "valid_until_us": us_or_none(viewing.valid_until),
        "session_sha256": viewing.session_sha256,
        "articles": " ".join(viewing.articles),
        "slot": viewing.slot,
        "asked": viewing.asked,
        "attested": attested_text(viewing.attested),
    }


def _suspend(connection: Connection, change: StreamSuspended) -> None:
    suspension = change.suspension
    connection.execute(
        insert(suspensions).values(
            camera=suspension.camera,
            party=suspension.party,
            ground=suspension.ground.value,
            reason=suspension.reason,
            since_us=microseconds(suspension.since),
            by_role=suspension.by_role,
            by_label=suspension.by_label,
            viewing=suspension.viewing,
        )
    )
    flow = {"camera": suspension.camera, "party": suspension.party}
    if change.ended:
        connection.execute(insert(suspended_viewings), [{"viewing": viewing, **flow} for viewing in change.ended])


def _fault(fault: Fault) -> dict[str, object]:
    lost = fault.lost
    return {
        "camera": fault.camera,
        "cause": lost.cause.value,
        "place": lost.place.value,
        "since_us": microseconds(lost.since),
    }


def _centre(state: CentreState) -> _Values:
    return {"id": 1, "inactive": state.inactive, "authorisation_withdrawn": state.authorisation_withdrawn}


def _announce(connection: Connection, change: HoursAnnounced) -> None:
    if change.varied is None:
        connection.execute(delete(hours_varied).where(hours_varied.c.day == change.day.isoformat()))
        return
    values = {
        "day": change.day.isoformat(),
        "open": change.varied.open.isoformat("minutes"),
        "close": change.varied.close.isoformat("minutes"),
        "reason": change.varied.reason,
    }
    connection.execute(_PUT_HOURS, values)


def _put_text(connection: Connection, text: ConventionText, before: str | None) -> None:
    """Put a text in force; the one before it is kept among those replaced, by its hash."""
    if before is not None and before != text.sha256:
        replaced = upsert(convention_texts_replaced).values(id=text.id, sha256=before)
        connection.execute(replaced.on_conflict_do_nothing())
    values = {
        "id": text.id,
        "sha256": text.sha256,
        "markdown": text.markdown,
        "signatures": text.signatures,
        "since_us": microseconds(text.since),
    }
    connection.execute(_PUT_TEXT, values)


def _tell_term(connection: Connection, told: TermTold) -> None:
    if told.kind == TermWord.CORRECTION:
        said_then = (
            terms_told.c.convention == told.convention,
            terms_told.c.told_on == told.on.isoformat(),
            terms_told.c.kind != LEFT,
        )
        connection.execute(delete(terms_told).where(*said_then))
        return
    values = {"convention": told.convention, "kind": told.kind, "told_on": told.on.isoformat(), "act": told.act}
    connection.execute(insert(terms_told).values(**values))


def _account(account: Account) -> _Values:
    held = account.habilitation
    return {
        "agent": account.agent,
        "login": account.login,
        "label": account.label,
        "party": account.party,
        "service": account.service,
        "role": account.role.value,
        "pseudonym": account.pseudonym,
        "password_hash": account.password_hash,
        "pin_hash": account.pin_hash,
        "habilitation_act": None if held is None else held.act,
        "habilitation_since": None if held is None else held.since.isoformat(),
        "habilitation_until": None if held is None or held.until is None else held.until.isoformat(),
    }


def _station(station: Station) -> _Values:
    return {
        "id": station.id,
        "party": station.party,
        "label": station.label,
        "secret_sha256": station.secret_sha256,
        "ended_at_us": us_or_none(station.ended_at),
        "service": station.service,
        "until": None if station.until is None else station.until.isoformat(),
    }


def _session(session: Session) -> _Values:
    return {
        "cookie_sha256": session.cookie_sha256,
        "agent": session.agent,
        "station": session.station,
        "opened_at_us": microseconds(session.opened_at),
        "seen_at_us": microseconds(session.seen_at),
    }

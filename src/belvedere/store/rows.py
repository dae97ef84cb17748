"""Rows of the tables as the facts that they hold."""

import json
from dataclasses import asdict
from datetime import date, time
from typing import Any

from sqlalchemy import Row

from belvedere.domain.agents import Account, Habilitation, Session, Station
from belvedere.domain.centre import HoursVaried
from belvedere.domain.clock import Instant
from belvedere.domain.events import Event
from belvedere.domain.ids import (
    AgentId,
    ArticleRef,
    CameraId,
    EventId,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.peer_requests import Attested
from belvedere.domain.suspensions import Suspension
from belvedere.domain.untrusted_text import read_json
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import EventKind, Role, SuspensionGround
from belvedere.domain.words import Words
from belvedere.store.ledger_rows import instant, microseconds


def instant_or_none(at_us: int | None) -> Instant | None:
    """Return the instant of so many microseconds; None for None."""
    return None if at_us is None else instant(at_us)


def us_or_none(at: Instant | None) -> int | None:
    """Return the microseconds of an instant; None for None."""
    return None if at is None else microseconds(at)


def words_or_none(text: str | None, salt: bytes | None) -> Words | None:
    """Return what a party typed, with its salt; None where nothing stands."""
    return None if text is None or salt is None else Words(text, salt)


def event_of(row: Row[Any]) -> Event:
    """Return what a row holds."""
    return Event(
        id=EventId(row.id),
        party=PartyId(row.party),
        kind=EventKind(row.kind),
        opened_at=instant(row.opened_at_us),
        opened_by=AgentId(row.opened_by),
        opened_by_pseudonym=Pseudonym(row.opened_by_pseudonym),
        kept_by=AgentId(row.kept_by),
        kept_by_pseudonym=Pseudonym(row.kept_by_pseudonym),
        sector=words_or_none(row.sector, row.sector_salt),
        motive=words_or_none(row.motive, row.motive_salt),
        dispatch_number=words_or_none(row.dispatch_number, row.dispatch_number_salt),
        closed_at=instant_or_none(row.closed_at_us),
    )


def viewing_of(row: Row[Any]) -> Viewing:
    """Return what a row holds."""
    return Viewing(
        id=ViewingId(row.id),
        camera=CameraId(row.camera),
        party=PartyId(row.party),
        service=ServiceId(row.service),
        agent=AgentId(row.agent),
        pseudonym=Pseudonym(row.pseudonym),
        agent_label=row.agent_label,
        station=StationId(row.station),
        event=None if row.event is None else EventId(row.event),
        purpose=row.purpose,
        since=instant(row.since_us),
        valid_until=instant_or_none(row.valid_until_us),
        session_sha256=row.session_sha256,
        articles=tuple(ArticleRef(article) for article in row.articles.split()),
        slot=row.slot,
        asked=row.asked,
        attested=None if row.attested is None else _attested(read_json(row.attested)),
    )


def attested_text(attested: Attested | None) -> str | None:
    """Return how a row spells what an agent's own node vouched for."""
    if attested is None:
        return None
    return json.dumps(asdict(attested) | {"habilitated_until": us_or_none(attested.habilitated_until)})


def _attested(given: Any) -> Attested:
    return Attested(**given | {"habilitated_until": instant_or_none(given["habilitated_until"])})


def suspension_of(row: Row[Any]) -> Suspension:
    """Return what a row holds."""
    return Suspension(
        camera=CameraId(row.camera),
        party=PartyId(row.party),
        ground=SuspensionGround(row.ground),
        reason=row.reason,
        since=instant(row.since_us),
        by_role=row.by_role,
        by_label=row.by_label,
        viewing=ViewingId(row.viewing),
    )


def hours_of(row: Row[Any]) -> HoursVaried:
    """Return what a row holds."""
    return HoursVaried(
        day=date.fromisoformat(row.day),
        open=time.fromisoformat(row.open),
        close=time.fromisoformat(row.close),
        reason=row.reason,
    )


def account_of(row: Row[Any]) -> Account:
    """Return what a row holds."""
    habilitation = None
    if row.habilitation_act is not None:
        until = row.habilitation_until
        habilitation = Habilitation(
            act=row.habilitation_act,
            since=date.fromisoformat(row.habilitation_since),
            until=None if until is None else date.fromisoformat(until),
        )
    return Account(
        agent=AgentId(row.agent),
        login=row.login,
        label=row.label,
        party=PartyId(row.party),
        service=ServiceId(row.service),
        role=Role(row.role),
        pseudonym=Pseudonym(row.pseudonym),
        password_hash=row.password_hash,
        pin_hash=row.pin_hash,
        habilitation=habilitation,
    )


def station_of(row: Row[Any]) -> Station:
    """Return what a row holds."""
    return Station(
        id=StationId(row.id),
        party=PartyId(row.party),
        label=row.label,
        secret_sha256=row.secret_sha256,
        ended_at=None if row.ended_at_us is None else instant(row.ended_at_us),
        service=None if row.service is None else ServiceId(row.service),
        until=None if row.until is None else date.fromisoformat(row.until),
    )


def session_of(row: Row[Any]) -> Session:
    """Return what a row holds."""
    return Session(
        cookie_sha256=row.cookie_sha256,
        agent=AgentId(row.agent),
        station=StationId(row.station),
        opened_at=instant(row.opened_at_us),
        seen_at=instant(row.seen_at_us),
    )

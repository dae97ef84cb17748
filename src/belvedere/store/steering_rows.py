"""Who steers, over the store's tables. Reads and writes within the caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes import (
    AuthorisationConfirmed,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    Change,
    CrewDeclared,
    DeputyEnded,
    DeputyNamed,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
    LookAnswered,
    LookAsked,
)
from belvedere.domain.authorisations import (
    AnswerGround,
    Authorisation,
    AuthorisationScope,
    AuthorisationState,
    Channel,
    CrewEngaged,
    Deputy,
    OralWord,
)
from belvedere.domain.causes import Cause
from belvedere.domain.ids import (
    AgentId,
    ArticleRef,
    AuthorisationId,
    CameraId,
    EventId,
    LeaseId,
    LookId,
    NoticeId,
    PartyId,
    Pseudonym,
    ServiceId,
    StationId,
    ViewingId,
)
from belvedere.domain.leases import Awaits, Lease, LeaseOver, LeaseRegime, OwedNotice, Rank
from belvedere.domain.looks import Look, LookPlace, LookState
from belvedere.domain.vocabulary import Role
from belvedere.store.ledger_rows import instant, microseconds
from belvedere.store.rows import instant_or_none, us_or_none
from belvedere.store.steering_tables import (
    authorisations,
    crews_engaged,
    deputies,
    leases,
    leases_over,
    looks,
    owed_notices,
    steering_fences,
)

_Values = Mapping[str, Any]


def _putting(table: Table) -> Any:
    statement = upsert(table)
    changed = {each.name: statement.excluded[each.name] for each in table.columns if not each.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


_PUT_LEASE = _putting(leases)
_PUT_LEASE_OVER = _putting(leases_over)
_PUT_AUTHORISATION = _putting(authorisations)
_PUT_NOTICE = _putting(owed_notices)
_PUT_CREW = _putting(crews_engaged)
_PUT_DEPUTY = _putting(deputies)
_PUT_LOOK = _putting(looks)
_RAISE_FENCE = upsert(steering_fences)
_RAISE_FENCE = _RAISE_FENCE.on_conflict_do_update(
    index_elements=["camera"], set_={"fence": func.max(_RAISE_FENCE.excluded.fence, steering_fences.c.fence)}
)
_STANDING = (AuthorisationState.ASKED.value, AuthorisationState.GIVEN.value)


def apply_steering(connection: Connection, change: Change) -> None:
    """Make so what `change` says of leases, words and notices; nothing where it says nothing of them."""
    match change:
        case LeaseAsked(lease, authorisation):
            connection.execute(_PUT_LEASE, _lease(lease))
            if authorisation is not None:
                connection.execute(_PUT_AUTHORISATION, _authorisation(authorisation))
        case LeaseGranted(lease) | LeaseContinued(lease):
            connection.execute(_PUT_LEASE, _lease(lease))
            connection.execute(_RAISE_FENCE, {"camera": lease.camera, "fence": lease.fence})
            if change.notice is not None:
                connection.execute(_PUT_NOTICE, _notice(change.notice))
        case LeaseProlonged(lease) | LeaseRelieved(lease):
            connection.execute(_PUT_LEASE, _lease(lease))
        case LeaseEnded():
            _end(connection, change)
        case (
            AuthorisationGiven(word)
            | AuthorisationRefused(word)
            | AuthorisationWithdrawn(word)
            | AuthorisationConfirmed(word)
            | AuthorisationDenied(word)
            | AuthorisationOver(word)
        ):
            connection.execute(_PUT_AUTHORISATION, _authorisation(word))
        case LookAsked(look) | LookAnswered(look):
            connection.execute(_PUT_LOOK, _look(look))
        case CrewDeclared() | DeputyNamed() | DeputyEnded():
            _declare(connection, change)


def _declare(connection: Connection, change: CrewDeclared | DeputyNamed | DeputyEnded) -> None:
    match change:
        case CrewDeclared(crew, engaged) if engaged:
            connection.execute(_PUT_CREW, {"camera": crew.camera, "since_us": microseconds(crew.since), "by": crew.by})
        case CrewDeclared(crew):
            connection.execute(delete(crews_engaged).where(crews_engaged.c.camera == crew.camera))
        case DeputyNamed(named):
            values = {"agent": named.agent, "pseudonym": named.pseudonym, "by": named.by}
            connection.execute(_PUT_DEPUTY, values | {"until_us": microseconds(named.until)})
        case DeputyEnded(over):
            connection.execute(delete(deputies).where(deputies.c.agent == over.agent))


def _end(connection: Connection, change: LeaseEnded) -> None:
    lease = change.lease
    connection.execute(delete(leases).where(leases.c.id == lease.id))
    over = {
        "id": lease.id,
        "camera": lease.camera,
        "party": lease.party,
        "cause": change.ending.cause.value,
        "articles": " ".join(change.ending.articles),
        "at_us": microseconds(change.at),
        "authorisation": lease.authorisation,
    }
    connection.execute(_PUT_LEASE_OVER, over)
    open_notices = update(owed_notices).where(owed_notices.c.lease == lease.id, owed_notices.c.until_us.is_(None))
    connection.execute(open_notices.values(until_us=microseconds(change.at)))


def read_leases(connection: Connection) -> Sequence[Lease]:
    """Return every lease that is held or asked for, by when it was asked for."""
    return [_lease_of(row) for row in connection.execute(select(leases).order_by(leases.c.asked_at_us, leases.c.id))]


def read_lease_over(connection: Connection, lease: LeaseId) -> LeaseOver | None:
    """Return what is kept of a lease that is over, or None."""
    row = connection.execute(select(leases_over).where(leases_over.c.id == lease)).one_or_none()
    if row is None:
        return None
    articles = tuple(map(ArticleRef, row.articles.split()))
    return LeaseOver(
        lease,
        CameraId(row.camera),
        PartyId(row.party),
        Cause.read(row.cause),
        articles,
        instant(row.at_us),
        None if row.authorisation is None else AuthorisationId(row.authorisation),
    )


def read_fence(connection: Connection, camera: CameraId) -> int:
    """Return the newest fence of a camera, 0 for one that was never steered."""
    return connection.scalar(select(steering_fences.c.fence).where(steering_fences.c.camera == camera)) or 0


def read_authorisation(connection: Connection, authorisation: AuthorisationId) -> Authorisation | None:
    """Return the authorisation, whatever became of it, or None."""
    row = connection.execute(select(authorisations).where(authorisations.c.id == authorisation)).one_or_none()
    return None if row is None else _authorisation_of(row)


def read_authorisations(connection: Connection) -> Sequence[Authorisation]:
    """Return those that are asked for or given, oldest first."""
    standing = select(authorisations).where(authorisations.c.state.in_(_STANDING))
    ordered = standing.order_by(authorisations.c.asked_at_us, authorisations.c.id)
    return [_authorisation_of(row) for row in connection.execute(ordered)]


def read_owed_notices(connection: Connection) -> Sequence[OwedNotice]:
    """Return every notice that is owed, oldest first."""
    rows = connection.execute(select(owed_notices).order_by(owed_notices.c.since_us, owed_notices.c.id))
    return [_notice_of(row) for row in rows]


def read_crews_engaged(connection: Connection) -> Sequence[CrewEngaged]:
    """Return the cameras at which a crew is engaged, by camera."""
    rows = connection.execute(select(crews_engaged).order_by(crews_engaged.c.camera))
    return [CrewEngaged(CameraId(row.camera), instant(row.since_us), Pseudonym(row.by)) for row in rows]


def forget_steering(connection: Connection, before_us: int) -> None:
    """Delete what is kept of leases, words and looks from before; a word that is asked for, or a notice owed, stays."""
    connection.execute(delete(leases_over).where(leases_over.c.at_us < before_us))
    asked = AuthorisationState.ASKED.value
    connection.execute(
        delete(authorisations).where(authorisations.c.asked_at_us < before_us, authorisations.c.state != asked)
    )
    connection.execute(delete(looks).where(looks.c.asked_at_us < before_us))


def _lease(lease: Lease) -> _Values:
    return {
        "id": lease.id,
        "camera": lease.camera,
        "party": lease.party,
        "service": lease.service,
        "agent": lease.agent,
        "pseudonym": lease.pseudonym,
        "agent_label": lease.agent_label,
        "station": lease.station,
        "session_sha256": lease.session_sha256,
        "rank": lease.rank.value,
        "regime": lease.regime.value,
        "event": lease.event,
        "viewing": lease.viewing,
        "asked_at_us": microseconds(lease.asked_at),
        "awaits": None if lease.awaits is None else lease.awaits.value,
        "since_us": us_or_none(lease.since),
        "regime_since_us": us_or_none(lease.regime_since),
        "valid_until_us": us_or_none(lease.valid_until),
        "authorisation": lease.authorisation,
        "articles": " ".join(lease.articles),
        "fence": lease.fence,
        "renewed": lease.renewed,
        "renewed_at_us": us_or_none(lease.renewed_at),
        "notices": lease.notices,
    }


def _lease_of(row: Row[Any]) -> Lease:
    return Lease(
        id=LeaseId(row.id),
        camera=CameraId(row.camera),
        party=PartyId(row.party),
        service=ServiceId(row.service),
        agent=AgentId(row.agent),
        pseudonym=Pseudonym(row.pseudonym),
        agent_label=row.agent_label,
        station=StationId(row.station),
        session_sha256=row.session_sha256,
        rank=Rank(row.rank),
        regime=LeaseRegime(row.regime),
        event=None if row.event is None else EventId(row.event),
        viewing=None if row.viewing is None else ViewingId(row.viewing),
        asked_at=instant(row.asked_at_us),
        awaits=None if row.awaits is None else Awaits(row.awaits),
        since=instant_or_none(row.since_us),
        regime_since=instant_or_none(row.regime_since_us),
        valid_until=instant_or_none(row.valid_until_us),
        authorisation=None if row.authorisation is None else AuthorisationId(row.authorisation),
        articles=tuple(map(ArticleRef, row.articles.split())),
        fence=row.fence,
        renewed=row.renewed,
        renewed_at=instant_or_none(row.renewed_at_us),
        notices=row.notices,
    )


def _authorisation(word: Authorisation) -> _Values:
    oral = word.oral
    return {
        "id": word.id,
        "lease": word.lease,
        "camera": word.camera,
        "party": word.party,
        "service": word.service,
        "station": word.station,
        "event": word.event,
        "asked_at_us": microseconds(word.asked_at),
        "state": word.state.value,
        "scope": word.scope.value,
        "until_us": us_or_none(word.until),
        "giver": word.giver,
        "giver_role": None if word.giver_role is None else word.giver_role.value,
        "reason": word.reason,
        "oral_channel": None if oral is None else oral.channel.value,
        "oral_at_us": None if oral is None else microseconds(oral.at),
        "oral_recorder": None if oral is None else oral.recorder,
        "oral_confirmed": None if oral is None else oral.confirmed,
        "ground": None if word.ground is None else word.ground.value,
        "withdrawn_by_role": None if word.withdrawn_by_role is None else word.withdrawn_by_role.value,
    }


def _authorisation_of(row: Row[Any]) -> Authorisation:
    oral = None
    if row.oral_channel is not None:
        said_at, recorder = instant(row.oral_at_us), Pseudonym(row.oral_recorder)
        oral = OralWord(Channel(row.oral_channel), said_at, recorder, row.oral_confirmed)
    return Authorisation(
        id=AuthorisationId(row.id),
        lease=LeaseId(row.lease),
        camera=CameraId(row.camera),
        party=PartyId(row.party),
        service=ServiceId(row.service),
        station=StationId(row.station),
        event=EventId(row.event),
        asked_at=instant(row.asked_at_us),
        state=AuthorisationState(row.state),
        scope=AuthorisationScope(row.scope),
        until=instant_or_none(row.until_us),
        giver=None if row.giver is None else Pseudonym(row.giver),
        giver_role=None if row.giver_role is None else Role(row.giver_role),
        reason=row.reason,
        oral=oral,
        ground=None if row.ground is None else AnswerGround(row.ground),
        withdrawn_by_role=None if row.withdrawn_by_role is None else Role(row.withdrawn_by_role),
    )


def _notice(notice: OwedNotice) -> _Values:
    return {
        "id": notice.id,
        "lease": notice.lease,
        "camera": notice.camera,
        "event": notice.event,
        "from_party": notice.from_party,
        "to_party": notice.to_party,
        "since_us": microseconds(notice.since),
        "due_us": us_or_none(notice.due),
        "articles": " ".join(notice.articles),
        "until_us": us_or_none(notice.until),
    }


def _notice_of(row: Row[Any]) -> OwedNotice:
    return OwedNotice(
        id=NoticeId(row.id),
        lease=LeaseId(row.lease),
        camera=CameraId(row.camera),
        event=None if row.event is None else EventId(row.event),
        from_party=PartyId(row.from_party),
        to_party=PartyId(row.to_party),
        since=instant(row.since_us),
        due=instant_or_none(row.due_us),
        articles=tuple(map(ArticleRef, row.articles.split())),
        until=instant_or_none(row.until_us),
    )


def _look(look: Look) -> _Values:
    return {
        "id": look.id,
        "party": look.party,
        "service": look.service,
        "pseudonym": look.pseudonym,
        "station": look.station,
        "event": look.event,
        "target": look.target,
        "camera": look.camera,
        "lon_deg": None if look.place is None else look.place.lon_deg,
        "lat_deg": None if look.place is None else look.place.lat_deg,
        "asked_at_us": microseconds(look.asked_at),
        "state": look.state.value,
        "note": look.note,
        "answered_by": look.answered_by,
        "answered_at_us": us_or_none(look.answered_at),
    }


def _look_of(row: Row[Any]) -> Look:
    return Look(
        id=LookId(row.id),
        party=PartyId(row.party),
        service=ServiceId(row.service),
        pseudonym=Pseudonym(row.pseudonym),
        station=StationId(row.station),
        event=EventId(row.event),
        target=row.target,
        camera=None if row.camera is None else CameraId(row.camera),
        place=None if row.lon_deg is None else LookPlace(row.lon_deg, row.lat_deg),
        asked_at=instant(row.asked_at_us),
        state=LookState(row.state),
        note=row.note,
        answered_by=None if row.answered_by is None else Pseudonym(row.answered_by),
        answered_at=instant_or_none(row.answered_at_us),
    )


def read_look(connection: Connection, look: LookId) -> Look | None:
    """Return the look that was asked for, whatever became of it, or None."""
    row = connection.execute(select(looks).where(looks.c.id == look)).one_or_none()
    return None if row is None else _look_of(row)


def read_looks(connection: Connection) -> Sequence[Look]:
    """Return every look that was asked for, oldest first."""
    return [_look_of(row) for row in connection.execute(select(looks).order_by(looks.c.asked_at_us, looks.c.id))]


def read_deputies(connection: Connection) -> Sequence[Deputy]:
    """Return whom the director named, their terms past or not, by agent."""
    rows = connection.execute(select(deputies).order_by(deputies.c.agent))
    return [
        Deputy(AgentId(row.agent), Pseudonym(row.pseudonym), instant(row.until_us), Pseudonym(row.by)) for row in rows
    ]

"""The only maker of ledger records: what a change leaves in the ledger, or that it leaves nothing."""

from collections.abc import Mapping
from dataclasses import replace

from belvedere.changes import (
    AccountChanged,
    AccountOpened,
    AuthorisationConfirmed,
    AuthorisationDeclared,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    CameraReturned,
    CameraStays,
    CataloguePublished,
    CatalogueReceived,
    Change,
    CrewDeclared,
    Decided,
    DeputyEnded,
    DeputyNamed,
    DisagreementFound,
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
    JournalConsulted,
    KeysInstalled,
    KeysReplaced,
    LayoutKept,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseMoved,
    LeaseProlonged,
    LeaseRelieved,
    LedgerRestored,
    LinkFaultClosed,
    LinkFaultLocated,
    LinkFaultRestored,
    LinkFaultTold,
    LogConfirmed,
    LogContradicted,
    LookAnswered,
    LookAsked,
    MessageTaken,
    MotiveDisclosed,
    MotiveReceived,
    NodeStarted,
    NoteRead,
    NoteWritten,
    OrderConfirmed,
    OwnerReplied,
    OwnRoomUnrecorded,
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
    TablesMended,
    TermAnnounced,
    TextInstalled,
    TextReplaced,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
    WritesRefused,
)
from belvedere.domain.agents import Habilitation
from belvedere.domain.causes import Cause
from belvedere.domain.convention_texts import TermWord
from belvedere.domain.decision import FactValue, Refused
from belvedere.domain.events import Event
from belvedere.domain.looks import LookState
from belvedere.domain.record import ConventionRef, EventRef, Record, RecordKind, Subject
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.requester import Requester
from belvedere.domain.viewings import Viewing
from belvedere.domain.words import Words
from belvedere.ledger.canonical import instant_text
from belvedere.policy import Convention, verdict_of

Silent = (
    ViewingProlonged
    | LeaseProlonged
    | AuthorisationOver
    | EventKept
    | SessionOpened
    | SessionRelieved
    | SessionSeen
    | SessionClosed
    | LayoutKept
    | CataloguePublished
    | CatalogueReceived
    | MessageTaken
    # The event's own records, and the viewing's, say what is owed to whom.
    | MotiveDisclosed
    | DisclosureTaken
    | ResolutionSettled
    # What is only proposed is the party's own affair until a second person confirms it; the record then names both.
    | JointActProposed
)
"""What leaves no record: no act of anybody's."""
_Answered = (
    AuthorisationGiven | AuthorisationRefused | AuthorisationWithdrawn | AuthorisationConfirmed | AuthorisationDenied
)
_TOLD_AS = {
    TermWord.NON_RENEWAL: RecordedAct.NON_RENEWAL,
    TermWord.RENEWAL: RecordedAct.RENEWAL,
    TermWord.CORRECTION: RecordedAct.CORRECTION,
}


def reference(convention: Convention) -> ConventionRef:
    """Return the convention as a record names it."""
    return ConventionRef(id=convention.id, sha256=convention.sha256)


def subject_of(requester: Requester) -> Subject:
    """Return the record's subject; the pseudonym stands for the agent, the owner's own included."""
    return Subject(
        party=requester.party, service=requester.service, agent=requester.pseudonym, station=requester.station
    )


def event_ref(event: Event | EventRef | None) -> EventRef | None:
    """Return the event as a record names it."""
    return None if event is None else EventRef(id=event.id, kind=event.kind)


def record_of(change: Change) -> Record | None:  # noqa: C901, PLR0911, PLR0912 (one return a group of the closed union)
    """Return the record that `change` leaves in the ledger; None for what is no act of anybody's."""
    match change:
        case Decided() | OwnerReplied() | ViewingOpened() | ViewingRelieved() | ViewingEnded():
            return _right(change)
        case LeaseAsked() | LeaseGranted() | LeaseContinued() | LeaseRelieved() | LeaseEnded() | LeaseMoved():
            return _lease(change)
        case (
            AuthorisationGiven()
            | AuthorisationRefused()
            | AuthorisationWithdrawn()
            | AuthorisationConfirmed()
            | AuthorisationDenied()
            | CrewDeclared()
        ):
            return _crew(change) if isinstance(change, CrewDeclared) else _authorisation(change)
        case LookAsked() | LookAnswered():
            return _look(change)
        case CameraReturned() | CameraStays():
            return _resting(change)
        case DeputyNamed() | DeputyEnded():
            return _deputy(change)
        case EventOpened() | EventAmended() | EventClosed() | MotiveReceived():
            return _event(change)
        case StreamSuspended() | SuspensionLifted() | FaultTold() | FaultLocated() | FaultRestored():
            return _of_a_camera(change)
        case (
            LinkFaultTold()
            | LinkFaultLocated()
            | LinkFaultRestored()
            | LinkFaultClosed()
            | ResolutionMade()
            | ResolutionReceived()
        ):
            return _across_nodes(change)
        case RoomDeclared() | AuthorisationDeclared() | HoursAnnounced() | OrderConfirmed() | LogConfirmed():
            return _declaration(change)
        case TextInstalled() | TextReplaced() | TermAnnounced():
            return _convention(change)
        case KeysInstalled() | KeysReplaced() | PartyLeft():
            return _joint(change)
        case NoteWritten() | NoteRead() | JournalConsulted() | DisagreementFound():
            return _read_or_written(change)
        case AccountOpened() | HabilitationRenewed() | AccountChanged() | HabilitationEnded():
            return _account(change)
        case StationEnrolled() | StationRegistered() | StationEnded():
            return _station(change)
        case (
            NodeStarted()
            | WritesRefused()
            | OwnRoomUnrecorded()
            | LedgerRestored()
            | LogContradicted()
            | TablesMended()
        ):
            return record_of_ledger(change)
        case _:
            _nothing(change)
            return None


def _nothing(_change: Silent) -> None:
    """What is no act of anybody's. A change that is new to the union is an error of types where this is called."""


def _right(change: Decided | OwnerReplied | ViewingOpened | ViewingRelieved | ViewingEnded) -> Record | None:
    # Ends come by the thousand: each is made at once, not from another.
    match change:
        case ViewingEnded(viewing, ending, at, convention, event, facts, evidence):
            return Record(
                kind=RecordKind.ENDED,
                evidence=evidence,
                at=at,
                convention=convention,
                action="view",
                subject=_watching(viewing),
                camera=viewing.camera,
                event=event,
                purpose=viewing.purpose,
                articles=ending.articles,
                facts=facts,
                cause=ending.cause,
                viewing=viewing.id,
            )
        case ViewingOpened(viewing, convention, event):
            return Record(
                kind=RecordKind.OPENED,
                at=viewing.since,
                convention=convention,
                action="view",
                subject=_watching(viewing),
                camera=viewing.camera,
                event=event,
                purpose=viewing.purpose,
                articles=viewing.articles,
                valid_until=viewing.valid_until,
                viewing=viewing.id,
            )
        case ViewingRelieved(_, None):
            return None
        case ViewingRelieved(viewing, former, by, at, convention, evidence):
            return Record(
                kind=RecordKind.RELIEVED,
                evidence=evidence,
                at=at,
                convention=convention,
                action="view",
                subject=by,
                camera=viewing.camera,
                viewing=viewing.id,
                detail={"former": former},
            )
        case Decided():
            return _decision(change)
        case OwnerReplied():
            return _replied(change)


def _watching(viewing: Viewing) -> Subject:
    return Subject(viewing.party, viewing.service, viewing.pseudonym, viewing.station)


def _lease(
    change: LeaseAsked | LeaseGranted | LeaseContinued | LeaseRelieved | LeaseEnded | LeaseMoved,
) -> Record | None:
    lease = change.lease
    record = Record(
        kind=RecordKind.LEASE,
        at=lease.asked_at,
        convention=change.convention,
        action="take_ptz",
        subject=Subject(lease.party, lease.service, lease.pseudonym, lease.station),
        camera=lease.camera,
        viewing=lease.viewing,
    )
    named: dict[str, FactValue] = {"lease": lease.id}
    match change:
        case LeaseAsked(_, authorisation, asked_of, _, event):
            named["awaits"] = None if lease.awaits is None else lease.awaits.value
            if authorisation is not None:
                named |= {"authorisation": authorisation.id, "asked_of": tuple(role.value for role in asked_of)}
            asked = RecordedAct.ASKED
            return replace(record, cause=asked, event=event, articles=lease.articles, detail=named)
        case LeaseGranted() | LeaseContinued():
            granted = isinstance(change, LeaseGranted)
            return replace(
                record,
                at=(lease.since or lease.asked_at) if isinstance(change, LeaseGranted) else change.at,
                cause=RecordedAct.GRANTED if granted else RecordedAct.CONTINUED,
                event=change.event,
                articles=lease.articles,
                valid_until=lease.valid_until,
                detail=named | _terms(change),
            )
        case LeaseRelieved(_, None):
            return None
        case LeaseRelieved(_, former, by, at):
            relieved = RecordedAct.HANDED_OVER
            return replace(record, at=at, subject=by, cause=relieved, detail=named | {"former": former})
        case LeaseEnded(_, ending, at, _, event, facts):
            return replace(
                record,
                kind=RecordKind.LEASE_ENDED,
                at=at,
                event=event,
                articles=ending.articles,
                facts=facts,
                cause=ending.cause,
                detail=named | {"held": lease.is_held, "by_service": ending.by},
            )
        case LeaseMoved(_, first, last, count, at):
            counted: dict[str, FactValue] = {"first": instant_text(first), "last": instant_text(last), "count": count}
            return replace(record, at=at, cause=RecordedAct.MOVED, detail=named | counted)


def _terms(change: LeaseGranted | LeaseContinued) -> dict[str, FactValue]:
    """Return on what a lease was granted, and what it makes due."""
    lease, notice = change.lease, change.notice
    terms: dict[str, FactValue] = {
        "regime": lease.regime.value,
        "authorisation": lease.authorisation,
        "notified": change.notified,
    }
    if notice is not None:
        terms |= {"notice": notice.id, "due": None if notice.due is None else instant_text(notice.due)}
    return terms


_ANSWERS_TOLD_AS: Mapping[type[_Answered], RecordedAct] = {
    AuthorisationGiven: RecordedAct.GIVEN,
    AuthorisationRefused: RecordedAct.REFUSED,
    AuthorisationWithdrawn: RecordedAct.TAKEN_BACK,
    AuthorisationConfirmed: RecordedAct.CONFIRMED,
    AuthorisationDenied: RecordedAct.DENIED,
}


def _authorisation(change: _Answered) -> Record:
    word = change.authorisation
    record = Record(
        kind=RecordKind.AUTHORISATION,
        at=change.at,
        convention=change.convention,
        action="take_ptz",
        subject=change.by,
        camera=word.camera,
        event=change.event,
        cause=_ANSWERS_TOLD_AS[type(change)],
    )
    named: dict[str, FactValue] = {"authorisation": word.id, "lease": word.lease, "party": word.party}
    if isinstance(change, AuthorisationRefused | AuthorisationWithdrawn):
        return replace(record, detail=named | {"reason": word.reason, "ground": word.ground})
    if not isinstance(change, AuthorisationGiven):
        return replace(record, detail=named)
    role = None if word.giver_role is None else word.giver_role.value
    given = named | {"scope": word.scope.value, "by_role": role}
    if word.oral is None:
        return replace(record, valid_until=word.until, detail=given)
    given |= {"given_by": word.giver, "channel": word.oral.channel.value, "said_at": instant_text(word.oral.at)}
    return replace(record, cause=RecordedAct.GIVEN_ORALLY, valid_until=word.until, detail=given)


def _crew(change: CrewDeclared) -> Record:
    return Record(
        kind=RecordKind.CENTRE,
        at=change.at,
        convention=change.convention,
        subject=change.by,
        camera=change.crew.camera,
        cause=RecordedAct.CREW_ENGAGED if change.engaged else RecordedAct.CREW_RELEASED,
    )


_LOOKS_TOLD_AS: Mapping[LookState, RecordedAct] = {
    LookState.ASKED: RecordedAct.LOOK_ASKED,
    LookState.ACCEPTED: RecordedAct.LOOK_ACCEPTED,
    LookState.DECLINED: RecordedAct.LOOK_DECLINED,
    LookState.DONE: RecordedAct.LOOK_DONE,
}


def _look(change: LookAsked | LookAnswered) -> Record:
    look = change.look
    told: dict[str, FactValue] = {"look": look.id, "party": look.party}
    if isinstance(change, LookAnswered):
        told |= {"note": look.note}
    else:
        place = None if look.place is None else f"{look.place.lat_deg:.5f} {look.place.lon_deg:.5f}"
        told |= {"target": look.target, "place": place}
    return Record(
        kind=RecordKind.LOOK,
        at=change.at,
        convention=change.convention,
        subject=change.by,
        camera=look.camera,
        event=change.event,
        articles=change.articles,
        cause=_LOOKS_TOLD_AS[look.state],
        detail=told,
    )


def _resting(change: CameraReturned | CameraStays) -> Record:
    stays = isinstance(change, CameraStays)
    return Record(
        kind=RecordKind.LEASE,
        at=change.at,
        convention=change.convention,
        subject=change.by if isinstance(change, CameraStays) else None,
        camera=change.camera,
        event=change.event,
        cause=RecordedAct.STAYS if stays else RecordedAct.RETURNED,
        detail={"party": change.party},
    )


def _deputy(change: DeputyNamed | DeputyEnded) -> Record:
    named = isinstance(change, DeputyNamed)
    return Record(
        kind=RecordKind.CENTRE,
        at=change.at,
        convention=change.convention,
        subject=change.by,
        cause=RecordedAct.DEPUTY_NAMED if named else RecordedAct.DEPUTY_ENDED,
        valid_until=change.deputy.until if named else None,
        detail={"deputy": change.deputy.pseudonym},
    )


def _decision(decided: Decided) -> Record:
    """Return the record of one decision, with exactly the facts that it read."""
    request, decision = decided.request, decided.decision
    owner = decided.list_of
    return Record(
        kind=RecordKind.DECISION,
        at=request.at,
        convention=decided.convention,
        action=str(request.action),
        subject=subject_of(decided.requester),
        # A refused list is of no one camera's journal.
        camera=request.camera.id if owner is None else None,
        event=event_ref(decided.event),
        purpose=request.purpose,
        verdict=verdict_of(decision),
        articles=decision.articles,
        valid_until=decision.valid_until,
        facts=decision.facts,
        cause=decision.cause if isinstance(decision, Refused) else None,
        viewing=decided.viewing,
        evidence=decided.evidence,
        detail={} if owner is None else {"owner": owner},
    )


def _replied(change: OwnerReplied) -> Record:
    """Return the record of what another owner answered: its word, signed; what it read, its own ledger tells."""
    asked, answer = change.asked, change.answer
    return Record(
        kind=RecordKind.ANSWERED,
        at=change.at,
        convention=change.convention,
        action=str(asked.action),
        subject=subject_of(change.requester),
        camera=asked.camera,
        event=None if asked.event is None else EventRef(asked.event.id, asked.event.kind),
        purpose=asked.purpose,
        verdict=None if answer is None else answer.verdict,
        articles=() if answer is None else answer.articles,
        valid_until=None if answer is None else answer.valid_until,
        cause=Cause.OWNER_AWAY if answer is None else None if answer.cause is None else Cause.read(answer.cause),
        evidence=change.evidence,
        viewing=asked.viewing,
    )


def _event(change: EventOpened | EventAmended | EventClosed | MotiveReceived) -> Record:
    if isinstance(change, MotiveReceived):
        told = change.told
        return Record(
            kind=RecordKind.EVENT,
            at=change.at,
            convention=change.convention,
            subject=change.by,
            # The first camera that it opened, which discloses it: whoever reads that camera's records reads this one.
            camera=told.camera,
            event=EventRef(told.event, told.kind),
            cause=RecordedAct.TOLD,
            evidence=change.evidence,
            detail={"motive": _named(told.motive), "sector": _named(told.sector)},
        )
    event = change.event
    acts = {EventOpened: RecordedAct.OPENED, EventAmended: RecordedAct.AMENDED, EventClosed: RecordedAct.CLOSED}
    return Record(
        kind=RecordKind.EVENT,
        at=change.at,
        convention=change.convention,
        subject=change.by,
        event=event_ref(event),
        cause=acts[type(change)],
        detail={
            "motive": _named(event.motive),
            "dispatch_number": _named(event.dispatch_number),
            "sector": _named(event.sector),
        },
    )


def _named(words: Words | None) -> Mapping[str, object] | None:
    """Return how a record names what a party typed: the text stays with the party."""
    return None if words is None else {"sha256": words.sha256}


def _of_a_camera(change: StreamSuspended | SuspensionLifted | FaultTold | FaultLocated | FaultRestored) -> Record:
    return _suspension(change) if isinstance(change, StreamSuspended | SuspensionLifted) else _fault(change)


def _suspension(change: StreamSuspended | SuspensionLifted) -> Record:
    suspension = change.suspension
    return Record(
        kind=RecordKind.SUSPENSION,
        at=change.at,
        convention=change.convention,
        action="view",
        subject=change.by,
        camera=suspension.camera,
        cause=RecordedAct.SUSPENDED if isinstance(change, StreamSuspended) else RecordedAct.LIFTED,
        viewing=suspension.viewing,
        detail={"ground": suspension.ground, "reason": suspension.reason, "party": suspension.party},
    )


def _declaration(
    change: RoomDeclared | AuthorisationDeclared | HoursAnnounced | OrderConfirmed | LogConfirmed,
) -> Record:
    if isinstance(change, LogConfirmed):
        told = {"reason": change.reason}
        return Record(
            kind=RecordKind.WITNESS, at=change.at, subject=change.by, cause=RecordedAct.LOG_CONFIRMED, detail=told
        )
    record = Record(kind=RecordKind.CENTRE, at=change.at, convention=change.convention, subject=change.by)
    match change:
        case RoomDeclared(centre, reason):
            cause = RecordedAct.INACTIVE if centre.inactive else RecordedAct.ACTIVE
            return replace(record, cause=cause, detail={"reason": reason})
        case AuthorisationDeclared(centre, act):
            withdrawn = centre.authorisation_withdrawn
            cause = RecordedAct.AUTHORISATION_WITHDRAWN if withdrawn else RecordedAct.AUTHORISATION_RESTORED
            return replace(record, kind=RecordKind.CONVENTION, cause=cause, detail={"act": act})
        case HoursAnnounced(day, varied, reason):
            detail: dict[str, FactValue] = {"day": day.isoformat(), "reason": reason}
            if varied is None:
                return replace(record, cause=RecordedAct.HOURS_USUAL, detail=detail)
            detail |= {"open": varied.open.isoformat("minutes"), "close": varied.close.isoformat("minutes")}
            return replace(record, cause=RecordedAct.HOURS_VARIED, detail=detail)
        case OrderConfirmed(camera, act):
            return replace(record, cause=RecordedAct.ORDER_CONFIRMED, camera=camera, detail={"act": act})


def _convention(change: TextInstalled | TextReplaced | TermAnnounced) -> Record:
    record = Record(kind=RecordKind.CONVENTION, at=change.at)
    match change:
        case TermAnnounced(told, convention, ends_at, by):
            detail: dict[str, FactValue] = {
                "on": told.on.isoformat(),
                "act": told.act,
                "ends_at": None if ends_at is None else ends_at.isoformat(),
            }
            return replace(
                record, convention=convention, subject=by, cause=_TOLD_AS[TermWord(told.kind)], detail=detail
            )
        case TextInstalled() | TextReplaced():
            text = change.text
            installed = isinstance(change, TextInstalled)
            return replace(
                record,
                convention=ConventionRef(text.id, text.sha256),
                subject=None if isinstance(change, TextInstalled) else change.by,
                cause=RecordedAct.INSTALLED if installed else RecordedAct.REPLACED,
                evidence=(text.signatures,) if text.signatures else (),
                detail={"before": change.before},
            )


def _joint(change: KeysInstalled | KeysReplaced | PartyLeft) -> Record | None:
    record = Record(kind=RecordKind.CONVENTION, at=change.at, convention=change.convention)
    match change:
        case KeysInstalled(joined=()):
            return None
        case KeysInstalled(keys):
            detail: dict[str, FactValue] = {"keys": keys.keys.sha256, "joined": change.joined}
            return replace(record, cause=RecordedAct.JOINED, evidence=(keys.note,), detail=detail)
        case KeysReplaced(keys, before):
            return replace(
                record,
                subject=change.by,
                cause=RecordedAct.JOINED if change.joined else RecordedAct.KEYS_REPLACED,
                evidence=(keys.note,),
                detail={
                    "keys": keys.keys.sha256,
                    "before": before.keys.sha256,
                    "joined": change.joined,
                    "proposed_by": change.proposal.by.agent,
                    "proposed_at": instant_text(change.proposal.at),
                },
            )
        case PartyLeft(told, party):
            proposal = change.proposal
            left: dict[str, FactValue] = {"party": party, "act": told.act, "on": told.on.isoformat()}
            if proposal is not None:
                left |= {"proposed_by": proposal.by.agent, "proposed_at": instant_text(proposal.at)}
            return replace(record, subject=change.by, cause=RecordedAct.LEFT, evidence=change.evidence, detail=left)


def _read_or_written(change: NoteWritten | NoteRead | JournalConsulted | DisagreementFound) -> Record:
    match change:
        case DisagreementFound(party, viewings, count, at):
            differs: dict[str, FactValue] = {"party": party, "viewings": viewings, "count": count}
            return Record(kind=RecordKind.WITNESS, at=at, cause=RecordedAct.LEDGERS_DIFFER, detail=differs)
        case NoteWritten(note, by):
            words: dict[str, FactValue] = {"note": note.id, "words": _named(note.words)}
            return Record(kind=RecordKind.HANDOVER, at=note.at, subject=by, cause=RecordedAct.WRITTEN, detail=words)
        case NoteRead(note, by, at):
            return Record(kind=RecordKind.HANDOVER, at=at, subject=by, cause=RecordedAct.READ, detail={"note": note.id})
        case JournalConsulted(question, what, by, at):
            detail: dict[str, FactValue] = {"what": what}
            if question.since is not None:
                detail["from"] = question.since.isoformat()
            if question.until is not None:
                detail["to"] = question.until.isoformat()
            return Record(kind=RecordKind.CONSULTED, at=at, subject=by, camera=question.camera, detail=detail)


def _across_nodes(
    change: LinkFaultTold
    | LinkFaultLocated
    | LinkFaultRestored
    | LinkFaultClosed
    | ResolutionMade
    | ResolutionReceived,
) -> Record:
    return _resolution(change) if isinstance(change, ResolutionMade | ResolutionReceived) else _link_fault(change)


def _resolution(change: ResolutionMade | ResolutionReceived) -> Record:
    resolved = change.resolved
    detail: dict[str, FactValue] = {"agent": resolved.agent, "ground": resolved.ground.value, "act": resolved.act}
    record = Record(kind=RecordKind.CONSULTED, at=resolved.at, cause=RecordedAct.RESOLVED)
    if isinstance(change, ResolutionMade):
        return replace(record, subject=change.by, detail=detail | {"told": tuple(each.owner for each in change.told)})
    # Without a subject: it is another party's act, and this party's to read (ledger-format 15).
    there: dict[str, FactValue] = {"party": change.party, "by": resolved.by, "id": resolved.id}
    return replace(record, at=change.at, evidence=change.evidence, detail=detail | there)


def _fault(change: FaultTold | FaultLocated | FaultRestored) -> Record:
    fault, lost = change.fault, change.fault.lost
    acts = {
        FaultTold: RecordedAct.FAULT_TOLD,
        FaultLocated: RecordedAct.FAULT_LOCATED,
        FaultRestored: RecordedAct.FAULT_RESTORED,
    }
    detail: dict[str, FactValue] = {
        "fault": lost.cause.value,
        "place": lost.place.value,
        "whose": change.whose,
        "since": instant_text(lost.since),
    }
    if isinstance(change, FaultRestored):
        detail["back_at"] = instant_text(change.back_at)
    return Record(kind=RecordKind.FAULT, at=change.at, camera=fault.camera, cause=acts[type(change)], detail=detail)


def _link_fault(change: LinkFaultTold | LinkFaultLocated | LinkFaultRestored | LinkFaultClosed) -> Record:
    fault = change.fault
    acts = {
        LinkFaultTold: RecordedAct.LINK_LOST,
        LinkFaultLocated: RecordedAct.LINK_LOCATED,
        LinkFaultRestored: RecordedAct.LINK_RESTORED,
        LinkFaultClosed: RecordedAct.LINK_CLOSED,
    }
    detail: dict[str, FactValue] = {
        "party": fault.party,
        "place": fault.place.value,
        "whose": change.whose,
        "since": instant_text(fault.since),
    }
    if isinstance(change, LinkFaultRestored):
        detail["back_at"] = instant_text(change.back_at)
    return Record(kind=RecordKind.FAULT, at=change.at, cause=acts[type(change)], detail=detail)


def _account(change: AccountOpened | HabilitationRenewed | AccountChanged | HabilitationEnded) -> Record:
    account = change.account
    record = Record(
        kind=RecordKind.HABILITATION,
        at=change.at,
        subject=Subject(party=account.party, service=account.service, agent=account.pseudonym, station=None),
    )
    match change:
        case AccountOpened() if account.habilitation is None:
            return replace(record, cause=RecordedAct.ACCOUNT_OPENED, detail={"role": account.role.value})
        case AccountOpened():
            return replace(record, cause=RecordedAct.DESIGNATED, detail=_term(account.habilitation))
        case HabilitationRenewed():
            cause = RecordedAct.DESIGNATED if change.first else RecordedAct.RENEWED
            return replace(record, cause=cause, detail=_term(account.habilitation))
        case AccountChanged(_, changed):
            detail: dict[str, FactValue] = {"changed": changed, "role": account.role.value}
            return replace(record, cause=RecordedAct.ACCOUNT_CHANGED, detail=detail)
        case HabilitationEnded(_, by, act):
            return replace(record, cause=RecordedAct.ENDED, detail={"by": by, "act": act})


def _term(held: Habilitation | None) -> dict[str, FactValue]:
    if held is None:
        return {}
    return {
        "act": held.act,
        "since": held.since.isoformat(),
        "until": None if held.until is None else held.until.isoformat(),
    }


def _station(change: StationEnrolled | StationRegistered | StationEnded) -> Record:
    station = change.station
    match change:
        case StationEnrolled(_, changed, at):
            return Record(
                kind=RecordKind.STATION,
                at=at,
                subject=Subject(party=station.party, service=None, agent=None, station=station.id),
                cause=RecordedAct.REGISTERED if changed is None else RecordedAct.STATION_CHANGED,
                detail={} if changed is None else {"changed": changed},
            )
        case StationRegistered() | StationEnded():
            return Record(
                kind=RecordKind.STATION,
                at=change.at,
                subject=change.by,
                cause=RecordedAct.ENDED if isinstance(change, StationEnded) else RecordedAct.REGISTERED,
                detail=_of_station(change),
            )


def _of_station(change: StationRegistered | StationEnded) -> Mapping[str, FactValue]:
    station = change.station
    detail: dict[str, FactValue] = {"label": station.label, "station": station.id}
    if isinstance(change, StationRegistered) and station.until is not None:
        detail["until"] = station.until.isoformat()
    return detail


def record_of_ledger(
    change: NodeStarted | WritesRefused | OwnRoomUnrecorded | LedgerRestored | LogContradicted | TablesMended,
) -> Record:
    """Return the record of what happened to the ledger itself: the store's housekeeping writes it."""
    gap = Record(kind=RecordKind.GAP, at=change.at)
    match change:
        case NodeStarted(epoch):
            return replace(gap, kind=RecordKind.STARTED, detail={"epoch": epoch})
        case WritesRefused(since, reason, count):
            refused: dict[str, FactValue] = {
                "since": instant_text(since),
                "reason": reason,
                "writes_refused": count,
            }
            return replace(gap, cause=RecordedAct.STORE, detail=refused)
        case OwnRoomUnrecorded(since, late, lost):
            queued: dict[str, FactValue] = {"since": since.isoformat(), "late": late, "lost": lost}
            return replace(gap, cause=RecordedAct.OWN_ROOM_UNRECORDED, detail=queued)
        case LedgerRestored(cause, evidence, detail):
            return replace(gap, cause=cause, evidence=evidence, detail=detail)
        case LogContradicted(cause, party, heads):
            return replace(gap, kind=RecordKind.WITNESS, cause=cause, evidence=heads, detail={"party": party})
        case TablesMended(tables, named):
            mended: dict[str, FactValue] = {"rows": sum(tables.values()), "tables": dict(tables), "named": named}
            return replace(gap, cause=RecordedAct.TABLES_MENDED, detail=mended)

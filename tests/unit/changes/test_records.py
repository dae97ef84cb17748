"""What each change leaves in the ledger: kind, cause and members, or nothing at all."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import get_args

import pytest

from belvedere.acts.resolutions import owed_to
from belvedere.changes import (
    AccountChanged,
    AccountOpened,
    AuthorisationDeclared,
    CataloguePublished,
    CatalogueReceived,
    Change,
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
    LedgerRestored,
    LinkFaultClosed,
    LinkFaultLocated,
    LinkFaultRestored,
    LinkFaultTold,
    LogConfirmed,
    LogContradicted,
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
    SuspensionLifted,
    TablesMended,
    TermAnnounced,
    TextInstalled,
    TextReplaced,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
    WritesRefused,
    records,
)
from belvedere.domain.agents import Layout
from belvedere.domain.causes import Cause
from belvedere.domain.centre import CentreState
from belvedere.domain.convention_texts import LEFT, TermTold
from belvedere.domain.disclosures import Disclosure
from belvedere.domain.faults import Fault, FaultPlace, Lost
from belvedere.domain.ids import ArticleRef, EventId, PartyId, Pseudonym, ViewingId
from belvedere.domain.journal import JournalQuestion
from belvedere.domain.link_state import LinkFault
from belvedere.domain.peer_requests import OpenAnswer
from belvedere.domain.record import ConventionRef, EventRef, Record, RecordKind, Subject
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.source_causes import SourceCause
from belvedere.domain.text import Text
from belvedere.domain.viewings import PREEMPTED, Ending
from belvedere.domain.vocabulary import Role, Verdict
from belvedere.inventory.catalogue import CatalogueTold
from belvedere.ledger.canonical import instant_text
from tests.unit.changes import agreed_keys
from tests.unit.changes.records_of_steering import STEERING_ROWS
from tests.unit.changes.small_city import (
    AT,
    CITY,
    CONVENTION,
    MARKDOWN,
    REF,
    REFUSED,
    RUNNING,
    SEVEN_STREAMS,
    STATE,
    TODAY,
    account,
    camera,
    decided,
    ended,
    event,
    hours,
    note,
    opened,
    requester,
    resolved,
    session,
    sha256,
    station,
    subject,
    suspended,
    suspension,
    text,
    told,
    told_event,
    viewing,
    words,
)
from tests.unit.peers.messages_made import OPEN_ASKED

Members = Mapping[str, object]
BY = subject("police-director")
OFFICER = subject("cic-operator")
ENDS = AT + timedelta(days=900)
LATER = AT + timedelta(hours=2)
E1 = EventRef("e-1", "levee-de-doute")
ART_3 = (ArticleRef("vda-etat:art-3"),)
NEXT = ConventionRef(CONVENTION, sha256(SEVEN_STREAMS))
RESOLVED = {"agent": resolved("r-1").agent, "ground": "inspection", "act": "acte 4"}
LINK_FAULT = LinkFault(STATE, FaultPlace.NODE, AT)
OF_A_LINK = {"party": "etat", "place": "node", "whose": "etat", "since": instant_text(AT)}
WORDED = event("e-1", motive="rixe", dispatch_number="26-77", sector="Centre")
WORDS = {
    name: {"sha256": words(text).sha256}
    for name, text in (("motive", "rixe"), ("dispatch_number", "26-77"), ("sector", "Centre"))
}
FAULT = Fault(camera(1), Lost(SourceCause.TIMED_OUT, FaultPlace.NETWORK, AT))
FAULT_TELLS = {"fault": "timed-out", "place": "network", "whose": "villeneuve-dascq", "since": instant_text(AT)}
UNDESIGNATED = replace(account("csu-operator"), habilitation=None, role=Role.ADMIN)
IN_FORCE = {"act": "arrêté 11", "since": "2022-10-01", "until": None}
TAKEN = Ending(Cause.PREEMPTED, PREEMPTED, ART_3, Text("Pris.", "Taken."))
STREAM: Members = {"convention": REF, "action": "view", "camera": camera(1), "event": E1, "articles": ART_3}
SUSPENSION: Members = {
    "subject": BY,
    "convention": REF,
    "action": "view",
    "camera": camera(8),
    "viewing": "v-9",
    "detail": {"ground": "mask-fault", "reason": "masque tombé", "party": "etat"},
}


def agent(login: str) -> Subject:
    """Return the agent as the subject of what happens to its account: at no station."""
    return replace(subject(login), station=None)


def at_station(login: str) -> Subject:
    return Subject(station(login).party, None, None, station(login).id)


NOTHING = None
ROWS: list[tuple[Change, tuple[RecordKind, RecordedAct | Cause | None, Members] | None]] = [
    # Rights.
    (
        decided("cic-operator", opens="v-1"),
        (
            RecordKind.DECISION,
            None,
            {
                **STREAM,
                "event": None,
                "subject": OFFICER,
                "verdict": Verdict.GRANTED,
                "facts": {"state.streams_in_use": 1},
                "viewing": "v-1",
            },
        ),
    ),
    (
        decided("cic-operator", decision=REFUSED),
        (RecordKind.DECISION, Cause.QUOTA, {**STREAM, "event": None, "subject": OFFICER, "verdict": Verdict.REFUSED}),
    ),
    (
        replace(decided("cic-operator", decision=REFUSED), list_of=CITY, event=event("e-1")),
        (
            RecordKind.DECISION,
            Cause.QUOTA,
            {**STREAM, "camera": None, "subject": OFFICER, "verdict": Verdict.REFUSED, "detail": {"owner": CITY}},
        ),
    ),
    (
        opened(replace(RUNNING[0], valid_until=LATER, purpose="verbalisation")),
        (
            RecordKind.OPENED,
            None,
            {**STREAM, "subject": OFFICER, "viewing": "v-1", "valid_until": LATER, "purpose": "verbalisation"},
        ),
    ),
    (
        ended(replace(RUNNING[0], purpose="verbalisation")),
        (
            RecordKind.ENDED,
            Cause.CLOSED,
            {**STREAM, "articles": (), "subject": OFFICER, "viewing": "v-1", "purpose": "verbalisation"},
        ),
    ),
    (
        replace(ended(RUNNING[0], TAKEN), facts={"state.streams_in_use": 8}),
        (
            RecordKind.ENDED,
            Cause.PREEMPTED,
            {**STREAM, "subject": OFFICER, "viewing": "v-1", "facts": {"state.streams_in_use": 8}},
        ),
    ),
    (
        ViewingRelieved(RUNNING[0], Pseudonym("p-cic-second"), OFFICER, AT, REF),
        (
            RecordKind.RELIEVED,
            None,
            {
                "convention": REF,
                "action": "view",
                "camera": camera(1),
                "subject": OFFICER,
                "viewing": "v-1",
                "detail": {"former": "p-cic-second"},
            },
        ),
    ),
    (ViewingRelieved(RUNNING[0], None, OFFICER, AT, REF), NOTHING),  # an agent that relieves itself
    (ViewingProlonged(RUNNING[0]), NOTHING),
    *STEERING_ROWS,
    # Events.
    *(
        (
            kind(WORDED, OFFICER, AT, REF),
            (RecordKind.EVENT, act, {"subject": OFFICER, "convention": REF, "event": E1, "detail": WORDS}),
        )
        for kind, act in (
            (EventOpened, RecordedAct.OPENED),
            (EventAmended, RecordedAct.AMENDED),
            (EventClosed, RecordedAct.CLOSED),
        )
    ),
    (EventKept(WORDED), NOTHING),
    # What nodes tell each other.
    (
        OwnerReplied(
            requester("cic-operator"),
            REF,
            OPEN_ASKED,
            OpenAnswer(OPEN_ASKED.viewing, Verdict.REFUSED, ART_3, LATER, cause="quota"),
            AT,
            ("question", "answer"),
        ),
        (
            RecordKind.ANSWERED,
            Cause.QUOTA,
            {
                "convention": REF,
                "action": "view",
                "camera": camera(1),
                "event": E1,
                "subject": OFFICER,
                "verdict": Verdict.REFUSED,
                "articles": ART_3,
                "valid_until": LATER,
                "viewing": OPEN_ASKED.viewing,
                "evidence": ("question", "answer"),
            },
        ),
    ),
    (
        OwnerReplied(requester("cic-operator"), REF, OPEN_ASKED, None, AT, ()),
        (
            RecordKind.ANSWERED,
            Cause.OWNER_AWAY,
            {
                "convention": REF,
                "action": "view",
                "camera": camera(1),
                "event": E1,
                "subject": OFFICER,
                "viewing": OPEN_ASKED.viewing,
            },
        ),
    ),
    (
        LinkFaultTold(LINK_FAULT, STATE, AT),
        (RecordKind.FAULT, RecordedAct.LINK_LOST, {"detail": OF_A_LINK}),
    ),
    (
        LinkFaultLocated(LINK_FAULT, STATE, AT),
        (RecordKind.FAULT, RecordedAct.LINK_LOCATED, {"detail": OF_A_LINK}),
    ),
    (
        LinkFaultClosed(LINK_FAULT, STATE, AT),
        (RecordKind.FAULT, RecordedAct.LINK_CLOSED, {"detail": OF_A_LINK}),
    ),
    (
        LinkFaultRestored(LINK_FAULT, STATE, LATER, AT),
        (RecordKind.FAULT, RecordedAct.LINK_RESTORED, {"detail": OF_A_LINK | {"back_at": instant_text(LATER)}}),
    ),
    (
        ResolutionMade((owed_to(STATE, resolved("r-1")),), resolved("r-1"), BY),
        (
            RecordKind.CONSULTED,
            RecordedAct.RESOLVED,
            {"subject": BY, "detail": RESOLVED | {"told": ("etat",)}},
        ),
    ),
    (
        ResolutionReceived(STATE, resolved("r-1"), AT, ("jws",)),
        (
            RecordKind.CONSULTED,
            RecordedAct.RESOLVED,
            {"evidence": ("jws",), "detail": RESOLVED | {"party": "etat", "by": resolved("r-1").by, "id": "r-1"}},
        ),
    ),
    (ResolutionSettled(STATE, "r-1"), NOTHING),
    (CataloguePublished(STATE, ()), NOTHING),
    (CatalogueReceived(CITY, CatalogueTold(0, 0, 0, "0" * 64, ())), NOTHING),
    (MessageTaken(STATE, "m-1", 40, 0), NOTHING),
    (
        MotiveDisclosed(
            Disclosure(CITY, EventId("e-1"), "vol", 1, words("rixe"), None, OPEN_ASKED.agent, OPEN_ASKED.service, AT)
        ),
        NOTHING,
    ),
    (
        DisagreementFound(STATE, (ViewingId("v-1"),), 3, AT),
        (
            RecordKind.WITNESS,
            RecordedAct.LEDGERS_DIFFER,
            {"detail": {"party": "etat", "viewings": ("v-1",), "count": 3}},
        ),
    ),
    (DisclosureTaken(CITY, EventId("e-1"), 1), NOTHING),
    (
        MotiveReceived(told_event("e-1", 1, words("rixe")), OFFICER, AT, REF, ("jws",)),
        (
            RecordKind.EVENT,
            RecordedAct.TOLD,
            {
                "convention": REF,
                "subject": OFFICER,
                "camera": camera(1),
                "event": E1,
                "evidence": ("jws",),
                "detail": {"motive": {"sha256": words("rixe").sha256}, "sector": None},
            },
        ),
    ),
    # What the direction says.
    (suspended(8, "v-9"), (RecordKind.SUSPENSION, RecordedAct.SUSPENDED, SUSPENSION)),
    (
        SuspensionLifted(suspension(8, "v-9"), BY, AT, REF),
        (RecordKind.SUSPENSION, RecordedAct.LIFTED, SUSPENSION),
    ),
    *(
        (
            RoomDeclared(CentreState(inactive=inactive), "évacuation", BY, AT, REF),
            (RecordKind.CENTRE, act, {"subject": BY, "convention": REF, "detail": {"reason": "évacuation"}}),
        )
        for inactive, act in ((True, RecordedAct.INACTIVE), (False, RecordedAct.ACTIVE))
    ),
    *(
        (
            AuthorisationDeclared(CentreState(authorisation_withdrawn=withdrawn), "arrêté 7", BY, AT, REF),
            (RecordKind.CONVENTION, act, {"subject": BY, "convention": REF, "detail": {"act": "arrêté 7"}}),
        )
        for withdrawn, act in (
            (True, RecordedAct.AUTHORISATION_WITHDRAWN),
            (False, RecordedAct.AUTHORISATION_RESTORED),
        )
    ),
    (
        HoursAnnounced(TODAY, hours(TODAY), "marché", BY, AT, REF),
        (
            RecordKind.CENTRE,
            RecordedAct.HOURS_VARIED,
            {
                "subject": BY,
                "convention": REF,
                "detail": {"day": "2026-03-25", "reason": "marché", "open": "10:00", "close": "19:30"},
            },
        ),
    ),
    (
        HoursAnnounced(TODAY, None, "annulé", BY, AT, REF),
        (
            RecordKind.CENTRE,
            RecordedAct.HOURS_USUAL,
            {"subject": BY, "convention": REF, "detail": {"day": "2026-03-25", "reason": "annulé"}},
        ),
    ),
    (
        OrderConfirmed(camera(5), "arrêté 5", BY, AT, REF),
        (
            RecordKind.CENTRE,
            RecordedAct.ORDER_CONFIRMED,
            {"subject": BY, "convention": REF, "camera": camera(5), "detail": {"act": "arrêté 5"}},
        ),
    ),
    # Conventions.
    (
        TextInstalled(text(), None, AT),
        (
            RecordKind.CONVENTION,
            RecordedAct.INSTALLED,
            {"convention": REF, "evidence": ("signé",), "detail": {"before": None}},
        ),
    ),
    (
        TextInstalled(replace(text(), signatures=""), sha256(SEVEN_STREAMS), AT),
        (
            RecordKind.CONVENTION,
            RecordedAct.INSTALLED,
            {"convention": REF, "detail": {"before": sha256(SEVEN_STREAMS)}},
        ),
    ),
    (
        TextReplaced(text(SEVEN_STREAMS), sha256(MARKDOWN), BY, AT),
        (
            RecordKind.CONVENTION,
            RecordedAct.REPLACED,
            {"convention": NEXT, "subject": BY, "evidence": ("signé",), "detail": {"before": sha256(MARKDOWN)}},
        ),
    ),
    *(
        (
            told(kind, TODAY),
            (
                RecordKind.CONVENTION,
                act,
                {
                    "subject": BY,
                    "convention": REF,
                    "detail": {"on": "2026-03-25", "act": "lettre", "ends_at": None},
                },
            ),
        )
        for kind, act in (
            ("non-renewal", RecordedAct.NON_RENEWAL),
            ("renewal", RecordedAct.RENEWAL),
            ("correction", RecordedAct.CORRECTION),
        )
    ),
    (
        TermAnnounced(TermTold(CONVENTION, "non-renewal", TODAY, "lettre"), REF, ENDS, BY, AT),
        (
            RecordKind.CONVENTION,
            RecordedAct.NON_RENEWAL,
            {
                "subject": BY,
                "convention": REF,
                "detail": {"on": "2026-03-25", "act": "lettre", "ends_at": ENDS.isoformat()},
            },
        ),
    ),
    # Keys, and parties that come and go.
    (KeysInstalled(agreed_keys.FIRST, REF, (), AT), NOTHING),
    (
        KeysInstalled(agreed_keys.JOINED, REF, (CITY, STATE), AT),
        (
            RecordKind.CONVENTION,
            RecordedAct.JOINED,
            {
                "convention": REF,
                "evidence": (agreed_keys.JOINED.note,),
                "detail": {"keys": agreed_keys.JOINED.keys.sha256, "joined": (CITY, STATE)},
            },
        ),
    ),
    (JointActProposed(agreed_keys.proposal()), NOTHING),
    *(
        (
            KeysReplaced(
                agreed_keys.JOINED,
                agreed_keys.FIRST,
                None,
                REF,
                joined,
                agreed_keys.proposal(),
                BY,
                LATER,
            ),
            (
                RecordKind.CONVENTION,
                act,
                {
                    "at": LATER,
                    "convention": REF,
                    "subject": BY,
                    "evidence": (agreed_keys.JOINED.note,),
                    "detail": {
                        "keys": agreed_keys.JOINED.keys.sha256,
                        "before": agreed_keys.FIRST.keys.sha256,
                        "joined": joined,
                        "proposed_by": "p-police-director",
                        "proposed_at": "2026-03-25T09:00:00.000000Z",
                    },
                },
            ),
        )
        for joined, act in (((STATE,), RecordedAct.JOINED), ((), RecordedAct.KEYS_REPLACED))
    ),
    (
        PartyLeft(
            TermTold(CONVENTION, LEFT, TODAY, "délibération 12"), CITY, REF, agreed_keys.proposal(None), BY, LATER
        ),
        (
            RecordKind.CONVENTION,
            RecordedAct.LEFT,
            {
                "at": LATER,
                "convention": REF,
                "subject": BY,
                "detail": {
                    "party": CITY,
                    "act": "délibération 12",
                    "on": "2026-03-25",
                    "proposed_by": "p-police-director",
                    "proposed_at": "2026-03-25T09:00:00.000000Z",
                },
            },
        ),
    ),
    (
        PartyLeft(TermTold(CONVENTION, LEFT, TODAY, "lettre"), STATE, REF, None, OFFICER, AT, evidence=("jws",)),
        (
            RecordKind.CONVENTION,
            RecordedAct.LEFT,
            {
                "convention": REF,
                "subject": OFFICER,
                "evidence": ("jws",),
                "detail": {"party": STATE, "act": "lettre", "on": "2026-03-25"},
            },
        ),
    ),
    # What is read and written.
    (
        NoteWritten(note("h-1"), OFFICER),
        (
            RecordKind.HANDOVER,
            RecordedAct.WRITTEN,
            {
                "at": note("h-1").at,
                "subject": OFFICER,
                "detail": {"note": "h-1", "words": {"sha256": words("mot h-1").sha256}},
            },
        ),
    ),
    (
        NoteRead(note("h-1"), OFFICER, AT),
        (RecordKind.HANDOVER, RecordedAct.READ, {"subject": OFFICER, "detail": {"note": "h-1"}}),
    ),
    (
        JournalConsulted(JournalQuestion(camera(1), AT, LATER), "viewings", BY, AT),
        (
            RecordKind.CONSULTED,
            None,
            {
                "subject": BY,
                "camera": camera(1),
                "detail": {"what": "viewings", "from": AT.isoformat(), "to": LATER.isoformat()},
            },
        ),
    ),
    (
        JournalConsulted(JournalQuestion(), "file", BY, AT),
        (RecordKind.CONSULTED, None, {"subject": BY, "detail": {"what": "file"}}),
    ),
    # Agents.
    (
        AccountOpened(account("cic-operator"), AT),
        (RecordKind.HABILITATION, RecordedAct.DESIGNATED, {"subject": agent("cic-operator"), "detail": IN_FORCE}),
    ),
    (
        AccountOpened(UNDESIGNATED, AT),
        (
            RecordKind.HABILITATION,
            RecordedAct.ACCOUNT_OPENED,
            {"subject": agent("csu-operator"), "detail": {"role": "admin"}},
        ),
    ),
    (
        HabilitationRenewed(account("cic-operator"), True, AT),
        (RecordKind.HABILITATION, RecordedAct.DESIGNATED, {"subject": agent("cic-operator"), "detail": IN_FORCE}),
    ),
    (
        HabilitationRenewed(account("cic-operator", until=date(2026, 12, 31)), False, AT),
        (
            RecordKind.HABILITATION,
            RecordedAct.RENEWED,
            {"subject": agent("cic-operator"), "detail": {**IN_FORCE, "until": "2026-12-31"}},
        ),
    ),
    (
        HabilitationRenewed(UNDESIGNATED, False, AT),
        (RecordKind.HABILITATION, RecordedAct.RENEWED, {"subject": agent("csu-operator")}),
    ),
    (
        AccountChanged(account("cic-operator"), ("label", "pin"), AT),
        (
            RecordKind.HABILITATION,
            RecordedAct.ACCOUNT_CHANGED,
            {"subject": agent("cic-operator"), "detail": {"changed": ("label", "pin"), "role": "cic-operator"}},
        ),
    ),
    (
        HabilitationEnded(account("cic-operator"), Pseudonym("p-chef"), "arrêté 11", AT),
        (
            RecordKind.HABILITATION,
            RecordedAct.ENDED,
            {"subject": agent("cic-operator"), "detail": {"by": "p-chef", "act": "arrêté 11"}},
        ),
    ),
    (
        StationEnrolled(station("cic-operator"), None, AT),
        (RecordKind.STATION, RecordedAct.REGISTERED, {"subject": at_station("cic-operator")}),
    ),
    (
        StationEnrolled(station("cic-operator"), ("secret",), AT),
        (
            RecordKind.STATION,
            RecordedAct.STATION_CHANGED,
            {"subject": at_station("cic-operator"), "detail": {"changed": ("secret",)}},
        ),
    ),
    *(
        (
            kind(station("cic-second"), OFFICER, AT),
            (
                RecordKind.STATION,
                act,
                {"subject": OFFICER, "detail": {"label": "poste de cic-second", "station": "poste-cic-second"}},
            ),
        )
        for kind, act in ((StationRegistered, RecordedAct.REGISTERED), (StationEnded, RecordedAct.ENDED))
    ),
    (SessionOpened(session("cic-operator"), STATE), NOTHING),
    (SessionSeen(session("cic-operator")), NOTHING),
    (SessionRelieved(b"former", session("cic-operator"), STATE), NOTHING),
    (SessionClosed(b"former"), NOTHING),
    (LayoutKept(Layout(station("cic-operator").id, Role.CIC_OPERATOR, "[]")), NOTHING),
    # The ledger itself.
    (NodeStarted(3, AT), (RecordKind.STARTED, None, {"detail": {"epoch": 3}})),
    (
        WritesRefused(AT, "disk full", 7, LATER),
        (
            RecordKind.GAP,
            RecordedAct.STORE,
            {
                "at": LATER,
                "detail": {"since": "2026-03-25T09:00:00.000000Z", "reason": "disk full", "writes_refused": 7},
            },
        ),
    ),
    (
        OwnRoomUnrecorded(AT, 5, 2, LATER),
        (
            RecordKind.GAP,
            RecordedAct.OWN_ROOM_UNRECORDED,
            {"at": LATER, "detail": {"since": AT.isoformat(), "late": 5, "lost": 2}},
        ),
    ),
    (
        LedgerRestored(RecordedAct.RESTORED, ("head",), {"entries": 9}, AT),
        (RecordKind.GAP, RecordedAct.RESTORED, {"evidence": ("head",), "detail": {"entries": 9}}),
    ),
    (
        FaultTold(FAULT, PartyId("villeneuve-dascq"), AT),
        (RecordKind.FAULT, RecordedAct.FAULT_TOLD, {"camera": camera(1), "detail": FAULT_TELLS}),
    ),
    (
        FaultLocated(FAULT, PartyId("villeneuve-dascq"), AT),
        (RecordKind.FAULT, RecordedAct.FAULT_LOCATED, {"camera": camera(1), "detail": FAULT_TELLS}),
    ),
    (
        FaultRestored(FAULT, PartyId("villeneuve-dascq"), AT, LATER),
        (
            RecordKind.FAULT,
            RecordedAct.FAULT_RESTORED,
            {"at": LATER, "camera": camera(1), "detail": {**FAULT_TELLS, "back_at": instant_text(AT)}},
        ),
    ),
    (
        LogConfirmed("comparé au relevé papier", BY, AT),
        (
            RecordKind.WITNESS,
            RecordedAct.LOG_CONFIRMED,
            {"subject": BY, "detail": {"reason": "comparé au relevé papier"}},
        ),
    ),
    (
        LogContradicted(RecordedAct.LOG_FORKED, PartyId("etat"), ("one head", "another"), AT),
        (
            RecordKind.WITNESS,
            RecordedAct.LOG_FORKED,
            {"evidence": ("one head", "another"), "detail": {"party": "etat"}},
        ),
    ),
    (
        TablesMended({"ledger_viewings": 2}, ("v-1", "v-2"), AT),
        (
            RecordKind.GAP,
            RecordedAct.TABLES_MENDED,
            {"detail": {"rows": 2, "tables": {"ledger_viewings": 2}, "named": ("v-1", "v-2")}},
        ),
    ),
]
"""A change, and kind, cause and members of its record. What is not named has its default; `at` is `AT` but where named."""


def told_in(record: Record) -> dict[str, object]:
    """Return the members that a record has, but its kind and its cause."""
    plain = Record(record.kind, AT)
    given = {each.name: getattr(record, each.name) for each in fields(record)}
    return {
        name: value for name, value in given.items() if name not in {"kind", "cause"} and value != getattr(plain, name)
    }


def wrongly_recorded() -> list[str]:
    """Return each row whose change leaves another record than it should, with what is wrong with it."""
    return [f"{type(change).__name__}: {wrong}" for change, wanted in ROWS for wrong in _wrong(change, wanted)]


def _wrong(change: Change, wanted: tuple[RecordKind, RecordedAct | Cause | None, Members] | None) -> list[str]:
    record = records.record_of(change)
    if record is None or wanted is None:
        return [] if record is None and wanted is None else [f"leaves {record!r} instead of {wanted!r}"]
    kind, cause, members = wanted
    expected = {name: value for name, value in members.items() if value != getattr(Record(kind, AT), name)}
    found = {"kind": record.kind, "cause": record.cause, **told_in(record)}
    expected = {"kind": kind, "cause": cause, **expected}
    return [
        f"{name} is {found.get(name)!r} instead of {expected.get(name)!r}"
        for name in sorted(found.keys() | expected.keys())
        if found.get(name) != expected.get(name)
    ]


def test_every_change_leaves_the_record_that_its_row_says_or_none() -> None:
    assert wrongly_recorded() == []


def test_every_change_of_the_union_has_a_row() -> None:
    assert {type(change) for change, _ in ROWS} == set(get_args(Change))


@pytest.mark.parametrize("name", [None, "v-1"])
def test_a_record_names_the_viewing_of_a_decision_where_there_is_one(name: str | None) -> None:
    named = None if name is None else ViewingId(name)
    record = records.record_of(replace(decided("csu-operator"), viewing=named))
    assert record is not None
    assert record.viewing == name


def test_an_event_that_nothing_names_is_no_member_of_an_opening() -> None:
    own = viewing("v-4", "csu-operator", 3, None)
    record = records.record_of(ViewingOpened(own, REF, None))
    assert record is not None
    assert (record.event, record.subject, record.at) == (None, subject("csu-operator"), own.since)
    assert records.event_ref(None) is None
    assert records.event_ref(event("e-3")) == EventRef(EventId("e-3"), "levee-de-doute")

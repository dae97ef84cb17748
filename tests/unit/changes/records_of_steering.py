"""What a change to a lease, or to the authorisation that it rests on, leaves in the ledger (see `test_records`)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from belvedere.changes import (
    AuthorisationConfirmed,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    CameraReturned,
    CameraStays,
    Change,
    CrewDeclared,
    DeputyEnded,
    DeputyNamed,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseMoved,
    LeaseProlonged,
    LeaseRelieved,
    LookAnswered,
    LookAsked,
)
from belvedere.domain.authorisations import AnswerGround, AuthorisationScope, Channel, CrewEngaged, Deputy, OralWord
from belvedere.domain.causes import Cause
from belvedere.domain.ids import AgentId, ArticleRef, AuthorisationId, EventId, Pseudonym, ServiceId
from belvedere.domain.leases import Awaits, LeaseEnding, LeaseRegime
from belvedere.domain.looks import LookPlace, LookState
from belvedere.domain.record import EventRef, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Role
from belvedere.ledger.canonical import instant_text
from tests.unit.changes.small_city import AT, REF, STATE, authorisation, camera, lease, look, owed_notice, subject

Members = Mapping[str, object]
BY, OFFICER = subject("police-director"), subject("cic-operator")
ENDS, LATER = AT + timedelta(days=900), AT + timedelta(hours=2)
E1 = EventRef("e-1", "levee-de-doute")
ART_3 = (ArticleRef("vda-etat:art-3"),)
NOTHING = None
LEASE = lease("l-1", "cic-operator")
STEERING: Members = {
    "convention": REF,
    "action": "take_ptz",
    "subject": OFFICER,
    "camera": camera(3),
    "viewing": "v-1",
}
LOOK: Members = {"convention": REF, "camera": camera(3), "event": E1, "articles": ART_3}
AWAY: Members = {"convention": REF, "camera": camera(3), "event": E1}
DEPUTY = Deputy(AgentId("a-2"), Pseudonym("p-2"), ENDS, Pseudonym("p-police-director"))
WORD: Members = {"convention": REF, "action": "take_ptz", "subject": BY, "camera": camera(3), "event": E1}
NAMED = {"authorisation": "a-1", "lease": "l-1", "party": "etat"}
STEERING_ROWS: list[tuple[Change, tuple[RecordKind, RecordedAct | Cause | None, Members] | None]] = [
    (
        LeaseAsked(
            replace(LEASE, awaits=Awaits.AUTHORISATION, since=None),
            authorisation("a-1", "l-1"),
            (Role.CSU_ROOM_CHIEF, Role.POLICE_DIRECTOR),
            REF,
            E1,
        ),
        (
            RecordKind.LEASE,
            RecordedAct.ASKED,
            {
                **STEERING,
                "event": E1,
                "articles": ART_3,
                "detail": {
                    "lease": "l-1",
                    "awaits": "authorisation",
                    "authorisation": "a-1",
                    "asked_of": ("csu-room-chief", "police-director"),
                },
            },
        ),
    ),
    (
        LeaseAsked(replace(LEASE, awaits=Awaits.HOLDER, since=None), None, (), REF, E1),
        (
            RecordKind.LEASE,
            RecordedAct.ASKED,
            {**STEERING, "event": E1, "articles": ART_3, "detail": {"lease": "l-1", "awaits": "holder"}},
        ),
    ),
    (
        LeaseGranted(
            replace(LEASE, regime=LeaseRegime.CLOSED, since=LATER, valid_until=ENDS),
            REF,
            E1,
            owed_notice("n-1", "l-1", due=ENDS),
        ),
        (
            RecordKind.LEASE,
            RecordedAct.GRANTED,
            {
                **STEERING,
                "at": LATER,
                "event": E1,
                "articles": ART_3,
                "valid_until": ENDS,
                "detail": {
                    "lease": "l-1",
                    "regime": "closed",
                    "authorisation": None,
                    "notified": False,
                    "notice": "n-1",
                    "due": instant_text(ENDS),
                },
            },
        ),
    ),
    (
        LeaseContinued(replace(LEASE, authorisation=AuthorisationId("a-1")), LATER, REF, E1, None, True),
        (
            RecordKind.LEASE,
            RecordedAct.CONTINUED,
            {
                **STEERING,
                "at": LATER,
                "event": E1,
                "articles": ART_3,
                "detail": {"lease": "l-1", "regime": "authorised", "authorisation": "a-1", "notified": True},
            },
        ),
    ),
    (LeaseProlonged(LEASE), NOTHING),
    (
        LeaseRelieved(LEASE, Pseudonym("p-cic-second"), OFFICER, LATER, REF),
        (
            RecordKind.LEASE,
            RecordedAct.HANDED_OVER,
            {**STEERING, "at": LATER, "detail": {"lease": "l-1", "former": "p-cic-second"}},
        ),
    ),
    (LeaseRelieved(LEASE, None, OFFICER, AT, REF), NOTHING),
    (
        LeaseEnded(
            LEASE,
            LeaseEnding(Cause.OWNER_STEERS, ART_3, Text("Repris.", "Taken back."), by=ServiceId("csu")),
            LATER,
            REF,
            E1,
            {"state.owner_is_steering": "yes"},
        ),
        (
            RecordKind.LEASE_ENDED,
            Cause.OWNER_STEERS,
            {
                **STEERING,
                "at": LATER,
                "event": E1,
                "articles": ART_3,
                "facts": {"state.owner_is_steering": "yes"},
                "detail": {"lease": "l-1", "held": True, "by_service": "csu"},
            },
        ),
    ),
    (
        LeaseMoved(LEASE, AT, LATER, 17, LATER, REF),
        (
            RecordKind.LEASE,
            RecordedAct.MOVED,
            {
                **STEERING,
                "at": LATER,
                "detail": {"lease": "l-1", "first": instant_text(AT), "last": instant_text(LATER), "count": 17},
            },
        ),
    ),
    (
        AuthorisationGiven(
            authorisation("a-1", "l-1", scope=AuthorisationScope.EVENT, until=ENDS, giver_role=Role.CSU_ROOM_CHIEF),
            BY,
            AT,
            REF,
            E1,
        ),
        (
            RecordKind.AUTHORISATION,
            RecordedAct.GIVEN,
            {**WORD, "valid_until": ENDS, "detail": {**NAMED, "scope": "event", "by_role": "csu-room-chief"}},
        ),
    ),
    (
        AuthorisationGiven(
            authorisation(
                "a-1",
                "l-1",
                until=ENDS,
                giver=Pseudonym("p-chef"),
                giver_role=Role.CSU_ROOM_CHIEF,
                oral=OralWord(Channel.RADIO, AT, Pseudonym("p-csu-operator")),
            ),
            BY,
            AT,
            REF,
            E1,
        ),
        (
            RecordKind.AUTHORISATION,
            RecordedAct.GIVEN_ORALLY,
            {
                **WORD,
                "valid_until": ENDS,
                "detail": {
                    **NAMED,
                    "scope": "camera",
                    "by_role": "csu-room-chief",
                    "given_by": "p-chef",
                    "channel": "radio",
                    "said_at": instant_text(AT),
                },
            },
        ),
    ),
    *(
        (
            kind(
                authorisation("a-1", "l-1", reason="équipage sur place", ground=AnswerGround.CREW_ENGAGED),
                BY,
                AT,
                REF,
                E1,
            ),
            (
                RecordKind.AUTHORISATION,
                act,
                {**WORD, "detail": {**NAMED, "reason": "équipage sur place", "ground": "crew-engaged"}},
            ),
        )
        for kind, act in (
            (AuthorisationRefused, RecordedAct.REFUSED),
            (AuthorisationWithdrawn, RecordedAct.TAKEN_BACK),
        )
    ),
    *(
        (
            kind(authorisation("a-1", "l-1"), BY, AT, REF, E1),
            (RecordKind.AUTHORISATION, act, {**WORD, "detail": NAMED}),
        )
        for kind, act in (
            (AuthorisationConfirmed, RecordedAct.CONFIRMED),
            (AuthorisationDenied, RecordedAct.DENIED),
        )
    ),
    (AuthorisationOver(authorisation("a-1", "l-1")), NOTHING),
    *(
        (
            CrewDeclared(CrewEngaged(camera(3), AT, Pseudonym("p-chef")), engaged, BY, AT, REF),
            (RecordKind.CENTRE, act, {"subject": BY, "convention": REF, "camera": camera(3)}),
        )
        for engaged, act in ((True, RecordedAct.CREW_ENGAGED), (False, RecordedAct.CREW_RELEASED))
    ),
    (
        LookAsked(look("k-1", place=LookPlace(3.1425, 50.62)), OFFICER, AT, REF, E1, ART_3),
        (
            RecordKind.LOOK,
            RecordedAct.LOOK_ASKED,
            {
                **LOOK,
                "subject": OFFICER,
                "detail": {"look": "k-1", "party": "etat", "target": "attroupement", "place": "50.62000 3.14250"},
            },
        ),
    ),
    *(
        (
            LookAnswered(look("k-1", state=state, note="vu"), BY, AT, REF, E1, ART_3),
            (
                RecordKind.LOOK,
                act,
                {**LOOK, "subject": BY, "detail": {"look": "k-1", "party": "etat", "note": "vu"}},
            ),
        )
        for state, act in (
            (LookState.ACCEPTED, RecordedAct.LOOK_ACCEPTED),
            (LookState.DECLINED, RecordedAct.LOOK_DECLINED),
            (LookState.DONE, RecordedAct.LOOK_DONE),
        )
    ),
    (
        CameraReturned(camera(3), STATE, EventId("e-1"), AT, REF, E1),
        (RecordKind.LEASE, RecordedAct.RETURNED, {**AWAY, "detail": {"party": "etat"}}),
    ),
    (
        CameraStays(camera(3), STATE, EventId("e-1"), BY, AT, REF, E1),
        (RecordKind.LEASE, RecordedAct.STAYS, {**AWAY, "subject": BY, "detail": {"party": "etat"}}),
    ),
    *(
        (kind(DEPUTY, BY, AT, REF), (RecordKind.CENTRE, act, {**told, "detail": {"deputy": "p-2"}}))
        for kind, act, told in (
            (DeputyNamed, RecordedAct.DEPUTY_NAMED, {"subject": BY, "convention": REF, "valid_until": ENDS}),
            (DeputyEnded, RecordedAct.DEPUTY_ENDED, {"subject": BY, "convention": REF}),
        )
    ),
]

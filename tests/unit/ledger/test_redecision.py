"""`ledger verify --convention`: what was decided is decided again from its own facts."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from belvedere.domain.causes import Cause
from belvedere.domain.ids import ArticleRef
from belvedere.domain.record import ConventionRef, EventRef, Record, RecordKind, Subject
from belvedere.domain.request import AgentFacts, CameraFacts, DecisionRequest, EventFacts, StateFacts
from belvedere.domain.vocabulary import Action, Verdict
from belvedere.ledger.redecision import Redecision, redecide_file
from belvedere.policy import Convention, decide, load_convention, parse_request, verdict_of
from tests.unit.ledger.ledgers import entries_of, exported

VDA = Path(__file__).parents[3] / "conventions" / "villeneuve-dascq-etat"
AT = "2026-03-25T10:00:00+01:00"


@cache
def vda() -> Convention:
    return load_convention(VDA)


def asked(*, streams_in_use: int, habilitated: bool = True) -> DecisionRequest:
    return parse_request(
        {
            "action": "view",
            "at": AT,
            "agent": {"party": "etat", "service": "cic", "habilitated": habilitated, "station_registered": True},
            "camera": {
                "id": "vda-017",
                "owner": "villeneuve-dascq",
                "commune": "Villeneuve-d'Ascq",
                "zone": "centre",
                "class": "voie-publique",
                "authorised_until": "2031-12-02",
                "ptz": True,
            },
            "event": {"kind": "trouble-grave", "open": True, "motive": "x"},
            "state": {
                "streams_in_use": streams_in_use,
                "camera_in_use": False,
                "holders": [],
                "authorisation_withdrawn": False,
            },
        }
    )


def recorded(request: DecisionRequest) -> Record:
    decision = decide(vda(), request)
    return Record(
        kind=RecordKind.DECISION,
        at=request.at,
        convention=ConventionRef(vda().id, vda().sha256),
        action="view",
        subject=Subject("etat", "cic", "cic-7Q2M", "cic-mur-1"),
        camera=request.camera.id,
        event=EventRef("e-1", "trouble-grave"),
        verdict=verdict_of(decision),
        articles=decision.articles,
        facts=decision.facts,
    )


def again(*records: Record) -> Redecision:
    return redecide_file(io.BytesIO(exported(entries_of(records))), [vda()])


def test_honest_decisions_are_answered_the_same_from_their_own_facts() -> None:
    granted, full, stranger = (
        recorded(asked(streams_in_use=0)),
        recorded(asked(streams_in_use=8)),
        recorded(asked(streams_in_use=0, habilitated=False)),
    )
    assert [r.verdict for r in (granted, full, stranger)] == [Verdict.GRANTED, Verdict.REFUSED, Verdict.REFUSED]
    found = again(granted, full, stranger)
    assert (found.decided, found.differing, found.told) == (3, 0, ())


def test_a_grant_that_its_facts_do_not_bear_is_named() -> None:
    honest = recorded(asked(streams_in_use=8))
    forged = replace(honest, verdict=Verdict.GRANTED, articles=(ArticleRef("vda-etat:art-3"),))
    found = again(recorded(asked(streams_in_use=0)), forged)
    assert (found.decided, found.differing) == (2, 1)
    [told] = found.told
    assert told.index == 1
    assert told.redecided is not None
    assert (told.redecided.recorded[0], told.redecided.answer[0]) == ("granted", "refused")


def test_a_decision_with_too_few_facts_is_named() -> None:
    [told] = again(replace(recorded(asked(streams_in_use=0)), facts={})).told
    assert told.redecided is None
    assert told.fault


def test_decisions_under_another_text_and_what_the_node_itself_refuses_are_counted_apart() -> None:
    other = replace(recorded(asked(streams_in_use=0)), convention=ConventionRef("vda-etat", "0" * 64))
    none = replace(recorded(asked(streams_in_use=0)), convention=None)
    steering = replace(recorded(asked(streams_in_use=0)), verdict=Verdict.REFUSED, cause=Cause.NOT_OFFERED, facts={})
    opened = replace(recorded(asked(streams_in_use=0)), kind=RecordKind.OPENED)
    found = again(other, none, steering, opened)
    assert (found.decided, found.without_text, found.by_the_node) == (0, 2, 1)


def test_a_request_built_in_types_is_decided_again_as_one_read_from_json() -> None:
    request = DecisionRequest(
        action=Action.VIEW,
        at=datetime(2026, 3, 25, 9, 0, tzinfo=UTC),
        agent=AgentFacts("etat", "cic", habilitated=True, station_registered=True),
        camera=CameraFacts("vda-017", "villeneuve-dascq", "Villeneuve-d'Ascq", "centre", "voie-publique"),
        event=EventFacts("levee-de-doute", open=True),
        state=StateFacts(streams_in_use=0, camera_in_use=False, authorisation_withdrawn=False),
    )
    found = again(recorded(request))
    assert (found.decided, found.differing) == (1, 0)

"""The word of another party's node in a record says what the record says, and anybody who has the keys can tell. Reliability 8."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from belvedere.acts.leaving import PartyLeaves
from belvedere.domain.disclosures import MotiveTold
from belvedere.domain.ids import ArticleRef, CameraId, EventId, PartyId, Pseudonym, ViewingId
from belvedere.domain.peer_requests import OpenAnswer, ViewingOver, Watching
from belvedere.domain.resolutions import PseudonymResolved, ResolutionGround
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Verdict
from belvedere.peers.evidence import fault_of, has_word_of_a_peer
from belvedere.peers.messages import PeerMessage, Renew
from belvedere.peers.signed_message import SigningKey, sha256_of, sign
from tests.unit.peers.messages_made import CITY, CITYS, CLAIMS, NOW, OPEN_ASKED, PINNED, RETIRED, STATE, STATES, signed

QUESTION = signed(OPEN_ASKED)
GRANTED = OpenAnswer(OPEN_ASKED.viewing, Verdict.GRANTED, (ArticleRef("vda-etat:art-3"),))


def by_city(message: PeerMessage, answers: str | None = None, key: SigningKey = CITYS, **claims: Any) -> str:
    return sign(message, replace(CLAIMS, **{"iss": CITY, "aud": STATE, "answers": answers, **claims}), key)


ANSWER = by_city(GRANTED, sha256_of(QUESTION))
OVER = ViewingOver(OPEN_ASKED.viewing, "closed", 1000, (), Text("fermée", "closed"), None, None)


def record(**changed: Any) -> dict[str, Any]:
    """Return the owner's record of its decision."""
    return {
        "kind": "decision",
        "node": CITY,
        "camera": OPEN_ASKED.camera,
        "subject": {"party": STATE, "agent": OPEN_ASKED.agent},
        "viewing": OPEN_ASKED.viewing,
        "verdict": "granted",
        "cause": None,
        "evidence": [QUESTION, ANSWER],
        **changed,
    }


MOTIVE = MotiveTold(EventId("e-1"), "levee-de-doute", 2, "a" * 64, None, OPEN_ASKED.agent, OPEN_ASKED.service, NOW)


def motive(**changed: Any) -> dict[str, Any]:
    """Return the owner's record of the motive that another party told."""
    told = record(
        kind="event",
        verdict=None,
        cause="told",
        subject={"party": STATE, "service": OPEN_ASKED.service, "agent": OPEN_ASKED.agent, "station": None},
        event={"id": "e-1", "kind": "levee-de-doute"},
        detail={"motive": {"sha256": "a" * 64}, "sector": None},
        evidence=[signed(MOTIVE)],
    )
    return told | changed


RESOLVED = PseudonymResolved(
    "r-1",
    OPEN_ASKED.agent,
    ResolutionGround.INSPECTION,
    "contrôle 4",
    Pseudonym("cic-4PPA"),
    OPEN_ASKED.service,
    NOW,
)


def resolution(**changed: Any) -> dict[str, Any]:
    """Return the other party's record of a pseudonym that was resolved."""
    told = {
        "party": STATE,
        "id": "r-1",
        "agent": OPEN_ASKED.agent,
        "ground": "inspection",
        "act": "contrôle 4",
        "by": "cic-4PPA",
    }
    return record(kind="consulted", subject=None, cause="resolved", detail=told | changed, evidence=[signed(RESOLVED)])


LEAVES = PartyLeaves("délibération 12", date(2026, 3, 25), Pseudonym("cic-4PPA"))


def leaving(**changed: Any) -> dict[str, Any]:
    """Return the other party's record of a party that left."""
    told = record(
        kind="convention",
        cause="left",
        verdict=None,
        camera=None,
        viewing=None,
        convention={"id": CLAIMS.convention.id, "sha256": CLAIMS.convention.sha256},
        subject={"party": STATE, "service": None, "agent": "cic-4PPA", "station": None},
        detail={"party": STATE, "act": "délibération 12", "on": "2026-03-26"},
        evidence=[signed(LEAVES)],
    )
    return told | changed


SOUND: Mapping[str, dict[str, Any]] = {
    "the owner's decision": record(),
    "the asking node's word of it": record(kind="answered", node=STATE),
    "an end that the other node told": record(kind="ended", cause="closed", evidence=[signed(OVER)]),
    "an end by the owner's refusal of what was joined": record(kind="ended", node=STATE, cause="suspended"),
    "a motive that its party told": motive(),
    "a pseudonym that its party resolved": resolution(),
    "a relief on the other node": record(
        kind="relieved", evidence=[signed(Renew(7, (Watching(OPEN_ASKED.viewing, OPEN_ASKED.agent),)))]
    ),
    "a party that left, heard on the day after": leaving(),
}


@pytest.mark.parametrize("what", SOUND)
def test_a_record_with_the_word_that_it_tells_of_is_sound(what: str) -> None:
    assert has_word_of_a_peer(SOUND[what])
    assert fault_of(SOUND[what], PINNED) is None


FALSE: Mapping[str, dict[str, Any]] = {
    "another camera": record(camera=CameraId("vda-002")),
    "another agent": record(subject={"party": STATE, "agent": "cic-other"}),
    "another party": record(subject={"party": "lille", "agent": OPEN_ASKED.agent}),
    "another viewing": record(viewing="v-other"),
    "another verdict": record(verdict="refused"),
    "another node": record(node="lille"),
    "the owner's decision at the asking node": record(node=STATE),
    "the asking node's word at the owner's": record(kind="answered"),
    "no answer": record(evidence=[QUESTION]),
    "two questions": record(evidence=[QUESTION, QUESTION]),
    "an answer before its question": record(evidence=[ANSWER, QUESTION]),
    "an answer to another question": record(evidence=[QUESTION, by_city(GRANTED, "0" * 64)]),
    "an answer about another viewing": record(
        evidence=[QUESTION, by_city(replace(GRANTED, viewing=ViewingId("v-other")), sha256_of(QUESTION))]
    ),
    "an answer for another party": record(
        evidence=[QUESTION, by_city(GRANTED, sha256_of(QUESTION), aud=PartyId("lille"))]
    ),
    "an altered question": record(evidence=[QUESTION[:-9] + "AAAAAAAAA", ANSWER]),
    "an unsigned answer": record(evidence=[QUESTION, ANSWER.rsplit(".", 1)[0] + "."]),
    "a key that was never pinned": record(evidence=[QUESTION, by_city(GRANTED, sha256_of(QUESTION), RETIRED)]),
    "one key for both": record(evidence=[QUESTION, by_city(GRANTED, sha256_of(QUESTION), STATES)]),
    "no text at all": record(evidence=[7, None]),
    "an end of another viewing": record(kind="ended", cause="closed", viewing="v-other", evidence=[signed(OVER)]),
    "an end of another cause": record(kind="ended", cause="link-lost", evidence=[signed(OVER)]),
    "a decision told as an end": record(evidence=[signed(OVER)]),
    "another motive than was told": motive(detail={"motive": {"sha256": "b" * 64}, "sector": None}),
    "a motive of another event": motive(event={"id": "e-2", "kind": "levee-de-doute"}),
    "a motive by somebody else": motive(
        subject={"party": STATE, "service": OPEN_ASKED.service, "agent": "cic-other", "station": None}
    ),
    "an end told as a motive": motive(evidence=[signed(OVER)]),
    "another pseudonym than was resolved": resolution(agent="cic-other"),
    "a resolution for something else": resolution(ground="requisition"),
    "a resolution by somebody else": resolution(by="cic-other"),
    "a leaving of another party": leaving(detail={"party": "lille", "act": "délibération 12", "on": "2026-03-26"}),
    "a leaving in another party's name": leaving(subject={"party": "lille", "agent": "cic-4PPA"}),
    "a leaving by somebody else": leaving(subject={"party": STATE, "agent": "cic-other"}),
    "a leaving by another act": leaving(detail={"party": STATE, "act": "lettre 3", "on": "2026-03-26"}),
    "a leaving of another convention": leaving(convention={"id": "other", "sha256": CLAIMS.convention.sha256}),
    "a leaving of another text": leaving(convention={"id": CLAIMS.convention.id, "sha256": "0" * 64}),
    "a leaving told to another node": leaving(node="lille"),
    "an altered leaving": leaving(evidence=[signed(LEAVES)[:-9] + "AAAAAAAAA"]),
    "an end told as a leaving": leaving(evidence=[signed(OVER)]),
    "a leaving told as an end": record(kind="ended", cause="closed", evidence=[signed(LEAVES)]),
    "a relief by somebody else": record(
        kind="relieved", evidence=[signed(Renew(7, (Watching(OPEN_ASKED.viewing, Pseudonym("cic-other")),)))]
    ),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_record_whose_word_is_anothers_is_told(what: str) -> None:
    assert fault_of(FALSE[what], PINNED) is not None


def test_other_evidence_is_not_for_this_to_check() -> None:
    for other in (
        record(kind="convention", cause="installed"),
        leaving(evidence=[]),
        record(kind="witness"),
        record(evidence=[]),
    ):
        assert not has_word_of_a_peer(other)

"""What another party's node said, as a ledger's records hold it: does each message say what its record says?

Pure: a function of a record and of the keys that the conventions pinned. Offline, whoever has the file and the keys can check it.
Source: ledger-format 3; peers, A viewing across two nodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from belvedere.acts.leaving import PartyLeaves
from belvedere.domain.disclosures import MotiveTold
from belvedere.domain.ids import PartyId
from belvedere.domain.peer_requests import OpenAnswer, OpenAsked, ViewingOver
from belvedere.domain.record import RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.resolutions import PseudonymResolved
from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import read_json
from belvedere.ledger.canonical import Json
from belvedere.ledger.derived import words_named
from belvedere.ledger.pinned_keys import ConventionKeys
from belvedere.ledger.reading import read_entries
from belvedere.peers.messages import Renew
from belvedere.peers.signed_message import Flaw, PinnedKey, Signed, read_signed

_QUESTIONED = frozenset({RecordKind.DECISION.value, RecordKind.ANSWERED.value})
_TOLD = frozenset(
    each.value for each in (RecordKind.ENDED, RecordKind.RELIEVED, RecordKind.EVENT, RecordKind.CONSULTED)
)


@dataclass(frozen=True, slots=True)
class FalseEvidence:
    """A record whose evidence does not say what it says."""

    index: int
    said: Text


@dataclass(frozen=True, slots=True)
class Checked:
    """How many records have the word of another party's node, and the first whose word is false."""

    records: int
    false: FalseEvidence | None = None


def keys_of(pinned: ConventionKeys) -> Mapping[str, PinnedKey]:
    """Return the keys of messages that a `keys.json` pins, by the name under which messages name them."""
    return {
        kid: PinnedKey(PartyId(party), key)
        for party, keys in pinned.parties.items()
        if keys.node is not None
        for kid, key in keys.node.message_keys().items()
    }


def check_file(file: BinaryIO, keys: Mapping[str, PinnedKey]) -> Checked:
    """Check the evidence in a file that `verify_ledger` has accepted; erased records are passed over."""
    records = 0
    for entry in read_entries(file):
        record = {} if entry.record is None else read_json(entry.record)
        assert isinstance(record, dict), "the verification reads objects alone"
        if not has_word_of_a_peer(record):
            continue
        records += 1
        said = fault_of(record, keys)
        if said is not None:
            return Checked(records, FalseEvidence(entry.index, said))
    return Checked(records)


def has_word_of_a_peer(record: Mapping[str, Json]) -> bool:
    """Tell whether a record has messages of nodes as evidence; signed notes and heads are verified elsewhere."""
    return bool(record.get("evidence")) and (record.get("kind") in _QUESTIONED | _TOLD or _is_leaving(record))


def _is_leaving(record: Mapping[str, Json]) -> bool:
    """Whether a record tells of another party's leaving: what else is told of a convention has signed notes as evidence."""
    return (record.get("kind"), record.get("cause")) == (RecordKind.CONVENTION.value, RecordedAct.LEFT.value)


def fault_of(record: Mapping[str, Json], keys: Mapping[str, PinnedKey]) -> Text | None:
    """Return what is wrong with a record's evidence; None where it says what the record says."""
    evidence = record.get("evidence")
    signed: list[Signed] = []
    for jws in evidence if isinstance(evidence, list) else []:
        found = read_signed(str(jws), keys)
        if isinstance(found, Flaw):
            return found.said
        signed.append(found)
    match signed:
        case [question, answer]:
            return None if _asks_and_answers(record, question, answer) else _ANOTHERS
        case [told] if record.get("kind") in _TOLD:
            return None if _tells(record, told) else _ANOTHERS
        case [told] if _is_leaving(record):
            return None if _leaves(record, told) else _ANOTHERS
        case _:
            return _ANOTHERS


def _asks_and_answers(record: Mapping[str, Json], question: Signed, answer: Signed) -> bool:
    asked, answered, subject = question.message, answer.message, record.get("subject")
    if not (isinstance(asked, OpenAsked) and isinstance(answered, OpenAnswer) and isinstance(subject, dict)):
        return False
    at_home = record["node"] == question.claims.iss
    return (
        answer.claims.answers == question.sha256
        and (answer.claims.iss, answer.claims.aud) == (question.claims.aud, question.claims.iss)
        and answered.viewing == asked.viewing
        and at_home == (record["kind"] != RecordKind.DECISION.value)
        and (at_home or record["node"] == answer.claims.iss)
        and record["camera"] == asked.camera
        and (subject.get("party"), subject.get("agent")) == (question.claims.iss, asked.agent)
        and record.get("viewing") in (None, asked.viewing)
        and (record["kind"] in _TOLD or record["verdict"] == answered.verdict.value)
    )


def _tells(record: Mapping[str, Json], told: Signed) -> bool:
    subject, message, viewing = record.get("subject"), told.message, record.get("viewing")
    if record["kind"] == RecordKind.ENDED.value:
        return isinstance(message, ViewingOver) and (message.viewing, message.cause) == (viewing, record["cause"])
    agent = subject.get("agent") if isinstance(subject, dict) else None
    if record["kind"] == RecordKind.CONSULTED.value:
        return isinstance(message, PseudonymResolved) and record["detail"] == {
            "party": told.claims.iss,
            "id": message.id,
            "agent": message.agent,
            "ground": message.ground.value,
            "act": message.act,
            "by": message.by,
        }
    if record["kind"] == RecordKind.EVENT.value:
        named = words_named(record)
        return (
            isinstance(message, MotiveTold)
            and isinstance(subject, dict)
            and record["event"] == {"id": message.event, "kind": message.kind}
            and (subject["party"], agent, subject["service"]) == (told.claims.iss, message.agent, message.service)
            and (named.get("motive"), named.get("sector")) == (message.motive_sha256, message.sector_sha256)
        )
    return isinstance(message, Renew) and any(
        (each.viewing, each.agent) == (viewing, agent) for each in message.viewings
    )


def _leaves(record: Mapping[str, Json], told: Signed) -> bool:
    """The day is that on which it was heard: the one in the message is its sender's own."""
    claims, message, subject, detail = told.claims, told.message, record.get("subject"), record.get("detail")
    return (
        isinstance(message, PartyLeaves)
        and isinstance(subject, dict)
        and isinstance(detail, dict)
        and (claims.aud, claims.iss, claims.iss) == (record["node"], detail.get("party"), subject.get("party"))
        and (message.act, message.by) == (detail.get("act"), subject.get("agent"))
        and record["convention"] == {"id": claims.convention.id, "sha256": claims.convention.sha256}
    )


_ANOTHERS = Text(
    "les messages signés qu'elle porte ne disent pas ce qu'elle dit",
    "the signed messages in it do not say what it says",
)

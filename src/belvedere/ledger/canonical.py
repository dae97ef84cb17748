"""A record's exact bytes, format v1. Source: ledger-format 1, 2, 4; RFC 8785.

Owns the spelling of a record and of its salt. Does not know where either is kept.
The leaf format is fixed from the first ledger on: nothing here may change but beside a new `v`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from enum import Enum
from functools import lru_cache

import rfc8785

from belvedere.domain.clock import Instant
from belvedere.domain.record import Record

RECORD_VERSION = 1
SALT_SIZE_BYTES = 32
SALT_RANDOM_BYTES = 24
"""How much of a salt comes from the source of randomness; the rest is its check (`salt_for`)."""

INTEGER_MAX = 2**53 - 1
"""RFC 8785 keeps to I-JSON's integers (RFC 7493)."""

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
"""A JSON value as `json` reads it."""


_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
"""Made once: a thousand ends of one act are written as one."""


class NotCanonical(ValueError):
    """A value that has no canonical JSON form; the message says which and why."""


def canonical_json(value: Json) -> bytes:
    """Return the RFC 8785 bytes of `value`; raise `NotCanonical` where it has none."""
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as failure:
        raise NotCanonical(f"no canonical JSON form: {failure}") from failure


@lru_cache(maxsize=64)
def instant_text(at: Instant) -> str:
    """Return `at` in UTC with six decimals and a Z; raise `NotCanonical` for a naive one."""
    if at.tzinfo is None:
        raise NotCanonical(f"the instant {at.isoformat()} has no time zone")
    try:
        return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    except OverflowError as failure:
        raise NotCanonical(f"the instant {at.isoformat()} has no date in UTC") from failure


def canonical_record(record: Record, *, node: str, epoch: int) -> bytes:
    """Return the canonical bytes of `record` as `node` writes it in its `epoch` (RFC 8785, UTF-8).

    `viewing` and `detail` stand in it only where the record has them. Source: ledger-format 2.
    """
    return canonical_members(record_json(record, node=node, epoch=epoch))


def canonical_members(members: dict[str, Json]) -> bytes:
    """Return the canonical bytes of what `record_json` returned."""
    # A record holds no floating-point number, and where its text is ASCII its names sort the same by code point as
    # by UTF-16 unit: then the standard encoder, forty times faster, spells it just as RFC 8785 does (a property test).
    text = _SORTED.encode(members)
    return text.encode() if text.isascii() else canonical_json(members)


def record_json(record: Record, *, node: str, epoch: int) -> dict[str, Json]:
    """Return the members of `record` as plain JSON."""
    convention, subject, event = record.convention, record.subject, record.event
    members: dict[str, Json] = {
        "v": RECORD_VERSION,
        "at": instant_text(record.at),
        "node": node,
        "epoch": epoch,
        "convention": None if convention is None else {"id": convention.id, "sha256": convention.sha256},
        "kind": record.kind.value,
        "action": record.action,
        "subject": None
        if subject is None
        else {
            "party": subject.party,
            "service": subject.service,
            "agent": subject.agent,
            "station": subject.station,
        },
        "camera": record.camera,
        "event": None if event is None else {"id": event.id, "kind": event.kind},
        "purpose": record.purpose,
        "verdict": None if record.verdict is None else record.verdict.value,
        "articles": [str(article) for article in record.articles],
        "valid_until": None if record.valid_until is None else instant_text(record.valid_until),
        "facts": _plain(record.facts, "facts"),
        "cause": None if record.cause is None else record.cause.value,
        "evidence": list(record.evidence),
    }
    if record.viewing is not None:
        members["viewing"] = record.viewing
    if record.detail:
        members["detail"] = _plain(record.detail, "detail")
    return members


_AS_IT_IS = {str, bool, type(None)}
"""Most members of most records: looked up, their place need not be spelt."""


def _plain(value: object, place: str) -> Json:
    """Return `value` as plain JSON; floats, dates and other objects have no agreed spelling here."""
    if isinstance(value, Enum):
        return _plain(value.value, place)
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise NotCanonical(f"{place}: {value} is beyond the integers that JSON keeps exact")
        return value
    if isinstance(value, Mapping):
        plain: dict[str, Json] = {}
        for name, member in value.items():
            if not isinstance(name, str):
                raise NotCanonical(f"{place}: the name {name!r} is not text")
            plain[name] = member if type(member) in _AS_IT_IS else _plain(member, f"{place}.{name}")
        return plain
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(member, f"{place}[{index}]") for index, member in enumerate(value)]
    raise NotCanonical(f"{place}: a {type(value).__name__} cannot stand in a record")


def salt_for(canonical: bytes, random: bytes) -> bytes:
    """Return the 32-byte salt of a record: 24 random bytes, then 8 that check them and the record.

    192 random bits keep an erased record unguessable; the check lets a verifier name *which* record of
    a damaged file was changed, which the tree alone cannot tell. It proves nothing by itself.
    """
    if len(random) != SALT_RANDOM_BYTES:
        raise ValueError(f"a salt needs {SALT_RANDOM_BYTES} random bytes, not {len(random)}")
    return random + _salt_check(canonical, random)


def salt_fits(canonical: bytes, salt: bytes) -> bool:
    """Tell whether `salt` was made by `salt_for` for these bytes; other programs' salts never fit."""
    random = salt[:SALT_RANDOM_BYTES]
    return salt[SALT_RANDOM_BYTES:] == _salt_check(canonical, random)


def _salt_check(canonical: bytes, random: bytes) -> bytes:
    digest = hashlib.sha256(b"belvedere salt check v1\n" + random + canonical).digest()
    return digest[: SALT_SIZE_BYTES - SALT_RANDOM_BYTES]


def entry_hash(salt: bytes, canonical: bytes) -> bytes:
    """Return the log entry of a record: SHA-256(salt ‖ canonical record), 32 bytes."""
    return hashlib.sha256(salt + canonical).digest()

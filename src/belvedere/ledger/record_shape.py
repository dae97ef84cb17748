"""Which JSON is a record of format v1: the reader's side of `canonical.record_json`.

Members that it does not know are allowed (ledger-format 2).
"""

import re
from collections.abc import Callable, Mapping

from belvedere.domain.vocabulary import Verdict
from belvedere.ledger.canonical import RECORD_VERSION, Json

_INSTANT = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}\.[0-9]{6}Z"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERDICTS = {verdict.value for verdict in Verdict}

Check = Callable[[Json], bool]


def _text(value: Json) -> bool:
    return isinstance(value, str)


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _instant(value: Json) -> bool:
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None


def _sha256(value: Json) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(member, str) for member in value)


def _members(checks: Mapping[str, Check]) -> Check:
    return lambda value: (
        isinstance(value, dict) and value.keys() == checks.keys() and all(c(value[name]) for name, c in checks.items())
    )


def _object(value: Json) -> bool:
    return isinstance(value, dict)


_REQUIRED: Mapping[str, Check] = {
    "v": lambda value: _integer(value) and value == RECORD_VERSION,
    "at": _instant,
    "node": _text,
    "epoch": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 1,
    "convention": _or_null(_members({"id": _text, "sha256": _sha256})),
    "kind": _text,
    "action": _or_null(_text),
    "subject": _or_null(
        _members({"party": _text, "service": _or_null(_text), "agent": _or_null(_text), "station": _or_null(_text)})
    ),
    "camera": _or_null(_text),
    "event": _or_null(_members({"id": _text, "kind": _text})),
    "purpose": _or_null(_text),
    "verdict": _or_null(lambda value: value in _VERDICTS),
    "articles": _texts,
    "valid_until": _or_null(_instant),
    "facts": _object,
    "cause": _or_null(_text),
    "evidence": _texts,
}
_OPTIONAL: Mapping[str, Check] = {"viewing": _text, "detail": _object}


def record_fault(record: Json) -> str | None:
    """Return the member that keeps `record` from being a record of format v1, None where it is one."""
    if not isinstance(record, dict):
        return "record"
    for name, check in _REQUIRED.items():
        if name not in record or not check(record[name]):
            return name
    for name, check in _OPTIONAL.items():
        if name in record and not check(record[name]):
            return name
    return None

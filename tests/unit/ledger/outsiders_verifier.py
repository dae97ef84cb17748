"""A verifier of exported ledgers as an outsider writes one: from docs/reference/ledger-format.md and nothing of ours.

Standard library and an Ed25519 implementation only. It shares no code with `belvedere.ledger`; a test says so.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MEMBERS = {
    "v", "at", "node", "epoch", "convention", "kind", "action", "subject", "camera", "event", "purpose", "verdict", "articles",
    "valid_until", "facts", "cause", "evidence",
}  # fmt: skip
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
INTEGER_MAX = 2**53 - 1
LINE_BYTES_MAX = 8 * 1024 * 1024


class Bad(Exception):
    """The file is not what the trusted keys signed; says which line, from 1, where there is one."""


def check(holds: bool, what: str) -> None:
    if not holds:
        raise Bad(what)


def decoded(text: object, size: int | None = None) -> bytes:
    check(isinstance(text, str), "base64 is a text")
    try:
        found = base64.b64decode(str(text), validate=True)
    except ValueError:
        raise Bad("base64") from None
    check(base64.b64encode(found).decode() == text and size in (None, len(found)), "base64")
    return found


def canonical(value: Any) -> bytes:  # 1. Canonical JSON
    def ordered(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: ordered(part[name]) for name in sorted(part, key=lambda name: name.encode("utf-16-be"))}
        if isinstance(part, list):
            return [ordered(each) for each in part]
        check(not isinstance(part, float), "a fraction")
        check(not isinstance(part, int) or abs(part) <= INTEGER_MAX, "a number too large")
        return part

    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def check_record(record: Any) -> None:  # 2. The record
    def text_or_null(*values: object) -> bool:
        return all(value is None or isinstance(value, str) for value in values)

    def members(value: Any, *names: str) -> bool:
        return value is None or (isinstance(value, dict) and set(value) == set(names) and text_or_null(*value.values()))

    check(isinstance(record, dict), "record")
    check(set(record) >= MEMBERS, "record's members")
    check(record["v"] == 1 and record["v"] is not True, "v")
    check(isinstance(record["epoch"], int) and record["epoch"] is not True and record["epoch"] >= 1, "epoch")
    for instant in (record["at"], record["valid_until"]):
        check(text_or_null(instant) and (instant is None or INSTANT.fullmatch(instant) is not None), "instant")
    check(
        record["at"] is not None and isinstance(record["node"], str) and isinstance(record["kind"], str),
        "at, node, kind",
    )
    check(text_or_null(*(record[name] for name in ("action", "camera", "purpose", "cause"))), "texts")
    check(members(record["subject"], "party", "service", "agent", "station"), "subject")
    check(members(record["event"], "id", "kind") and members(record["convention"], "id", "sha256"), "event, convention")
    check(re.fullmatch("[0-9a-f]{64}", (record["convention"] or {"sha256": "0" * 64})["sha256"]) is not None, "sha256")
    check(record["verdict"] in (None, "granted", "refused", "pending"), "verdict")
    for name in ("articles", "evidence"):
        check(isinstance(record[name], list) and all(isinstance(each, str) for each in record[name]), name)
    check(isinstance(record["facts"], dict) and isinstance(record.get("detail", {}), dict), "facts, detail")


def root_of(entries: Sequence[bytes]) -> bytes:  # 5. The tree
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    left = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(entries[:left]) + root_of(entries[left:])).digest()


def is_name(name: str) -> bool:  # 6. Keys and signed notes
    return bool(name) and "+" not in name and not any(each.isspace() for each in name)


def read_key(vkey: str) -> tuple[str, bytes, int, Ed25519PublicKey]:
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    material = decoded(encoded, 33)
    check(is_name(name) and material[0] in (1, 4), "verifier key")
    identifier = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    check(identifier.hex() == key_id, "key id")
    return name, identifier, material[0], Ed25519PublicKey.from_public_bytes(material[1:])


def signed_text(note: object, vkeys: Sequence[str]) -> str:
    """Return the text of a note that every one of `vkeys` has signed."""
    check(isinstance(note, str) and len(note.encode()) <= 1_000_000, "note")
    check(all(each == "\n" or each >= " " for each in str(note)), "control character")
    text, blank, below = str(note).rpartition("\n\n")
    text += "\n"
    lines = below.split("\n")
    check(bool(blank) and lines.pop() == "" and 1 <= len(lines) <= 100 and "\n\n" not in text, "note")
    signatures: list[tuple[str, bytes, bytes]] = []
    for line in lines:
        name, _, encoded = line.removeprefix("— ").partition(" ")
        material = decoded(encoded)
        check(line.startswith("— ") and is_name(name) and len(material) > 4, "signature line")
        signatures.append((name, material[:4], material[4:]))
    for name, identifier, algorithm, key in map(read_key, vkeys):
        own = [signature for by, key_id, signature in signatures if (by, key_id) == (name, identifier)]
        check(bool(own), f"{name} has not signed")
        for signature in own:
            message = text.encode()
            if algorithm == 4:
                check(len(signature) == 72, "co-signature")
                message = f"cosignature/v1\ntime {int.from_bytes(signature[:8])}\n{text}".encode()
            try:
                key.verify(signature[-64:] if algorithm == 4 else signature, message)
            except InvalidSignature:
                raise Bad(f"the signature of {name}") from None
    return text


def verify(content: bytes, vkeys: Sequence[str]) -> tuple[int, int]:  # 8. The exported file; 9. Verifying it
    """Return how many entries the file has and how many of them are erased; raise `Bad` unless it is what `vkeys` signed."""
    lines = content.split(b"\n")
    check(lines.pop() == b"" and len(lines) >= 2, "the file's end")
    values: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)
            check(isinstance(value, dict) and canonical(value) == line and len(line) < LINE_BYTES_MAX, "not canonical")
        except (ValueError, RecursionError, Bad) as failure:
            raise Bad(f"line {number}: {failure}") from None
        values.append(value)
    header, *kept, last = values
    check(set(header) == {"belvedere-ledger", "node", "origin", "vkey"}, "line 1: header")
    check(header["belvedere-ledger"] == 1 and header["belvedere-ledger"] is not True, "line 1: format")
    check(
        isinstance(header["node"], str) and header["node"] != "" and isinstance(header["origin"], str), "line 1: names"
    )
    check(header["origin"].endswith(header["node"]) and header["vkey"] == vkeys[0], "line 1: whose")
    entries: list[bytes] = []
    epoch = erased = 0
    for number, value in enumerate(kept, start=2):
        try:
            check(value.get("index") == len(entries) and not isinstance(value.get("index"), bool), "index")
            if set(value) == {"entry", "index"}:
                erased += 1
                entries.append(decoded(value["entry"], 32))
                continue
            check(set(value) == {"index", "record", "salt"}, "members")
            check_record(value["record"])
            check(value["record"]["node"] == header["node"] and value["record"]["epoch"] >= epoch, "node, epoch")
            epoch = value["record"]["epoch"]
            entries.append(hashlib.sha256(decoded(value["salt"], 32) + canonical(value["record"])).digest())
        except Bad as failure:
            raise Bad(f"line {number}: {failure}") from None
    check(set(last) == {"checkpoint"}, "the last line is no checkpoint")
    origin, size, root, *rest = [*signed_text(last["checkpoint"], vkeys).split("\n"), "", ""]  # 7. The checkpoint
    check(rest == ["", "", ""], "three lines")
    check(origin == header["origin"] and size == str(len(entries)), "origin, size")
    check(decoded(root, 32) == root_of(entries), "the entries are not those that were signed")
    return len(entries), erased


def signed_by_all(convention: str, text_sha256: str, note: str, keys: Any) -> bool:
    """Tell whether every party signed the convention's text, with its current key or its next (11)."""
    return _all_signed(f"belvedere.convention/v1\n{convention}\n{text_sha256}\n", note, keys)


def keys_signed_by_all(convention: str, note: str, keys: Any) -> bool:
    """Tell whether every party signed the keys themselves (11)."""
    with_null = {
        party: {use: {"current": pair["current"], "next": pair.get("next")} for use, pair in uses.items()}
        for party, uses in keys.items()
    }
    sha256 = hashlib.sha256(canonical(with_null)).hexdigest()
    return _all_signed(f"belvedere.convention-keys/v1\n{convention}\n{sha256}\n", note, keys)


def _all_signed(expected: str, note: str, keys: Any) -> bool:

    def has_signed(vkey: str | None) -> bool:
        try:
            return vkey is not None and signed_text(note, [vkey]) == expected
        except Bad:
            return False

    return all(any(has_signed(vkey) for vkey in uses["agreement"].values()) for uses in keys.values())

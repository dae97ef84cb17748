"""Which parties signed a convention's text, by the keys that the convention pins (reliability 6).

A signature is a C2SP signed note over three lines: the format, the convention's id, the hash of its text. Each party
has a current key and may have a next one, so that a key can be rotated without a moment unsigned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from belvedere.domain.failures import Unreadable
from belvedere.domain.untrusted_text import read_file, read_json, shown
from belvedere.ledger.note import BadNote, SignatureType, SignedNote, VerifierKey

KEYS_FILE = "keys.json"
SIGNATURES_FILE = "signatures.note"
_FORMAT = "belvedere.convention/v1"
_FILE_BYTES_MAX = 64 * 1024


def agreed_text(convention: str, sha256: str) -> str:
    """Return the text that every party signs to put the convention of this hash (hex) in force."""
    return f"{_FORMAT}\n{convention}\n{sha256}\n"


@dataclass(frozen=True, slots=True)
class PinnedKeys:
    """The parties' keys by convention (implements `live.conventions.Signatures`)."""

    keys: Mapping[str, Mapping[str, Sequence[VerifierKey]]]

    def missing(self, *, convention: str, sha256: str, note: str) -> list[str]:
        """Return the parties that have not signed this text of this convention with a pinned key; sorted."""
        parties = self.keys.get(convention, {})
        try:
            signed = SignedNote.parse(note)
        except BadNote:
            return sorted(parties)
        if not parties or signed.text != agreed_text(convention, sha256):
            return sorted(parties) or [convention]
        return sorted(party for party, keys in parties.items() if not any(signed.signed_by(key) for key in keys))


def read_keys(path: Path, parties: Sequence[str]) -> Mapping[str, Sequence[VerifierKey]]:
    """Return each party's pinned keys, the current one first; raises `Unreadable` unless every party has one."""
    try:
        given = read_json(_read(path))
        if not isinstance(given, dict):
            raise ValueError("not a JSON object")
        keys = {
            str(party): tuple(VerifierKey.parse(str(pinned[name])) for name in ("current", "next") if pinned.get(name))
            for party, pinned in given.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as failure:
        raise Unreadable(
            f"{path}: not the keys of a convention: {shown(str(failure))}; write "
            '{"<party>": {"current": "<verifier key>", "next": null}, …}'
        ) from None
    without = [party for party in parties if not keys.get(party)]
    if without or set(keys) != set(parties):
        raise Unreadable(f"{path}: one current key for each of {', '.join(parties)}, and no other party")
    return keys


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """What a party's node signs with beside the party's texts: its log's heads, and as a witness those of others' logs."""

    log: VerifierKey
    witness: VerifierKey


def read_node_keys(path: Path) -> Mapping[str, NodeKeys]:
    """Return the keys of the parties' nodes, by party; of a party without a node nothing. Raises `Unreadable`."""
    found: dict[str, NodeKeys] = {}
    try:
        given = read_json(_read(path))
        if not isinstance(given, dict):
            raise ValueError("not a JSON object")
        for party, pinned in given.items():
            spelt = [pinned.get(name) for name in ("log", "witness")]
            if any(spelt):
                log, witness = (VerifierKey.parse(str(text)) for text in spelt)
                if (log.type, witness.type) != (SignatureType.ED25519, SignatureType.COSIGNATURE_V1):
                    raise ValueError("`log` signs as a node does (0x01), `witness` as a witness (0x04)")
                found[str(party)] = NodeKeys(log, witness)
    except (ValueError, AttributeError) as failure:
        raise Unreadable(
            f"{path}: the node's keys of a party: {shown(str(failure))}; give both as `belvedere ledger keys` prints them, "
            '"log" and "witness", or neither'
        ) from None
    return found


def read_signatures(path: Path) -> str:
    """Return the signed note beside a convention; raises `Unreadable`."""
    return _read(path).decode("utf-8", errors="replace")


def _read(path: Path) -> bytes:
    try:
        return read_file(path, bytes_max=_FILE_BYTES_MAX)
    except OSError as failure:
        raise Unreadable(f"{path}: {failure.strerror}; both parties sign a convention before it is in force") from None

"""What a log sends to have its head co-signed, and what the witness answers (C2SP tlog-witness, add-checkpoint).

Owns the spelling of both. Does not decide.
"""

import base64
from dataclasses import dataclass

from belvedere.domain.untrusted_text import whole_number
from belvedere.ledger.checkpoint import SIZE_MAX
from belvedere.ledger.note import BadNote, strict_base64
from belvedere.ledger.tree import HASH_SIZE_BYTES

PROOF_HASHES_MAX = 63
SIZE_TYPE = "text/x.tlog.size"
"""The media type of an answer that tells, alone, at which size the witness knows the log."""


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """A log's head, as a signed note, and the proof that it continues the `old_size` entries that the witness knows."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str

    def spelt(self) -> str:
        """Return the body: `old` and the size, the proof a hash a line, a blank line, the note."""
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.proof)
        return f"old {self.old_size}\n{lines}\n{self.note}"

    @classmethod
    def parse(cls, body: str) -> "WitnessRequest":
        """Return what `body` spells; raises `BadNote`."""
        head, blank, note = body.partition("\n\n")
        first, *encoded = head.split("\n")
        old, space, digits = first.partition(" ")
        old_size = whole_number(digits, most=SIZE_MAX)
        if not blank or (old, space) != ("old", " ") or old_size is None or str(old_size) != digits:
            raise BadNote("a request to a witness begins with `old` and the size that it knows")
        if len(encoded) > PROOF_HASHES_MAX:
            raise BadNote(f"a proof has at most {PROOF_HASHES_MAX} hashes")
        proof = tuple(strict_base64(each) for each in encoded)
        if any(len(each) != HASH_SIZE_BYTES for each in proof):
            raise BadNote(f"each hash of a proof has {HASH_SIZE_BYTES} bytes")
        return cls(old_size, proof, note)

"""A tree's head as a signed text (c2sp.org/tlog-checkpoint).

Owns the three lines of a checkpoint. Does not know the entries, nor who may sign.
"""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.ledger.note import BadNote, SignedNote, sign_note, strict_base64
from belvedere.ledger.tree import HASH_SIZE_BYTES

SIZE_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log, how many entries, which root. Source: C2SP tlog-checkpoint."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Return the head that `text` states; raise `BadNote` where it is not one of ours.

        Extension lines are refused: this project writes none, and an unread line could hide a claim.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise BadNote("a checkpoint has three lines: origin, size, root")
        origin, size, root = lines[:3]
        if not origin:
            raise BadNote("the checkpoint names no origin")
        if not size.isascii() or not size.isdecimal() or (size[0] == "0" and size != "0"):
            raise BadNote(f"the checkpoint's size `{size}` is not a plain decimal number")
        if len(size) > len(str(SIZE_MAX)) or int(size) > SIZE_MAX:
            raise BadNote(f"the checkpoint's size `{size}` is too large")
        root_bytes = strict_base64(root)
        if len(root_bytes) != HASH_SIZE_BYTES:
            raise BadNote(f"the checkpoint's root has {len(root_bytes)} bytes, not {HASH_SIZE_BYTES}")
        return cls(origin, int(size), root_bytes)

    def text(self) -> str:
        """Return the three lines, each with its newline: what is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, key: Ed25519PrivateKey) -> SignedNote:
        """Return the note that the log itself signs; its key goes by the name of its origin."""
        text = self.text()
        return SignedNote(text, (sign_note(text, name=self.origin, key=key),))

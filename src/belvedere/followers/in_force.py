"""What the pages show of the conventions in force follows. Decisions read the text in their own transaction instead."""

from collections.abc import Sequence

from belvedere.changes import Change, KeysReplaced, PartyLeft, TermAnnounced, TextReplaced
from belvedere.spine.in_force import InForce, KeysInForce


class InForceFollower:
    """Shows the text that is in force now, and has its keys accepted (implements `spine.ports.Follower`)."""

    def __init__(self, in_force: InForce, keys: KeysInForce) -> None:
        self._in_force = in_force
        self._keys = keys

    def follow(self, changes: Sequence[Change]) -> None:
        """Show the text, the term or the keys that a change brings."""
        for change in changes:
            match change:
                case TextReplaced(text):
                    self._in_force.replace(text)
                case TermAnnounced(told):
                    self._in_force.tell(told)
                case KeysReplaced(keys):
                    self._keys.show(keys.convention, keys.keys)
                case PartyLeft(told):
                    self._in_force.tell(told)
                    self._keys.drop(told.convention)

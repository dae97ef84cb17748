"""What the pages show of the conventions in force follows. Decisions read the text in their own transaction instead."""

from collections.abc import Sequence

from belvedere.changes import Change, TermAnnounced, TextReplaced
from belvedere.spine.in_force import InForce


class InForceFollower:
    """Shows the text that is in force now (implements `spine.ports.Follower`)."""

    def __init__(self, in_force: InForce) -> None:
        self._in_force = in_force

    def follow(self, changes: Sequence[Change]) -> None:
        """Show the text, or the term, that a change brings."""
        for change in changes:
            match change:
                case TextReplaced(text):
                    self._in_force.replace(text)
                case TermAnnounced(told):
                    self._in_force.tell(told)

"""The relay's pinned keys follow: it takes and gives pictures between nodes by those that conventions pin now."""

from collections.abc import Callable, Sequence

from belvedere.changes import Change, KeysInstalled, KeysReplaced, PartyLeft


class RelayKeysFollower:
    """Has the relay told the keys anew (implements `spine.ports.Follower`); stands behind `InForceFollower`."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def follow(self, changes: Sequence[Change]) -> None:
        """Tell them where a change brings or drops some."""
        if any(isinstance(change, KeysInstalled | KeysReplaced | PartyLeft) for change in changes):
            self._tell()

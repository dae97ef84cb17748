"""What was answered within the last minute: the same answer is written once, so that a flood can't fill the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from belvedere.changes import Decided

COALESCE_S = 60.0
COALESCED_MAX = 4096


@dataclass
class Repeats:
    """Remembers answers for a minute, bounded. Asked on the writer's thread, told on any."""

    _written_s: dict[tuple[str, ...], float] = field(default_factory=dict)

    def is_repeat(self, decided: Decided, *, now_s: float) -> bool:
        """Return whether the same answer was written less than a minute ago; else remember it as written."""
        key = decided.same_answer
        written_s = self._written_s.get(key)
        if written_s is not None and now_s - written_s < COALESCE_S:
            return not decided.opens
        if len(self._written_s) >= COALESCED_MAX:
            self._written_s.pop(next(iter(self._written_s)), None)
        self._written_s.pop(key, None)
        self._written_s[key] = now_s
        return False

    def forget(self, written: Iterable[Decided]) -> None:
        """Take back that these were written: they did not become durable, so the next like them is no repeat."""
        for decided in written:
            self._written_s.pop(decided.same_answer, None)

"""What happens to the ledger itself: what it does not hold, and where it goes on from."""

from collections.abc import Mapping
from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue
from belvedere.domain.ids import PartyId
from belvedere.domain.recorded_acts import RecordedAct


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """The node was started for the `epoch`th time."""

    epoch: int
    at: Instant


@dataclass(frozen=True, slots=True)
class WritesRefused:
    """Nothing could be written for a while."""

    since: Instant
    reason: str
    count: int
    at: Instant


@dataclass(frozen=True, slots=True)
class OwnRoomUnrecorded:
    """The own room went on while nothing could be recorded: what follows is late, and so much is lost."""

    since: Instant
    late: int
    lost: int
    at: Instant


@dataclass(frozen=True, slots=True)
class LedgerRestored:
    """The ledger goes on from a copy, or begins anew; `evidence` are the heads that were seen."""

    cause: RecordedAct
    evidence: tuple[str, ...]
    detail: Mapping[str, FactValue]
    at: Instant


@dataclass(frozen=True, slots=True)
class LogContradicted:
    """A log has two histories, as heads prove that its own key signed: `party`'s, or this one, as `party`'s node saw it.

    `cause` says which; `evidence` are the heads.
    """

    cause: RecordedAct
    party: PartyId
    evidence: tuple[str, ...]
    at: Instant


@dataclass(frozen=True, slots=True)
class TablesMended:
    """The journal's tables differed from its records, and were mended from them: how many rows of each, the first named."""

    tables: Mapping[str, int]
    named: tuple[str, ...]
    at: Instant

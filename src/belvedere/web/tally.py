"""Counts decisions as they are answered, by verdict and cause: both closed sets, so that no id becomes a series."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from belvedere.acts.open_stream import NotOpened, Opened, OpenStream
from belvedere.acts.unknown import Unknown
from belvedere.domain.causes import REFUSALS, Cause
from belvedere.domain.decision import Pending, Refused
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.vocabulary import Verdict

Opening = Opened | NotOpened | Unknown | ActRefused
Opener = Callable[[OpenStream], Awaitable[Opening]]


class Tally:
    """Counters since the start."""

    def __init__(self) -> None:
        self._verdicts: Counter[Verdict] = Counter()
        self._causes: Counter[Cause] = Counter()
        self._unknown = 0

    def of(self, opener: Opener) -> Opener:
        """Return `opener`, each of its answers counted."""

        async def counted(command: OpenStream) -> Opening:
            outcome = await opener(command)
            match outcome:
                case Opened():
                    self._verdicts[Verdict.GRANTED] += 1
                case NotOpened(decision):
                    self.note(decision)
                case Unknown():
                    self._unknown += 1
                case ActRefused():
                    pass  # no decision: the agent's standing ended while it asked
            return outcome

        return counted

    def note(self, decision: Refused | Pending) -> None:
        """Count one answer other than yes."""
        if isinstance(decision, Refused):
            self._verdicts[Verdict.REFUSED] += 1
            self._causes[decision.cause] += 1
        else:
            self._verdicts[Verdict.PENDING] += 1

    def decisions(self) -> Mapping[str, int]:
        """Return the decisions by verdict, every verdict named."""
        return {verdict.value: self._verdicts[verdict] for verdict in Verdict}

    def refusals(self) -> Mapping[str, int]:
        """Return the refusals by cause, every cause named."""
        return {cause.value: self._causes[cause] for cause in Cause if cause in REFUSALS}

    @property
    def unknown(self) -> int:
        """How many asked for a camera or event that is not theirs, or is none."""
        return self._unknown

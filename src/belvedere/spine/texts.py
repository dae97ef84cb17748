"""The conventions in force, compiled: from the text that a state keeps and what was told of its term, never swapped.

Compiling takes long, so each is kept; who brings a new text compiles it beforehand (`keep`).
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from belvedere.domain.convention_texts import LEFT, ConventionText, TermTold, TermWord
from belvedere.domain.ids import PartyId
from belvedere.policy import Convention, read_convention
from belvedere.policy.lifecycle import Told

KEPT_MAX = 32


def told_of(said: Sequence[TermTold]) -> Told:
    """Return what was told about a convention's term, as policy reads it."""
    refusals = [each.on for each in said if each.kind == TermWord.NON_RENEWAL]
    return Told(
        non_renewal_on=min(refusals) if refusals else None,
        renewed_on=tuple(each.on for each in said if each.kind == TermWord.RENEWAL),
        left_on=min((each.on for each in said if each.kind == LEFT), default=None),
    )


def told_with(said: Sequence[TermTold], told: TermTold) -> list[TermTold]:
    """Return what is told of a term once `told` is, by day: a correction takes back what was told on its day, but a leaving."""
    if told.kind == TermWord.CORRECTION:
        return [each for each in said if each.on != told.on or each.kind == LEFT]
    return sorted([*said, told], key=lambda each: each.on)


class CompiledTexts:
    """Compiled conventions by text and by what was told of the term. `paths` names each one's file in messages.

    Shared by the writer's and the readers' threads.
    """

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = paths
        self._kept: OrderedDict[tuple[str, str, Told], Convention] = OrderedDict()
        self._unrecorded: dict[str, tuple[str | None, Convention]] = {}
        self._lock = threading.Lock()

    @property
    def ids(self) -> Sequence[str]:
        """The conventions of the settings, in their order."""
        return tuple(self._paths)

    def of(self, text: ConventionText, told: Told) -> Convention:
        """Return the convention that a kept text is, under what was told."""
        key = (text.id, text.sha256, told)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        return self.keep(read_convention(text.markdown, path=self._paths[text.id], told=told), told)

    def kept(self, convention: str, sha256: str, told: Told) -> Convention | None:
        """Return what was compiled of this text, or None."""
        with self._lock:
            return self._kept.get((convention, sha256, told))

    def keep(self, convention: Convention, told: Told) -> Convention:
        """Keep what was compiled, and return it."""
        with self._lock:
            self._kept[convention.id, convention.sha256, told] = convention
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return convention

    def unrecorded(self, convention: str, kept: str | None) -> Convention | None:
        """Return the installed convention that could not be recorded, while the text kept is still that of before."""
        before, found = self._unrecorded.get(convention, (None, None))
        return found if found is not None and before == kept else None

    def hold_unrecorded(self, convention: Convention, *, before: str | None) -> None:
        """Let the own room go on under an installed text that could not be recorded in the place of `before`'s."""
        self._unrecorded[convention.id] = (before, convention)


def between(conventions: Sequence[Convention], node: PartyId, owner: PartyId, party: PartyId) -> Convention | None:
    """Return the convention under which `party` asks for `owner`'s cameras at the node of `node`, or None.

    The own room decides under the first one. Where no text binds the two, the one that binds the requester to the node
    answers: it grants nothing that it does not list, and its refusal cites it.
    """
    if owner == party == node:
        return conventions[0] if conventions else None
    pair = {owner, party}
    for other in (pair, {node, party} if party != node else set[PartyId]()):
        for each in conventions:
            if len(other) > 1 and other <= {PartyId(bound.id) for bound in each.parties}:
                return each
    return conventions[0] if party == node and conventions else None

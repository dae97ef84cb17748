"""The conventions in force at this node, as pages show them, and the texts that they are put in force from."""

from collections.abc import Sequence
from dataclasses import dataclass

from belvedere.domain.convention_texts import ConventionText, TermTold
from belvedere.domain.ids import PartyId
from belvedere.policy import Convention
from belvedere.spine.texts import CompiledTexts, between, told_of, told_with


@dataclass(frozen=True, slots=True)
class TextInForce:
    """A convention and the bytes that its hash is over."""

    convention: Convention
    markdown: bytes


@dataclass(frozen=True, slots=True)
class InstalledText:
    """The text that the administrator installed; `note` is what every party signed, "" for a draft."""

    text: TextInForce
    note: str


class InForce:
    """What pages show of the conventions in force. Decisions never ask it: they read the text in their own transaction."""

    def __init__(self, node: PartyId, compiled: CompiledTexts) -> None:
        self._node = node
        self._compiled = compiled
        self._kept: dict[str, tuple[ConventionText, tuple[TermTold, ...]]] = {}
        self._texts: dict[str, TextInForce] = {}

    @property
    def conventions(self) -> Sequence[Convention]:
        """Every convention in force, in the order of the settings."""
        return [self._texts[each].convention for each in self._compiled.ids if each in self._texts]

    def convention_for(self, party: PartyId) -> Convention | None:
        """Return the convention under which this party's agents ask here, or None for a stranger."""
        return between(self.conventions, self._node, self._node, party)

    def text(self, convention: str) -> TextInForce | None:
        """Return the convention of this id with its text, or None."""
        return self._texts.get(convention)

    def show(self, text: ConventionText, said: Sequence[TermTold]) -> None:
        """Show a text, under what was told of its term."""
        convention = self._compiled.of(text, told_of(said))
        self._kept[text.id] = (text, tuple(said))
        self._texts[text.id] = TextInForce(convention, text.markdown)

    def replace(self, text: ConventionText) -> None:
        """Show `text` in the place of the one with its id."""
        _, said = self._kept[text.id]
        self.show(text, said)

    def tell(self, told: TermTold) -> None:
        """Show what was told of a term."""
        text, said = self._kept[told.convention]
        self.show(text, told_with(said, told))

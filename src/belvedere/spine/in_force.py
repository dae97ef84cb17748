"""The conventions in force at this node, as pages show them, and the texts that they are put in force from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from belvedere.domain.convention_texts import ConventionText, TermTold
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import agreed_text, not_signed_by
from belvedere.ledger.pinned_keys import ConventionKeys, NodeKeys
from belvedere.policy import Convention
from belvedere.spine.texts import CompiledTexts, between, told_of, told_with


@dataclass(frozen=True, slots=True)
class TextInForce:
    """A convention and the bytes that its hash is over."""

    convention: Convention
    markdown: bytes


@dataclass(frozen=True, slots=True)
class InstalledText:
    """The text that the administrator installed; `note` is what every party signed, "" for a draft, which pins no keys."""

    text: TextInForce
    note: str
    keys: ConventionKeys | None = None
    keys_note: str = ""


class KeysInForce:
    """The keys that the conventions in force pin, by convention; those put in force unsigned pin none.

    Written at the start and by the follower of what is put in force; asked at each signature, at each handshake.
    """

    def __init__(self, keys: Mapping[str, ConventionKeys]) -> None:
        self._keys = dict(keys)
        self._left: dict[str, ConventionKeys] = {}

    def of(self, convention: str) -> ConventionKeys | None:
        """Return the keys of a convention, or None."""
        return self._keys.get(convention)

    def nodes_of(self, party: PartyId) -> tuple[NodeKeys, ...]:
        """Return the keys of a party's node, as each convention pins them: they differ while a key is being replaced."""
        found = (keys.node_of(party) for keys in self._keys.values())
        return tuple(each for each in found if each is not None)

    def show(self, convention: str, keys: ConventionKeys) -> None:
        """Have the keys of a convention accepted from now on, and no others of it."""
        self._keys[convention] = keys

    def drop(self, convention: str) -> None:
        """Have no key of a convention accepted any more: a party left it."""
        keys = self._keys.pop(convention, None)
        if keys is not None:
            self._left[convention] = keys

    def left_node_of(self, party: PartyId, convention: str) -> NodeKeys | None:
        """Return the keys of a party's node under a convention that was left: by them it is told so, and nothing else."""
        keys = self._left.get(convention)
        return None if keys is None else keys.node_of(party)

    def missing(self, *, convention: str, sha256: str, note: str) -> list[str]:
        """Return the parties that have not signed this text of this convention with an accepted key; sorted."""
        keys = self._keys.get(convention)
        return [convention] if keys is None else not_signed_by(agreed_text(convention, sha256), note=note, keys=keys)


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

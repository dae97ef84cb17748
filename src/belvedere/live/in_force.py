"""The conventions in force at this node: swapped as one, never changed in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from belvedere.domain.ids import PartyId
from belvedere.policy import Convention


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
    """Which convention each party's agents ask under. Changed by `replace` alone."""

    def __init__(self, owner: PartyId, texts: Sequence[TextInForce]) -> None:
        self._owner = owner
        self._texts = tuple(texts)
        self._by_party = self._index(self._texts)

    @property
    def conventions(self) -> Sequence[Convention]:
        """Every convention in force, in the order of the settings."""
        return [each.convention for each in self._texts]

    def convention_for(self, party: PartyId) -> Convention | None:
        """Return the convention of this party (the owner's own agents: the first), or None for a stranger."""
        return self._by_party.get(party)

    def text(self, convention: str) -> TextInForce | None:
        """Return the convention of this id with its text, or None."""
        return next((each for each in self._texts if each.convention.id == convention), None)

    def replace(self, text: TextInForce) -> None:
        """Put `text` in the place of the one with its id: whoever decides sees the former or the new, whole."""
        texts = tuple(text if each.convention.id == text.convention.id else each for each in self._texts)
        self._texts, self._by_party = texts, self._index(texts)

    def _index(self, texts: Sequence[TextInForce]) -> Mapping[PartyId, Convention]:
        by_party = {PartyId(party.id): each.convention for each in texts for party in each.convention.parties}
        by_party[self._owner] = texts[0].convention
        return by_party

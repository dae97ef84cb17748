"""What changes hold of a party's own words: a record names them by a hash, and they are kept beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from belvedere.changes import Change, EventAmended, EventClosed, EventOpened, MotiveReceived, NoteWritten
from belvedere.domain.ids import PartyId
from belvedere.domain.words import Words


@dataclass(frozen=True, slots=True)
class PartyWords:
    """Words, and whose they are."""

    party: PartyId
    words: Words


def words_in(changes: Sequence[Change]) -> Mapping[str, PartyWords]:
    """Return all words that the records of `changes` name, by their SHA-256 in hex."""
    return {each.words.sha256: each for change in changes for each in _said(change)}


def _said(change: Change) -> Iterator[PartyWords]:
    match change:
        case EventOpened(event) | EventAmended(event) | EventClosed(event):
            for words in (event.sector, event.motive, event.dispatch_number):
                if words is not None:
                    yield PartyWords(event.party, words)
        case MotiveReceived(told):
            for words in (told.sector, told.motive):
                if words is not None:
                    yield PartyWords(told.party, words)
        case NoteWritten(note):
            yield PartyWords(note.party, note.words)
        case _:
            pass

"""What one party may see of another's: asked by every list, count, push, file and page.

Its own affairs, and what concerns its cameras. Another's words reach it where an article owes them: the motive of an
event, and where it happens, once it opened one of its cameras (CSI R253-5; rules C5). Numbers of calls, names and notes
of handover never do. Source: reliability 27.
"""

from dataclasses import dataclass

from belvedere.domain.ids import PartyId


@dataclass(frozen=True, slots=True)
class Sight:
    """What `reader` may see on the node of `owner`, whose cameras they are."""

    reader: PartyId
    owner: PartyId

    @property
    def cameras_are_own(self) -> bool:
        """Whether the cameras of this node are the reader's: whatever is done with one concerns it."""
        return self.reader == self.owner

    def right(self, party: PartyId | str) -> bool:
        """Whether the reader may see a viewing, a slot or a suspension of `party`: each is of a camera of the node's."""
        return self.cameras_are_own or self.own(party)

    def own(self, party: PartyId | str) -> bool:
        """Whether it is the reader's own affair: names, labels, numbers of calls, notes."""
        return party == self.reader

    def motive(self, party: PartyId | str) -> bool:
        """Whether the reader may read the motives and the sector of an event of `party` that opened a camera here."""
        return self.right(party)

    def record(self, private_to: str | None) -> bool:
        """Whether the reader may see a record; `private_to` is whose alone it is (`ledger.derived`), None for none."""
        return private_to is None or self.own(private_to)

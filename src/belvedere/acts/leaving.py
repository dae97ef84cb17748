"""Another party leaves a convention, and its node says so: the convention ends here too, with its signed word as evidence."""

from dataclasses import dataclass
from datetime import date

from belvedere.acts.across_nodes import Brought
from belvedere.changes import Change, PartyLeft
from belvedere.changes.records import reference
from belvedere.domain.clock import Instant
from belvedere.domain.convention_texts import LEFT, TermTold
from belvedere.domain.ids import Pseudonym
from belvedere.domain.record import ConventionRef, Subject
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class PartyLeaves:
    """The message, the last under its text: the sender's party left it, by an act that two of its persons confirmed."""

    act: str
    on: date
    """The day by its own calendar: evidence, no more. Here the convention ends on the day on which it is heard."""
    by: Pseudonym | None
    """Who confirmed it."""


@dataclass(frozen=True, slots=True)
class OwnLeaving:
    """That this node's party left, and the text that it left: the other parties are owed its word."""

    leaves: PartyLeaves
    text: ConventionRef


def receive_leaving(snapshot: Snapshot, leaves: PartyLeaves, brought: Brought, now: Instant) -> Step[bool]:
    """End the convention between the two; what is no longer granted ends with it. Said once, it is done."""
    standing = snapshot.convention_between(snapshot.place.party, brought.party)
    if standing is None or standing.party(brought.party) is None:
        return Step(False)
    if any(told.kind == LEFT for told in snapshot.terms_told(standing.id)):
        return Step(False)
    if snapshot.taken_until_s(brought.party, brought.message.jti) is not None:
        return Step(False)
    change: Change = PartyLeft(
        TermTold(standing.id, LEFT, now.astimezone(standing.zone).date(), leaves.act),
        brought.party,
        reference(standing),
        None,
        Subject(brought.party, None, leaves.by, None),
        now,
        evidence=(brought.jws,),
    )
    return Step(True, (change, brought.message, *review(After(snapshot, (change,)), now)))


class LeavingDesk:
    """Does what another party's leaving asks. Raises `NotRecorded`."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def left(self, leaves: PartyLeaves, brought: Brought) -> None:
        """End the convention with the other party."""
        await self._spine.commit(lambda snapshot, now: receive_leaving(snapshot, leaves, brought, now), essential=True)

"""The motive of an event crosses to the owners of the cameras that it opened, and is kept there as its party's word.

A version counts where its words have the hashes that the event's party signed, and the first one the hash that its
question for the camera named. Source: rules C5; peers, Motives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from belvedere.acts.across_nodes import Brought
from belvedere.changes import DisclosureTaken, MotiveReceived
from belvedere.domain.clock import Instant
from belvedere.domain.disclosures import Disclosure, MotiveTaken, MotiveTold
from belvedere.domain.ids import PartyId
from belvedere.domain.record import Subject
from belvedere.domain.text import Text
from belvedere.domain.words import Words
from belvedere.rights.facts import convention_ref
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

DUE_MAX = 16
"""How many versions are read at once: one an event, the oldest first."""


@dataclass(frozen=True, slots=True)
class MotiveRefused:
    """What is told is not taken, and why."""

    said: Text


def receive_motive(
    snapshot: Snapshot, told: MotiveTold, words: Mapping[str, Words], brought: Brought, now: Instant
) -> Step[MotiveTaken | MotiveRefused]:
    """Keep a version of another party's event; one that is kept already is answered again."""
    known = snapshot.told_event(told.event)
    if known is None or known.party != brought.party:
        return Step(MotiveRefused(_OPENED_NOTHING))
    if told.number <= known.number:
        return Step(MotiveTaken(told.event, told.number))
    if snapshot.taken_until_s(brought.party, brought.message.jti) is not None:
        return Step(MotiveRefused(_AGAIN))
    if known.number == 0 and told.motive_sha256 != known.motive_sha256:
        return Step(MotiveRefused(_ANOTHER))
    named = {each for each in (told.motive_sha256, told.sector_sha256) if each is not None}
    if not named <= words.keys():
        return Step(MotiveRefused(_WITHOUT_WORDS))
    event = replace(
        known,
        number=told.number,
        motive=None if told.motive_sha256 is None else words[told.motive_sha256],
        sector=None if told.sector_sha256 is None else words[told.sector_sha256],
    )
    by = Subject(brought.party, told.service, told.agent, None)
    received = MotiveReceived(event, by, now, convention_ref(snapshot, brought.party), (brought.jws,))
    return Step(MotiveTaken(told.event, told.number), (received, brought.message))


_OPENED_NOTHING = Text("cet événement n'a ouvert aucune caméra d'ici", "this event opened no camera here")
_AGAIN = Text("message déjà reçu", "a message that was already received")
_ANOTHER = Text(
    "ce motif n'est pas celui que nommait la demande de la caméra",
    "this motive is not the one that the request for the camera named",
)
_WITHOUT_WORDS = Text("les mots qu'il nomme ne sont pas arrivés", "the words that it names did not arrive")


class MotiveDesk:
    """Says what is owed to owners, and keeps what other parties tell. Raises `NotRead`, `NotRecorded`."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def due(self, owner: PartyId) -> Sequence[Disclosure]:
        """Return the oldest version of each event that an owner has not taken yet."""
        due = await self._spine.read(lambda snapshot: snapshot.disclosures_due(owner))
        first: dict[str, Disclosure] = {}
        for each in due:
            first.setdefault(each.event, each)
        return list(first.values())[:DUE_MAX]

    async def told(self, told: MotiveTold, words: Mapping[str, Words], brought: Brought) -> MotiveTaken | MotiveRefused:
        """Keep what another party tells of its event."""
        return await self._spine.commit(lambda snapshot, now: receive_motive(snapshot, told, words, brought, now))

    async def taken(self, owner: PartyId, taken: MotiveTaken) -> None:
        """Note that an owner has a version."""

        def step(snapshot: Snapshot, _now: Instant) -> Step[None]:
            due = any(
                (each.owner, each.number, each.taken) == (owner, taken.number, False)
                for each in snapshot.disclosures(taken.event)
            )
            return Step(None, (DisclosureTaken(owner, taken.event, taken.number),) if due else ())

        await self._spine.commit(step)

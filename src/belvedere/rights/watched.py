"""What is watched now, as far as one party may see it: viewings, slots, suspensions. Source: reliability 27; rules A4, C5."""

from collections.abc import Sequence
from dataclasses import dataclass

from belvedere.domain.events import Event
from belvedere.domain.ids import EventId, PartyId
from belvedere.domain.slots import SlotHolder
from belvedere.domain.suspensions import Suspension
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import EventKind
from belvedere.domain.words import text_of
from belvedere.rights.sight import Sight
from belvedere.spine.snapshot import Facts, Snapshot


@dataclass(frozen=True, slots=True)
class PartySlots:
    """The slots of a party that a convention bounds."""

    party: PartyId
    holders: tuple[SlotHolder, ...]
    most: int
    used: int
    """How many are taken: the holders, or more where the cameras' owner counts more than this node knows of."""


@dataclass(frozen=True, slots=True)
class EventSeen:
    """What is seen of the event that a viewing is for; None for what was not given, or stays with its party."""

    id: EventId
    kind: EventKind
    motive: str | None
    sector: str | None
    dispatch_number: str | None
    motive_to_come: bool = False
    """Its motive was given on its party's node, and is on its way."""


@dataclass(frozen=True, slots=True)
class ViewingSeen:
    """A running viewing. `agent` is how the own room calls it, a pseudonym where the agent is another party's."""

    viewing: Viewing
    agent: str
    event: EventSeen | None


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched; what has ended and is not recorded yet is not among it (decision 0015)."""

    viewings: Sequence[ViewingSeen]
    slots: Sequence[PartySlots]
    suspensions: Sequence[Suspension]


def slots_of(snapshot: Snapshot, party: PartyId) -> int | None:
    """Return how many cameras of this node may flow to `party` at once; None where nothing bounds it."""
    owner = snapshot.place.party
    convention = None if party == owner else snapshot.convention_between(owner, party)
    return None if convention is None else convention.quota(party)


def holders_of(facts: Facts, party: PartyId) -> tuple[SlotHolder, ...]:
    """Return one holder per slot that `party` uses, oldest first."""
    return tuple(
        SlotHolder(
            camera=camera,
            services=tuple(dict.fromkeys(viewing.service for viewing in viewings)),
            since=min(viewing.since for viewing in viewings),
        )
        for camera, viewings in facts.slots(party).items()
    )


def watched(snapshot: Snapshot, reader: PartyId, *, slots_told: int = 0) -> Watched:
    """Return what `reader` may see: the owner of the cameras all of it, a partner its own.

    `slots_told` is how many cameras flow to the node's own party as other owners count.
    """
    sight = Sight(reader, snapshot.place.party)
    bound = [PartyId(each.id) for text in snapshot.conventions() for each in text.parties]
    slots = (_slots(snapshot, party, slots_told) for party in dict.fromkeys((*bound, reader)) if sight.right(party))
    return Watched(
        viewings=[_seen(snapshot, viewing, sight) for viewing in snapshot.viewings() if sight.right(viewing.party)],
        slots=[each for each in slots if each is not None],
        suspensions=[each for each in snapshot.suspensions() if sight.right(each.party)],
    )


def _slots(snapshot: Snapshot, party: PartyId, told: int) -> PartySlots | None:
    if party == snapshot.place.party:
        return _slots_elsewhere(snapshot, told)
    most = slots_of(snapshot, party)
    if most is None:
        return None
    holders = holders_of(snapshot, party)
    return PartySlots(party, holders, most, len(holders))


def _slots_elsewhere(snapshot: Snapshot, told: int) -> PartySlots | None:
    """Return the slots that the node's own party holds at another owner's cameras; the holders are those that this node knows.

    Its accounts that the owner's node hosts count there too: the owner's number counts. What has just begun here counts
    before the owner has told so; no number that an owner tells is above what the convention gives.
    """
    party, cameras = snapshot.place.party, snapshot.place.cameras
    most = next((most for text in snapshot.conventions() if (most := text.quota(party)) is not None), None)
    if most is None:
        return None
    elsewhere = [each for each in holders_of(snapshot, party) if not cameras.is_here(each.camera)]
    return PartySlots(party, tuple(elsewhere), most, max(len(elsewhere), min(told, most)))


def _seen(snapshot: Snapshot, viewing: Viewing, sight: Sight) -> ViewingSeen:
    # Of an event of another node's, what it told counts, whatever stands here under that id.
    here = viewing.event is not None and viewing.attested is None
    event = snapshot.event(viewing.event) if here and viewing.event is not None else None
    return ViewingSeen(
        viewing,
        agent=viewing.agent_label if sight.own(viewing.party) else viewing.pseudonym,
        event=_told_event(snapshot, viewing) if event is None else event_seen(event, sight),
    )


def _told_event(snapshot: Snapshot, viewing: Viewing) -> EventSeen | None:
    """Return what is seen of another party's event that its own node told of."""
    attested = viewing.attested
    kind = None if attested is None else attested.event_kind
    if attested is None or viewing.event is None or kind not in set(EventKind):
        return None
    told = snapshot.told_event(viewing.event)
    motive = None if told is None else text_of(told.motive)
    return EventSeen(
        viewing.event,
        EventKind(kind),
        motive=motive,
        sector=None if told is None else text_of(told.sector),
        dispatch_number=None,
        motive_to_come=motive is None and attested.motive_given,
    )


def event_seen(event: Event, sight: Sight) -> EventSeen:
    """Return an event for which a camera of this node is watched, as far as it is seen."""
    is_told = sight.motive(event.party)
    return EventSeen(
        event.id,
        event.kind,
        motive=text_of(event.motive) if is_told else None,
        sector=text_of(event.sector) if is_told else None,
        dispatch_number=text_of(event.dispatch_number) if sight.own(event.party) else None,
    )

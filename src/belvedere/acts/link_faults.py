"""Faults of the links to other parties' nodes, told, located and restored in the ledger, as each node sees them. Source: rules A19.

Only what lasts is recorded; the room reads how a link stands at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from belvedere.changes import Change, LinkFaultClosed, LinkFaultLocated, LinkFaultRestored, LinkFaultTold
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.faults import FaultPlace
from belvedere.domain.ids import PartyId
from belvedere.domain.link_state import LinkFault, LinkState, places_of, whose_link
from belvedere.rights.looking import look_forever
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

LOOK_EVERY_S = 1.0
LOST_FOR_S = 5.0
BACK_FOR_S = 30.0
STARTS_WITHIN_S = 60.0
"""A link that was not up since the start may still come up: two nodes are not started at one instant."""


@dataclass(frozen=True, slots=True)
class LinksSeen:
    """What lasts: where the fault of each link is that is down, and since when those are up whose faults may be told."""

    down: Mapping[PartyId, LinkFault]
    up_since: Mapping[PartyId, Instant]
    bound: frozenset[PartyId]
    """Who has a link at all: a party that left has none."""


def note_link_faults(snapshot: Snapshot, seen: LinksSeen, now: Instant) -> Step[None]:
    """Tell what is down and was not told, where it turned out to be elsewhere, what is up again, and what is no link any more."""
    known, own = snapshot.link_faults(), snapshot.place.party
    changes: list[Change] = []
    for party, fault in seen.down.items():
        before = known.get(party)
        whose = whose_link(fault, own)
        if before is None:
            changes.append(LinkFaultTold(fault, whose, now))
        elif before.place is not fault.place:
            changes.append(LinkFaultLocated(LinkFault(party, fault.place, before.since), whose, now))
    changes += [
        LinkFaultRestored(fault, whose_link(fault, own), seen.up_since[party], now)
        for party, fault in known.items()
        if party in seen.up_since
    ]
    changes += [
        LinkFaultClosed(fault, whose_link(fault, own), now) for party, fault in known.items() if party not in seen.bound
    ]
    return Step(None, tuple(changes))


class LinkFaultWatch:
    """Looks each second at how the links stand: `links` are those to the parties that a convention binds."""

    def __init__(self, spine: Spine, links: Callable[[], Mapping[PartyId, LinkState]], clock: Clock) -> None:
        self._spine = spine
        self._links = links
        self._clock = clock
        self._told: Mapping[PartyId, FaultPlace | None] = {}
        self._bound: frozenset[PartyId] | None = None

    async def look_forever(self) -> None:
        """Look every second until cancelled; how a link stands is seen all the same while it cannot be told."""
        await look_forever(
            self.look, every_s=LOOK_EVERY_S, not_done="link_faults_not_told", failed="link_fault_watch_failed"
        )

    async def look(self) -> None:
        """Compare once; what is told already costs no write. Raises `NotRecorded`, `NotRead`."""
        seen = self._seen()
        told = {party: fault.place for party, fault in seen.down.items()} | dict.fromkeys(seen.up_since)
        if {**self._told, **told} != self._told or seen.bound != self._bound:
            await self._spine.commit(lambda snapshot, now: note_link_faults(snapshot, seen, now), essential=False)
            # A party that joins again later has faults of its own.
            self._told = {party: place for party, place in {**self._told, **told}.items() if party in seen.bound}
            self._bound = seen.bound

    def _seen(self) -> LinksSeen:
        links, now_s = self._links(), self._clock.monotonic_s()
        places = places_of(links)
        down = {
            party: LinkFault(party, places[party], link.since)
            for party, link in links.items()
            if not link.up and now_s - link.since_s >= (LOST_FOR_S if link.was_up else STARTS_WITHIN_S)
        }
        up = {party: link.since for party, link in links.items() if link.up and now_s - link.since_s >= BACK_FOR_S}
        return LinksSeen(down, up, frozenset(links))

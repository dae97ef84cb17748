"""What an agent must have to act and to read: a role, a habilitation, a registered station; and whether it has them.

Asked at every request, again inside the transaction of every act, and while an answer goes on. What a route or a command
needs is a `Needs`; what an agent has at an instant is a `Standing`. Does not know where either is kept.
"""

from dataclasses import dataclass
from typing import Protocol

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, StationId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.vocabulary import Role

UNDESIGNATED = frozenset({Role.ADMIN, Role.TECHNICIAN})
"""Roles that see no image and no journal: nobody designates them (CSI R253-3), so no habilitation is asked of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an agent is habilitated and a station registered, now; `habilitated_until` is when the former ends.

    The convention reads the habilitation as a fact without its term, so what rests on it is bounded by whoever asks.
    """

    habilitated: bool
    station_registered: bool
    habilitated_until: Instant | None = None
    registered_until: Instant | None = None
    """When the station's term ends, where it has one."""

    def lacks(self, role: Role) -> Cause | None:
        """Return what an agent in this role lacks to go on at all; None where its standing is whole.

        Who was designated by an act acts and reads under it (CSI R253-3), and where the party registered it (article 6).
        """
        if role not in UNDESIGNATED and not self.habilitated:
            return Cause.NOT_HABILITATED
        return None if self.station_registered else Cause.STATION_UNREGISTERED


@dataclass(frozen=True, slots=True)
class Needs:
    """What it takes: roles by kind of party (the node's own, a partner's), and whether standing is asked."""

    owner: frozenset[Role]
    partner: frozenset[Role] = frozenset()
    standing: bool = True

    def lacking(self, role: Role, standing: Standing, *, own_party: bool) -> Cause | None:
        """Return what an agent lacks, what has ended first: so its cause is told whatever was asked; None for nothing."""
        lacks = standing.lacks(role) if self.standing else None
        if lacks is not None:
            return lacks
        return None if role in (self.owner if own_party else self.partner) else Cause.ROLE


class StandingReading(Protocol):
    """One consistent view of who stands where."""

    def standing(self, agent: AgentId, station: StationId, at: Instant) -> Standing:
        """Return whether the agent is habilitated and the station registered at `at`."""

    def signed_in(self, session_sha256: bytes) -> bool:
        """Return whether the session is open; one that was left or relieved is not."""


def act_refused(
    reading: StandingReading, requester: Requester, needs: Needs, *, owner: PartyId, at: Instant
) -> ActRefused | None:
    """Return why `requester` does not do what `needs` is needed for; None where it may. Asked in the act's own transaction.

    `owner` is the party whose node this is.
    """
    if not reading.signed_in(requester.session_sha256):
        return ActRefused(Cause.NOT_SIGNED_IN)
    standing = reading.standing(requester.agent, requester.station, at)
    lacks = needs.lacking(requester.role, standing, own_party=requester.party == owner)
    return None if lacks is None else ActRefused(lacks)

"""What ends with a standing, by the same event: the agent's pictures, its screens' streams of changes, its tickets.

A session is not closed beside it: it is asked at each use how its agent stands, and answers with the cause.
"""

from collections.abc import Callable

from belvedere.domain.causes import Cause
from belvedere.domain.ids import AgentId, StationId
from belvedere.live import endings
from belvedere.live.model import Viewing
from belvedere.live.own_room import OwnRoomQueue
from belvedere.live.ports import LivePorts
from belvedere.live.review import ViewingReview


class StandingEnds:
    """Told of each end once it is durable, late or not; `review.catch_up` then ends what ran, with its record."""

    def __init__(self, ports: LivePorts, review: ViewingReview, own_room: OwnRoomQueue) -> None:
        self._ports = ports
        self._review = review
        self._own_room = own_room

    def of_agent(self, agent: AgentId) -> None:
        """An agent's habilitation has ended."""
        self._end(lambda viewing: viewing.agent == agent, Cause.NOT_HABILITATED)

    def of_station(self, station: StationId) -> None:
        """A station was struck off."""
        self._end(lambda viewing: viewing.station == station, Cause.STATION_UNREGISTERED)

    def _end(self, which: Callable[[Viewing], bool], lacks: Cause) -> None:
        self._review.owe(which)
        # What runs in the own room although no table holds it yet: no review finds it.
        self._review.stop(self._own_room.end(which, endings.standing_ended(lacks, ())))
        self._ports.announcer.standings_changed()

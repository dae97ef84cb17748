"""What the node says of itself: each meter makes families of metrics from the part that it is given.

Owns: the names and the words of the figures. Does not know: who asks for them, or how they are written out (web).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress

from belvedere.agents.log_in import SignIn
from belvedere.agents.passwords import Passwords
from belvedere.domain.ids import PartyId
from belvedere.media.relay import MediaFailure, MediaRelay
from belvedere.node.cameras import LostCameras
from belvedere.peers.link import LinkState
from belvedere.peers.standing import PeersStanding
from belvedere.spine.commit import Spine
from belvedere.store.comparison import JournalComparison
from belvedere.store.database import Database, StoreHealth
from belvedere.store.space import SpaceState
from belvedere.web.changes import Changes
from belvedere.web.connections import Connections
from belvedere.web.metrics import Family, single
from belvedere.web.readiness import StoreState

RELAY_COUNTERS = frozenset(
    {"bytes_sent", "gaps", "refused_ticket", "refused_origin", "refused_crowded", "sessions_panicked", "events_lost"}
    | {"packets_left_out", "times_repaired"}
)
"""Those of the relay's figures that only grow; the others are of the moment."""


def relay_meter(relay: MediaRelay) -> list[Family]:
    """Return the relay's figures; none while it does not run."""
    with suppress(MediaFailure):
        return [
            single(f"relay_{name}{'_total' if name in RELAY_COUNTERS else ''}", f"Relay: {name}", number)
            for name, number in relay.stats().as_mapping().items()
        ]
    return []


def cameras_meter(lost: LostCameras) -> list[Family]:
    """Return how many cameras are lost, by cause."""
    counts = {cause.value: count for cause, count in lost.by_cause().items()}
    return [Family("cameras_lost", "Cameras that give no pictures, by cause", counts, "cause")]


def store_meter(database: Database) -> list[Family]:
    """Return the store's figures."""
    figures, health = database.figures, database.health()
    return [
        single("store_groups_total", "Groups of writes committed", figures.groups),
        single("store_writes_total", "Writes made durable", figures.jobs),
        single("store_refused_total", "Writes refused", figures.refused),
        single("store_recoveries_total", "Recoveries after an error of the disk", figures.recoveries),
        single("store_free_bytes", "Bytes left on the data folder's disk", health.free_bytes),
        single("store_queued", "Writes that wait", health.queued),
        single("store_reads_waiting", "Reads that run or wait", database.reads_waiting),
        single("store_reads_refused_total", "Reads refused because too many waited", database.reads_refused),
    ]


def connections_meter(connections: Connections) -> list[Family]:
    """Return the web server's figures."""
    return [
        single("web_connections", "Connections to the web server", connections.open),
        single("web_connections_refused_total", "Connections closed for want of a place", connections.refused),
        single("web_connections_ended_total", "Connections closed for want of an answer", connections.ended),
    ]


def people_meter(sign_in: SignIn, passwords: Passwords, changes: Changes, spine: Spine) -> list[Family]:
    """Return the figures of those who sign in and follow, and what the own room has still to record."""
    return [
        single(
            "login_failures_total",
            "Logins with a wrong password, or at no registered station",
            sign_in.failures_total,
        ),
        single("logins_waiting", "Passwords that are verified or wait for it", passwords.waiting),
        single("logins_refused_total", "Logins refused because too many waited", passwords.refused_total),
        single("screens_open", "Screens that follow changes", changes.screens),
        single("own_room_records_waiting", "Records of the own room that wait", spine.tail.own_room_records),
        single("followers_failed_total", "Times that what follows from a change failed", spine.failures_total),
    ]


def journal_meter(comparison: JournalComparison) -> list[Family]:
    """Return how often the journal's tables were found to differ."""
    return [
        single(
            "journal_differences_total",
            "Times the journal's tables were found to differ from its records",
            comparison.differences_total,
        )
    ]


def peers_meter(standing: PeersStanding, links: Callable[[], Mapping[PartyId, LinkState]]) -> list[Family]:
    """Return how long ago each peer last co-signed this node's log, and whether the link to it is up."""
    return [
        Family(
            "peer_link_up",
            "1 while the link to a party's node is up",
            {str(party): 1.0 if state.up else 0.0 for party, state in links().items()},
            "party",
        ),
        Family(
            "cosigned_ago_seconds",
            "Seconds since a party's node last co-signed this one's ledger, or since the start",
            {str(party): ago_s for party, ago_s in standing.cosigned_ago_s().items()},
            "party",
        ),
    ]


def store_state(health: StoreHealth) -> StoreState:
    """Return the store's state as readiness tells it."""
    return StoreState(
        records=health.records,
        ledger_sound=health.ledger_sound,
        disk_short=health.space is SpaceState.SHORT,
        free_bytes=health.free_bytes,
        cause=health.cause,
    )

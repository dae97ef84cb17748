"""How this node's ledger is compared with each peer's, put together."""

from collections.abc import Callable, Mapping

from belvedere.acts.reconcile import Accounts, ReconciliationDesk
from belvedere.domain.clock import Clock
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.link_state import LinkState
from belvedere.node.cameras import WatchedInventory
from belvedere.peers.account_exchange import AccountExchange
from belvedere.peers.link import PeerLink
from belvedere.peers.reconciling import Reconciling
from belvedere.spine.commit import Spine
from belvedere.spine.in_force import InForce


def is_of(
    cameras: WatchedInventory, in_force: InForce, camera: CameraId, party: PartyId, convention: Callable[[], str | None]
) -> bool:
    """Return whether a camera that was decided under a convention is, or was before nobody told of it any more, the party's."""
    if cameras.is_here(camera):
        return False
    owner = cameras.told_by(camera)
    if owner is not None:
        return owner == party
    # One that nobody tells any more: of the party that the convention binds under which it was asked for.
    asked_under = convention()
    return any(each.id == asked_under and each.party(party) is not None for each in in_force.conventions)


class LedgersCompared:
    """What is asked and told of viewings over the links, and what comes of it; `told` hears that it is another."""

    def __init__(self, spine: Spine, accounts: Accounts, clock: Clock, *, told: Callable[[], None]) -> None:
        self.exchange = AccountExchange(accounts, clock)
        self._desk = ReconciliationDesk(spine, accounts, self.exchange, clock)
        self._clock = clock
        self.told = told

    def over(self, links: Mapping[PartyId, PeerLink], states: Callable[[], Mapping[PartyId, LinkState]]) -> Reconciling:
        """Ask over these links from now on; return what compares, with the parties of which `states` tells alone."""
        self.exchange.speak_over(links)
        return Reconciling(
            self._desk,
            states,
            self._clock,
            told=self.told,
        )

"""How this node's ledger is compared with each peer's, put together."""

from collections.abc import Callable, Mapping

from belvedere.acts.reconcile import Accounts, ReconciliationDesk
from belvedere.domain.clock import Clock
from belvedere.domain.ids import PartyId
from belvedere.domain.link_state import LinkState
from belvedere.peers.account_exchange import AccountExchange
from belvedere.peers.link import PeerLink
from belvedere.peers.reconciling import Reconciling
from belvedere.spine.commit import Spine


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

"""What a ledger holds of viewings is told page by page, in order, and no faster than it may be read. Reliability 25, 28."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import anyio
import pytest

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId, Pseudonym, ViewingId
from belvedere.domain.link_state import LinkState
from belvedere.domain.reconciliation import ViewingAccount
from belvedere.domain.text import Text
from belvedere.peers import account_exchange
from belvedere.peers.account_exchange import READ_EVERY_S, AccountExchange
from belvedere.peers.account_messages import ACCOUNTS_MAX, AccountsAsked, AccountsTold
from belvedere.peers.messages import PeerMessage
from tests.unit.peers.made import TestClock
from tests.unit.peers.messages_made import CITY, NOW, STATE

pytestmark = pytest.mark.anyio
SINCE = NOW - timedelta(hours=24)
HELD = [
    ViewingAccount(ViewingId(f"v-{number:04}"), CameraId("vda-001"), Pseudonym("cic-7Q2M"))
    for number in range(2 * ACCOUNTS_MAX + 5)
]
UP = LinkState(up=True, since=NOW, said=Text("", ""), since_s=0.0)


@dataclass
class Ledger:
    """Counts how often it is read."""

    reads: int = 0

    async def between(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount]:
        self.reads += 1
        return HELD


@dataclass
class Wire:
    """Brings what is asked to the other node, and its pages back as `turned` makes them."""

    there: AccountExchange
    here: AccountExchange
    state: LinkState = UP
    asked: list[AccountsAsked] = field(default_factory=list)
    turned: tuple[ViewingAccount, ...] | None = None

    def say(self, message: PeerMessage) -> None:
        assert isinstance(message, AccountsAsked)
        self.asked.append(message)

    async def bring(self) -> None:
        """Answer whatever is asked, until cancelled."""
        done = 0
        while True:
            while done < len(self.asked):
                page = await self.there.page(STATE, self.asked[done])
                done += 1
                if page is not None:
                    told = page if self.turned is None else replace(page, entries=self.turned)
                    self.here.told(CITY, told)
            await anyio.sleep(0.001)


def exchanges(ledger: Ledger, clock: TestClock) -> tuple[AccountExchange, Wire]:
    here, there = AccountExchange(Ledger(), clock), AccountExchange(ledger, clock)
    wire = Wire(there, here)
    here.speak_over({CITY: wire})
    return here, wire


async def ask(here: AccountExchange, wire: Wire) -> Sequence[ViewingAccount] | Text:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wire.bring)
        found = await here.of(CITY, since=SINCE, most=1_000)
        tasks.cancel_scope.cancel()
    return found


async def test_all_that_is_held_comes_in_pages_of_one_reading() -> None:
    ledger = Ledger()
    here, wire = exchanges(ledger, TestClock())
    assert await ask(here, wire) == HELD
    assert (len(wire.asked), ledger.reads) == (3, 1)


@pytest.mark.parametrize("turned", [tuple(reversed(HELD[:3])), (HELD[0], HELD[0])], ids=["out of order", "twice"])
async def test_a_page_that_is_out_of_order_counts_as_no_answer(
    turned: tuple[ViewingAccount, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_exchange, "ANSWER_WITHIN_S", 0.05)
    here, wire = exchanges(Ledger(), TestClock())
    wire.turned = turned
    assert isinstance(await ask(here, wire), Text)


async def test_a_page_that_nobody_asked_for_is_nobodys_and_a_link_that_is_down_is_said_to_be() -> None:
    here, wire = exchanges(Ledger(), TestClock())
    here.told(CITY, AccountsTold(SINCE, None, (), more=False))
    wire.state = replace(UP, up=False)
    assert isinstance(await ask(here, wire), Text)
    assert wire.asked == []


async def test_what_was_asked_over_a_link_that_has_gone_is_waited_for_no_longer() -> None:
    here, wire = exchanges(Ledger(), TestClock())
    found: list[Sequence[ViewingAccount] | Text] = []

    async def of() -> None:
        found.append(await here.of(CITY, since=SINCE, most=1_000))

    with anyio.fail_after(account_exchange.ANSWER_WITHIN_S - 1):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(of)
            while not wire.asked:
                await anyio.sleep(0.001)
            wire.state = replace(UP, since_s=1.0)
    assert isinstance(found[0], Text)


async def test_a_peer_that_was_just_asked_is_asked_again_once_it_answers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_exchange, "ASK_EVERY_S", 0.3)
    here, wire = exchanges(Ledger(), TestClock())
    began_s = anyio.current_time()
    for _ in range(2):
        assert await ask(here, wire) == HELD
    assert 0.3 <= anyio.current_time() - began_s < 3


async def test_a_peer_that_asks_for_one_time_after_the_other_is_read_for_once_a_second() -> None:
    ledger, clock = Ledger(), TestClock()
    there = AccountExchange(ledger, clock)
    for number in range(10):
        await there.page(STATE, AccountsAsked(SINCE + timedelta(seconds=number), None))
    assert ledger.reads == 1
    clock.passed_s += READ_EVERY_S + 0.1
    assert await there.page(STATE, AccountsAsked(SINCE + timedelta(seconds=1), None)) is not None
    assert ledger.reads == 2

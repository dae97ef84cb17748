"""The state in memory and the tables are twins: whatever is made, both say the same. ARCHITECTURE, The spine."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import get_args

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from belvedere.changes import Change
from belvedere.store.database import Database
from belvedere.store.spine_store import SqlSpineStore
from belvedere.store.writer import WriteTransaction
from tests.unit.changes import small_city
from tests.unit.changes.colliding import MAKERS, any_changes
from tests.unit.spine.same_state import READS, Twins, members_of_the_protocol
from tests.unit.store.opening import store_in

pytestmark = pytest.mark.timeout(300)
Differing = Callable[..., list[str]]


class _TakenBack(Exception):
    """Rolls the writer's job back; carries what was found in it."""

    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self.found = found


@contextmanager
def twins_in(directory: Path) -> Iterator[Differing]:
    """Yield what makes changes in both twins of a small city, and takes them back: where do the two differ?"""
    twins = Twins()

    @asynccontextmanager
    async def city() -> AsyncIterator[Database]:
        async with store_in(directory) as database:
            store = SqlSpineStore(database, twins.place, record_within_s=30)
            await store.begin()
            await store.write(
                lambda tx: tx.make(small_city.begun(), ()), durable=lambda _: None, unclaimed=lambda _: None
            )
            yield database

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(city()) as database:

        def differ(*parts: list[Change]) -> list[str]:
            def work(transaction: WriteTransaction) -> None:
                raise _TakenBack(twins.differ(transaction, *parts))

            async def write() -> list[str]:
                try:
                    await database.write(work, timeout_s=30)
                except _TakenBack as taken_back:
                    return taken_back.found
                raise AssertionError("the test's own exception was swallowed")

            return portal.call(write)

        yield differ


@pytest.fixture
def differing(tmp_path: Path) -> Iterator[Differing]:
    """The twins of the small city."""
    with twins_in(tmp_path) as differ:
        yield differ


def run(differing: Differing, first: type, *, examples: int) -> Counter[str]:
    """Make any changes, one of a kind and others after it, whole and in two parts; return how often each was made."""
    made: Counter[str] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(st.data())
    def same(data: st.DataObject) -> None:
        changes = any_changes(data, first)
        made.update(type(change).__name__ for change in changes)
        cut = data.draw(st.integers(0, len(changes)))
        parts = [part for part in (changes[:cut], changes[cut:]) if part]
        found = differing(*parts)
        assert found == [], "\n".join([*map(repr, changes), f"cut after {cut}", *found])

    same()
    return made


def test_a_state_in_memory_and_the_tables_are_equal_after_any_changes(differing: Differing) -> None:
    kinds = set(get_args(Change))
    assert MAKERS.keys() == kinds, "a change that is new to the union has no strategy yet"
    for kind in MAKERS:
        assert run(differing, kind, examples=4)[kind.__name__], kind


def test_every_read_of_a_snapshot_is_compared() -> None:
    assert READS.keys() == members_of_the_protocol()


@pytest.mark.sweep
@pytest.mark.timeout(7200)
def test_a_state_in_memory_and_the_tables_are_equal_after_thousands_of_changes(differing: Differing) -> None:
    began_s, made = time.perf_counter(), Counter[str]()
    for kind in MAKERS:
        made += run(differing, kind, examples=500)
    print(f"{made.total()} changes, 500 sequences a kind, {time.perf_counter() - began_s:.0f} s: {made}")

"""A small node for the spine's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.spine.small_node import SmallNode, small_node


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SmallNode]:
    """The small city's node: its spine over a real database, and a follower that takes down what it is told."""
    async with small_node(tmp_path) as running:
        yield running

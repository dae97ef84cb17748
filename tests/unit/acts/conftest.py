"""The small node, as the spine's tests have it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.acts.every_act import settled
from tests.unit.spine.small_node import SmallNode, small_node


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SmallNode]:
    """The small city's node, whose viewings have been decided again, so that each runs to its term."""
    async with small_node(tmp_path) as running:
        await settled(running)
        yield running

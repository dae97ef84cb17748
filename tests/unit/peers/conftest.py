"""One event loop kind for the tests of peers."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"

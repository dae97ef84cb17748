"""One event loop kind for the store's tests."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"

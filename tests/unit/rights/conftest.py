"""The small node, as the acts' tests have it."""

from tests.unit.acts.conftest import anyio_backend, node

__all__ = ["anyio_backend", "node"]

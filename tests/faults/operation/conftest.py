"""What the tests of operation share."""

from tests.flows.operation.quiet import logs_as_before

__all__ = ["logs_as_before"]

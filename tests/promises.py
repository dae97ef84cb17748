"""How late a promise may be kept in a test: what is promised, with room for what else the machine is doing.

The figures themselves are measured by the benches, on a machine that does nothing else.
"""

import os


def allowed_s(promised_s: float) -> float:
    """Return how many seconds a test grants to what is promised within `promised_s`."""
    queued = os.getloadavg()[0] / (os.cpu_count() or 1)
    return promised_s * 2 * max(1.0, queued)

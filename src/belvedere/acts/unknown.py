"""What is not there for this requester: another party's answers the same (reliability 1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such camera or event for this requester."""

    what: str

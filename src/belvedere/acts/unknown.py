"""What is not there for this asker: another party's answers the same (reliability 1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such camera or event for this asker."""

    what: str

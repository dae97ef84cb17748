"""Identifiers, one type each, so that a camera's never passes for a viewing's."""

from typing import NewType, Protocol

PartyId = NewType("PartyId", str)
"""An organisation bound by a convention, for instance `villeneuve-dascq`."""
ServiceId = NewType("ServiceId", str)
"""A service of a party, for instance `cic`."""
CameraId = NewType("CameraId", str)
StationId = NewType("StationId", str)
AgentId = NewType("AgentId", str)
"""An agent, known by this id only inside the agent's own party's node."""
Pseudonym = NewType("Pseudonym", str)
"""What the other party reads in place of an agent; stable for a convention."""
EventId = NewType("EventId", str)
ViewingId = NewType("ViewingId", str)
LeaseId = NewType("LeaseId", str)
AuthorisationId = NewType("AuthorisationId", str)
NoticeId = NewType("NoticeId", str)
LookId = NewType("LookId", str)
ArticleRef = NewType("ArticleRef", str)
"""`<convention>:<article>` or `<code>:<article of law>`, for instance `vda-etat:art-3`, `csi:L252-4`."""


class IdSource(Protocol):
    """Where fresh identifiers and secrets come from; seeded in tests."""

    def fresh(self, prefix: str) -> str:
        """Return `<prefix>-` followed by at least 80 random bits, in lower case and digits."""

    def secret(self, size_bytes: int) -> bytes:
        """Return `size_bytes` bytes fit for salts and secrets."""

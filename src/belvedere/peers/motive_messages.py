"""The members of the messages in which an event's motive crosses (see `messages`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from belvedere.domain.disclosures import MotiveTaken, MotiveTold, MotiveWords
from belvedere.domain.ids import EventId, Pseudonym, ServiceId
from belvedere.peers.members import Member, code, digest, identifier, instant, optional, whole, words

NUMBER_MAX = 1_000_000
MOTIVE_MEMBERS: Mapping[type[Any], Mapping[str, Member[Any]]] = MappingProxyType(
    {
        # A salt has 32 bytes, as a digest has.
        MotiveWords: {"text": words(characters_max=2_000), "salt": digest()},
        MotiveTold: {
            "event": identifier(EventId),
            "kind": code(str),
            "number": whole(most=NUMBER_MAX),
            "motive_sha256": optional(digest()),
            "sector_sha256": optional(digest()),
            "agent": identifier(Pseudonym),
            "service": identifier(ServiceId),
            "at": instant(),
        },
        MotiveTaken: {"event": identifier(EventId), "number": whole(most=NUMBER_MAX)},
    }
)

"""The members of the messages that tell of a resolved pseudonym (see `messages`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from belvedere.domain.ids import Pseudonym, ServiceId
from belvedere.domain.resolutions import PseudonymResolved, ResolutionGround, ResolutionTaken
from belvedere.peers.members import Member, code, identifier, instant, words

RESOLUTION_MEMBERS: Mapping[type[Any], Mapping[str, Member[Any]]] = MappingProxyType(
    {
        PseudonymResolved: {
            "id": identifier(str),
            "agent": identifier(Pseudonym),
            "ground": code(ResolutionGround),
            "act": words(characters_max=500),
            "by": identifier(Pseudonym),
            "service": identifier(ServiceId),
            "at": instant(),
        },
        ResolutionTaken: {"id": identifier(str)},
    }
)

"""The members of the messages that tell of a resolved pseudonym, and of a party's leaving (see `messages`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from belvedere.acts.leaving import PartyLeaves
from belvedere.domain.ids import Pseudonym, ServiceId
from belvedere.domain.resolutions import PseudonymResolved, ResolutionGround, ResolutionTaken
from belvedere.peers.members import Member, code, day, identifier, instant, optional, words

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
        PartyLeaves: {"act": words(characters_max=500), "on": day(), "by": optional(identifier(Pseudonym))},
    }
)

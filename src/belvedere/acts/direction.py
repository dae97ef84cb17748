"""Who directs: the director of the owner's municipal police."""

from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Role

DIRECTING = Needs(owner=frozenset({Role.POLICE_DIRECTOR}))
"""What the direction alone declares, suspends and replaces (rules A5, A11, B13)."""

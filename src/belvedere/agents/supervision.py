"""Who supervises."""

from belvedere.domain.requester import SUPERVISORS
from belvedere.domain.standing import Needs

SUPERVISING = Needs(owner=SUPERVISORS, partner=SUPERVISORS)
"""A party's heads of service end its habilitations and register its stations (rules A1, A22)."""

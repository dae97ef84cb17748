"""Why a partner is not served for now, although its convention would grant."""

from dataclasses import dataclass

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import PartyId
from belvedere.domain.text import Text


@dataclass(frozen=True, slots=True)
class PartnerWaits:
    """Nothing new is opened to a partner; `cause` is what its people are told, `said` what the node's own are."""

    cause: Cause
    said: Text
    since: Instant


@dataclass(frozen=True, slots=True)
class PartnerStands:
    """How a partner stands: why it waits, None where it is served."""

    party: PartyId
    waits: PartnerWaits | None

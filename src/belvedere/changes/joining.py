"""What can happen to the keys that a convention pins, and to a party's being bound by it: each by two persons of a party."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.convention_texts import ConventionText, TermTold
from belvedere.domain.ids import AgentId, PartyId
from belvedere.domain.record import ConventionRef, Subject
from belvedere.domain.vocabulary import Role
from belvedere.ledger.pinned_keys import KeptKeys


@dataclass(frozen=True, slots=True)
class JointProposal:
    """What one person proposed and another is to confirm: `keys`, or without any that the party leaves, by an `act`.

    `text_note` is every party's signature under the text in force anew, where the new keys no longer answer for the old one.
    """

    id: str
    convention: str
    agent: AgentId
    role: Role
    by: Subject
    at: Instant
    keys: KeptKeys | None = None
    text_note: str | None = None
    act: str = ""


@dataclass(frozen=True, slots=True)
class KeysInstalled:
    """The node put the keys beside an installed convention in force, the first of it; `joined` have a node by them."""

    keys: KeptKeys
    convention: ConventionRef
    joined: tuple[PartyId, ...]
    at: Instant


@dataclass(frozen=True, slots=True)
class JointActProposed:
    """One person proposed; what stood proposed for that convention before gives way. Nothing follows from it yet."""

    proposal: JointProposal


@dataclass(frozen=True, slots=True)
class KeysReplaced:
    """Keys that every party signed took the place of those before, once a second person had confirmed it."""

    keys: KeptKeys
    before: KeptKeys
    text: ConventionText | None
    convention: ConventionRef
    joined: tuple[PartyId, ...]
    proposal: JointProposal
    by: Subject
    at: Instant


@dataclass(frozen=True, slots=True)
class PartyLeft:
    """A party left the convention, which ends with it: this node's own, once a second person had confirmed it, or another's.

    `evidence` is the other's signed word, where it is not this node's party that left; then `proposal` is None.
    """

    told: TermTold
    party: PartyId
    convention: ConventionRef
    proposal: JointProposal | None
    by: Subject
    at: Instant
    evidence: tuple[str, ...] = ()

"""Motives that cross over the links: this node's events to the owners of cameras that they opened, and theirs to this node.

Owns when something is told: as soon as it is owed, one version of an event after the other, and again until it is taken.
Follows changes (implements `spine.ports.Follower`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

import anyio
import structlog

from belvedere.acts.across_nodes import Brought
from belvedere.acts.motives import MotiveRefused
from belvedere.changes import Change, DisclosureTaken, MotiveDisclosed
from belvedere.domain.disclosures import Disclosure, MotiveTaken, MotiveTold, MotiveWords
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.domain.words import Words
from belvedere.peers.messages import PeerMessage

AGAIN_S = 5.0
"""A version that was not taken is told again; one that is owed to an owner who is away waits as long."""
AT_ONCE_MAX = 4
"""How many versions are told before one of them is taken: a link has other things to say."""
WORDS_KEPT_MAX = 8
"""Of each peer: a version has a motive and a sector, and what names them follows at once."""
log = structlog.get_logger(__name__)


class Motives(Protocol):
    """What is owed, and what is kept; raises `NotRead`, `NotRecorded`."""

    async def due(self, owner: PartyId) -> Sequence[Disclosure]:
        """Return the oldest version of each event that an owner has not taken yet."""

    async def told(self, told: MotiveTold, words: Mapping[str, Words], brought: Brought) -> MotiveTaken | MotiveRefused:
        """Keep what another party tells of its event."""

    async def taken(self, owner: PartyId, taken: MotiveTaken) -> None:
        """Note that an owner has a version."""


class Linked(Protocol):
    """The link to one peer."""

    def say(self, message: PeerMessage) -> None:
        """Tell, if the link is up."""


class MotiveExchange:
    """One for all peers. Used on the event loop."""

    def __init__(self) -> None:
        self._motives: Motives | None = None
        self._owed = anyio.Event()
        self._words: defaultdict[PartyId, dict[str, Words]] = defaultdict(dict)

    def speak_for(self, motives: Motives) -> None:
        """Tell and keep what `motives` says from now on."""
        self._motives = motives

    def follow(self, changes: Sequence[Change]) -> None:
        """Tell at once what is owed since."""
        if any(isinstance(change, MotiveDisclosed | DisclosureTaken) for change in changes):
            self._owed.set()

    async def tell_forever(self, links: Mapping[PartyId, Linked]) -> None:
        """Tell each peer what is owed to it, until cancelled."""
        while True:
            self._owed = anyio.Event()
            for party, link in links.items():
                try:
                    await self._tell(party, link)
                except (NotRead, NotRecorded) as failure:
                    log.warning("motives_not_told", party=party, error=str(failure))
                except Exception:
                    # A version that cannot be told waits; the node, and the other parties, go on.
                    log.exception("motives_not_told", party=party)
            with anyio.move_on_after(AGAIN_S):
                await self._owed.wait()

    async def _tell(self, party: PartyId, link: Linked) -> None:
        assert self._motives is not None, "nothing is told before there is a desk"
        for each in (await self._motives.due(party))[:AT_ONCE_MAX]:
            for message in messages_of(each):
                link.say(message)

    # What a conversation hears.

    def words(self, party: PartyId, said: MotiveWords) -> None:
        """Keep words until they are named; the oldest go where a peer sends more than it names."""
        words, kept = said.words, self._words[party]
        kept[words.sha256] = words
        while len(kept) > WORDS_KEPT_MAX:
            del kept[next(iter(kept))]

    def named(self, party: PartyId, told: MotiveTold) -> Mapping[str, Words]:
        """Return the words that a version names, and keep them no longer; at once, before others come after them."""
        kept = self._words[party]
        named = {told.motive_sha256, told.sector_sha256} & kept.keys()
        return {sha256: kept.pop(sha256) for sha256 in named if sha256 is not None}

    async def told(self, told: MotiveTold, words: Mapping[str, Words], brought: Brought) -> MotiveTaken | None:
        """Keep a version; return what is answered, None where it is not taken. Raises `NotRecorded`, `NotRead`."""
        assert self._motives is not None, "nothing is heard before there is a desk"
        answer = await self._motives.told(told, words, brought)
        if isinstance(answer, MotiveRefused):
            log.warning("peer_motive_refused", party=brought.party, event_id=told.event, said=answer.said.en)
            return None
        return answer

    async def taken(self, owner: PartyId, taken: MotiveTaken) -> None:
        """Note that an owner has a version. Raises `NotRecorded`, `NotRead`."""
        assert self._motives is not None, "nothing is heard before there is a desk"
        await self._motives.taken(owner, taken)


def messages_of(each: Disclosure) -> Sequence[PeerMessage]:
    """Return the words of a version, then what names them and is evidence."""
    said = [MotiveWords(words.text, words.salt.hex()) for words in (each.motive, each.sector) if words is not None]
    told = MotiveTold(
        event=each.event,
        kind=each.kind,
        number=each.number,
        motive_sha256=None if each.motive is None else each.motive.sha256,
        sector_sha256=None if each.sector is None else each.sector.sha256,
        agent=each.agent,
        service=each.service,
        at=each.at,
    )
    return (*said, told)

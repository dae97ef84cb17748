"""The last conversation with a peer whose party this one left: its word that it left, and nothing else is heard or answered.

The peer closes for want of a text once it has recorded that word: then it is told. Until then it is told again, each time that
the two reach each other. Source: reliability 6, 8; peers, Leaving.
"""

import anyio

from belvedere.acts.leaving import PartyLeaves
from belvedere.domain.ids import PartyId
from belvedere.peers.leaving_exchange import OwedWord
from belvedere.peers.messages import SPEAKS, Hello, PeerMessage
from belvedere.peers.signed_message import Flaw, believe, sign
from belvedere.peers.speaker import Speaker, claims_now
from belvedere.peers.wire import LinkEnd, Wire, WireClosed

TOLD_WITHIN_S = 5.0
HEARD_MAX = 64
"""How many messages of the peer's may come before it closes."""


async def take_leave(wire: Wire, speaker: Speaker, party: PartyId, owed: OwedWord) -> bool:
    """Tell the peer over `wire`; return whether no convention is in force there any more. The wire is closed by then."""
    told = False
    try:
        with anyio.move_on_after(TOLD_WITHIN_S):
            told = await _tell(wire, speaker, party, owed)
    except WireClosed as closed:
        told = closed.code == LinkEnd.NO_TEXT.code
    finally:
        with anyio.CancelScope(shield=True):
            await wire.close(LinkEnd.NO_TEXT.code, LinkEnd.NO_TEXT.word)
    return told


async def _tell(wire: Wire, speaker: Speaker, party: PartyId, owed: OwedWord) -> bool:
    text = owed.leaving.text

    async def say(message: PeerMessage) -> None:
        await wire.send(sign(message, claims_now(speaker, party, text), speaker.signs))

    await say(Hello(SPEAKS, SPEAKS))
    hello = believe(await wire.receive(), keys=owed.messages, own=speaker.party, text=text, now=speaker.wall())
    if isinstance(hello, Flaw):
        return False
    await say(owed.leaving.leaves)
    for _ in range(HEARD_MAX):
        heard = believe(await wire.receive(), keys=owed.messages, own=speaker.party, text=text, now=speaker.wall())
        if not isinstance(heard, Flaw) and isinstance(heard.message, PartyLeaves):
            return True  # it left by itself meanwhile: neither waits for the other
    return False

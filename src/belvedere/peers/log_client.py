"""Another node's log over HTTP, as its public routes show it: bounded in bytes and time, no redirect, no proxy of the machine.

Owns no trust: what is read is proved by signatures, whoever stands between. Source: ledger-format 10; reliability 19, 28.
"""

from types import TracebackType
from typing import Self

import anyio
import httpx

from belvedere.domain.untrusted_text import whole_number
from belvedere.ledger.checkpoint import SIZE_MAX
from belvedere.ledger.continuation import CHECKPOINT_BYTES_MAX
from belvedere.ledger.tiles import Tile
from belvedere.ledger.witness import OtherSize
from belvedere.ledger.witness_request import WitnessRequest
from belvedere.peers.peer import Peer
from belvedere.peers.ports import Unreachable

ANSWER_WITHIN_S = 5.0
_PREFIX = "/api/v1/ledger"
_REFUSALS = frozenset({400, 403, 409, 413, 422})
"""Answers that say that the note itself is not taken: it is not brought again at once."""


class HttpPeerLog:
    """One connection to a peer (implements `peers.ports.PeerLog` and `PeerWitness`); to be entered before it is used."""

    def __init__(self, peer: Peer) -> None:
        assert peer.url is not None, "a peer that is dialled has an address"
        self._party = peer.party
        self._client = httpx.AsyncClient(
            base_url=peer.url,
            headers={"Origin": peer.url},
            verify=True if peer.trust is None else peer.trust,
            timeout=ANSWER_WITHIN_S,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=2, max_keepalive_connections=1),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    async def checkpoint(self) -> str:
        """Return its newest signed head."""
        status, content = await self._ask("GET", f"{_PREFIX}/checkpoint", bytes_max=CHECKPOINT_BYTES_MAX)
        if status != 200:
            raise Unreachable(f"the log of {self._party} answers {status}")
        return content.decode(errors="replace")

    async def tile(self, tile: Tile) -> bytes | None:
        """Return a tile, or None where it has none."""
        status, content = await self._ask(
            "GET", f"{_PREFIX}/tile/{tile.path}", bytes_max=max(tile.size_bytes, CHECKPOINT_BYTES_MAX)
        )
        if status == 404:
            return None
        if status != 200:
            raise Unreachable(f"the log of {self._party} answers {status} for tile {tile.path}")
        return content

    async def bring(self, note: str) -> bool:
        """Bring it a head of its own, co-signed here."""
        status, _ = await self._ask("POST", f"{_PREFIX}/cosignature", content=note, bytes_max=CHECKPOINT_BYTES_MAX)
        if status not in _REFUSALS and status != 204:
            raise Unreachable(f"the node of {self._party} answers {status} to a co-signature")
        return status == 204

    async def add(self, request: WitnessRequest) -> str | OtherSize | None:
        """Ask it to co-sign a head of this node's log; None where it refuses."""
        status, content = await self._ask(
            "POST", f"{_PREFIX}/witness", content=request.spelt(), bytes_max=CHECKPOINT_BYTES_MAX
        )
        if status == 200:
            return content.decode(errors="replace")
        size = (
            whole_number(content.decode(errors="replace").removesuffix("\n"), most=SIZE_MAX) if status == 409 else None
        )
        if size is not None:
            return OtherSize(size)
        if status not in _REFUSALS | {404}:
            raise Unreachable(f"the node of {self._party} answers {status} to a head of this log")
        return None

    async def held(self, origin: str) -> str | None:
        """Return the newest head of a log that it co-signed, or None."""
        status, content = await self._ask("GET", f"{_PREFIX}/witnessed/{origin}", bytes_max=CHECKPOINT_BYTES_MAX)
        if status == 404:
            return None
        if status != 200:
            raise Unreachable(f"the node of {self._party} answers {status}")
        return content.decode(errors="replace")

    async def _ask(self, method: str, path: str, *, bytes_max: int, content: str | None = None) -> tuple[int, bytes]:
        """Return an answer's status and body; one that is longer than `bytes_max`, or comes too late, is none."""
        headers = {} if content is None else {"Content-Type": "text/plain; charset=utf-8"}
        body = bytearray()
        try:
            # The whole answer within its time: one that gives a byte a second would be read for ever.
            with anyio.fail_after(ANSWER_WITHIN_S):
                async with self._client.stream(method, path, content=content, headers=headers) as answer:
                    async for piece in answer.aiter_raw():
                        body += piece
                        if len(body) > bytes_max:
                            raise Unreachable(f"the node of {self._party} answers with more than {bytes_max} bytes")
                    return answer.status_code, bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
            raise Unreachable(f"the node of {self._party} does not answer: {failure!r}") from failure

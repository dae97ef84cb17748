"""Witnessing over HTTP: what a witness of this node's log brings back, and this node as the witness of others' logs.

Public: each note is worth what its signatures are. Source: ledger-format 10.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from belvedere.domain.causes import Cause
from belvedere.domain.text import Text
from belvedere.ledger.cosigned import Contradicted, NoWitness, Taken
from belvedere.ledger.note import BadNote
from belvedere.ledger.witness import OtherSize, Refusal, UnknownLog
from belvedere.ledger.witness_request import SIZE_TYPE
from belvedere.web.ports import Witnesses
from belvedere.web.problems import Problem, bad_fields, not_found

router = APIRouter(tags=["journal"])
NOTE_CHARACTERS_MAX = 16 * 1024
"""A head with the signatures of a log and a witness has half a kilobyte; the longest proof has three."""
NOTE_TYPE = "text/plain; charset=utf-8"
_NO_REQUEST = Text(
    "n'est pas une demande à un témoin (C2SP tlog-witness)", "is no request to a witness (C2SP tlog-witness)"
)

Note = Annotated[str, Body(media_type="text/plain", max_length=NOTE_CHARACTERS_MAX)]


@router.post("/ledger/cosignature", status_code=204, response_class=Response)
async def cosignature(note: Note, ports: Witnesses) -> None:
    """Take a head of this log, signed by it and co-signed by a witness that the convention pins.

    409 where this log does not contain it: the node lost or rewrote what its own key signed.
    """
    match await ports.own_log.take(note):
        case Taken():
            return
        case Contradicted(said):
            raise Problem(409, Cause.LEDGER_CONTRADICTED, said)
        case Refusal(said=said):
            raise bad_fields([("body", said)])
        case NoWitness():
            raise bad_fields([("body", NoWitness.said)])


@router.post("/ledger/witness", response_class=Response)
async def witness(request: Note, ports: Witnesses) -> Response:
    """Co-sign the head of another node's log, which the convention pins (C2SP tlog-witness, add-checkpoint).

    409 with the size alone where the proof begins at another one; 403 where the head does not continue what was co-signed.
    """
    try:
        answer = await ports.of_others.add(request)
    except BadNote:
        raise bad_fields([("body", _NO_REQUEST)]) from None
    match answer:
        case str():
            return Response(answer, media_type=NOTE_TYPE)
        case OtherSize(size):
            return Response(f"{size}\n", status_code=409, media_type=SIZE_TYPE)
        case Refusal(said=said):
            raise Problem(403, Cause.PARTNERS_LEDGER, said)
        case UnknownLog():
            raise not_found()


@router.get("/ledger/witnessed/{origin:path}", response_class=Response)
async def witnessed(origin: str, ports: Witnesses) -> Response:
    """Return the newest head of another node's log that this node co-signed, with both signatures."""
    held = await ports.of_others.held(origin)
    if held is None:
        raise not_found()
    return Response(held, media_type=NOTE_TYPE, headers={"Cache-Control": "no-store"})

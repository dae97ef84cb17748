"""What a witness of this node's log brings back: a head that it co-signed."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from belvedere.domain.causes import Cause
from belvedere.domain.text import Text
from belvedere.ledger.cosigned import Contradicted, NoWitness, Taken
from belvedere.ledger.witness import Refusal
from belvedere.web.ports import Witnessed
from belvedere.web.problems import Problem, bad_fields

router = APIRouter(tags=["journal"])
NOTE_CHARACTERS_MAX = 16 * 1024
"""A head with the signatures of a log and a witness has half a kilobyte."""


@router.post("/ledger/cosignature", status_code=204, response_class=Response)
async def cosignature(
    note: Annotated[str, Body(media_type="text/plain", max_length=NOTE_CHARACTERS_MAX)], ports: Witnessed
) -> None:
    """Take a head of this log, signed by it and co-signed by a witness that the convention pins (C2SP tlog-cosignature).

    409 where this log does not contain it: the node lost or rewrote what its own key signed.
    """
    match await ports.take(note):
        case Taken():
            return
        case Contradicted(said):
            raise Problem(409, Cause.LEDGER_CONTRADICTED, said)
        case Refusal(said=said):
            raise _bad_note(said)
        case NoWitness():
            raise _bad_note(NoWitness.said)


def _bad_note(said: Text) -> Problem:
    return bad_fields([("body", said)])

"""The ledger from outside: its signed head, its tiles, and who saw a camera."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from belvedere.domain.record import Record, RecordKind, Subject
from belvedere.domain.vocabulary import Role
from belvedere.web.asking import Ports, SignedIn
from belvedere.web.problems import bad_fields, not_for_this_role, not_found
from belvedere.web.schemas import ONE_LINE, JournalOut

router = APIRouter(tags=["journal"])
READERS = frozenset({Role.INSPECTOR, Role.POLICE_DIRECTOR})
RECORDS_MAX = 500


@router.get("/ledger/checkpoint", response_class=Response)
async def checkpoint(ports: Ports) -> Response:
    """Return the signed head of the ledger (C2SP tlog-checkpoint)."""
    return Response(await ports.ledger.checkpoint(), media_type="text/plain; charset=utf-8")


@router.get("/ledger/tile/{path:path}", response_class=Response)
async def tile(path: str, ports: Ports) -> Response:
    """Return one tile or entry bundle (C2SP tlog-tiles); a full one never changes."""
    found = await ports.ledger.tile(path)
    if found is None:
        raise not_found()
    kept = "no-store" if ".p/" in path else "public, max-age=31536000, immutable"
    return Response(found, media_type="application/octet-stream", headers={"Cache-Control": kept})


@router.get("/journal")
async def journal(
    asker: SignedIn,
    ports: Ports,
    camera: Annotated[str | None, Query(max_length=80, pattern=ONE_LINE)] = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
) -> JournalOut:
    """Return who asked for what, newest first, at most 500 records; reading it is recorded too (CSI R253-5)."""
    if asker.party != ports.owner or asker.role not in READERS:
        raise not_for_this_role()
    for name, instant in (("from", since), ("to", until)):
        if instant is not None and instant.tzinfo is None:
            raise bad_fields([(name, "an instant with its offset, such as 2026-07-14T22:00:00+02:00")])
    await ports.ledger.append(
        Record(
            kind=RecordKind.CONSULTED,
            at=ports.clock.now(),
            subject=Subject(
                party=asker.party,
                service=asker.service,
                agent=asker.pseudonym,
                station=asker.station,
            ),
            camera=camera,
        )
    )
    found = await ports.ledger.records(camera=camera, since=since, until=until, most=RECORDS_MAX)
    return JournalOut(items=[dict(record) for record in found])

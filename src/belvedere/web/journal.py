"""The ledger from outside: its signed head, its tiles, and who saw a camera."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from belvedere.acts.journal import PAGE_MAX
from belvedere.domain.ids import CameraId
from belvedere.domain.journal import COUNTED_MAX, Compared, JournalPlace, JournalQuestion, JournalViewing
from belvedere.domain.text import Language, Text
from belvedere.domain.untrusted_text import YEARS
from belvedere.web import csv_file, journal_words
from belvedere.web.asking import Follower, Following, SignedIn, Tongue
from belvedere.web.ports import Journal, JournalPorts
from belvedere.web.problems import Problem, bad_fields, not_found
from belvedere.web.schemas import (
    ONE_LINE,
    ComparedOut,
    JournalEventOut,
    JournalOut,
    JournalViewingOut,
    JournalViewingsOut,
    MendedOut,
    MotiveOut,
    StationOut,
    WatcherOut,
)

router = APIRouter(tags=["journal"])
RECORDS_MAX = 500
PAGE = 100
FILE_LINES_A_PIECE = 200
INSTANT = Text(
    "un instant avec son décalage, comme 2026-07-14T22:00:00+02:00",
    "an instant with its offset, such as 2026-07-14T22:00:00+02:00",
)


@router.get("/ledger/checkpoint", response_class=Response)
async def checkpoint(ports: Journal) -> Response:
    """Return the signed head of the ledger (C2SP tlog-checkpoint)."""
    return Response(await ports.ledger.checkpoint(), media_type="text/plain; charset=utf-8")


@router.get("/ledger/tile/{path:path}", response_class=Response)
async def tile(path: str, ports: Journal) -> Response:
    """Return one tile or entry bundle (C2SP tlog-tiles); a full one never changes."""
    found = await ports.ledger.tile(path)
    if found is None:
        raise not_found()
    kept = "no-store" if ".p/" in path else "public, max-age=31536000, immutable"
    return Response(found, media_type="application/octet-stream", headers={"Cache-Control": kept})


def _question(
    camera: Annotated[str | None, Query(max_length=80, pattern=ONE_LINE)] = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
) -> JournalQuestion:
    wrong = [
        (name, INSTANT)
        for name, instant in (("from", since), ("to", until))
        if instant is not None and (instant.tzinfo is None or instant.year not in YEARS)
    ]
    if not wrong and since is not None and until is not None and until <= since:
        wrong = [("to", Text("plus tard que `from`", "later than `from`"))]
    if wrong:
        raise bad_fields(wrong)
    return JournalQuestion(camera or None, since, until)


def _after(after: Annotated[str | None, Query(max_length=40)] = None) -> JournalPlace | None:
    place = None if after is None else JournalPlace.read(after)
    if after is not None and place is None:
        raise bad_fields([("after", Text("comme la réponse précédente l'a donné", "as the answer before gave it"))])
    return place


Question = Annotated[JournalQuestion, Depends(_question)]
After = Annotated[JournalPlace | None, Depends(_after)]


@router.get("/journal")
async def journal(
    requester: SignedIn,
    ports: Journal,
    question: Question,
    after: After,
    limit: Annotated[int, Query(ge=1, le=RECORDS_MAX)] = RECORDS_MAX,
) -> JournalOut:
    """Return the records of a time as they stand, newest first, by the page; reading it is recorded (CSI R253-5)."""
    page = await ports.desk.records(requester, question, after=after, most=limit)
    return JournalOut(
        items=[dict(record) for record in page.items],
        stations=dict(page.stations),
        words=dict(page.words),
        total=page.total,
        total_is_least=page.total >= COUNTED_MAX,
        after=None if page.after is None else str(page.after),
        compared=_compared(page.compared),
    )


@router.get("/journal/viewings")
async def viewings(
    requester: SignedIn,
    ports: Journal,
    question: Question,
    after: After,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> JournalViewingsOut:
    """Return the viewings that ran at some instant of a time, newest first, by the page; reading it is recorded."""
    page = await ports.desk.viewings(requester, question, after=after, most=limit)
    return JournalViewingsOut(
        items=[_viewing(each) for each in page.items],
        total=page.total,
        total_is_least=page.total >= COUNTED_MAX,
        after=None if page.after is None else str(page.after),
        compared=_compared(page.compared),
    )


@router.get("/journal/viewings.csv", response_class=Response)
async def viewings_file(
    follower: Following,
    ports: Journal,
    question: Question,
    language: Tongue,
    spoken: Annotated[Language | None, Query(alias="language")] = None,
) -> Response:
    """Return every viewing of the answer as a file for a table program; reading it is recorded."""
    found = await ports.desk.whole(follower.requester, question)
    camera = None if question.camera is None else ports.inventory.camera(CameraId(question.camera))
    name = "journal.csv" if camera is None else f"journal-{camera.number}.csv"
    return StreamingResponse(
        _file(ports, found, follower, spoken or language),
        media_type=csv_file.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _file(
    ports: JournalPorts, found: AsyncIterator[JournalViewing], follower: Follower, language: Language
) -> AsyncIterator[str]:
    # Table programs take the separator of their own country.
    separator = ";" if language is Language.FR else ","
    heads = journal_words.heads(ports.zone, language)
    lines = [csv_file.MARK + csv_file.line(heads, separator=separator)]
    async for viewing in found:
        camera = ports.inventory.camera(CameraId(viewing.camera))
        cells = journal_words.cells(viewing, camera, compared=ports.desk.compared, zone=ports.zone, language=language)
        lines.append(csv_file.line(cells, separator=separator))
        if len(lines) >= FILE_LINES_A_PIECE:
            if (stopped := await follower.refusal()) is not None:
                break
            yield "".join(lines)
            lines = []
    else:
        stopped = await follower.refusal()  # the last piece too may have waited for a client that took nothing
    if stopped is None:
        yield "".join(lines)
    else:
        # The rest is not read; a file that merely ended there would pass for the whole answer.
        yield csv_file.line([_cut_short(stopped).in_language(language)], separator=separator)


def _cut_short(stopped: Problem) -> Text:
    why = stopped.cause.words.title
    return Text(f"Fichier interrompu, incomplet : {why.fr}.", f"File cut short, incomplete: {why.en}.")


def _compared(compared: Compared) -> ComparedOut:
    mended = compared.mended
    return ComparedOut(
        state=compared.state,
        at=compared.at,
        mended=None if mended is None else MendedOut(at=mended.at, rows=mended.rows),
    )


def _viewing(viewing: JournalViewing) -> JournalViewingOut:
    return JournalViewingOut(
        index=viewing.index,
        viewing=viewing.viewing,
        camera=viewing.camera,
        party=viewing.party,
        watchers=[
            WatcherOut(agent=each.agent, service=each.service, name=each.name, since=each.since)
            for each in viewing.watchers
        ],
        station=StationOut(id=viewing.station, label=viewing.station_label or viewing.station),
        event=None
        if viewing.event is None
        else JournalEventOut(
            id=viewing.event.id,
            kind=viewing.event.kind,
            motive=viewing.event.motive,
            motives=[
                MotiveOut(words=each.words, agent=each.agent, service=each.service, name=each.name, at=each.at)
                for each in viewing.event.motives
            ],
            dispatch_number=viewing.event.dispatch_number,
            erased=viewing.event.erased,
            to_come=viewing.event.to_come,
            of_its_party=viewing.event.of_its_party,
        ),
        purpose=viewing.purpose,
        opened_at=viewing.opened_at,
        ended_at=viewing.ended_at,
        articles=list(viewing.articles),
        cause=viewing.cause,
        ended_articles=list(viewing.ended_articles),
    )

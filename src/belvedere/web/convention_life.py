"""A convention's page, its agenda, what-if questions, and its replacement."""

from datetime import date, timedelta
from typing import Annotated, assert_never

from fastapi import APIRouter, Body, Query, Request, Response

from belvedere.acts.conventions import AlreadyReplaced, NotReadable, NotSigned, OtherConvention
from belvedere.acts.terms import ImpossibleDay, UnknownConvention
from belvedere.domain.causes import Cause
from belvedere.domain.convention_texts import TermWord
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.request import HoursOverride
from belvedere.domain.text import Language, Text
from belvedere.policy import BadRequest, Convention, ConventionError, decide, decision_json, parse_request
from belvedere.policy.agenda import OrderStanding, agenda, icalendar_feed, order_standing
from belvedere.policy.clauses.duties import Renewal, Term
from belvedere.policy.lifecycle import renewals
from belvedere.web.asking import SignedIn, Tongue, convention_of
from belvedere.web.field_words import OTHER_CONVENTION
from belvedere.web.off_loop import ConventionPages, OffLoop
from belvedere.web.ports import ConventionPorts, Conventions, Direction
from belvedere.web.problems import Problem, act_refused, bad_fields, not_found
from belvedere.web.schemas import (
    AgendaEntryOut,
    AgendaOut,
    OrderOut,
    ReplacementIn,
    TermIn,
    TermOut,
)

router = APIRouter(tags=["convention"])
Spoken = Annotated[Language | None, Query(alias="language")]
"""The language asked for by an address that a browser opens by itself; else the browser's own."""
AGENDA_DAYS = 60
FEED_OPENINGS_DAYS = 400
FEED_DAYS = 6 * 366
"""Terms, letters and orders are planned for long before they come: an order runs for five years."""
DAYS_MAX = 800


def _off_loop(request: Request) -> OffLoop:
    off_loop: OffLoop = request.app.state.off_loop
    return off_loop


@router.get("/convention/page", response_class=Response)
async def page(
    requester: SignedIn, ports: Conventions, request: Request, language: Tongue, spoken: Spoken = None
) -> Response:
    """Return the convention's page: article, what the program does, examples run (HTML, printable)."""
    pages: ConventionPages = request.app.state.pages
    try:
        shown = await pages.page(convention_of(ports.in_force, requester), spoken or language)
    except ConventionError as error:
        raise Problem(409, Cause.EXAMPLES, Text(str(error), str(error))) from None
    return Response(shown, media_type="text/html; charset=utf-8")


@router.get("/convention/agenda")
async def coming(
    requester: SignedIn,
    ports: Conventions,
    request: Request,
    language: Tongue,
    days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = AGENDA_DAYS,
) -> AgendaOut:
    """Return what comes within `days`: openings, terms, letters, orders that end."""
    convention = convention_of(ports.in_force, requester)
    today = ports.clock.now().astimezone(convention.zone).date()
    confirmed = await ports.store.read(lambda reading: reading.orders_confirmed())
    varied = await _varied(ports, today)
    entries = await _off_loop(request).run(
        lambda: agenda(convention, starts=today, ends=today + timedelta(days=days), varied=varied)
    )
    orders = []
    for camera in ports.inventory:
        if camera.authorised_until is not None:
            standing, months = order_standing(camera.authorised_until, today)
            if standing is not OrderStanding.RUNNING:
                orders.append(
                    OrderOut(
                        camera=camera.id,
                        authorised_until=camera.authorised_until,
                        standing="over" if standing is OrderStanding.OVER else "ending",
                        alarm_months=months,
                        confirmed=camera.id in confirmed,
                    )
                )
    return AgendaOut(
        items=[
            AgendaEntryOut(
                kind=entry.kind,
                starts=entry.starts,
                ends=entry.ends,
                title=entry.title.in_language(language),
                articles=list(entry.articles),
            )
            for entry in entries
        ],
        orders=orders,
        ends_at=convention.ends_at,
        next_term=_next_term(convention, today),
    )


async def _varied(ports: ConventionPorts, today: date) -> dict[str, dict[date, HoursOverride]]:
    announced = await ports.store.read(lambda reading: list(reading.hours_varied_from(today)))
    return {ports.owner: {each.day: HoursOverride(each.open, each.close) for each in announced}}


def _next_term(convention: Convention, today: date) -> TermOut | None:
    for term in convention.of(Term):
        horizon = date(today.year + term.years + 1, 1, 1)
        for each in renewals(term, convention.in_force_from, until=horizon):
            if convention.ends_at is not None and each.renewal is Renewal.TACIT:
                return None  # a non-renewal was told: it ends, and `ends_at` says when
            if each.term_on >= today:
                return TermOut(term_on=each.term_on, letter_by=each.letter_by, renewal=each.renewal)
    return None


@router.get("/convention/calendar.ics", response_class=Response)
async def calendar_feed(
    requester: SignedIn, ports: Conventions, request: Request, language: Tongue, spoken: Spoken = None
) -> Response:
    """Return openings, terms, deadlines and expiries as an iCalendar feed (RFC 5545)."""
    convention = convention_of(ports.in_force, requester)
    now = ports.clock.now()
    today = now.astimezone(convention.zone).date()
    orders = {
        str(camera.id): camera.authorised_until for camera in ports.inventory if camera.authorised_until is not None
    }
    varied = await _varied(ports, today)

    def feed_of() -> bytes:
        entries = agenda(
            convention,
            starts=today,
            ends=today + timedelta(days=FEED_DAYS),
            openings_until=today + timedelta(days=FEED_OPENINGS_DAYS),
            orders=orders,
            varied=varied,
        )
        return icalendar_feed(convention, entries, stamped=now, language=spoken or language)

    feed = await _off_loop(request).run(feed_of)
    return Response(
        feed,
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="belvedere.ics"'},
    )


@router.post("/convention/what-if")
async def what_if(
    body: Annotated[dict[str, object], Body()], requester: SignedIn, ports: Conventions, language: Tongue
) -> dict[str, object]:
    """Answer a request to decide (api, A request to decide) through the same engine, without a record."""
    try:
        request = parse_request(body)
    except BadRequest as error:
        raise bad_fields([(error.field, Text(str(error), str(error)))]) from None
    return dict(decision_json(decide(convention_of(ports.in_force, requester), request), language))


@router.post("/convention/replacement", status_code=204)
async def replace(body: ReplacementIn, requester: SignedIn, ports: Direction) -> None:
    """Put a text that every party signed in force, as one swap (director)."""
    outcome = await ports.texts.replace(requester, markdown=body.markdown.encode(), note=body.signatures)
    match outcome:
        case Convention():
            return
        case ActRefused():
            raise act_refused(outcome)
        case NotSigned(parties):
            raise Problem(
                403,
                Cause.NOT_SIGNED,
                Text(f"Il manque la signature de : {', '.join(parties)}.", f"Not signed by: {', '.join(parties)}."),
            )
        case AlreadyReplaced():
            raise Problem(409, Cause.ALREADY_REPLACED)
        case NotReadable() | OtherConvention():
            raise unfit_text(outcome)
        case _:
            assert_never(outcome)


def unfit_text(outcome: NotReadable | OtherConvention) -> Problem:
    """Return why a text cannot take the place of the one in force."""
    match outcome:
        case NotReadable(message):
            return bad_fields([("markdown", Text(message, message))])
        case OtherConvention():
            return bad_fields([("markdown", OTHER_CONVENTION)])
        case _:
            assert_never(outcome)


@router.post("/convention/term", status_code=204)
async def tell_term(body: TermIn, requester: SignedIn, ports: Direction) -> None:
    """Record a non-renewal or an express renewal, or take one back that was told by mistake (director).

    A non-renewal takes effect on its day, which is never a day that has passed.
    """
    convention = convention_of(ports.in_force, requester)
    outcome = await ports.terms.tell(
        requester, convention=convention.id, word=TermWord(body.word), on=body.on, act=body.act
    )
    match outcome:
        case Convention():
            return
        case ActRefused():
            raise act_refused(outcome)
        case UnknownConvention() | ImpossibleDay():
            raise untold_term(outcome)
        case _:
            assert_never(outcome)


def untold_term(outcome: UnknownConvention | ImpossibleDay) -> Problem:
    """Return why a word about a convention's term cannot be told."""
    match outcome:
        case UnknownConvention():
            return not_found()
        case ImpossibleDay(reason):
            return bad_fields([("on", reason)])
        case _:
            assert_never(outcome)

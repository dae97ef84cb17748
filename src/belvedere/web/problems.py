"""Errors as RFC 9457 problem+json: fact, cause, remedy, in the language of the person."""

from collections.abc import Mapping, Sequence

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from belvedere.domain.causes import Cause
from belvedere.domain.decision import Pending, Refused
from belvedere.domain.failures import NoPicture, NotRead, NotRecorded, TooManyAtOnce
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Language, Text
from belvedere.policy.law import RECIPIENTS
from belvedere.web.field_words import BadField, bad_field

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
FIELDS_NAMED_MAX = 20
"""A body of nothing but unknown members has as many faults as it has members; the first ones are named."""


class Problem(Exception):
    """An answer other than success: what `kind` says in words, unless `detail` and `remedy` say it closer.

    `cause` is given where a decision refuses: the kind then says that it does, the cause by which rule. `members` extend
    the problem's JSON, `fields` say what is wrong with which.
    """

    def __init__(
        self,
        status: int,
        kind: Cause,
        detail: Text | None = None,
        *,
        articles: Sequence[str] = (),
        remedy: Text | None = None,
        cause: Cause | None = None,
        members: Mapping[str, object] | None = None,
        fields: Sequence[BadField] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.value)
        self.status = status
        self.kind = kind
        self.title = kind.words.title
        self.detail = detail or kind.words.sentence
        self.articles = tuple(articles)
        self.remedy = remedy or kind.words.remedy
        self.cause = cause or kind
        self.members = dict(members or {})
        self.fields = tuple(fields)
        self.headers = dict(headers or {})


def language_of(request: HTTPConnection) -> Language:
    """Return the first of our languages that the person's browser names; French where it names none."""
    for part in request.headers.get("accept-language", "").split(",")[:8]:
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in (Language.FR, Language.EN):
            return Language(tag)
    return Language.FR


def in_each_language(**said: Text | None) -> dict[str, dict[str, str | None]]:
    """Return what is said in both languages, for a screen that changes its own while the words stand there."""
    return {
        language.value: {name: None if text is None else text.in_language(language) for name, text in said.items()}
        for language in Language
    }


def render(problem: Problem, language: Language) -> JSONResponse:
    """Return the problem as HTTP sends it."""
    texts = in_each_language(title=problem.title, detail=problem.detail, remedy=problem.remedy)
    errors = [{"field": field, "message": wrong.in_language(language)} for field, wrong in problem.fields]
    return JSONResponse(
        {
            "type": f"urn:belvedere:problem:{problem.kind.value}",
            "status": problem.status,
            **texts[language.value],
            "articles": list(problem.articles),
            "cause": problem.cause,
            "texts": texts,
            **({"errors": errors} if errors else {}),
            **problem.members,
        },
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def refused(decision: Refused | Pending, *, status: int = 403, members: Mapping[str, object] | None = None) -> Problem:
    """Return a refusal as a problem, with every article that carries it; what the node doesn't do yet says so."""
    cause = decision.cause if isinstance(decision, Refused) else Cause.PENDING
    return Problem(
        status,
        Cause.NOT_OFFERED if cause is Cause.NOT_OFFERED else Cause.REFUSED,
        decision.reason,
        articles=decision.articles,
        remedy=decision.remedy,
        cause=cause,
        members=members,
    )


def not_found() -> Problem:
    """Return the one answer for what doesn't exist and for what is another party's."""
    return Problem(404, Cause.NOT_FOUND)


def lacking(lacks: Cause, articles: Sequence[str] = ()) -> Problem:
    """Return a refusal by what the agent lacks; `articles` say whose the act is, or what asks for the standing.

    One for want of standing is the node's own, whatever a convention would answer.
    """
    if lacks is Cause.NOT_SIGNED_IN:
        return Problem(401, lacks)
    if lacks is Cause.ROLE:
        return Problem(403, lacks, articles=articles)
    words = lacks.words
    return Problem(403, Cause.STANDING_ENDED, words.sentence, articles=articles, remedy=words.remedy, cause=lacks)


def act_refused(refused: ActRefused, articles: Sequence[str] = ()) -> Problem:
    """Return the refusal of an act inside its transaction: what it needs ended since the route was asked for."""
    return lacking(refused.lacks, RECIPIENTS if refused.lacks is Cause.NOT_HABILITATED else articles)


def not_for_this_role(articles: Sequence[str] = ()) -> Problem:
    """Return the refusal of an act that another role has."""
    return lacking(Cause.ROLE, articles)


def bad_fields(errors: Sequence[BadField], *, articles: Sequence[str] = ()) -> Problem:
    """Return a bad request that names each field with what is wrong."""
    named = ", ".join(field for field, _ in errors)
    return Problem(
        422,
        Cause.BAD_REQUEST,
        Text(f"À corriger : {named}.", f"To be corrected: {named}."),
        articles=articles,
        fields=errors,
    )


_KIND_OF_STATUS = {401: Cause.NOT_SIGNED_IN, 405: Cause.METHOD, 413: Cause.TOO_LARGE}


def install(app: FastAPI) -> None:
    """Let every error of `app` leave as problem+json; before a WebSocket's upgrade too, where `request` is one."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return render(error, language_of(request))

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        named = [bad_field(found) for found in error.errors()[:FIELDS_NAMED_MAX]]
        return render(bad_fields(named), language_of(request))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return render(not_found(), language_of(request))
        if error.status_code == 400:  # a body that no JSON reader takes: too deep, a number too long, no UTF-8
            return render(
                bad_fields([("body", Text("n'est pas du JSON lisible", "not JSON that can be read"))]),
                language_of(request),
            )
        kind = _KIND_OF_STATUS.get(error.status_code, Cause.HTTP)
        problem = Problem(error.status_code, kind, headers=error.headers)
        return render(problem, language_of(request))

    async def on_not_recorded(request: Request, error: Exception) -> JSONResponse:
        log.warning("not_recorded", path=request.url.path, error=str(error))
        problem = Problem(503, Cause.NOT_RECORDED, headers={"Retry-After": "1"})
        return render(problem, language_of(request))

    async def on_not_read(request: Request, error: Exception) -> JSONResponse:
        log.warning("not_read", error=str(error))
        problem = Problem(503, Cause.NOT_READ, headers={"Retry-After": "1"})
        return render(problem, language_of(request))

    async def on_too_many(request: Request, error: Exception) -> JSONResponse:
        log.warning("too_many_at_once", error=str(error))
        problem = Problem(503, Cause.BUSY, headers={"Retry-After": "1"})
        return render(problem, language_of(request))

    async def on_no_picture(request: Request, error: Exception) -> JSONResponse:
        log.error("no_picture", path=request.url.path, error=str(error))
        problem = Problem(503, Cause.NO_PICTURE)
        return render(problem, language_of(request))

    app.add_exception_handler(NoPicture, on_no_picture)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(NotRecorded, on_not_recorded)
    app.add_exception_handler(NotRead, on_not_read)
    app.add_exception_handler(TooManyAtOnce, on_too_many)

"""Errors as RFC 9457 problem+json: fact, cause, remedy, in the language of the person."""

from collections.abc import Mapping, Sequence

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from belvedere.domain.decision import Pending, RefusalCause, Refused
from belvedere.domain.failures import NoPicture, NotRead, NotRecorded, TooManyAtOnce
from belvedere.domain.refused_act import ActRefused, Lacks
from belvedere.domain.text import Language, Text
from belvedere.policy.law import RECIPIENTS
from belvedere.web.field_words import BadField, bad_field

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer other than success; `members` extend the problem's JSON, `fields` say what is wrong with which."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: Text,
        detail: Text | None = None,
        *,
        articles: Sequence[str] = (),
        remedy: Text | None = None,
        cause: str | None = None,
        members: Mapping[str, object] | None = None,
        fields: Sequence[BadField] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail or title
        self.articles = tuple(articles)
        self.remedy = remedy
        self.cause = cause or kind
        self.members = dict(members or {})
        self.fields = tuple(fields)
        self.headers = dict(headers or {})


def language_of(request: Request) -> Language:
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
            "type": f"urn:belvedere:problem:{problem.kind}",
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
    offered = not (isinstance(decision, Refused) and decision.cause is RefusalCause.NOT_OFFERED)
    return Problem(
        status,
        "refused",
        Text("Refusé par la convention", "Refused by the convention")
        if offered
        else Text("Pas encore offert", "Not offered yet"),
        decision.reason,
        articles=decision.articles,
        remedy=decision.remedy,
        cause=decision.cause if isinstance(decision, Refused) else "pending",
        members=members,
    )


def not_found() -> Problem:
    """Return the one answer for what doesn't exist and for what is another party's."""
    return Problem(
        404,
        "not-found",
        Text("Introuvable", "Not found"),
        Text(
            "Rien ne porte cet identifiant ici, ou ce n'est pas à vous.",
            "Nothing has this identifier here, or it is not yours.",
        ),
        remedy=Text("Vérifier l'identifiant.", "Check the identifier."),
    )


_LACKING: dict[Lacks, tuple[Text, Text, Text]] = {
    Lacks.SESSION: (
        Text("Non connecté", "Not signed in"),
        Text("La session est absente ou terminée.", "The session is absent or over."),
        Text("Se connecter.", "Sign in."),
    ),
    Lacks.ROLE: (
        Text("Pas avec ce rôle", "Not with this role"),
        Text(
            "Cet acte revient à un autre rôle de votre organisation.",
            "This act belongs to another role of your organisation.",
        ),
        Text("S'adresser au responsable de salle ou à la direction.", "Turn to the room chief or the director."),
    ),
    Lacks.HABILITATION: (
        Text("Habilitation finie", "Habilitation over"),
        Text(
            "Vous n'avez pas d'habilitation en cours : rien ne s'ouvre ni ne se lit sans elle.",
            "You have no habilitation in force: nothing is opened or read without it.",
        ),
        Text(
            "Faire renouveler l'habilitation par votre chef de service.",
            "Have your head of service renew the habilitation.",
        ),
    ),
    Lacks.STATION: (
        Text("Poste non enregistré", "Station not registered"),
        Text("L'enregistrement de ce poste a pris fin.", "The registration of this station has ended."),
        Text("Se connecter depuis un poste enregistré.", "Sign in at a registered station."),
    ),
}


def lacking(lacks: Lacks, articles: Sequence[str] = ()) -> Problem:
    """Return a refusal by what the agent lacks; `articles` say whose the act is, or what asks for the standing.

    One for want of standing is the node's own, whatever a convention would answer.
    """
    title, detail, remedy = _LACKING[lacks]
    if lacks is Lacks.SESSION:
        return Problem(401, lacks.value, title, detail, remedy=remedy)
    kind = "role" if lacks is Lacks.ROLE else "standing-ended"
    return Problem(403, kind, title, detail, articles=articles, remedy=remedy, cause=lacks.value)


def act_refused(refused: ActRefused, articles: Sequence[str] = ()) -> Problem:
    """Return the refusal of an act inside its transaction: what it needs ended since the route was asked for."""
    return lacking(refused.lacks, RECIPIENTS if refused.lacks is Lacks.HABILITATION else articles)


def not_for_this_role(articles: Sequence[str] = ()) -> Problem:
    """Return the refusal of an act that another role has."""
    return lacking(Lacks.ROLE, articles)


def bad_fields(errors: Sequence[BadField], *, articles: Sequence[str] = ()) -> Problem:
    """Return a bad request that names each field with what is wrong."""
    named = ", ".join(field for field, _ in errors)
    return Problem(
        422,
        "bad-request",
        Text("Demande mal formée", "Bad request"),
        Text(f"À corriger : {named}.", f"To be corrected: {named}."),
        articles=articles,
        remedy=Text("Corriger les champs nommés.", "Correct the fields named."),
        fields=errors,
    )


_STATUS_TITLES: dict[int, Text] = {
    401: Text("Non connecté", "Not signed in"),
    403: Text("Refusé", "Refused"),
    405: Text("Méthode non admise", "Method not allowed"),
    413: Text("Demande trop grande", "Request too large"),
}


def install(app: FastAPI) -> None:
    """Let every error of `app` leave as problem+json."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return render(error, language_of(request))

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return render(bad_fields([bad_field(found) for found in error.errors()]), language_of(request))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return render(not_found(), language_of(request))
        if error.status_code == 400:  # a body that no JSON reader takes: too deep, a number too long, no UTF-8
            return render(
                bad_fields([("body", Text("n'est pas du JSON lisible", "not JSON that can be read"))]),
                language_of(request),
            )
        title = _STATUS_TITLES.get(error.status_code, Text("Refusé", "Refused"))
        problem = Problem(error.status_code, "http", title, headers=error.headers)
        return render(problem, language_of(request))

    async def on_not_recorded(request: Request, error: Exception) -> JSONResponse:
        log.warning("not_recorded", path=request.url.path, error=str(error))
        problem = Problem(
            503,
            "not-recorded",
            Text("Le journal ne répond pas", "The journal does not answer"),
            Text(
                "La décision n'a pas pu être écrite au journal ; sans trace, aucune image.",
                "The decision could not be written to the journal; without a record, no image.",
            ),
            remedy=Text(
                "Réessayer ; si cela dure, appeler l'administrateur.",
                "Try again; if it lasts, call the administrator.",
            ),
            headers={"Retry-After": "1"},
        )
        return render(problem, language_of(request))

    async def on_not_read(request: Request, error: Exception) -> JSONResponse:
        log.warning("not_read", error=str(error))
        problem = Problem(
            503,
            "not-read",
            Text("Lecture impossible", "Cannot be read"),
            Text(
                "Ce qui est conservé ici ne peut pas être lu en ce moment.",
                "What is kept here cannot be read just now.",
            ),
            remedy=Text(
                "Réessayer ; si cela dure, appeler l'administrateur.",
                "Try again; if it lasts, call the administrator.",
            ),
            headers={"Retry-After": "1"},
        )
        return render(problem, language_of(request))

    async def on_too_many(request: Request, error: Exception) -> JSONResponse:
        log.warning("too_many_at_once", error=str(error))
        problem = Problem(
            503,
            "busy",
            Text("Trop de demandes à la fois", "Too many requests at once"),
            remedy=Text("Réessayer dans une seconde.", "Try again in a second."),
            headers={"Retry-After": "1"},
        )
        return render(problem, language_of(request))

    async def on_no_picture(request: Request, error: Exception) -> JSONResponse:
        log.error("no_picture", path=request.url.path, error=str(error))
        problem = Problem(
            503,
            "no-picture",
            Text("Pas d'image", "No picture"),
            Text("Le relais ne peut pas servir cette caméra.", "The relay can't serve this camera."),
            remedy=Text("Appeler l'administrateur.", "Call the administrator."),
        )
        return render(problem, language_of(request))

    app.add_exception_handler(NoPicture, on_no_picture)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(NotRecorded, on_not_recorded)
    app.add_exception_handler(NotRead, on_not_read)
    app.add_exception_handler(TooManyAtOnce, on_too_many)

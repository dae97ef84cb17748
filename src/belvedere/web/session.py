"""Signing in and out."""

from typing import assert_never

from fastapi import APIRouter, Request, Response

from belvedere.agents.log_in import (
    LoggedIn,
    LogIn,
    NotByPin,
    Relief,
    StationUnregistered,
    Wait,
    WrongPassword,
)
from belvedere.agents.log_in import SignedIn as OpenSession
from belvedere.domain.ids import PartyId
from belvedere.domain.refused_act import ActRefused, Lacks
from belvedere.domain.text import Language, Text
from belvedere.web.asking import CurrentSession, Ports, SignedIn, Tongue, standing_articles
from belvedere.web.connections import network_of
from belvedere.web.ports import WebPorts
from belvedere.web.problems import Problem, act_refused, in_each_language, lacking
from belvedere.web.schemas import (
    AgentOut,
    LoginIn,
    ProblemWordsOut,
    ReliefIn,
    SessionClosedOut,
    SessionOut,
    StationOut,
)

router = APIRouter(tags=["session"])


def _body(session: OpenSession, ports: WebPorts, language: Language) -> SessionOut:
    asker = session.asker
    return SessionOut(
        agent=AgentOut(
            label=asker.label,
            pseudonym=asker.pseudonym,
            party=asker.party,
            service=asker.service,
            role=asker.role,
        ),
        station=StationOut(id=asker.station, label=asker.station_label),
        party=ports.owner,
        language=language.value,
        ends_at=asker.session_ends_at,
        closed=_closed(session, ports),
    )


def _closed(session: OpenSession, ports: WebPorts) -> SessionClosedOut | None:
    """Return why everything but this is refused to a session; None while its agent's standing is whole."""
    lacks = session.standing.lacks(session.asker.role)
    if lacks is None:
        return None
    problem = lacking(lacks, standing_articles(ports, session.asker.party, lacks))
    texts = in_each_language(title=problem.title, detail=problem.detail, remedy=problem.remedy)
    return SessionClosedOut(
        cause=problem.cause,
        articles=list(problem.articles),
        texts={language: ProblemWordsOut.model_validate(words) for language, words in texts.items()},
    )


def _set_cookie(response: Response, ports: WebPorts, cookie: str) -> None:
    response.set_cookie(
        ports.owner,
        cookie,
        httponly=True,
        samesite="strict",
        secure=ports.app_origin().startswith("https://"),
        path="/",
    )


def _wrong_password() -> Problem:
    return Problem(
        401,
        "wrong-password",
        Text("Identifiant ou mot de passe incorrect", "Wrong login or password"),
        Text(
            "Aucun compte n'a cet identifiant avec ce mot de passe.",
            "No account has this login with this password.",
        ),
        remedy=Text(
            "Vérifier la saisie ; sinon s'adresser à son superviseur.",
            "Check what was typed; else turn to your supervisor.",
        ),
    )


def _wrong_pin() -> Problem:
    return Problem(
        401,
        "wrong-pin",
        Text("Identifiant ou code personnel incorrect", "Wrong login or personal code"),
        Text(
            "Aucun agent de votre organisation n'a cet identifiant avec ce code.",
            "No agent of your organisation has this login with this code.",
        ),
        remedy=Text(
            "Vérifier la saisie ; sinon quitter le poste et se connecter par mot de passe.",
            "Check what was typed; else leave the post and sign in by password.",
        ),
    )


def _wait(seconds: float) -> Problem:
    return Problem(
        429,
        "wait",
        Text("Trop d'essais", "Too many attempts"),
        Text(
            f"Réessayer dans {max(1, seconds):.0f} s ; le compte n'est pas bloqué.",
            f"Try again in {max(1, seconds):.0f} s; the account is not locked.",
        ),
        remedy=Text("Attendre, puis réessayer.", "Wait, then try again."),
        headers={"Retry-After": str(max(1, round(seconds)))},
    )


def _station_unregistered(ports: WebPorts, party: PartyId) -> Problem:
    return Problem(
        403,
        "station-unregistered",
        Text("Poste non enregistré", "Station not registered"),
        Text(
            "Ce poste n'est pas un lieu de visionnage enregistré par votre organisation.",
            "This station is not a viewing place registered by your organisation.",
        ),
        articles=standing_articles(ports, party, Lacks.STATION),
        remedy=Text(
            "Faire enregistrer le poste par le superviseur.",
            "Have the supervisor register the station.",
        ),
    )


@router.post("/login")
async def log_in(body: LoginIn, request: Request, response: Response, ports: Ports, language: Tongue) -> SessionOut:
    """Sign in at a registered station; sets the session cookie."""
    outcome = await ports.sign_in.log_in(
        LogIn(
            login=body.login,
            password=body.password,
            station_secret=body.station,
            address="" if request.client is None else network_of(request.client.host),
        )
    )
    match outcome:
        case LoggedIn(opened, cookie):
            _set_cookie(response, ports, cookie)
            return _body(opened, ports, language)
        case WrongPassword():
            raise _wrong_password()
        case StationUnregistered(party):
            raise _station_unregistered(ports, party)
        case Wait(seconds):
            raise _wait(seconds)
        case _:
            assert_never(outcome)


@router.get("/session")
async def session(current: CurrentSession, ports: Ports, language: Tongue) -> SessionOut:
    """Return who is signed in here, and why the session is closed where it is."""
    return _body(current, ports, language)


@router.post("/logout", status_code=204)
async def log_out(asker: SignedIn, response: Response, ports: Ports) -> None:
    """Sign out: every viewing of this session ends, recorded."""
    await ports.closer.leave(asker.session_sha256)
    await ports.sign_in.log_out(asker)
    ports.changes.standings_changed()
    response.delete_cookie(ports.owner, path="/")


@router.post("/session/relief")
async def relieve(body: ReliefIn, asker: SignedIn, response: Response, ports: Ports, language: Tongue) -> SessionOut:
    """Change the agent and keep the viewings: each is decided again and changes hands in the journal."""
    outcome = await ports.sign_in.relieve(asker, login=body.login, pin=body.pin)
    match outcome:
        case Relief(relief, cookie):
            if isinstance(handed := await ports.relief.hand_over(asker, relief.asker), ActRefused):
                raise act_refused(handed)
            _set_cookie(response, ports, cookie)
            return _body(relief, ports, language)
        case WrongPassword():
            raise _wrong_pin()
        case StationUnregistered(party):
            raise _station_unregistered(ports, party)
        case NotByPin():
            raise Problem(
                403,
                "not-by-pin",
                Text("Rôle à prendre par mot de passe", "A role that is taken by password"),
                Text(
                    "Un code ne relève qu'un agent du même rôle, ou un opérateur à son pupitre.",
                    "A PIN relieves an agent of the same role, or an operator at the desk.",
                ),
                remedy=Text("Quitter le poste, puis se connecter.", "Sign out, then sign in."),
            )
        case Wait(seconds):
            raise _wait(seconds)
        case _:
            assert_never(outcome)

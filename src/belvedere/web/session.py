"""Signing in and out."""

from typing import assert_never

from fastapi import APIRouter, Request, Response

from belvedere.acts.relief import MayNotRelieve
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
from belvedere.domain.causes import Cause
from belvedere.domain.ids import PartyId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Language, Text
from belvedere.web.asking import CurrentSession, SignedIn, Tongue, standing_articles
from belvedere.web.connections import network_of
from belvedere.web.ports import SessionPorts, Sessions
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


def _body(session: OpenSession, ports: SessionPorts, language: Language) -> SessionOut:
    requester = session.requester
    return SessionOut(
        agent=AgentOut(
            label=requester.label,
            pseudonym=requester.pseudonym,
            party=requester.party,
            service=requester.service,
            role=requester.role,
        ),
        station=StationOut(id=requester.station, label=requester.station_label),
        party=ports.owner,
        language=language.value,
        ends_at=requester.session_ends_at,
        closed=_closed(session, ports),
    )


def _closed(session: OpenSession, ports: SessionPorts) -> SessionClosedOut | None:
    """Return why everything but this is refused to a session; None while its agent's standing is whole."""
    lacks = session.standing.lacks(session.requester.role)
    if lacks is None:
        return None
    problem = lacking(lacks, standing_articles(ports.in_force, session.requester.party, lacks))
    texts = in_each_language(title=problem.title, detail=problem.detail, remedy=problem.remedy)
    return SessionClosedOut(
        cause=problem.cause,
        articles=list(problem.articles),
        texts={language: ProblemWordsOut.model_validate(words) for language, words in texts.items()},
    )


def _set_cookie(response: Response, ports: SessionPorts, cookie: str) -> None:
    response.set_cookie(
        ports.owner,
        cookie,
        httponly=True,
        samesite="strict",
        secure=ports.app_origin().startswith("https://"),
        path="/",
    )


def _wrong_password() -> Problem:
    return Problem(401, Cause.WRONG_PASSWORD)


def _wrong_pin() -> Problem:
    return Problem(401, Cause.WRONG_PIN)


def _wait(seconds: float) -> Problem:
    return Problem(
        429,
        Cause.WAIT,
        Text(
            f"Réessayer dans {max(1, seconds):.0f} s ; le compte n'est pas bloqué.",
            f"Try again in {max(1, seconds):.0f} s; the account is not locked.",
        ),
        headers={"Retry-After": str(max(1, round(seconds)))},
    )


def _station_unregistered(ports: SessionPorts, party: PartyId) -> Problem:
    return Problem(
        403, Cause.STATION_UNREGISTERED, articles=standing_articles(ports.in_force, party, Cause.STATION_UNREGISTERED)
    )


@router.post("/login")
async def log_in(body: LoginIn, request: Request, response: Response, ports: Sessions, language: Tongue) -> SessionOut:
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
async def session(current: CurrentSession, ports: Sessions, language: Tongue) -> SessionOut:
    """Return who is signed in here, and why the session is closed where it is."""
    return _body(current, ports, language)


@router.post("/logout", status_code=204)
async def log_out(requester: SignedIn, response: Response, ports: Sessions) -> None:
    """Sign out: every viewing of this session ends, recorded."""
    await ports.closer.leave(requester.session_sha256)
    response.delete_cookie(ports.owner, path="/")


@router.post("/session/relief")
async def relieve(
    body: ReliefIn, requester: SignedIn, response: Response, ports: Sessions, language: Tongue
) -> SessionOut:
    """Change the agent and keep the viewings: each is decided again and changes hands in the journal."""
    outcome = await ports.sign_in.relieve(requester, login=body.login, pin=body.pin)
    match outcome:
        case Relief(relief, cookie):
            match await ports.relief.hand_over(requester, relief.requester):
                case ActRefused() as refused:
                    raise act_refused(refused)
                case MayNotRelieve(lacks):
                    # Not "standing-ended": the session at this station goes on, with its own agent.
                    raise Problem(403, lacks, articles=standing_articles(ports.in_force, requester.party, lacks))
                case _:
                    pass
            _set_cookie(response, ports, cookie)
            return _body(relief, ports, language)
        case WrongPassword():
            raise _wrong_pin()
        case StationUnregistered(party):
            raise _station_unregistered(ports, party)
        case NotByPin():
            raise Problem(403, Cause.NOT_BY_PIN)
        case Wait(seconds):
            raise _wait(seconds)
        case _:
            assert_never(outcome)

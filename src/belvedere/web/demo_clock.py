"""The demo's page: one clock to move forward. It exists only where the node runs on a clock that can be moved."""

from datetime import date, datetime, time, timedelta
from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from belvedere.domain.clock import Instant
from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import BadText, read_json
from belvedere.web.ports import Demo
from belvedere.web.problems import bad_fields

router = APIRouter(include_in_schema=False)

YEAR_MAX = 2100
_NO_TIME = Text(
    "HH:MM, ou un jour et une heure comme 2026-03-29T01:59:50", "HH:MM, or a date and time such as 2026-03-29T01:59:50"
)
_TIMES = ("01:59", "02:00", "07:29", "07:30", "09:59", "10:00", "17:59", "18:00")


def _page(now: datetime) -> str:
    buttons = "".join(f'<button name="at" value="{at}">{at}</button> ' for at in _TIMES)
    return f"""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Belvedere · horloge de la démonstration</title></head>
<body><main>
<h1>Horloge de la démonstration</h1>
<p>Il est <strong><time datetime="{now.isoformat()}">{escape(now.strftime("%d/%m/%Y %H:%M:%S"))}</time></strong>
({escape(str(now.tzinfo))}). Le temps n'avance que vers l'avant : un journal ne revient jamais en arrière.</p>
<form method="post" action="/demo/clock"><p>Aller à la prochaine fois qu'il sera : {buttons}</p></form>
<form method="post" action="/demo/clock">
<p><label>Ou à la date <input type="datetime-local" name="at" step="1" required></label> <button>Aller</button></p></form>
</main></body></html>"""


@router.get("/demo", response_class=HTMLResponse)
async def page(ports: Demo) -> HTMLResponse:
    """Show the demo's clock."""
    zone = ports.in_force.conventions[0].zone
    return HTMLResponse(_page(ports.clock.now().astimezone(zone)))


@router.post("/demo/clock")
async def move(request: Request, ports: Demo) -> Response:
    """Move the clock of all of the demo forward: to the next `HH:MM`, or to a date and time, local where no zone is given.

    A form is answered 303, JSON `{at}` 204: once every right has been decided again at that time.
    """
    as_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    at = _asked(await request.body(), as_json=as_json)
    zone = ports.in_force.conventions[0].zone
    now = ports.clock.now().astimezone(zone)
    try:
        wanted = _next(now, time.fromisoformat(at)) if len(at) == len("07:30") else datetime.fromisoformat(at)
    except ValueError:
        raise bad_fields([("at", _NO_TIME)]) from None
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=zone)
    if wanted.year > YEAR_MAX:
        raise bad_fields(
            [
                (
                    "at",
                    Text(
                        f"au plus tard en {YEAR_MAX} : les calendriers finissent quelque part",
                        f"no later than {YEAR_MAX}: calendars end somewhere",
                    ),
                )
            ]
        )
    if not ports.clock.move_to(wanted):
        raise bad_fields([("at", Text("l'horloge ne va qu'en avant", "the clock only moves forward"))])
    await ports.moved()
    return Response(status_code=204) if as_json else RedirectResponse("/demo", status_code=303)


def _asked(body: bytes, *, as_json: bool) -> str:
    if not as_json:
        return parse_qs(body.decode("ascii", errors="replace")).get("at", [""])[0]
    try:
        asked = read_json(body)
    except BadText as failure:
        raise bad_fields([("", failure.message)]) from None
    at = asked.get("at") if isinstance(asked, dict) else None
    if not isinstance(at, str):
        raise bad_fields([("at", _NO_TIME)])
    return at


def _next(now: datetime, at: time) -> Instant:
    day: date = now.date()
    if datetime.combine(day, at, now.tzinfo) <= now:
        day += timedelta(days=1)
    return datetime.combine(day, at, now.tzinfo)

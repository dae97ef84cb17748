"""Each cell of docs/reference/access.md, tried over HTTP: route by role, own party or guest, by standing. CSI L252-3, R253-3."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest
from fastapi import APIRouter, FastAPI
from starlette.types import Message

from belvedere.agents.log_in import digest
from belvedere.changes import AccountOpened, SessionOpened, StationEnrolled
from belvedere.domain.agents import Account, Habilitation, Session, Station
from belvedere.domain.ids import AgentId, PartyId, Pseudonym, ServiceId, StationId
from belvedere.domain.vocabulary import Role
from belvedere.web import app as application
from belvedere.web.access import UnlistedRoutes, endpoints_of
from belvedere.web.app import create_app
from tests.flows.conftest import CITY, STATE, City, CityMaker
from tests.flows.making import make

pytestmark = pytest.mark.anyio
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "access.md"
ROUTE = re.compile(r"^\| `(\w+) (/\S+)` \| ([^|]+) \| ([^|]+) \| (asked|not asked) \|$", re.MULTILINE)
NAME = re.compile(r"^\| (\w+) \| ([a-z, -]+) \|$", re.MULTILINE)
PUBLIC = re.compile(r"`(GET|POST) (/\S*)`")
UNDESIGNATED = re.compile(r"^\| (\w+) \| no \| yes \|", re.MULTILINE)
ENDS_A_SESSION = "/logout"


@dataclass(frozen=True)
class Row:
    """One route as the page has it."""

    method: str
    path: str
    own: frozenset[str]
    guest: frozenset[str]
    standing: bool

    @property
    def address(self) -> str:
        return "/api/v1" + re.sub(r"\{(\w+)\}", lambda found: "2026-03-29" if found[1] == "day" else "none", self.path)


def table() -> list[Row]:
    """Return what the page says, names of groups put out."""
    text = PAGE.read_text()
    groups = {name: frozenset(roles.split(", ")) for name, roles in NAME.findall(text) if name != "Name"}
    groups["room"] = frozenset().union(*(groups[each] for each in ("desk", "chief", "supervisor", "director")))
    groups |= {"all": frozenset(Role), "nobody": frozenset()}

    def roles(cell: str) -> frozenset[str]:
        return frozenset().union(*(groups[name] for name in cell.split(", ")))

    return [
        Row(method, path, roles(own), roles(guest), standing == "asked")
        for method, path, own, guest, standing in ROUTE.findall(text)
    ]


def public() -> set[tuple[str, str]]:
    """Return the public routes that the page names."""
    said = PAGE.read_text().split("## Public")[1].split("The last two")[0]
    return set(PUBLIC.findall(said))


def test_the_page_names_every_route_that_the_node_serves() -> None:
    served = {
        (method, path)
        for path, operations in application.describe().openapi()["paths"].items()
        for method in map(str.upper, operations)
    }
    named = {(row.method, "/api/v1" + row.path) for row in table()}
    assert named <= served
    not_described = {("GET", path) for path in ("/{page:path}", "/demo", "/healthz", "/readyz", "/metrics")}
    not_described |= {("POST", "/demo/clock")}
    assert public() == (served - named) | not_described


async def status_of(app: FastAPI, row: Row, *, origin: str, cookie: str | None) -> tuple[int, str | None]:
    """Ask one route; return the status and cause. What goes on is left as soon as it has begun."""
    status, body, given = 0, b"", False
    headers = [(b"host", b"city"), (b"origin", origin.encode()), (b"content-type", b"application/json")]
    if cookie is not None:
        headers.append((b"cookie", f"{CITY}={cookie}".encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": row.method,
        "scheme": "http",
        "path": row.address,
        "raw_path": row.address.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("city", 80),
    }
    with anyio.CancelScope() as asked:

        async def receive() -> Message:
            nonlocal given
            if given:
                await anyio.sleep_forever()
            given = True
            return {"type": "http.request", "body": b"{}" if row.method != "GET" else b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")
            if status not in {401, 403} or not message.get("more_body", True):
                asked.cancel()

        await app(scope, receive, send)
    cause = re.search(rb'"cause":"([^"]+)"', body) if status in {401, 403} else None
    return status, None if cause is None else cause[1].decode()


STANDINGS = {"whole": None, "not habilitated": "not-habilitated", "struck off": "station-unregistered"}


async def people(city: City) -> AsyncIterator[tuple[Role, bool, str, str]]:
    """Yield a role, whether of the node's own party, a standing, and the cookie of a session with it."""
    now = city.clock.now()
    designated = Habilitation("arrêté 11", date(2022, 10, 1), None)
    for role in Role:
        for party in (CITY, STATE):
            for standing in STANDINGS:
                name = f"{role.value}-{party}-{standing}".replace(" ", "-")
                account = Account(
                    agent=AgentId(name),
                    login=name,
                    label=name,
                    party=PartyId(party),
                    service=ServiceId("csu" if party == CITY else "cic"),
                    role=role,
                    pseudonym=Pseudonym(name),
                    password_hash="none",
                    pin_hash=None,
                    habilitation=replace(designated, until=date(2026, 3, 24))
                    if standing == "not habilitated"
                    else designated,
                )
                station = Station(
                    StationId(name),
                    account.party,
                    name,
                    digest(f"station {name}"),
                    now if standing == "struck off" else None,
                )
                session = Session(digest(name), account.agent, station.id, opened_at=now, seen_at=now)

                await make(
                    city.node,
                    AccountOpened(account, now),
                    StationEnrolled(station, None, now),
                    SessionOpened(session, account.party),
                )
                yield role, party == CITY, standing, name


async def test_every_route_answers_each_role_and_standing_as_the_page_says(city: City) -> None:
    app, origin = create_app(city.node.web), city.node.app_url
    rows = sorted(table(), key=lambda row: row.path == ENDS_A_SESSION)
    undesignated = set(UNDESIGNATED.findall(PAGE.read_text()))
    assert undesignated == {"admin", "technician"}
    assert {await status_of(app, row, origin=origin, cookie=None) for row in rows} == {(401, "not-signed-in")}
    wrong = []
    async for role, own, standing, cookie in people(city):
        for row in rows:
            answered = await status_of(app, row, origin=origin, cookie=cookie)
            ended = STANDINGS[standing] if row.standing else None
            if ended == "not-habilitated" and role.value in undesignated:
                ended = None
            if ended is not None:
                right = answered == (403, ended)
            elif role.value in (row.own if own else row.guest):
                right = answered[0] not in {401, 403, 500}
            else:
                right = answered == (403, "role")
            if not right:
                wrong.append((row.method, row.path, role.value, own, standing, answered))
    assert not wrong


async def test_a_route_without_a_row_keeps_the_node_from_starting(
    city_maker: CityMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = APIRouter()

    @router.get("/forgotten")
    async def forgotten() -> None:
        """A route of which nobody said who may use it."""

    monkeypatch.setattr(application, "_ROUTERS", (*application._ROUTERS, SimpleNamespace(router=router)))
    assert forgotten in endpoints_of(application.describe())
    said = []
    try:
        async with city_maker():
            pass
    except* UnlistedRoutes as refused:
        said = [str(each) for each in refused.exceptions]
    assert len(said) == 1
    assert "/api/v1/forgotten" in said[0]


async def test_a_row_without_a_route_keeps_the_node_from_starting(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    without = tuple(module for module in application._ROUTERS if not module.__name__.endswith(".steering"))
    monkeypatch.setattr(application, "_ROUTERS", without)
    with pytest.raises(UnlistedRoutes, match="take_ptz"):
        create_app(city.node.web)

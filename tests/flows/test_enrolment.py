"""Accounts and stations enter by a file, and change by it; none exist by default (reliability 22; rules A1, A22)."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from typer.testing import CliRunner, Result

from belvedere.agents.enrolment import AccountToEnrol, Enrolment, NotEnrolled
from belvedere.agents.enrolment_file import read_enrolment
from belvedere.agents.password_rules import weakness_of_password, weakness_of_pin
from belvedere.agents.passwords import Passwords
from belvedere.cli.main import app
from belvedere.clock import SystemIds
from belvedere.demo.accounts import demo_accounts
from belvedere.domain.failures import Unreadable
from belvedere.domain.vocabulary import Role
from belvedere.node.enrolment import enrol
from tests.flows.conftest import CITY, PASSWORD, PIN, STATE, City, CityMaker, station_secret

ACCOUNT = {
    "login": "agent-1",
    "password": "une phrase assez longue",
    "label": "agent 1",
    "party": "etat",
    "service": "cic",
    "role": "cic-operator",
}
STATION = {"id": "mur-1", "party": "etat", "label": "mur 1", "secret": "0123456789abcdef0123"}
OTHER_PASSWORD = "tournesol brique lampion"


def test_a_whole_file_is_read() -> None:
    accounts, stations = read_enrolment(
        json.dumps({"accounts": [ACCOUNT], "stations": [STATION]}).encode(), name="agents.json"
    )
    assert [account.login for account in accounts] == ["agent-1"]
    assert [station.id for station in stations] == ["mur-1"]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"password": "canary"}, "accounts.0.password"),
        ({"role": "emperor"}, "accounts.0.role"),
        ({"pin": "12"}, "accounts.0.pin"),
        ({"nickname": "x"}, "accounts.0.nickname"),
        ({"label": "a\nb"}, "accounts.0.label"),
        ({"label": "a\u0085b"}, "accounts.0.label"),
        ({"habilitated_by": "arr\u0000"}, "accounts.0.habilitated_by"),
        ({"party": "État"}, "accounts.0.party"),
    ],
)
def test_a_wrong_member_is_named_and_its_value_is_not_repeated(changed: dict[str, str], place: str) -> None:
    content = json.dumps({"accounts": [ACCOUNT | changed], "stations": []}).encode()
    with pytest.raises(Unreadable, match=place) as caught:
        read_enrolment(content, name="agents.json")
    assert "canary" not in str(caught.value)


def test_the_command_answers_2_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "agents.json"
    file.write_text("[]")
    for path in (file, tmp_path / "absent.json"):
        answer = CliRunner().invoke(app, ["agents", "import", str(path), "--config", str(tmp_path / "node.toml")])
        assert answer.exit_code == 2
        assert path.name in answer.output


# Importing again, on the small city's node.


@dataclass
class Office:
    """The node's administrator: node.toml beside the small city's data, and files to import."""

    folder: Path
    make: CityMaker

    def __post_init__(self) -> None:
        (self.folder / "node.toml").write_text(
            f'[node]\nparty = "{CITY}"\ndata_dir = "data"\norigin = "belvedere.example/{CITY}"\n'
            '[media]\nsource_networks = ["127.0.0.0/8"]\n'
            '[inventory]\ncameras = "cameras.geojson"\nsources = "sources.json"\nground = "ground.geojson"\n'
            '[[conventions]]\ndirectory = "convention"\n'
        )

    async def imports(self, *, accounts: list[Any] | None = None, stations: list[Any] | None = None) -> Result:
        file = self.folder / "agents.json"
        file.write_text(json.dumps({"accounts": accounts or [], "stations": stations or []}))
        arguments = ["agents", "import", str(file), "--config", str(self.folder / "node.toml")]
        return await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, arguments))

    async def done(self, **entries: list[Any]) -> str:
        answer = await self.imports(**entries)
        assert answer.exit_code == 0, answer.output
        return answer.output

    async def refused(self, **entries: list[Any]) -> str:
        answer = await self.imports(**entries)
        assert answer.exit_code == 2, answer.output
        assert "agents.json" in answer.output
        assert "nothing was changed" in answer.output
        return answer.output


@pytest.fixture
def office(tmp_path: Path, city_maker: CityMaker) -> Office:
    return Office(tmp_path, city_maker)


def known(login: str = "cic-operator", **changed: object) -> dict[str, object]:
    """An entry for an account that the small city has; what is not told stays as it is."""
    entry = {"login": login, "label": f"Nom de {login}", "party": STATE, "service": "cic", "role": "cic-operator"}
    return {**entry, **changed}


async def log_in(city: City, login: str, password: str, station: str | None = None) -> httpx.Response:
    body = {"login": login, "password": password, "station": station or station_secret(login)}
    return await city.browser().post("/api/v1/login", json=body)


pytestmark = pytest.mark.anyio


async def test_what_is_imported_again_as_it_is_changes_nothing_and_is_no_record(office: Office) -> None:
    term = {"habilitated_by": "arrêté 11", "habilitated_since": "2022-10-01"}
    entries = [known(password=PASSWORD, pin=PIN, **term), known("cic-second")]
    station = {"id": "poste-4", "party": STATE, "label": "poste 4", "secret": station_secret("cic-operator")}
    output = await office.done(accounts=entries, stations=[station])
    assert "0 new, 0 changed, 3 as they were" in output
    async with office.make() as city:
        assert await city.records(cause="account-changed") == []
        assert await city.records(cause="renewed") == []
        assert await city.records(cause="station-changed") == []
        await city.sign_in("cic-operator")


async def test_a_password_and_a_pin_are_changed_and_neither_stands_in_the_journal(office: Office) -> None:
    async with office.make() as city:
        signed_in = await city.sign_in("cic-operator")
        cookies = dict(signed_in.client.cookies)
    assert "1 changed" in await office.done(accounts=[known(password=OTHER_PASSWORD, pin="860412")])
    async with office.make() as city:
        client = city.browser()
        client.cookies.update(cookies)
        assert (await client.get("/api/v1/session")).status_code == 401, "signed in with the former password"
        assert (await log_in(city, "cic-operator", PASSWORD)).status_code == 401
        assert (await log_in(city, "cic-operator", OTHER_PASSWORD)).status_code == 200
        (record,) = await city.records(kind="habilitation", cause="account-changed")
        assert record["detail"] == {"changed": ["password", "pin"], "role": "cic-operator"}
        text = json.dumps(await city.records())
        assert all(word not in text for word in (OTHER_PASSWORD, "860412", "argon2", "Nom de"))
    wal = b"".join(path.read_bytes() for path in (office.folder / "data").glob("belvedere.sqlite3*"))
    assert OTHER_PASSWORD.encode() not in wal


async def test_a_habilitation_is_renewed_and_the_agent_watches_again(office: Office) -> None:
    async with office.make() as city:
        agent = await city.sign_in("term-over")
        assert (await agent.open(1, None)).json()["cause"] == "not-habilitated"
        pseudonym = agent.body["agent"]["pseudonym"]
    renewed = {"habilitated_by": "arrêté 13", "habilitated_since": "2026-03-25", "habilitated_until": "2027-03-24"}
    assert "1 changed" in await office.done(accounts=[known("term-over", **renewed)])
    async with office.make() as city:
        agent = await city.sign_in("term-over")
        assert agent.body["agent"]["pseudonym"] == pseudonym, "still the same agent in the journal"
        await agent.opened(1, await agent.open_event())
        (record,) = await city.records(kind="habilitation", cause="renewed")
        assert record["subject"]["agent"] == pseudonym
        assert record["detail"] == {"act": "arrêté 13", "since": "2026-03-25", "until": "2027-03-24"}


@pytest.mark.parametrize(("login", "signed_in"), [("cic-operator", 200), ("term-over", 401)])
async def test_a_renewal_in_time_signs_nobody_out_and_a_late_one_opens_no_session_again(
    city: City, login: str, signed_in: int
) -> None:
    agent = await city.sign_in(login)
    given = AccountToEnrol(
        login, None, f"Nom de {login}", STATE, "cic", Role.CIC_OPERATOR, "arrêté 15", date(2026, 3, 25), None
    )
    enrolment = Enrolment(spine=city.node.spine, passwords=Passwords(), ids=SystemIds())
    assert (await enrolment.enrol([given], [])).changed == 1
    assert (await agent.client.get("/api/v1/session")).status_code == signed_in


async def test_an_agent_never_designated_is_designated_by_a_second_import(office: Office) -> None:
    term = {"habilitated_by": "arrêté 14", "habilitated_since": "2026-03-25"}
    await office.done(accounts=[known("never-designated", **term)])
    async with office.make() as city:
        agent = await city.sign_in("never-designated")
        await agent.opened(1, await agent.open_event())
        found = await city.records(kind="habilitation", cause="designated")
        assert [each["detail"]["act"] for each in found][-1] == "arrêté 14"


async def test_an_old_file_does_not_bring_an_ended_habilitation_or_station_back(office: Office) -> None:
    old = known("cic-second", habilitated_by="arrêté 11", habilitated_since="2022-10-01")
    station = {"id": "poste-5", "party": STATE, "label": "poste 5", "secret": station_secret("cic-second")}
    async with office.make() as city:
        supervisor = await city.sign_in("cic-supervisor")
        agents = (await supervisor.client.get("/api/v1/habilitations")).json()["items"]
        (agent,) = [each["agent"] for each in agents if each["label"] == "Nom de cic-second"]
        assert (await supervisor.client.delete(f"/api/v1/habilitations/{agent}")).status_code == 200
        assert (await supervisor.client.delete("/api/v1/stations/poste-5")).status_code == 204
        size = len(await city.records())
    output = await office.refused(accounts=[known(password=OTHER_PASSWORD), old])
    assert "accounts.1 (`cic-second`)" in output
    assert "habilitated_until" in output, "what would renew it"
    assert "stations.0 (`poste-5`)" in await office.refused(stations=[station])
    async with office.make() as city:
        assert len(await city.records()) == size + 3, "three starts: nothing of either file"
        assert (await log_in(city, "cic-operator", PASSWORD)).status_code == 200


async def test_an_account_or_a_station_of_another_party_is_refused_with_its_place_and_the_remedy(
    office: Office,
) -> None:
    output = await office.refused(accounts=[known(), known("csu-operator", password=OTHER_PASSWORD)])
    assert "accounts.1 (`csu-operator`): belongs to party `villeneuve-dascq`; give another login" in output
    station = {"id": "poste-0", "party": STATE, "label": "poste", "secret": "0123456789abcdef"}
    assert "stations.0 (`poste-0`): belongs to party `villeneuve-dascq`" in await office.refused(stations=[station])
    async with office.make() as city:
        await city.sign_in("csu-operator")


async def test_a_role_a_label_and_a_station_change_by_a_second_import(office: Office) -> None:
    accounts = [known(role="cic-supervisor", label="agent 7")]
    station = {"id": "poste-4", "party": STATE, "label": "mur nord", "secret": "0123456789abcdef0123"}
    assert "2 changed" in await office.done(accounts=accounts, stations=[station])
    async with office.make() as city:
        assert (await log_in(city, "cic-operator", PASSWORD)).status_code == 403, "the station has another secret"
        answer = await log_in(city, "cic-operator", PASSWORD, station["secret"])
        assert answer.json()["agent"]["role"] == "cic-supervisor"
        assert answer.json()["agent"]["label"] == "agent 7"
        assert answer.json()["station"] == {"id": "poste-4", "label": "mur nord"}
        (changed,) = await city.records(kind="habilitation", cause="account-changed")
        assert changed["detail"] == {"changed": ["label", "role"], "role": "cic-supervisor"}
        (record,) = await city.records(kind="station", cause="station-changed")
        assert record["detail"] == {"changed": ["label", "secret"]}
        assert record["subject"]["station"] == "poste-4"


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ({"accounts": [known(), known()]}, "accounts: `cic-operator` stands there twice"),
        ({"accounts": [known("someone-new")]}, "accounts.0 (`someone-new`): is new and has no password"),
        ({"accounts": [known(habilitated_by="arrêté")]}, "give both, or neither"),
        ({"accounts": [known(habilitated_until="2027-01-01")]}, "give `habilitated_by`"),
        ({"accounts": [known(password="cic-operator 2026!")]}, "accounts.0 (`cic-operator`): its password is among"),
        ({"accounts": [known(pin="121212")]}, "accounts.0 (`cic-operator`): its PIN"),
        (
            {"accounts": [known(habilitated_by="a", habilitated_since="2026-03-02", habilitated_until="2026-03-01")]},
            "ends before it begins",
        ),
        ({"stations": [{"id": "neuf", "party": STATE, "label": "x"}]}, "stations.0 (`neuf`): is new and has no secret"),
        (
            {"stations": [{"id": "neuf", "party": STATE, "label": "x", "secret": station_secret("cic-operator")}]},
            "another station has this secret",
        ),
        (
            {"stations": [{"id": "neuf", "party": STATE, "label": "x", "secret": "0" * 16}] * 2},
            "stations: `neuf` stands there twice",
        ),
    ],
)
async def test_an_entry_that_cannot_be_taken_is_named_with_the_remedy(
    office: Office, entries: dict[str, list[Any]], named: str
) -> None:
    output = (await office.refused(**entries)).replace("\n", " ")
    assert named in output
    assert "2026!" not in output
    assert "121212" not in output


def test_common_short_and_personal_passwords_are_refused_whichever_way_they_are_spelt() -> None:
    own = ("poste-4512", "agent 4512", "etat", "cic")
    for weak in (
        "short", "password1234", "P@ssw0rd12345", "motdepasse2026", "Villeneuve2026!", "belvedere-csu-2026",
        "azertyuiop123", "qwertyuiop!!", "aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "Police-Municipale-59",
        "correcthorsebatterystaple", "Sup3rv1s3ur-CIC", "opérateur.csu.1", "poste-4512-cic", "agent4512agent4512",
    ):  # fmt: skip
        assert weakness_of_password(weak, own) is not None, weak
    for fine in (
        PASSWORD, OTHER_PASSWORD, "xk7p2qwm9r4t", "le chat mange du foin", "vélo nuage fourchette", "пароль для экрана",
        "x" * 3 + "lampion brique" * 2, "🦊 renard et 🍇 raisins",
    ):  # fmt: skip
        assert weakness_of_password(fine, own) is None, fine
    assert weakness_of_password("tournesol brique " * 20, own) is None, "64 signs and more are taken"
    assert weakness_of_password("é" * 600 + "tournesol brique", own) is not None, "but not more than 1024 bytes"


def test_pins_that_are_guessed_first_are_refused() -> None:
    for weak in ("12345", "000000", "123456", "654321", "121212", "123123", "135791", "147258", "112112", "٤٥٦٧٨٩"):
        assert weakness_of_pin(weak) is not None, weak
    for fine in (PIN, "860412", "190573", "40417265"):
        assert weakness_of_pin(fine) is None, fine


def test_the_demos_passwords_and_pins_keep_the_rules_for_any_seed() -> None:
    for seed in range(200):
        for account in demo_accounts(seed):
            own = (account.login, account.label, account.party, account.service)
            assert weakness_of_password(account.password, own) is None, (seed, account.login)
            assert weakness_of_pin(account.pin) is None, (seed, account.login)


async def test_the_rules_hold_whoever_enrols(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        settings = city.settings
    account = AccountToEnrol(
        "new-one", "password1234", "x", STATE, "cic", Role.CIC_OPERATOR, "act", date(2022, 1, 1), None
    )
    with pytest.raises(NotEnrolled, match="its password"):
        await enrol(settings, [account], [])

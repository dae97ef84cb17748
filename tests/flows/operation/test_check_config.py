"""`belvedere check-config`: each thing that would keep a node from its work, found before the start."""

import asyncio
import json
import os
import re
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from belvedere.agents.enrolment import pseudonym_for
from belvedere.cli import checks_of_machine
from belvedere.cli.main import app
from belvedere.clock import SystemIds
from belvedere.demo.signing import sign_for_all
from belvedere.domain.record import Record, RecordKind
from belvedere.inventory.sealed import CAMERA_SOURCES, create_secret_key, seal
from belvedere.ledger.keys import load_or_create_key
from belvedere.node.database import KEY_FILE, open_database
from belvedere.settings import read_settings
from belvedere.web.local_authority import certify
from tests.flows.conftest import CITY, CONVENTIONS, MovedClock, camera_feature

CANARY = "canary-b07d"
WEB, MEDIA = 'host = "127.0.0.1"', 'source_networks = ["10.0.0.0/8"]'


class Place:
    """A folder in which all is well until a test breaks one thing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        features = [camera_feature(number) for number in (1, 2)]
        self.write("cameras.geojson", {"type": "FeatureCollection", "features": features})
        self.write("ground.geojson", {"type": "FeatureCollection", "features": []})
        sources = {f"vda-{n:03}": {"url": f"rtsp://10.0.0.{n}/", "password": CANARY} for n in (1, 2)}
        self.write("sources.json", {"cameras": sources})
        load_or_create_key(self.data / KEY_FILE)
        sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", folder / "convention")
        create_secret_key(folder / "apart" / "secret.key", SystemIds())
        self.sections: dict[str, list[str]] = {
            "node": [f'party = "{CITY}"', 'data_dir = "data"', f'origin = "belvedere.example/{CITY}"'],
            "web": [WEB],
            "media": [MEDIA],
            "inventory": ['cameras = "cameras.geojson"', 'sources = "sources.json"', 'ground = "ground.geojson"'],
            "secrets": [],
        }
        self.conventions = ['directory = "convention"']

    def write(self, name: str, content: object) -> Path:
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    @property
    def config(self) -> Path:
        lines = [line for name, keys in self.sections.items() for line in (f"[{name}]", *keys)]
        return self.write("node.toml", "\n".join([*lines, "[[conventions]]", *self.conventions]))

    def check(self, language: str = "en") -> tuple[int, str]:
        done = CliRunner().invoke(app, ["check-config", "--config", str(self.config), "--lang", language])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    def record(self, at: datetime) -> None:
        """Have a node's store write one record, as of `at`."""

        async def write() -> None:
            database = await open_database(read_settings(self.config), clock=MovedClock(at=at), ids=SystemIds())
            await database.write(lambda t: t.append(Record(kind=RecordKind.STARTED, at=at)), timeout_s=30)
            await database.aclose()

        asyncio.run(write())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_good_site_passes_and_every_check_is_one_line_in_both_languages(place: Place) -> None:
    french, english = place.check("fr"), place.check("en")
    assert french[0] == english[0] == 0, english[1]
    assert len(french[1].splitlines()) == len(english[1].splitlines()) > 12
    assert all(re.match(r"(bon|à voir) +\S.* : \S", line) for line in french[1].splitlines()), french[1]
    assert all(re.match(r"(good|note) +\S.*: \S", line) for line in english[1].splitlines()), english[1]
    assert CANARY not in french[1] + english[1]


def test_french_comes_first(place: Place) -> None:
    done = CliRunner().invoke(app, ["check-config", "--config", str(place.config)])
    assert done.output.startswith("bon    réglages : ")


def test_nothing_is_started_or_written(place: Place) -> None:
    place.record(now() - timedelta(days=1))
    before = {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    before[place.config] = place.config.read_bytes()
    place.check()
    after = {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    made = {path.name for path in after.keys() - before.keys()}
    assert made <= {"belvedere.sqlite3-shm", "belvedere.sqlite3-wal"}, "what SQLite needs to read"
    assert {path: after[path] for path in before} == before


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("[node\n", "not TOML"),
        ("[node]\nparty = 'x'\nunknown = 1\n", "node.unknown"),
        (None, "No such file"),
        ("[web]\ntls_certificate = 'x'\n", "go together"),
        ("[node]\nzone = 'Europe/Lille'\n", "no time zone"),
        ("[media]\nsource_networks = ['ten']\n", "`ten` is no network"),
        ("[media]\nsource_networks = ['10.0.0.0/255.0.0.0']\n", "is no network"),
    ],
)
def test_settings_that_cannot_be_read_exit_2_and_name_the_key(tmp_path: Path, content: str | None, word: str) -> None:
    config = tmp_path / "node.toml"
    if content is not None:
        config.write_text(content)
    for language, weight in (("fr", "FAUTE"), ("en", "FAULT")):
        done = CliRunner().invoke(app, ["check-config", "--config", str(config), "--lang", language])
        assert (done.exit_code, done.output.count("\n")) == (2, 1)
        assert done.output.startswith(weight)
        assert word in done.output


def reword(place: Place, name: str, change: Callable[[str], str]) -> None:
    """Change one of the site's files."""
    file = place.folder / name
    file.write_text(change(file.read_text()))


def set_section(place: Place, section: str, *lines: str) -> None:
    place.sections[section] = list(lines)


def seal_without_key(place: Place) -> None:
    file = place.folder / "sources.json"
    key = create_secret_key(place.folder / "k", SystemIds())
    file.write_bytes(seal(file.read_bytes(), key, what=CAMERA_SOURCES, ids=SystemIds()))


def journal(place: Place, *, days: int, then: Callable[[Place], object]) -> None:
    """Have a journal whose newest record is `days` from now, then break something."""
    place.record(now() + timedelta(days=days))
    then(place)


def restamp(place: Place, revision: str) -> None:
    """Leave the database as a program of another revision does."""
    with sqlite3.connect(place.data / "belvedere.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    database.close()


def open_secret_key(place: Place) -> None:
    (place.folder / "apart" / "secret.key").chmod(0o644)
    place.sections["secrets"] = ['key_file = "apart/secret.key"']


def one_port(place: Place) -> None:
    for section in ("web", "media"):
        place.sections[section].append("port = 45678")


def certified(place: Place, *, host: str = "127.0.0.1", days_ago: int = 0, key: str = "server-key.pem") -> None:
    certify(place.folder / "tls", [host], at=now() - timedelta(days=days_ago))
    place.sections["web"] += ['tls_certificate = "tls/server.pem"', f'tls_key = "tls/{key}"']


def http_in_front(place: Place) -> None:
    certified(place)
    place.sections["web"].append('app_url = "http://127.0.0.1"')


def open_certificate_key(place: Place) -> None:
    certified(place)
    (place.folder / "tls" / "server-key.pem").chmod(0o644)


SOURCE_RTSPS = {"cameras": {"vda-001": {"url": "rtsps://10.0.0.1/"}}}
BAD_FEATURE = {"type": "FeatureCollection", "features": [{"type": "Feature"}]}
TEXT = "convention/convention.md"
FAULTS: dict[str, tuple[Callable[[Place], object], str]] = {
    "data folder under a file": (
        lambda p: (p.write("file", ""), p.sections["node"].__setitem__(1, 'data_dir = "file/data"')),
        "data folder: .*cannot be made",
    ),
    "data folder is a file": (
        lambda p: (p.write("file", ""), p.sections["node"].__setitem__(1, 'data_dir = "file"')),
        "nothing can be written",
    ),
    "restore cut short": (lambda p: (p.data / "restore-under-way").write_text("{}"), "belvedere restore"),
    "signing key open to others": (
        lambda p: (p.data / "node-key.pem").chmod(0o644),
        "signing key.*0644.*chmod 600",
    ),
    "signing key lost": (
        lambda p: journal(p, days=-1, then=lambda p: (p.data / "node-key.pem").unlink()),
        "put the key back",
    ),
    "another log's journal": (
        lambda p: journal(
            p, days=-1, then=lambda p: p.sections["node"].__setitem__(2, f'origin = "elsewhere.example/{CITY}"')
        ),
        "it is the journal of belvedere.example",
    ),
    "database damaged": (
        lambda p: (p.data / "belvedere.sqlite3").write_bytes(b"\x01" * 8192),
        "database cannot be read.*belvedere restore",
    ),
    "journal of another program": (
        lambda p: journal(p, days=-1, then=lambda p: restamp(p, "0008")),
        "database cannot be read; .*revision 0008, which this program does not know",
    ),
    "clock behind": (
        lambda p: journal(p, days=2, then=lambda _: None),
        "clock: .*before the newest record",
    ),
    "convention changed": (
        lambda p: reword(p, TEXT, lambda text: text + "\n"),
        "not signed by etat, villeneuve-dascq.*convention sign",
    ),
    "convention broken": (
        lambda p: reword(p, TEXT, lambda text: text.replace("```toml clause", "```toml clause\nunknown = 1", 1)),
        "convention.md:[0-9]+ ",
    ),
    "convention absent": (lambda p: p.conventions.__setitem__(0, 'directory = "nowhere"'), "nowhere"),
    "convention of others": (
        lambda p: p.sections["node"].__setitem__(0, 'party = "rouen"'),
        "does not bind `rouen`",
    ),
    "convention's keys lost": (lambda p: (p.folder / "convention" / "keys.json").unlink(), "keys.json"),
    "cameras broken": (lambda p: p.write("cameras.geojson", BAD_FEATURE), "cameras: the inventory.*features.0"),
    "cameras absent": (
        lambda p: (p.folder / "cameras.geojson").unlink(),
        "cameras: the inventory.*No such file",
    ),
    "sources open to others": (lambda p: (p.folder / "sources.json").chmod(0o640), "0640"),
    "sources sealed, no key": (seal_without_key, r"no \[secrets\] key_file"),
    "secrets' key open to others": (open_secret_key, "secrets' key: .*0644"),
    "cameras outside": (
        lambda p: set_section(p, "media", 'source_networks = ["192.168.0.0/16"]'),
        r"2 cameras outside the listed networks \(vda-001, vda-002\)",
    ),
    "rtsps unvouched": (lambda p: p.write("sources.json", SOURCE_RTSPS), "1 cameras over rtsps"),
    "ground broken": (lambda p: p.write("ground.geojson", "[]"), "ground cannot be read"),
    "one port for both": (one_port, "same port 45678"),
    "no origin": (lambda p: set_section(p, "web", 'host = "0.0.0.0"'), "app_url is missing"),
    "mixed content": (
        lambda p: p.sections["web"].append('app_url = "https://cameras.example"'),
        "mixed content",
    ),
    "media nowhere": (lambda p: p.sections["media"].append('host = "0.0.0.0"'), "media_url is missing"),
    "certificate over": (lambda p: certified(p, days_ago=500), "not valid today.*renew"),
    "certificate of another name": (lambda p: certified(p, host="cameras.example"), "is not for `127.0.0.1`"),
    "certificate with another key": (
        lambda p: certified(p, key="authority-key.pem"),
        "certificate: .*cannot be used",
    ),
    "certificate's key open to others": (open_certificate_key, "certificate: .*0644"),
    "http in front of https": (http_in_front, "write https:// in app_url"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_line_with_fact_and_remedy_and_exits_1(place: Place, name: str) -> None:
    break_it, words = FAULTS[name]
    break_it(place)
    code, output = place.check("en")
    faults = [line for line in output.splitlines() if line.startswith("FAULT")]
    assert code == 1, output
    assert any(re.search(words, line) for line in faults), output
    assert all(line.count("; ") >= 1 for line in faults), "no fault without its remedy"
    code, french = place.check("fr")
    assert code == 1
    assert len([line for line in french.splitlines() if line.startswith("FAUTE")]) == len(faults)
    assert CANARY not in output + french


def test_a_port_that_another_program_holds_is_a_fault(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        place.sections["web"].append(f"port = {other.getsockname()[1]}")
        code, output = place.check()
    assert code == 1
    assert "cannot be bound; Address already in use; free the port" in output


def test_a_running_node_holds_its_own_ports_and_that_is_no_fault(place: Place) -> None:
    async def run() -> tuple[int, str]:
        database = await open_database(read_settings(place.config), clock=MovedClock(at=now()), ids=SystemIds())
        try:
            return await asyncio.to_thread(place.check)
        finally:
            await database.aclose()

    with socket.create_server(("127.0.0.1", 0)) as own:
        place.sections["web"].append(f"port = {own.getsockname()[1]}")
        code, output = asyncio.run(run())
    assert code == 0, output
    assert "held by the node" in output


@pytest.mark.parametrize(("free_mib", "weight", "code"), [(10, "FAULT", 1), (200, "note", 0), (4000, "good", 0)])
def test_the_disk_is_judged_by_the_thresholds_of_the_store(
    place: Place, monkeypatch: pytest.MonkeyPatch, free_mib: int, weight: str, code: int
) -> None:
    real = os.statvfs

    def told(path: str) -> os.statvfs_result:
        figures = list(real(path))
        figures[4] = free_mib * 1024 * 1024 // figures[1]
        return os.statvfs_result(figures)

    monkeypatch.setattr("belvedere.cli.checks_of_machine.os.statvfs", told)
    assert place.check()[0] == code
    assert re.search(rf"(?m)^{weight} +disk: {free_mib} MiB", place.check()[1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.conventions.append("unsigned = true"), "in force unsigned"),
        (lambda p: p.data.chmod(0o755), "open to other accounts; mode 0755; chmod 700"),
        (lambda p: None, "2 addresses in clear; `belvedere sources seal`"),
        (lambda p: p.sections.update(secrets=['key_file = "data/k"']), "the key is in"),
        (lambda p: p.sections["node"].__setitem__(1, 'data_dir = "new"'), "does not exist yet"),
        (lambda p: p.sections["web"].append('app_url = "http://cameras.example"'), "in clear"),
        (lambda p: p.write("sources.json", {"cameras": {"other": {"url": "rtsp://10.0.0.9/"}}}), "2 cameras without"),
        (lambda p: p.write("sources.json", {"cameras": {"other": {"url": "rtsp://10.0.0.9/"}}}), "unknown cameras"),
    ],
)
def test_what_is_only_worth_knowing_does_not_fail_the_check(
    place: Place, change: Callable[[Place], object], words: str
) -> None:
    create_secret_key(place.data / "k", SystemIds())
    change(place)
    code, output = place.check()
    assert code == 0, output
    assert any(words in line for line in output.splitlines() if line.startswith("note")), output


def test_a_certificate_about_to_end_is_noted(place: Place) -> None:
    certify(place.folder / "tls", ["127.0.0.1"], at=now() - timedelta(days=390))
    place.sections["web"] += ['tls_certificate = "tls/server.pem"', 'tls_key = "tls/server-key.pem"']
    code, output = place.check()
    assert code == 0, output
    assert re.search(r"note +certificate: 6 days left", output)


def test_the_caveat_of_an_old_sqlite_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_of_machine, "sqlite_caveat", lambda: "older")
    assert re.search(r"note +SQLite: older than 3\.51\.3", place.check()[1])
    monkeypatch.setattr(checks_of_machine, "sqlite_caveat", lambda: None)
    assert re.search(r"good +SQLite", place.check()[1])


def test_screens_that_are_not_built_are_noted(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checks_of_machine, "STATIC_DIR", tmp_path)
    assert re.search(r"note +screens: .*`make build`", place.check()[1])


@pytest.mark.parametrize(("login", "label"), [("cic", "agent"), ("cic-1", "-"), ("agent", "cic"), ("abc", "a")])
def test_an_account_named_like_its_service_is_enrolled_too(login: str, label: str) -> None:
    pseudonym = pseudonym_for("cic", login, label, SystemIds()).lower()
    assert pseudonym
    assert login not in pseudonym
    assert label not in pseudonym

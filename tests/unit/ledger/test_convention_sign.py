"""Two parties sign a convention's text and keys on their own machines, as docs/guide/join.md has it, and a node takes it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from belvedere.cli.main import app
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.node.conventions import load_installed
from belvedere.settings import ConventionSection
from tests.conventions.texts import CONVENTIONS

CITY, STATE = "villeneuve-dascq", "etat"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    found = tmp_path / "convention"
    shutil.copytree(CONVENTIONS / "villeneuve-dascq-etat", found)
    return found


def sign(directory: Path, party: str, key: str | None = None) -> str:
    """Have a party sign; return its public key."""
    file = directory.with_name(f"{key or party}.pem")
    done = CliRunner().invoke(
        app, ["convention", "sign", str(directory), "--key", str(file), "--name", f"example.org/{party}"]
    )
    assert done.exit_code == 0, done.output
    return str(done.stdout.splitlines()[1])


def pin(directory: Path, **more: dict[str, str]) -> None:
    """Write the keys with which both sign, and what one of the two has besides."""
    keys = {party: {"agreement": {"current": sign(directory, party)}} for party in (CITY, STATE)}
    (directory / "keys.json").write_text(json.dumps({party: {**uses, **more} for party, uses in keys.items()}))


def taken(directory: Path) -> str:
    installed, keys = load_installed(ConventionSection(directory=directory), owner=PartyId(CITY))
    assert keys is not None
    assert installed.keys == keys
    return keys.sha256


def test_text_and_keys_that_both_parties_signed_are_taken(directory: Path) -> None:
    pin(directory)
    with pytest.raises(Unreadable, match=r"keys\.note.*each party run `belvedere convention sign`"):
        taken(directory)
    sign(directory, CITY)
    with pytest.raises(Unreadable, match="not signed by etat; it was changed after they signed it, or never signed"):
        taken(directory)
    sign(directory, STATE)
    assert len(taken(directory)) == 64


def test_what_one_party_changes_afterwards_is_not_signed_by_the_other(directory: Path) -> None:
    pin(directory)
    for party in (CITY, STATE):
        sign(directory, party)
    before, keys = taken(directory), json.loads((directory / "keys.json").read_text())
    keys[STATE]["agreement"]["next"] = sign(directory, STATE, "etat-next")
    sign(directory, STATE)
    (directory / "keys.json").write_text(json.dumps(keys, indent=4))
    sign(directory, STATE)
    with pytest.raises(Unreadable, match=f"not signed by {CITY}"):
        taken(directory)
    sign(directory, CITY)
    assert taken(directory) != before
    with (directory / "convention.md").open("a") as text:
        text.write("\n")
    with pytest.raises(Unreadable, match=rf"text \w+: not signed by {STATE}, {CITY}"):
        taken(directory)


def test_a_keys_file_that_does_not_fit_is_not_signed(directory: Path) -> None:
    pin(directory, tls={"current": "noise"})
    done = CliRunner().invoke(
        app,
        [
            "convention",
            "sign",
            str(directory),
            "--key",
            str(directory.with_name("etat.pem")),
            "--name",
            "example.org/etat",
        ],
    )
    assert done.exit_code == 1
    assert "no messages, log, witness" in done.output
    assert not (directory / "keys.note").exists()

"""`[[peers]]` and the keys that the conventions pin: what lacks is said before the start, and at it, with the remedy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from belvedere.cli.main import app
from belvedere.domain.failures import Unreadable
from belvedere.ledger.agreed_text import KEYS_FILE
from belvedere.node.peers import load_peers
from belvedere.settings import read_settings
from tests.flows.conftest import CITY, STATE
from tests.flows.operation.test_check_config import Place
from tests.unit.ledger.ledgers import NODE_VKEY, WITNESS_VKEY

PEER = ["[[peers]]", f'party = "{STATE}"', 'url = "https://noeud.etat.example"']


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A node whose convention pins both nodes' keys, and that names the State's as a peer."""
    made = Place(tmp_path)
    made.conventions += PEER
    pin(made, CITY, json.loads("{" + printed(made) + "}"))
    pin(made, STATE, {"log": str(NODE_VKEY), "witness": str(WITNESS_VKEY)})
    return made


def printed(place: Place) -> str:
    done = CliRunner().invoke(app, ["ledger", "keys", "--config", str(place.config)])
    assert done.exit_code == 0, done.output
    return str(done.output)


def keys_file(place: Place) -> Path:
    return place.folder / "convention" / KEYS_FILE


def pin(place: Place, party: str, keys: dict[str, Any]) -> None:
    pinned = json.loads(keys_file(place).read_text())
    pinned[party] |= keys
    keys_file(place).write_text(json.dumps(pinned))


def test_the_keys_that_a_node_prints_are_those_under_which_it_is_pinned(place: Place) -> None:
    (peer,) = load_peers(read_settings(place.config))
    assert (peer.party, peer.log, peer.witness, peer.url) == (
        STATE,
        NODE_VKEY,
        WITNESS_VKEY,
        "https://noeud.etat.example",
    )
    assert printed(place) == printed(place), "the keys are made once"
    assert (place.data / "witness-key.pem").stat().st_mode & 0o777 == 0o600
    code, said = place.check()
    assert code == 0, said
    assert f"witnesses of this journal: {STATE}" in said


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (lambda place: pin(place, STATE, {"log": None, "witness": None}), "no signed convention pins the keys"),
        (lambda place: pin(place, STATE, {"witness": None}), "give both"),
        (lambda place: pin(place, STATE, {"log": str(WITNESS_VKEY)}), "`log` signs as a node does"),
        (lambda place: pin(place, CITY, {"log": str(NODE_VKEY)}), "do not pin this node's keys"),
        (lambda place: place.conventions.extend(PEER), "names a party twice"),
        (lambda place: place.conventions.extend(["[[peers]]", f'party = "{CITY}"']), "no signed convention pins"),
        (lambda place: place.conventions.append('authorities = "none.pem"'), "no certificates of authorities"),
        (lambda place: keys_file(place).write_text(keys_file(place).read_text() + " "), None),
    ],
    ids=["unpinned", "half pinned", "swapped", "own keys", "twice", "itself", "authorities", "none of these"],
)
def test_what_keeps_a_peer_from_being_followed_is_said_before_the_start(
    place: Place, breaks: Callable[[Place], object], said: str | None
) -> None:
    breaks(place)
    settings = read_settings(place.config)
    if said is None:
        assert len(load_peers(settings)) == 1
        return
    with pytest.raises(Unreadable, match=said):
        load_peers(settings)
    code, told = place.check()
    assert code == 1
    assert "peers" in told


def test_before_the_keys_are_made_the_check_says_how_and_makes_none(place: Place) -> None:
    (place.data / "witness-key.pem").unlink()
    code, said = place.check()
    assert code == 0
    assert "belvedere ledger keys" in said
    assert not (place.data / "witness-key.pem").exists()

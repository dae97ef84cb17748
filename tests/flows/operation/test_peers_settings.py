"""`[[peers]]` and the keys that the conventions pin: what lacks is said before the start, and at it, with the remedy."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from belvedere.cli.main import app
from belvedere.demo.signing import pin_for_all
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import KEYS_FILE, KEYS_SIGNATURES_FILE
from belvedere.ledger.note import verifier_key
from belvedere.ledger.pinned_keys import NodeKeys, Pinned
from belvedere.ledger.public_key import PublicKey
from belvedere.node.conventions import load_conventions
from belvedere.node.own_keys import FILES, own_keys
from belvedere.node.peers import load_peers, require_known_to_peers
from belvedere.peers.peer import Peer
from belvedere.settings import read_settings
from tests.flows.conftest import CITY, STATE
from tests.flows.operation.test_check_config import Place
from tests.unit.ledger.ledgers import WITNESS_VKEY

PEER = ["[[peers]]", f'party = "{STATE}"', 'url = "https://noeud.etat.example"']


def secret(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def made_key(name: str) -> PublicKey:
    return PublicKey.of(secret(name))


STATE_LOG = verifier_key(f"belvedere.example/{STATE}", secret("log"))
STATE_KEYS = NodeKeys(
    tls=Pinned(made_key("tls")),
    messages=Pinned(made_key("messages")),
    log=Pinned(STATE_LOG),
    witness=Pinned(WITNESS_VKEY),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A node whose convention pins both nodes' keys, and that names the State's as a peer."""
    made = Place(tmp_path)
    made.conventions += PEER
    pin_for_all(made.folder / "convention", {CITY: own_keys(read_settings(made.config)), STATE: STATE_KEYS})
    return made


def peers_of(place: Place) -> list[Peer]:
    settings = read_settings(place.config)
    keys = load_conventions(settings, owner=PartyId(CITY))[1]
    peers = load_peers(settings, keys)
    require_known_to_peers(settings, peers, keys)
    return peers


def printed(place: Place, command: str = "keys") -> dict[str, Any]:
    done = CliRunner().invoke(app, ["node", command, "--config", str(place.config)])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads("{" + done.output.partition("\n")[2] + "}")
    return found


def keys_file(place: Place) -> Path:
    return place.folder / "convention" / KEYS_FILE


def pin(place: Place, party: str, keys: dict[str, Any]) -> None:
    pinned = json.loads(keys_file(place).read_text())
    pinned[party] |= keys
    keys_file(place).write_text(json.dumps(pinned))


def test_the_keys_that_a_node_prints_are_those_under_which_it_is_pinned(place: Place) -> None:
    (peer,) = peers_of(place)
    assert (peer.party, peer.origin, peer.url) == (STATE, STATE_LOG.name, "https://noeud.etat.example")
    assert (peer.log, peer.witness) == ((STATE_LOG,), (WITNESS_VKEY,))
    assert printed(place).items() <= json.loads(keys_file(place).read_text())[CITY].items()
    assert printed(place) == printed(place), "the keys are made once"
    assert {(place.data / name).stat().st_mode & 0o777 for name in FILES.values()} == {0o600}
    code, said = place.check()
    assert code == 0, said
    assert f"witnesses of this journal: {STATE}" in said


def without_own_keys(place: Place) -> None:
    (place.data / "message-key.pem").unlink()
    own_keys(read_settings(place.config))


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (lambda place: pin_for_all(place.folder / "convention", {}), "no signed convention pins the keys"),
        (without_own_keys, "do not pin this node's key for messages"),
        (lambda place: place.conventions.extend(PEER), "names a party twice"),
        (lambda place: place.conventions.extend(["[[peers]]", f'party = "{CITY}"']), "no signed convention pins"),
        (lambda place: place.conventions.append('authorities = "none.pem"'), "no certificates of authorities"),
        (lambda place: keys_file(place).write_text(keys_file(place).read_text() + " "), None),
    ],
    ids=["unpinned", "own keys", "twice", "itself", "authorities", "none of these"],
)
def test_what_keeps_a_peer_from_being_followed_is_said_before_the_start(
    place: Place, breaks: Callable[[Place], object], said: str | None
) -> None:
    breaks(place)
    if said is None:
        assert len(peers_of(place)) == 1
        return
    with pytest.raises(Unreadable, match=said):
        peers_of(place)
    code, told = place.check()
    assert code == 1
    assert "peers" in told


@pytest.mark.parametrize(
    ("alters", "said"),
    [
        (
            lambda place: pin(place, STATE, {"tls": {"current": str(made_key("another")), "next": None}}),
            "not signed by",
        ),
        (lambda place: (place.folder / "convention" / KEYS_SIGNATURES_FILE).unlink(), "No such file"),
        (
            lambda place: (place.folder / "convention" / KEYS_SIGNATURES_FILE).write_bytes(
                (place.folder / "convention" / "signatures.note").read_bytes()
            ),
            f"not signed by {STATE}, {CITY}",
        ),
    ],
    ids=["altered", "unsigned", "signed another text"],
)
def test_keys_that_not_every_party_signed_are_refused_before_the_start_and_at_it(
    place: Place, alters: Callable[[Place], object], said: str
) -> None:
    alters(place)
    with pytest.raises(Unreadable, match=said):
        peers_of(place)
    code, told = place.check()
    assert code == 1
    assert said in told


def test_before_the_keys_are_made_the_check_says_how_and_makes_none(place: Place) -> None:
    (place.data / "witness-key.pem").unlink()
    code, said = place.check()
    assert code == 0
    assert "belvedere node keys" in said
    assert not (place.data / "witness-key.pem").exists()


def test_a_key_is_followed_by_the_next_one_once_every_party_pins_it_and_not_before(place: Place) -> None:
    before = own_keys(read_settings(place.config))
    following = printed(place, "next-keys")
    assert following == printed(place, "next-keys"), "the next keys are made once"
    refused = CliRunner().invoke(app, ["node", "use-next-keys", "--config", str(place.config)])
    assert refused.exit_code == 1
    assert "do not pin this node's key for tls" in refused.output
    assert own_keys(read_settings(place.config)).log.current == before.log.current, "nothing was touched"
    # Both sides accept current and next: from now on the node may sign with either.
    pin_for_all(place.folder / "convention", {CITY: own_keys(read_settings(place.config)), STATE: STATE_KEYS})
    assert len(peers_of(place)) == 1
    taken = CliRunner().invoke(app, ["node", "use-next-keys", "--config", str(place.config)])
    assert taken.exit_code == 0, taken.output
    after = own_keys(read_settings(place.config))
    assert {use: pair["next"] for use, pair in following.items()} == {
        use: pair["current"] for use, pair in printed(place).items()
    }
    assert (after.log.next, len(peers_of(place))) == (None, 1)
    # The retired ones are pinned no more.
    pin_for_all(place.folder / "convention", {CITY: after, STATE: STATE_KEYS})
    assert len(peers_of(place)) == 1
    again = CliRunner().invoke(app, ["node", "use-next-keys", "--config", str(place.config)])
    assert "no key waits to follow" in again.output


def test_a_new_node_gets_its_folder_its_keys_and_settings_that_are_read(tmp_path: Path) -> None:
    config, data = tmp_path / "site" / "node.toml", tmp_path / "data"
    begins = ["node", "init", "--party", "etat", "--data-dir", str(data), "--config", str(config)]
    done = CliRunner().invoke(app, begins)
    assert done.exit_code == 0, done.output
    settings = read_settings(config)
    assert (settings.node.party, settings.node.data_dir) == ("etat", data)
    assert data.stat().st_mode & 0o777 == 0o700
    assert {(data / name).stat().st_mode & 0o777 for name in FILES.values()} == {0o600}
    made = own_keys(settings)
    assert str(made.messages.current) in done.output
    secrets = [(data / name).read_text().splitlines()[1] for name in FILES.values()]
    assert not any(secret in done.output for secret in secrets)
    kept = {path: path.read_bytes() for path in data.iterdir()}
    for again in (begins, [*begins[:-1], str(tmp_path / "other.toml")]):
        refused = CliRunner().invoke(app, again)
        assert refused.exit_code == 1
        assert "is there already; nothing was touched" in refused.output
    assert {path: path.read_bytes() for path in data.iterdir()} == kept


@pytest.mark.parametrize(
    ("party", "origin", "said"),
    [
        ("État", None, "lower-case letters"),
        ("etat", "example.org/ville", "does not end in"),
        ("etat", "Example/etat", "origin"),
        ("../etat", None, "party"),
    ],
)
def test_a_new_node_of_an_impossible_name_is_refused_and_nothing_made(
    tmp_path: Path, party: str, origin: str | None, said: str
) -> None:
    given = ["--party", party, "--data-dir", str(tmp_path / "data"), "--config", str(tmp_path / "node.toml")]
    done = CliRunner().invoke(app, ["node", "init", *given, *(["--origin", origin] if origin else [])])
    assert done.exit_code == 1
    assert said in done.output
    assert list(tmp_path.iterdir()) == []

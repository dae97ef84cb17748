"""Two nodes that witness each other's log: settings, keys and ports, before either of them starts."""

import json
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from belvedere.demo.signing import sign_for_all
from belvedere.ledger.pinned_keys import NodeKeys
from belvedere.node.own_keys import own_keys
from belvedere.settings import ChannelSection, PeerSection, Settings
from tests.flows.conftest import CITY, CONVENTIONS, STATE, node_settings


@dataclass(frozen=True)
class TwoNodes:
    """The city's node and the State's. `keys` are those that the convention pins."""

    city: Settings
    state: Settings
    keys: dict[str, NodeKeys]


def two_nodes(folder: Path, enrolled: Path, enrolled_state: Path | None = None) -> TwoNodes:
    """Return two nodes of one convention that dial each other; the city's has agents of both parties.

    The State's node dials the city's channel too.
    """
    city, state = _of(folder / "city", CITY), _of(folder / "state", STATE)
    shutil.copytree(enrolled, city.node.data_dir)
    if enrolled_state is not None:
        shutil.copytree(enrolled_state, state.node.data_dir)
    (folder / "state" / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    (folder / "state" / "sources.json").write_text(json.dumps({"cameras": {}}))
    keys = {CITY: own_keys(city), STATE: own_keys(state)}
    convention = folder / "convention"
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", convention, keys)
    origins = {party: f"http://127.0.0.1:{_free_port()}" for party in (CITY, STATE)}
    city = _facing(city, convention, own=origins[CITY], peer=STATE, url=origins[STATE])
    state = _facing(state, convention, own=origins[STATE], peer=CITY, url=origins[CITY])
    port = _free_port()
    (dialled,) = state.peers
    return TwoNodes(
        city.model_copy(update={"channel": ChannelSection(port=port)}),
        state.model_copy(update={"peers": [dialled.model_copy(update={"channel": f"127.0.0.1:{port}"})]}),
        keys,
    )


def _of(folder: Path, party: str) -> Settings:
    folder.mkdir(parents=True)
    return node_settings(folder, party)


def _facing(settings: Settings, convention: Path, *, own: str, peer: str, url: str) -> Settings:
    return settings.model_copy(
        update={
            "web": settings.web.model_copy(update={"port": int(own.rpartition(":")[2])}),
            "conventions": [settings.conventions[0].model_copy(update={"directory": convention})],
            "peers": [PeerSection(party=peer, url=url)],
        }
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""The settings of the demo's nodes, as an administrator would write them."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from belvedere.demo.accounts import CITY, STATE

CONFIG_FILE, SERVED_FILE, CONVENTION_FOLDER = "node.toml", "node.json", "convention"
_CONTACT = "exploitation de la démonstration, poste 4000"


def port_of(port_base: int, offset: int) -> int:
    """Return the port at an offset from the first; 0 takes a free one."""
    return 0 if port_base == 0 else port_base + offset


def write_city(folder: Path, city: dict[str, object], *, port_base: int, app_url: str | None, has_peer: bool) -> None:
    """Write the settings of the city's node, with the simulated city's cameras, their addresses and the ground."""
    (folder / "cameras.geojson").write_text(json.dumps(city["inventory"]))
    (folder / "ground.geojson").write_text(json.dumps(city["ground"]))
    _write_sources(folder / "sources.json", city["sources"])
    peers = f'\n[[peers]]\nparty = "{STATE}"\n' if has_peer else ""
    channel = _channel(port_base, 4) if has_peer else ""
    (folder / CONFIG_FILE).write_text(
        f"""
[node]
party = "{CITY}"
data_dir = "data"
origin = "belvedere.example/{CITY}"
contact = "{_CONTACT}"

[web]
port = {port_of(port_base, 2)}
{"" if app_url is None else f"app_url = {json.dumps(app_url)}"}

[media]
port = {port_of(port_base, 3)}
source_networks = ["127.0.0.0/8"]

[inventory]
cameras = "cameras.geojson"
sources = "sources.json"
ground = "ground.geojson"

[[conventions]]
directory = "{CONVENTION_FOLDER}"
{channel}{peers}"""
    )


def write_state(folder: Path, *, port_base: int, city: dict[str, object] | None = None) -> None:
    """Write the settings of the State's node, which owns no camera; it dials the city's, once its addresses are known."""
    place = folder / STATE
    place.mkdir(exist_ok=True)
    (place / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    _write_sources(place / "sources.json", {})
    dialled = (
        ""
        if city is None
        else (
            f'url = "{city["app_url"]}"\nchannel = "{urlsplit(str(city["peer_url"])).netloc}"\n'
            f'media = "{urlsplit(str(city["peer_media_url"])).netloc}"\n'
        )
    )
    (place / CONFIG_FILE).write_text(
        f"""
[node]
party = "{STATE}"
data_dir = "data"
origin = "belvedere.example/{STATE}"
contact = "{_CONTACT}"

[web]
port = {port_of(port_base, 6)}

[media]
port = {port_of(port_base, 7)}
source_networks = ["127.0.0.0/8"]

[inventory]
cameras = "cameras.geojson"
sources = "sources.json"
ground = "../ground.geojson"

[[conventions]]
directory = "../{CONVENTION_FOLDER}"
{_channel(port_base, 8)}
[[peers]]
party = "{CITY}"
{dialled}"""
    )


def _channel(port_base: int, offset: int) -> str:
    return f"""
[channel]
port = {port_of(port_base, offset)}
media_port = {port_of(port_base, offset + 1)}
"""


def _write_sources(file: Path, cameras: object) -> None:
    file.touch(mode=0o600)
    file.write_text(json.dumps({"cameras": cameras}))

"""What a new node begins with: its folder, its keys, and settings to fill in. Nothing that stands there is touched."""

import json
from pathlib import Path

from pydantic import ValidationError

from belvedere.domain.failures import Unreadable
from belvedere.ledger.pinned_keys import NodeKeys
from belvedere.node.own_keys import own_keys, tls_files_of
from belvedere.settings import NodeSection, Settings, read_settings

_SETTINGS = """\
# Les réglages d'un nœud Belvedere ; docs/guide/install.md dit chaque ligne. Les chemins partent du dossier de ce fichier.
# The settings of a Belvedere node; docs/guide/install.md explains each line. Paths are taken from this file's folder.

[node]
party = {party}
data_dir = {data_dir}        # clés et journal, mode 0700 · keys and ledger, mode 0700
origin = {origin}            # le nom du journal, pour toujours · the ledger's name, for ever
zone = "Europe/Paris"
# contact = "exploitation, poste 4000"      # qui appeler quand on ne peut pas se connecter · whom to call

[web]
host = "127.0.0.1"           # 0.0.0.0 pour les postes, avec un certificat · for workstations, with a certificate
port = 8443
# app_url = "https://cameras.example.org:8443"
# tls_certificate = "tls/server.pem"
# tls_key = "tls/server-key.pem"

[media]
host = "127.0.0.1"
port = 8444
# media_url = "wss://cameras.example.org:8444"
source_networks = ["127.0.0.0/8"]           # où sont les caméras, et nulle part ailleurs · where the cameras are

[inventory]                  # sans caméras à soi, des listes vides · without cameras of one's own, empty lists
cameras = "cameras.geojson"
sources = "sources.json"
ground = "ground.geojson"

# [secrets]
# key_file = "/etc/belvedere-keys/secret.key"

[[conventions]]              # convention.md, keys.json, signatures.note, keys.note
directory = "convention"

# [[peers]]                  # le nœud d'une autre partie · another party's node
# party = "autre-partie"
# url = "https://noeud.example.org"         # absent où il appelle celui-ci · left out where it dials this one
"""


def begin_node(*, party: str, data_dir: Path, origin: str, config: Path) -> NodeKeys:
    """Make the folder, the keys and the settings of a new node; return its public keys.

    Raises `Unreadable` where something of it stands there already, or a name cannot be one; `OSError`.
    """
    for place in (config, data_dir):
        if place.exists() and not (place.is_dir() and not any(place.iterdir())):
            raise Unreadable(f"{place} is there already; nothing was touched: give another place, or keep that node")
    try:
        NodeSection(party=party, data_dir=data_dir, origin=origin)
    except ValidationError as failure:
        names = ", ".join(str(part) for each in failure.errors() for part in each["loc"])
        raise Unreadable(
            f"{names}: lower-case letters, digits and hyphens (in the origin dots and slashes too)"
        ) from None
    if not origin.endswith(party):
        raise Unreadable(f"origin `{origin}` does not end in `{party}`; give for instance example.org/{party}")
    data_dir.mkdir(parents=True, mode=0o700, exist_ok=True)
    data_dir.chmod(0o700)
    config.parent.mkdir(parents=True, exist_ok=True)
    with config.open("x", encoding="utf-8") as file:
        file.write(
            _SETTINGS.format(
                party=json.dumps(party), data_dir=json.dumps(str(data_dir.resolve())), origin=json.dumps(origin)
            )
        )
    settings: Settings = read_settings(config)
    keys = own_keys(settings)
    tls_files_of(settings)
    return keys

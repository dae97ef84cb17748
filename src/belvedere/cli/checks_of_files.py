"""The files that a node is told: each read as the node reads it, and what is wrong with it said. Nothing is changed."""

import ipaddress
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from belvedere.cli.finding import Finding, as_said, fault, good, note
from belvedere.domain.clock import Instant
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import read_file
from belvedere.inventory.cameras import (
    FILE_BYTES_MAX,
    CameraSource,
    Inventory,
    read_ground,
    read_inventory,
    read_sources,
)
from belvedere.inventory.sealed import is_sealed
from belvedere.ledger.keys import BadKeyFile
from belvedere.node.cameras import secret_key_of
from belvedere.node.conventions import load_conventions, load_installed
from belvedere.node.database import KEY_FILE, identity_of
from belvedere.node.own_keys import FILES
from belvedere.node.peers import load_peers, require_known_to_peers
from belvedere.peers.peer import Peer
from belvedere.settings import ConventionSection, Settings
from belvedere.store.copies import Glance, glance
from belvedere.store.database import DATABASE_FILE
from belvedere.store.ledger_log import ForeignLedger, LedgerIdentity, require_own
from belvedere.store.restore import half_restored

_SHOWN_MAX = 3
_REFUSALS = (Unreadable, BadKeyFile, ForeignLedger, OSError)
"""What the loaders raise, each with what is wrong in its own words."""
T = TypeVar("T")
DATA = Text("données", "data folder")
KEY = Text("clé de signature", "signing key")
SECRETS = Text("clé des secrets", "secrets' key")
CAMERAS = Text("caméras", "cameras")
SOURCES = Text("sources", "sources")
GROUND = Text("fond de carte", "ground")
JOURNAL = Text("journal", "journal")
CONVENTION = Text("convention", "convention")
PARTNER_NODES = Text("nœuds partenaires", "peers")
_KEY_UNUSABLE = (
    Text("la clé ne peut servir", "the key cannot be used"),
    Text("chmod 600, ou remettre la clé sauvegardée", "chmod 600, or put the backed-up key back"),
)
_EXPORT_AGAIN = Text("l'exporter de nouveau en GeoJSON", "export it again as GeoJSON")


def _loaded(subject: Text, load: Callable[[], T], fact: Text, remedy: Text) -> T | Finding:
    """Return what the node's own loader returns; where it refuses, `fact` and `remedy` around its own words."""
    try:
        return load()
    except _REFUSALS as failure:
        return fault(subject, fact, remedy, cause=as_said(failure))


@dataclass(frozen=True, slots=True)
class Look:
    """What every check is given."""

    settings: Settings
    now: Instant
    running: bool
    """Whether a node runs on this data folder."""

    @property
    def data_dir(self) -> Path:
        """Where the node keeps what it must not lose."""
        return self.settings.node.data_dir


def check_files(look: Look) -> Iterator[Finding]:
    """Yield what is found, in the order in which a node reads."""
    yield from _data_dir(look)
    yield from _key_and_journal(look)
    for section in look.settings.conventions:
        yield _convention(look, section)
    if look.settings.peers:
        yield _peers(look)
    files = look.settings.inventory
    inventory = _loaded(
        CAMERAS,
        lambda: read_inventory(files.cameras),
        Text("l'inventaire ne se lit pas", "the inventory cannot be read"),
        _EXPORT_AGAIN,
    )
    if isinstance(inventory, Finding):
        yield inventory
    else:
        yield good(CAMERAS, Text(f"{len(inventory)} caméras lues", f"{len(inventory)} cameras read"))
    yield from _secret_key(look)
    yield from _sources(look, None if isinstance(inventory, Finding) else inventory)
    ground = _loaded(
        GROUND,
        lambda: read_ground(files.ground),
        Text("le fond de carte ne se lit pas", "the ground cannot be read"),
        _EXPORT_AGAIN,
    )
    yield ground if isinstance(ground, Finding) else good(GROUND, Text("lu", "read"))


def _data_dir(look: Look) -> Iterator[Finding]:
    folder = look.data_dir
    if not folder.exists():
        parent = next((each for each in folder.parents if each.exists()), folder)
        if parent.is_dir() and os.access(parent, os.W_OK):
            yield note(
                DATA,
                Text(f"{folder} n'existe pas encore", f"{folder} does not exist yet"),
                Text("il sera fait au premier démarrage", "it is made at the first start"),
            )
        else:
            yield fault(
                DATA,
                Text(f"{folder} n'existe pas et ne peut être fait", f"{folder} does not exist and cannot be made"),
                Text("le créer pour le compte du nœud (mode 0700)", "make it for the node's account (mode 0700)"),
                cause=Text(f"{parent} n'est pas un dossier inscriptible", f"{parent} is no writable folder"),
            )
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as failure:
        yield fault(
            DATA,
            Text(f"rien ne s'écrit dans {folder}", f"nothing can be written in {folder}"),
            Text("donner le dossier au compte du nœud", "give the folder to the node's account"),
            cause=as_said(failure.strerror),
        )
        return
    cut_short = half_restored(folder)
    if cut_short is not None:
        yield fault(
            DATA,
            Text("une restauration a été interrompue", "a restore was cut short"),
            Text("relancer `belvedere restore`, qui la termine", "run `belvedere restore` again: it finishes it"),
            cause=as_said(cut_short),
        )
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        yield note(
            DATA,
            Text(f"{folder} est ouvert à d'autres comptes", f"{folder} is open to other accounts"),
            Text("chmod 700", "chmod 700"),
            cause=Text(f"mode {mode:04o}", f"mode {mode:04o}"),
        )
    else:
        yield good(DATA, Text(f"{folder} inscriptible", f"{folder} writable"))


def _key_and_journal(look: Look) -> Iterator[Finding]:
    database, key_file = look.data_dir / DATABASE_FILE, look.data_dir / KEY_FILE
    there = database.exists()
    if not key_file.exists():
        if there:
            yield fault(
                KEY,
                Text(f"{key_file} manque, le journal est là", f"{key_file} is missing, the journal is there"),
                Text("remettre la clé, de sa propre sauvegarde", "put the key back, from its own backup"),
                cause=Text("le journal est signé de cette clé", "the journal is signed with that key"),
            )
        else:
            yield note(
                KEY,
                Text("aucune encore", "none yet"),
                Text("faite au premier démarrage ; la sauvegarder à part", "made at the first start; back it up apart"),
            )
        return
    own = _loaded(KEY, lambda: identity_of(look.settings), *_KEY_UNUSABLE)
    if isinstance(own, Finding):
        yield own
        return
    yield good(KEY, Text("lisible par le nœud seul", "readable by the node alone"))
    if there:
        yield _journal(look, database, own)


def _journal(look: Look, database: Path, own: LedgerIdentity) -> Finding:
    seen = _loaded(
        JOURNAL,
        lambda: glance(database),
        Text("la base ne se lit pas", "the database cannot be read"),
        Text("restaurer une sauvegarde (`belvedere restore`)", "restore a backup (`belvedere restore`)"),
    )
    if isinstance(seen, Finding):
        return seen
    stored = own.stored() if seen.header is None else seen.header
    foreign = _loaded(
        JOURNAL,
        lambda: require_own(stored, own),
        Text(f"c'est le journal de {stored.vkey}", f"it is the journal of {stored.vkey}"),
        Text("remettre la clé, le nom et l'origine de ce nœud", "put this node's key, name and origin back"),
    )
    if isinstance(foreign, Finding):
        return foreign
    return _clock(look, seen) or good(
        JOURNAL, Text(f"{seen.size} enregistrements, à ce nœud", f"{seen.size} records, this node's")
    )


def _clock(look: Look, seen: Glance) -> Finding | None:
    if seen.newest_at is None or seen.newest_at <= look.now:
        return None
    return fault(
        Text("horloge", "clock"),
        Text(f"{_told(look.now)}, avant le dernier enregistrement", f"{_told(look.now)}, before the newest record"),
        Text("mettre l'horloge à l'heure avant de démarrer", "set the clock before the start"),
        cause=Text(f"il est du {_told(seen.newest_at)}", f"it is of {_told(seen.newest_at)}"),
    )


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _peers(look: Look) -> Finding:
    lacking = [name for name in FILES.values() if not (look.data_dir / name).exists()]
    if lacking:
        # The node's own loader would make them.
        return note(
            PARTNER_NODES,
            Text(f"pas encore de {', '.join(lacking)}", f"no {', '.join(lacking)} yet"),
            Text(
                "`belvedere node keys` les fait, et dit ce que keys.json doit porter",
                "`belvedere node keys` makes them, and says what keys.json must have",
            ),
        )
    loaded = _loaded(
        PARTNER_NODES,
        lambda: _followed(look.settings),
        Text("les nœuds partenaires ne peuvent être suivis", "the peers cannot be followed"),
        Text(
            "mettre dans keys.json ce que `belvedere node keys` imprime de chaque côté",
            "put into keys.json what `belvedere node keys` prints on each side",
        ),
    )
    if isinstance(loaded, Finding):
        return loaded
    names = ", ".join(peer.party for peer in loaded)
    return good(PARTNER_NODES, Text(f"témoins de ce journal : {names}", f"witnesses of this journal: {names}"))


def _followed(settings: Settings) -> list[Peer]:
    """Return the peers as the node follows them, by the keys beside the conventions."""
    _, keys = load_conventions(settings, owner=PartyId(settings.node.party))
    peers = load_peers(settings, keys)
    require_known_to_peers(settings, peers, keys)
    return peers


def _convention(look: Look, section: ConventionSection) -> Finding:
    loaded = _loaded(
        CONVENTION,
        lambda: load_installed(section, owner=PartyId(look.settings.node.party)),
        Text(f"{section.directory} ne peut entrer en vigueur", f"{section.directory} cannot be put in force"),
        Text(
            "corriger le texte (`belvedere convention check`) ou le faire signer (`belvedere convention sign`)",
            "mend the text (`belvedere convention check`) or have it signed (`belvedere convention sign`)",
        ),
    )
    if isinstance(loaded, Finding):
        return loaded
    installed, _ = loaded
    convention = installed.text.convention
    if section.unsigned:
        return note(
            CONVENTION,
            Text(f"{convention.id} est en vigueur sans signature", f"{convention.id} is in force unsigned"),
            Text("la faire signer par chaque partie", "have every party sign it"),
            cause=Text("`unsigned = true` : pour un essai seulement", "`unsigned = true`: for a trial only"),
        )
    today = look.now.astimezone(convention.zone).date()
    if today < convention.in_force_from:
        return note(
            CONVENTION,
            Text(
                f"{convention.id} n'est en vigueur que le {convention.in_force_from}",
                f"{convention.id} is in force from {convention.in_force_from} only",
            ),
            Text("rien d'autre ne s'ouvre d'ici là", "nothing opens until then"),
        )
    if convention.ends_at is not None and convention.ends_at <= look.now:
        return fault(
            CONVENTION,
            Text(f"{convention.id} est arrivée à son terme", f"{convention.id} has come to its term"),
            Text("la renouveler, ou l'ôter de node.toml", "renew it, or take it out of node.toml"),
            cause=Text(f"le {_told(convention.ends_at)}", f"on {_told(convention.ends_at)}"),
        )
    return good(
        CONVENTION,
        Text(
            f"{convention.id}, texte {convention.sha256[:12]}, signée de chaque partie",
            f"{convention.id}, text {convention.sha256[:12]}, signed by every party",
        ),
    )


def _secret_key(look: Look) -> Iterator[Finding]:
    key_file = look.settings.secrets.key_file
    if key_file is None:
        return
    key = _loaded(SECRETS, lambda: secret_key_of(look.settings), *_KEY_UNUSABLE)
    if isinstance(key, Finding):
        yield key
        return
    beside = [
        folder
        for folder in (look.data_dir, look.settings.inventory.sources.parent)
        if key_file.resolve().is_relative_to(folder.resolve())
    ]
    if beside:
        yield note(
            SECRETS,
            Text(f"la clé est dans {beside[0]}", f"the key is in {beside[0]}"),
            Text("la mettre hors de ce qui se sauvegarde ensemble", "put it outside of what is backed up together"),
            cause=Text("qui a l'un a l'autre", "whoever has the one has the other"),
        )
    else:
        yield good(SECRETS, Text("lisible par le nœud seul, à part", "readable by the node alone, apart"))


def _sources(look: Look, inventory: Inventory | None) -> Iterator[Finding]:
    path = look.settings.inventory.sources
    sources = _loaded(
        SOURCES,
        lambda: read_sources(path, secret_key_of(look.settings)),
        Text("les adresses des caméras ne se lisent pas", "the cameras' addresses cannot be read"),
        Text("chmod 600, ou donner la clé qui les a scellées", "chmod 600, or give the key that sealed them"),
    )
    if isinstance(sources, Finding):
        yield sources
        return
    if is_sealed(read_file(path, bytes_max=FILE_BYTES_MAX)):
        yield good(SOURCES, Text(f"{len(sources)} adresses, scellées", f"{len(sources)} addresses, sealed"))
    else:
        yield note(
            SOURCES,
            Text(f"{len(sources)} adresses en clair", f"{len(sources)} addresses in clear"),
            Text("`belvedere sources seal`", "`belvedere sources seal`"),
        )
    if inventory is not None:
        yield from _unlike(inventory, sources)
    yield from _undialled(look, sources)


def _unlike(inventory: Inventory, sources: Mapping[CameraId, CameraSource]) -> Iterator[Finding]:
    known = [camera.id for camera in inventory]
    without = [camera for camera in known if camera not in sources]
    strange = sorted(set(sources) - set(known))
    if without:
        yield note(
            SOURCES,
            Text(
                f"{len(without)} caméras sans adresse ({_some(without)})",
                f"{len(without)} cameras without address ({_some(without)})",
            ),
            Text(
                "les ajouter, ou ôter ces caméras de l'inventaire", "add them, or take the cameras out of the inventory"
            ),
        )
    if strange:
        yield note(
            SOURCES,
            Text(
                f"{len(strange)} adresses de caméras inconnues ({_some(strange)})",
                f"{len(strange)} addresses of unknown cameras ({_some(strange)})",
            ),
            Text("les ôter, ou compléter l'inventaire", "take them out, or complete the inventory"),
        )


def _undialled(look: Look, sources: Mapping[CameraId, CameraSource]) -> Iterator[Finding]:
    """Yield the cameras that the relay will refuse to dial, as far as their addresses tell without a look-up."""
    networks = [ipaddress.ip_network(each, strict=False) for each in look.settings.media.source_networks]
    outside = [camera for camera, source in sources.items() if _is_outside(source.url, networks)]
    unvouched = [
        camera
        for camera, source in sources.items()
        if look.settings.media.source_authorities is None and urlsplit(source.url).scheme == "rtsps"
    ]
    if outside:
        yield fault(
            SOURCES,
            Text(
                f"{len(outside)} caméras hors des réseaux admis ({_some(outside)})",
                f"{len(outside)} cameras outside the listed networks ({_some(outside)})",
            ),
            Text("compléter [media] source_networks", "complete [media] source_networks"),
            cause=Text("le relais ne les appellera pas", "the relay will not dial them"),
        )
    if unvouched:
        yield fault(
            SOURCES,
            Text(
                f"{len(unvouched)} caméras en rtsps ({_some(unvouched)})",
                f"{len(unvouched)} cameras over rtsps ({_some(unvouched)})",
            ),
            Text("donner [media] source_authorities", "give [media] source_authorities"),
            cause=Text("aucune autorité ne répond d'elles", "no authority vouches for them"),
        )


def _is_outside(url: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        address = ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False  # a name, which the relay looks up at each dial
    return not any(address in network for network in networks)


def _some(cameras: list[CameraId]) -> str:
    more = "…" if len(cameras) > _SHOWN_MAX else ""
    return ", ".join(cameras[:_SHOWN_MAX]) + more

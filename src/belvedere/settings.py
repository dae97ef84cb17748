"""A node's settings: one frozen section per package, read from node.toml; an unknown key is fatal.

Paths are taken from the file's own folder. Secrets are never settings: they stand in files of their own.
"""

import ipaddress
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from belvedere.domain.failures import Unreadable
from belvedere.domain.untrusted_text import TOML_BYTES_MAX, BadText, read_file, read_toml, shown


def _an_address(given: str) -> str:
    """Return HOST:PORT, or [HOST]:PORT for IPv6, as it was given."""
    parts = urlsplit(f"//{given}")
    try:
        sound = bool(parts.hostname and parts.port) and parts.netloc == given and "@" not in given
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"`{given}` is no address; write for instance city.example:8443")
    return given


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Port = Annotated[int, Field(ge=0, le=65535)]


def _a_network(given: str) -> str:
    """Return what the relay reads as a network: an address, or an address and how many bits of it count."""
    _, _, bits = given.partition("/")
    try:
        ipaddress.ip_network(given, strict=False)
    except ValueError:
        bits = "no"
    if bits and not bits.isdecimal():
        raise ValueError(f"`{given}` is no network; write for instance 10.20.0.0/16")
    return given


class NodeSection(_Section):
    """Whose node this is, and where it keeps what it must not lose."""

    party: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    data_dir: Path
    origin: Annotated[str, Field(pattern=r"^[a-z0-9./-]{3,200}$")]
    """The ledger's origin (C2SP tlog-checkpoint); ends in the party's name."""
    zone: str = "Europe/Paris"
    contact: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Whom to call when one cannot sign in, as the sign-in says it: a desk and its number."""

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no time zone; write for instance Europe/Paris") from None
        return zone


class WebSection(_Section):
    """Where the screens and the API are served. `app_url` where a proxy stands in front."""

    host: str = "127.0.0.1"
    port: Port = 0
    app_url: Annotated[str, Field(pattern=r"^https?://[^/]+$")] | None = None
    tls_certificate: Path | None = None
    """PEM, the server's certificate first, then what leads to its authority; with it, https is served."""
    tls_key: Path | None = None
    connections_per_address: Annotated[int, Field(ge=8, le=2000)] = 256
    """How many connections one address may hold; more where a proxy stands in front, whose address all have."""
    monitoring: tuple[Annotated[str, AfterValidator(_a_network)], ...] = ("127.0.0.0/8", "::1/128")
    """From where `/metrics` is answered, and `/readyz` with its sentences and counts (reliability 27)."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self


class SecretsSection(_Section):
    """The key that opens sealed files; it stands apart from the data folder and from what is sealed."""

    key_file: Path | None = None


class MediaSection(_Section):
    """Where pictures are served, and from which networks cameras may be dialled (reliability 19)."""

    host: str = "127.0.0.1"
    port: Port = 0
    media_url: Annotated[str, Field(pattern=r"^wss?://[^/]+$")] | None = None
    tls_certificate: Path | None = None
    """As in [web], whose files are taken where none are given here: a page over https opens wss alone."""
    tls_key: Path | None = None
    source_networks: tuple[Annotated[str, AfterValidator(_a_network)], ...]
    source_authorities: Path | None = None
    """PEM of the authorities that vouch for `rtsps` cameras."""
    warm: tuple[str, ...] = ()
    """Cameras whose pictures are kept ready although nobody watches."""
    idle_s: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """How long a camera's pictures are kept ready after its last viewer."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self


class InventorySection(_Section):
    """The files that the city exports: cameras, their addresses, the map's ground."""

    cameras: Path
    sources: Path
    ground: Path


class ConventionSection(_Section):
    """A convention in force at this node: its text, the parties' keys and their signatures stand in `directory`."""

    directory: Path
    unsigned: bool = False
    """Put it in force without signatures: for trying a draft out, never beside real cameras."""


class ChannelSection(_Section):
    """Where other parties' nodes dial this one: over TLS with the keys that conventions pin, passed through by any proxy."""

    host: str = "127.0.0.1"
    port: Port = 0


class PeerSection(_Section):
    """Another party's node, which witnesses this node's log and whose log this node witnesses.

    Its keys stand in the conventions' keys.json. `url` is the bare origin at which it serves, where this node dials it.
    """

    party: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    url: Annotated[str, Field(pattern=r"^https?://[^/]+$")] | None = None
    channel: Annotated[str, AfterValidator(_an_address)] | None = None
    """HOST:PORT of its `[channel]`, where this node dials it; one of the two does."""
    authorities: Path | None = None
    """PEM of the authorities that vouch for its certificate; the system's where none is given."""


class Settings(_Section):
    """All of a node's settings."""

    node: NodeSection
    web: WebSection = WebSection()
    media: MediaSection
    inventory: InventorySection
    secrets: SecretsSection = SecretsSection()
    conventions: Annotated[list[ConventionSection], Field(min_length=1, max_length=100)]
    channel: ChannelSection | None = None
    peers: Annotated[list[PeerSection], Field(max_length=100)] = []


def read_settings(path: Path) -> Settings:
    """Return the settings in `path`; raises `Unreadable` naming the key and what is wrong with it."""
    try:
        given = read_toml(read_file(path, bytes_max=TOML_BYTES_MAX).decode())
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}; give a node.toml with --config") from None
    except (BadText, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: not TOML: {error}") from None
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            for each in error.errors(include_input=False)
        )
        raise Unreadable(f"{path}: {shown(found)}") from None
    return _anchored(settings, path.resolve().parent)


def _anchored(settings: Settings, folder: Path) -> Settings:
    inventory, web, media, secrets = settings.inventory, settings.web, settings.media, settings.secrets

    def anchored(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    return settings.model_copy(
        update={
            "node": settings.node.model_copy(update={"data_dir": folder / settings.node.data_dir}),
            "web": web.model_copy(
                update={"tls_certificate": anchored(web.tls_certificate), "tls_key": anchored(web.tls_key)}
            ),
            "media": media.model_copy(
                update={
                    "tls_certificate": anchored(media.tls_certificate),
                    "tls_key": anchored(media.tls_key),
                    "source_authorities": anchored(media.source_authorities),
                }
            ),
            "secrets": secrets.model_copy(update={"key_file": anchored(secrets.key_file)}),
            "inventory": inventory.model_copy(
                update={
                    "cameras": folder / inventory.cameras,
                    "sources": folder / inventory.sources,
                    "ground": folder / inventory.ground,
                }
            ),
            "conventions": [
                each.model_copy(update={"directory": folder / each.directory}) for each in settings.conventions
            ],
            "peers": [each.model_copy(update={"authorities": anchored(each.authorities)}) for each in settings.peers],
        }
    )

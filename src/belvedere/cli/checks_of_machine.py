"""What the machine must give a node: ports, room on the disk, addresses that browsers accept, certificates."""

import errno
import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from belvedere.cli.checks_of_files import Look
from belvedere.cli.finding import Finding, as_said, fault, good, note
from belvedere.domain.failures import Unreadable
from belvedere.domain.text import Text
from belvedere.node.listening import media_tls_files, tls_files
from belvedere.settings import Settings
from belvedere.store.connections import sqlite_caveat
from belvedere.store.database import DATABASE_FILE
from belvedere.store.space import MIB, SpaceLimits
from belvedere.web.screens import STATIC_DIR
from belvedere.web.server import TlsFiles, server_context

RENEW_WITHIN = timedelta(days=30)
PORTS = Text("ports", "ports")
ADDRESS = Text("adresse", "address")
TLS = Text("certificat", "certificate")
DISK = Text("disque", "disk")
SQLITE = Text("SQLite", "SQLite")
SCREENS = Text("écrans", "screens")


def check_machine(look: Look) -> Iterator[Finding]:
    """Yield what is found."""
    yield from _ports(look)
    yield from _addresses(look.settings)
    yield from _certificates(look)
    yield _disk(look)
    yield _sqlite()
    yield _screens()


def runs_already(data_dir: Path) -> bool:
    """Tell whether a node holds this data folder; its lock is asked for, and given back at once."""
    try:
        descriptor = os.open(data_dir / f"{DATABASE_FILE}.lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _ports(look: Look) -> Iterator[Finding]:
    web, media = look.settings.web, look.settings.media
    if web.port == media.port != 0 and web.host == media.host:
        yield fault(
            PORTS,
            Text(f"[web] et [media] ont le même port {web.port}", f"[web] and [media] have the same port {web.port}"),
            Text("en donner un à chacun", "give each one of its own"),
        )
        return
    for name, host, port in (("web", web.host, web.port), ("media", media.host, media.port)):
        yield _port(name, host, port, running=look.running)


def _port(name: str, host: str, port: int, *, running: bool) -> Finding:
    if port == 0:
        return note(
            PORTS,
            Text(f"[{name}] prendra un port libre", f"[{name}] will take a free port"),
            Text("en fixer un pour un nœud qui reste", "set one for a node that stays"),
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind((host, port))
            trying.listen(1)
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE and running:
                return good(PORTS, Text(f"[{name}] {port}, tenu par le nœud", f"[{name}] {port}, held by the node"))
            return fault(
                PORTS,
                Text(f"[{name}] {host}:{port} ne peut être pris", f"[{name}] {host}:{port} cannot be bound"),
                Text("libérer le port, ou en donner un autre", "free the port, or give another"),
                cause=as_said(failure.strerror),
            )
    return good(PORTS, Text(f"[{name}] {host}:{port} libre", f"[{name}] {host}:{port} free"))


def _addresses(settings: Settings) -> Iterator[Finding]:
    web, media = settings.web, settings.media
    scheme = "http" if web.tls_certificate is None else "https"
    if web.app_url is None and _everywhere(web.host):
        yield fault(
            ADDRESS,
            Text(f"[web] app_url manque, host est {web.host}", f"[web] app_url is missing, host is {web.host}"),
            Text("donner l'origine que voient les navigateurs", "give the origin that browsers see"),
            cause=Text("aucune demande n'aurait la bonne origine", "no request would have the right origin"),
        )
        return
    app_url = web.app_url or f"{scheme}://{web.host}"
    if web.tls_certificate is not None and not app_url.startswith("https://"):
        yield fault(
            ADDRESS,
            Text(f"app_url est {app_url}, le nœud sert en https", f"app_url is {app_url}, the node serves https"),
            Text("écrire https:// dans app_url", "write https:// in app_url"),
        )
        return
    media_scheme = "ws" if media_tls_files(settings) is None else "wss"
    media_url = media.media_url or f"{media_scheme}://{media.host}"
    if app_url.startswith("https://") and not media_url.startswith("wss://"):
        yield fault(
            ADDRESS,
            Text("une page en https n'ouvrira pas d'images en ws", "a page over https opens no pictures over ws"),
            Text(
                'donner un certificat au relais, ou media_url = "wss://…" derrière le mandataire',
                'give the relay a certificate, or media_url = "wss://…" behind the proxy',
            ),
            cause=Text("les navigateurs refusent le contenu mixte", "browsers refuse mixed content"),
        )
    elif _everywhere(urlsplit(media_url).hostname or ""):
        yield fault(
            ADDRESS,
            Text(
                f"[media] media_url manque, host est {media.host}",
                f"[media] media_url is missing, host is {media.host}",
            ),
            Text("donner l'adresse que voient les navigateurs", "give the address that browsers see"),
        )
    elif app_url.startswith("http://") and not _loopback(urlsplit(app_url).hostname or ""):
        yield note(
            ADDRESS,
            Text(f"{app_url} est en clair", f"{app_url} is in clear"),
            Text(
                "un certificat (`belvedere local-authority`) ou un mandataire TLS",
                "a certificate (`belvedere local-authority`) or a TLS proxy",
            ),
            cause=Text(
                "mots de passe et images passent lisibles, le témoin n'est pas Secure",
                "passwords and pictures pass readable, the cookie is not Secure",
            ),
        )
    else:
        yield good(ADDRESS, Text(f"{app_url}, images {media_url}", f"{app_url}, pictures {media_url}"))


def _everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _certificates(look: Look) -> Iterator[Finding]:
    settings = look.settings
    web, media = tls_files(settings), media_tls_files(settings)
    if web is not None:
        yield _certificate(look, web, _host_of(settings.web.app_url, settings.web.host))
    if media is not None and media != web:
        yield _certificate(look, media, _host_of(settings.media.media_url, settings.media.host))


def _host_of(url: str | None, host: str) -> str:
    return host if url is None else urlsplit(url).hostname or host


def _certificate(look: Look, files: TlsFiles, host: str) -> Finding:
    try:
        server_context(files)
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    except (Unreadable, ValueError, OSError) as failure:
        return fault(
            TLS,
            Text(f"{files.certificate} ne peut servir", f"{files.certificate} cannot be used"),
            Text(
                "donner le certificat et sa clé, en PEM, la clé en 0600",
                "give the certificate and its key, in PEM, the key 0600",
            ),
            cause=as_said(failure),
        )
    ends = certificate.not_valid_after_utc
    renew = Text(
        "le renouveler ; le nœud le reprend sans redémarrer", "renew it; the node takes it up without a restart"
    )
    if not certificate.not_valid_before_utc <= look.now < ends:
        return fault(
            TLS,
            Text(f"{files.certificate} n'est pas valable aujourd'hui", f"{files.certificate} is not valid today"),
            renew,
            cause=Text(f"jusqu'au {ends:%Y-%m-%d}", f"until {ends:%Y-%m-%d}"),
        )
    if not _vouches_for(certificate, host):
        return fault(
            TLS,
            Text(f"{files.certificate} ne vaut pas pour « {host} »", f"{files.certificate} is not for `{host}`"),
            Text("en faire un pour ce nom", "have one made for that name"),
        )
    if ends - look.now < RENEW_WITHIN:
        return note(TLS, Text(f"plus que {(ends - look.now).days} jours", f"{(ends - look.now).days} days left"), renew)
    return good(TLS, Text(f"pour {host}, jusqu'au {ends:%Y-%m-%d}", f"for {host}, until {ends:%Y-%m-%d}"))


def _vouches_for(certificate: x509.Certificate, host: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        return ipaddress.ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        wanted = host.lower()
        return any(
            each.lower() == wanted or (each.startswith("*.") and wanted.partition(".")[2] == each[2:].lower())
            for each in names.get_values_for_type(x509.DNSName)
        )


def _disk(look: Look) -> Finding:
    folder = next((each for each in (look.data_dir, *look.data_dir.parents) if each.exists()), Path("/"))
    limits = SpaceLimits()
    usage = os.statvfs(folder)
    free_mib = usage.f_bavail * usage.f_frsize // MIB
    fact = Text(f"{free_mib} Mio libres", f"{free_mib} MiB free")
    room = Text("faire de la place, ou déplacer data_dir", "make room, or move data_dir")
    if free_mib * MIB < limits.ballast_bytes + limits.floor_bytes:
        return fault(DISK, fact, room, cause=Text("rien de nouveau ne serait inscrit", "nothing new would be recorded"))
    if free_mib * MIB < limits.alarm_below_bytes:
        return note(
            DISK,
            fact,
            room,
            cause=Text(
                f"sous le seuil d'alarme de {limits.alarm_below_bytes // MIB} Mio",
                f"below the alarm's {limits.alarm_below_bytes // MIB} MiB",
            ),
        )
    return good(DISK, fact)


def _sqlite() -> Finding:
    caveat = sqlite_caveat()
    if caveat is None:
        return good(SQLITE, Text("version sans réserve", "a version without reserve"))
    return note(
        SQLITE,
        Text("version antérieure à 3.51.3", "older than 3.51.3"),
        Text(
            "n'ouvrir la base avec aucun autre programme qui écrive",
            "open the database with no other program that writes",
        ),
        cause=Text(
            "course connue entre connexions qui écrivent ; ici une seule écrit",
            "a known race between connections that write; here one alone does",
        ),
    )


def _screens() -> Finding:
    if (STATIC_DIR / "index.html").is_file():
        return good(SCREENS, Text("construits", "built"))
    return note(
        SCREENS,
        Text("les écrans ne sont pas construits", "the screens are not built"),
        Text("`make build`", "`make build`"),
        cause=Text("le nœud ne servirait que l'API", "the node would serve the API alone"),
    )

"""A certificate authority for one site: makes the server's certificate where there is no internet (rules A21).

The authority can vouch for the site's own names and nothing else (name constraints), so that trusting it on a
workstation gives nobody the power to pass for another server. Keys are P-256, in files of mode 0600.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from belvedere.domain.clock import Instant
from belvedere.domain.failures import Unreadable

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
_EARLIER = timedelta(hours=1)
"""Validity begins this much in the past: clocks of a site without outside time differ."""
_Name = x509.DNSName | x509.IPAddress


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """What stands in the folder. Workstations get `authority`; `authority_key` is best kept off the node."""

    authority: Path
    authority_key: Path
    certificate: Path
    key: Path


def site_files(folder: Path) -> SiteFiles:
    """Return where the files of `folder` are."""
    return SiteFiles(
        folder / "authority.pem", folder / "authority-key.pem", folder / "server.pem", folder / "server-key.pem"
    )


def certify(folder: Path, hosts: Sequence[str], *, at: Instant, days: int = SERVER_DAYS) -> SiteFiles:
    """Make a server's certificate for `hosts` (names or addresses) in `folder`, and its authority if absent.

    With the authority there already, the server's certificate and key are renewed and the authority stays.
    Raises `Unreadable` where the authority is over, cannot be read, or may not vouch for a host.
    """
    files = site_files(folder)
    names = [_name_of(host) for host in hosts]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if files.authority.exists() or files.authority_key.exists():
        authority, authority_key = _read_authority(files)
    else:
        authority, authority_key = _make_authority(files, names, at=at)
    _check_authority(authority, names, at=at)
    ends = min(at + timedelta(days=days), authority.not_valid_after_utc)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Belvedere server {hosts[0]}"[:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(at - _EARLIER, authority.not_valid_before_utc))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _put(files.key, _pem_of(key), mode=0o600)
    _put(files.certificate, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return files


def _make_authority(
    files: SiteFiles, names: Sequence[_Name], *, at: Instant
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Belvedere {_shown(names[0])}"[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _EARLIER)
        .not_valid_after(at + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _put(files.authority_key, _pem_of(key), mode=0o600)
    _put(files.authority, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return certificate, key


def _read_authority(files: SiteFiles) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate(files.authority.read_bytes())
        key = serialization.load_pem_private_key(files.authority_key.read_bytes(), password=None)
    except OSError as failure:
        raise Unreadable(
            f"{failure.filename}: {failure.strerror}; put the authority's two files there to renew, "
            "or take both away to make a new one"
        ) from None
    except (ValueError, TypeError) as failure:
        raise Unreadable(f"{files.authority_key.parent}: the authority cannot be read: {failure}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise Unreadable(f"{files.authority_key}: not the key of {files.authority}")
    return certificate, key


def _check_authority(authority: x509.Certificate, names: Sequence[_Name], *, at: Instant) -> None:
    if authority.not_valid_after_utc <= at:
        raise Unreadable(f"the authority ended on {authority.not_valid_after_utc:%Y-%m-%d}; make a new one elsewhere")
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    for name in names:
        if not any(_permits(subtree, name) for subtree in permitted):
            raise Unreadable(
                f"the authority may not vouch for `{_shown(name)}`; make another in a folder of its own for that name"
            )


def _permits(subtree: x509.GeneralName, name: _Name) -> bool:
    if isinstance(subtree, x509.DNSName) and isinstance(name, x509.DNSName):
        return name.value == subtree.value or name.value.endswith(f".{subtree.value}")
    if isinstance(subtree, x509.IPAddress) and isinstance(name, x509.IPAddress):
        network, address = subtree.value, name.value
        return isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network) and address in network
    return False


def _constraints(names: Sequence[_Name]) -> x509.NameConstraints:
    """Return constraints to `names`; where no address is among them, to no address at all, and so for names."""
    permitted: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(name.value)) if isinstance(name, x509.IPAddress) else name for name in names
    ]
    excluded: list[x509.GeneralName] = []
    if not any(isinstance(name, x509.IPAddress) for name in names):
        excluded = [x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")), x509.IPAddress(ipaddress.ip_network("::/0"))]
    if not any(isinstance(name, x509.DNSName) for name in names):
        excluded.append(x509.DNSName(""))
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded or None)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name_of(host: str) -> _Name:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    labels = host.split(".")
    if len(host) > 253 or not all(_is_label(label) for label in labels):
        raise Unreadable(
            f"`{host}` is neither an address nor a host's name; give what stands between `https://` and `/`"
        )
    return x509.DNSName(host.lower())


def _is_label(label: str) -> bool:
    return (
        0 < len(label) <= 63
        and label.isascii()
        and label.replace("-", "").isalnum()
        and not label.startswith("-")
        and not label.endswith("-")
    )


def _shown(name: _Name) -> str:
    return str(name.value)


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _put(path: Path, content: bytes, *, mode: int) -> None:
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)

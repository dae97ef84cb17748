"""A node's signing key, in a file of its own.

Owns how the file is made and how strictly it is read. Does not know what is signed with it.
"""

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class BadKeyFile(Exception):
    """A key file that must not be used; the message states the fact and the remedy."""


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """Return the Ed25519 key in `path` (PEM, PKCS 8), made there with mode 0600 if it is absent.

    The file is made whole or not at all. Raises `BadKeyFile` if others may read it or it is no such key.
    """
    try:
        return load_key(path)
    except FileNotFoundError:
        _create(path)
        return load_key(path)


def load_key(path: Path) -> Ed25519PrivateKey:
    """Return the key in `path`; raises `BadKeyFile` as `load_or_create_key` does, `FileNotFoundError` where none is."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise BadKeyFile(f"{path} may be read by others (mode {mode:04o}); run chmod 600 on it")
        pem = file.read(16_384)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as failure:
        raise BadKeyFile(f"{path} holds no readable private key: {failure}") from failure
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKeyFile(f"{path} holds a key that is not Ed25519")
    return key


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        # link, unlike rename, never replaces a key that another start has just made
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)

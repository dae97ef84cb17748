"""Finds the one byte that was changed in a file whose tree is not the signed one.

A diagnosis only: the file is bad whatever comes out. It serves files whose salts carry no check of their own
(other programs', erased entries): every other byte is tried at every place, until the signed root appears.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from belvedere.ledger.canonical import SALT_SIZE_BYTES
from belvedere.ledger.proofs import inclusion_proof
from belvedere.ledger.reading import read_entries
from belvedere.ledger.tree import leaf_hash, node_hash, root_of_leaves

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def find_changed_line(
    file: BinaryIO, entries: Sequence[bytes], *, root: bytes, suspects: Sequence[int], candidates_max: int
) -> int | None:
    """Return the index of the entry that, with one byte of its line changed, gives `root`; None if none does.

    Tries single-bit changes of all `suspects` first, then every other byte; `candidates_max` hashes in all.
    """
    if len(entries) > candidates_max:
        return None
    wanted = set(suspects)
    kept = [
        (entry.index, entry.entry if entry.record is None or entry.salt is None else entry.salt + entry.record)
        for entry in read_entries(file)
        if entry.index in wanted
    ]
    erased = {index for index, material in kept if len(material) == SALT_SIZE_BYTES}
    leaves = [leaf_hash(entry) for entry in entries]
    paths = {index: _path(index, leaves) for index, _ in kept}
    left = candidates_max
    for bits_only in (True, False):
        for index, material in kept:
            variants = _entries_near(material, bits_only=bits_only)
            for candidate in _erased_near(material) if index in erased else variants:
                left -= 1
                if left < 0:
                    return None
                if _root_with(candidate, paths[index]) == root:
                    return index
    return None


def _path(index: int, leaves: Sequence[bytes]) -> list[tuple[bool, bytes]]:
    """Return the siblings from leaf to root, each with whether it stands on the left."""
    path = inclusion_proof(index, len(leaves), lambda start, end: root_of_leaves(leaves[start:end]))
    sides: list[tuple[bool, bytes]] = []
    position, last = index, len(leaves) - 1
    for sibling in path:
        while position == last and not position & 1:
            position >>= 1
            last >>= 1
        sides.append((bool(position & 1), sibling))
        position >>= 1
        last >>= 1
    return sides


def _root_with(entry: bytes, path: list[tuple[bool, bytes]]) -> bytes:
    carried = leaf_hash(entry)
    for on_the_left, sibling in path:
        carried = node_hash(sibling, carried) if on_the_left else node_hash(carried, sibling)
    return carried


def _entries_near(material: bytes, *, bits_only: bool) -> Iterator[bytes]:
    """Yield the entry of each text that differs from salt ‖ record in one place of the file's line."""
    salt, record = material[:SALT_SIZE_BYTES], material[SALT_SIZE_BYTES:]
    if bits_only:
        for other_salt in _erased_near(salt):
            yield hashlib.sha256(other_salt + record).digest()
    prefix = hashlib.sha256(salt)
    for place, byte in enumerate(record):
        tail = record[place + 1 :]
        for other in _bytes_instead_of(byte, bits_only=bits_only):
            attempt = prefix.copy()
            attempt.update(bytes((other,)) + tail)
            yield attempt.digest()
        prefix.update(record[place : place + 1])


def _bytes_instead_of(byte: int, *, bits_only: bool) -> Iterator[int]:
    """Yield what may have stood where `byte` is, both texts being valid UTF-8 without control characters."""
    span = range(0x20, 0x7F) if byte < 0x80 else range(0x80, 0xF5)
    for other in span:
        single_bit = (other ^ byte).bit_count() == 1
        if other != byte and single_bit == bits_only:
            yield other


def _erased_near(material: bytes) -> Iterator[bytes]:
    """Yield the 32 bytes of each base64 text that differs from theirs in one character."""
    text = base64.b64encode(material)
    for place in range(len(text) - 1):
        for character in _BASE64:
            near = text[:place] + bytes((character,)) + text[place + 1 :]
            decoded = base64.b64decode(near)
            if near != text and base64.b64encode(decoded) == near:
                yield decoded

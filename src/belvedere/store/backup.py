"""A whole copy of a node's database, taken while the node runs and checked before it is called a backup.

The copy is read in one snapshot, from outside the node: its writer is not held up, and its write-ahead log is only
emptied a little later. Sessions are left out: a restored node must not let anybody in who had signed out. The signing
key is not in it: whoever holds a backup can't speak for the node. Source: reliability 23.
"""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from belvedere.domain.failures import Unreadable
from belvedere.store.connections import read_only_driver
from belvedere.store.copies import CheckedCopy, check_copy
from belvedere.store.space import SpaceLimits

LEFT_OUT = ("sessions",)


@dataclass(frozen=True, slots=True)
class Backup:
    """A good backup: where, how large, and the head that it ends with."""

    path: Path
    size_bytes: int
    copy: CheckedCopy


def back_up(database: Path, target: Path, *, space: SpaceLimits | None = None) -> Backup:
    """Copy `database` to `target`, which must not exist; whole, mode 0600 and on the disk, or not at all.

    Raises `Unreadable` where the disk lacks room, the database can't be read or its ledger is not whole.
    """
    if not database.is_file():
        raise Unreadable(f"there is no database at {database}")
    if target.exists():
        raise Unreadable(f"{target} exists already and is not replaced; give each backup a name of its own")
    _check_room(database, target, space or SpaceLimits())
    draft = target.with_name(f"{target.name}.part-{os.getpid()}")
    # Made before SQLite makes it: its own mode would let others read.
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy(database, draft)
        checked = check_copy(draft)
        size_bytes = _sync(draft)
        os.link(draft, target)
    except FileExistsError:
        raise Unreadable(f"{target} has just been made by somebody else and is not replaced") from None
    except sqlite3.Error as failure:
        raise Unreadable(f"{database} cannot be copied: {failure}") from failure
    finally:
        for leftover in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm", "-journal"))):
            leftover.unlink(missing_ok=True)
    sync_directory(target.parent)
    return Backup(target, size_bytes, checked)


def _copy(database: Path, draft: Path) -> None:
    source = read_only_driver(database)
    try:
        source.execute("VACUUM INTO ?", (str(draft),))
    finally:
        source.close()
    copy = sqlite3.connect(draft, isolation_level=None)
    try:
        copy.execute("PRAGMA journal_mode = MEMORY")
        copy.execute("PRAGMA secure_delete = ON")
        for table in LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 (names of ours)
    finally:
        copy.close()


def _check_room(database: Path, target: Path, space: SpaceLimits) -> None:
    """Refuse to fill a disk, above all the node's own: there the alarm's threshold stays free."""
    needed_bytes = sum(
        path.stat().st_size for path in (database, database.with_name(database.name + "-wal")) if path.exists()
    )
    usage = os.statvfs(target.parent)
    kept_bytes = space.alarm_below_bytes if target.parent.stat().st_dev == database.stat().st_dev else 0
    free_bytes = usage.f_bavail * usage.f_frsize
    if free_bytes - needed_bytes < kept_bytes:
        raise Unreadable(
            f"{target.parent}: {free_bytes} bytes free, the copy takes up to {needed_bytes}"
            + (f" and {kept_bytes} stay free for the node" if kept_bytes else "")
            + "; make room, or write the backup to another disk"
        )


def _sync(file: Path) -> int:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Have the names in `directory` on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

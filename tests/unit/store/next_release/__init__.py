"""A program with a second migration after the released one: what a node is upgraded to in tests.

Migrations that were never released are no upgrade that anybody makes; this stands for the first one that somebody will.
"""

import shutil
from pathlib import Path

from belvedere.store import migrate

SECOND = Path(__file__).with_name("r0002_second.py")


def two_migrations(folder: Path, second: str = SECOND.read_text()) -> Path:
    """Make a folder of migrations: the first as it is released, and `second`; return it."""
    released = Path(migrate.__file__).with_name("migrations")
    shutil.copytree(released, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / SECOND.name).write_text(second)
    return folder

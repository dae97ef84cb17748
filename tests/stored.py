"""What stands in a node's database, whoever's it is: no route gives that out."""

import json
from typing import Any

from sqlalchemy import select

from belvedere.store.database import Database
from belvedere.store.ledger_rows import read_entries
from belvedere.store.ledger_tables import ledger_words


async def stored_records(database: Database, **wanted: object) -> list[dict[str, Any]]:
    """Return the ledger's records that have these members, oldest first."""
    entries = await database.read(lambda connection: list(read_entries(connection)))
    records = [{"index": each.index, **json.loads(each.record)} for each in entries if each.record is not None]
    return [record for record in records if all(record.get(name) == value for name, value in wanted.items())]


async def stored_words(database: Database) -> list[tuple[str, str]]:
    """Return what was typed, each text behind the hash by which records name it."""
    rows = select(ledger_words.c.sha256, ledger_words.c.text)
    return await database.read(lambda connection: [(row.sha256, row.text) for row in connection.execute(rows)])

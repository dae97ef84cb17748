"""The ledger's tables. `ledger_entries` only ever grows; a record and its salt can be erased beside it.

Instants are integers: microseconds since the Unix epoch, UTC. Hashes are 32-byte blobs.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from belvedere.store.schema import metadata

ledger_identity = Table(
    "ledger_identity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("node", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("vkey", Text, nullable=False),
)
"""Whose ledger this is: a row for each key that signed its heads, the newest last. A database never changes owner."""

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("entry", LargeBinary(32), nullable=False),
)
"""Every entry's hash, from 0 without a gap; kept when the record is erased."""

ledger_records = Table(
    "ledger_records",
    metadata,
    Column("idx", Integer, ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("at_us", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("camera", Text),
    Column("viewing", Text),
    Column("private_to", Text),
)
"""The canonical records with their salts; the last five columns repeat members of it for searching.

`private_to` is whose alone a record is, NULL where it is nobody's: another party's are found by no search.

They, `ledger_viewings` and `ledger_event_records` are derived: `ledger.derived` says them of each record.
"""

Index("ix_ledger_records_camera_at_us", ledger_records.c.camera, ledger_records.c.at_us)
Index("ix_ledger_records_at_us", ledger_records.c.at_us)
# Of the few that are some party's alone: the rest of a time is found by `at_us`.
Index(
    "ix_ledger_records_private_to",
    ledger_records.c.private_to,
    ledger_records.c.at_us,
    sqlite_where=text("private_to IS NOT NULL"),
)
# Few among many: how long each camera was lost in a month is read of what tells that one is back.
Index("ix_ledger_records_fault", ledger_records.c.at_us, sqlite_where=text("kind = 'fault'"))
Index("ix_ledger_records_viewing", ledger_records.c.viewing)

ledger_viewings = Table(
    "ledger_viewings",
    metadata,
    Column("viewing", Text, primary_key=True),
    Column("camera", Text, nullable=False),
    Column("opened_us", Integer, nullable=False),
    Column("opened_idx", Integer, nullable=False),
    Column("ended_us", Integer),
    Column("ended_idx", Integer),
    Column("lasting", Boolean(name="lasting"), nullable=False),
)
"""From when to when each viewing ran, by the records that tell it: what a time is looked up in, and nothing else.

`lasting` while it runs and where it ran for more than `ledger.derived.LASTING_US`. So a time is answered by two ranges of an index:
what opened within it or up to a day before, and the few that last.
"""

ledger_event_records = Table(
    "ledger_event_records",
    metadata,
    Column("idx", Integer, ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
)
"""Which records tell an event's words: what its motives are looked up in, each with who gave it and when."""

Index("ix_ledger_event_records_event", ledger_event_records.c.event)

Index("ix_ledger_viewings_camera", ledger_viewings.c.camera, ledger_viewings.c.opened_us, ledger_viewings.c.opened_idx)
Index("ix_ledger_viewings_opened", ledger_viewings.c.opened_us, ledger_viewings.c.opened_idx)
Index(
    "ix_ledger_viewings_lasting",
    ledger_viewings.c.opened_us,
    ledger_viewings.c.opened_idx,
    sqlite_where=text("lasting = 1"),
)

ledger_words = Table(
    "ledger_words",
    metadata,
    Column("record", Integer, ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
    Column("sha256", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What a party typed, by the record that names its hash: erased with that record, read by that party, and no further.

An event's motive is also read by the owner of a camera that it opened. Source: ledger-format 15.
"""

ledger_erasures = Table(
    "ledger_erasures",
    metadata,
    Column("idx", Integer, ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
    Column("at_us", Integer, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Why an entry has no record any more. An entry with neither was tampered with."""

ledger_subtrees = Table(
    "ledger_subtrees",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
"""Roots of complete subtrees of 256^level leaves (level ≥ 1), so that proofs need not read every leaf."""

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
)
"""One row: the newest signed checkpoint, replaced in the transaction that appends."""

ledger_epochs = Table(
    "ledger_epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("started_at_us", Integer, nullable=False),
)
"""One row a start of the node."""

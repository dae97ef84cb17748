"""The tables of what is co-signed: heads of other logs that this node witnessed, and co-signatures that it holds on its own.

Instants are integers: seconds since the Unix epoch, as a co-signature states them. Hashes are 32-byte blobs.
"""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from belvedere.store.schema import metadata

witnessed_heads = Table(
    "witnessed_heads",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("cosigned_at_s", Integer, nullable=False),
    Column("forked", Text),
)
"""One row a log: the newest head that this node co-signed, kept before anybody has the co-signature; never of fewer entries.

`forked` is a head that proves that the log was rewritten: never taken back. No row of the ledger's own: it outlives a
ledger that is begun anew.
"""

ledger_cosignatures = Table(
    "ledger_cosignatures",
    metadata,
    Column("witness", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("cosigned_at_s", Integer, nullable=False),
)
"""One row a witness, by its verifier key: the newest head of this ledger that it co-signed."""

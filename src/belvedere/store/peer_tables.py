"""The tables of what is told between nodes: cameras, and which messages counted already.

Facts of a camera are JSON in their one spelling (`inventory.catalogue`).
"""

from sqlalchemy import Column, Index, Integer, Table, Text

from belvedere.store.schema import metadata

catalogues = Table(
    "catalogues",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("newest", Integer, nullable=False),
)
"""One row a party: the number of the newest change that it is told. Kept when its last camera is told no more."""

catalogue_entries = Table(
    "catalogue_entries",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("camera", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("facts", Text),
)
"""What last changed about each camera that a party was ever told of; without facts, it is told no more."""
Index("ix_catalogue_entries_reader_number", catalogue_entries.c.reader, catalogue_entries.c.number, unique=True)

replicas = Table(
    "replicas",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("upto", Integer, nullable=False),
)
"""One row an owner: up to which number its cameras are known here."""

replica_cameras = Table(
    "replica_cameras",
    metadata,
    Column("camera", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("facts", Text, nullable=False),
)
"""Other owners' cameras. A camera's id is its owner's everywhere, so no two owners have one."""
Index("ix_replica_cameras_owner", replica_cameras.c.owner)

peer_viewings = Table(
    "peer_viewings",
    metadata,
    Column("viewing", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("since_us", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Ids of viewings that other parties' nodes made, running or over: none is used twice."""
Index("ix_peer_viewings_since_us", peer_viewings.c.since_us)

peer_messages = Table(
    "peer_messages",
    metadata,
    Column("party", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("kept_until_s", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Messages that did something, until they would be refused as expired anyway."""
Index("ix_peer_messages_kept_until_s", peer_messages.c.kept_until_s)

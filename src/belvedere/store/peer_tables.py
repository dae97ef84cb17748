"""The tables of what is told between nodes: cameras, and which messages counted already.

Facts of a camera are JSON in their one spelling (`inventory.catalogue`).
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

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

disclosures = Table(
    "disclosures",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("motive", Text),
    Column("motive_salt", LargeBinary(32)),
    Column("sector", Text),
    Column("sector_salt", LargeBinary(32)),
    Column("agent", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("at_us", Integer, nullable=False),
    Column("taken", Boolean(name="taken"), nullable=False),
    sqlite_with_rowid=False,
)
"""Versions of an event's words that owners of cameras are told; without words once they are taken."""
Index("ix_disclosures_event", disclosures.c.event)

told_events = Table(
    "told_events",
    metadata,
    Column("event", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("viewing", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("motive_sha256", Text),
    Column("number", Integer, nullable=False),
    Column("motive", Text),
    Column("motive_salt", LargeBinary(32)),
    Column("sector", Text),
    Column("sector_salt", LargeBinary(32)),
    Column("since_us", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Events of other parties' nodes that opened a camera here, with the newest version of what was told of them."""
Index("ix_told_events_since_us", told_events.c.since_us)

resolutions_due = Table(
    "resolutions_due",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("at_us", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Pseudonyms that were resolved here, as far as another party's node has not recorded it yet."""

resolutions_received = Table(
    "resolutions_received",
    metadata,
    Column("party", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at_us", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Resolutions that other parties told of, and that are recorded here."""

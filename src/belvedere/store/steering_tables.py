"""Tables of who steers: leases, the owner's words that they rest on, the notices that they make due.

Of a lease that is over only so much is kept as answers its holder's late command.
"""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, Table, Text

from belvedere.store.schema import metadata

leases = Table(
    "leases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("camera", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("agent_label", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("session_sha256", LargeBinary(32), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("regime", Text, nullable=False),
    Column("event", Text),
    Column("viewing", Text),
    Column("asked_at_us", Integer, nullable=False),
    Column("awaits", Text),
    Column("since_us", Integer),
    Column("regime_since_us", Integer),
    Column("valid_until_us", Integer),
    Column("authorisation", Text),
    Column("articles", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("renewed", Integer, nullable=False),
    Column("renewed_at_us", Integer),
    Column("notices", Integer, nullable=False),
)
"""Leases that are held, and those that are asked for (`awaits` says for whom they wait); `articles` are joined by a space."""

leases_over = Table(
    "leases_over",
    metadata,
    Column("id", Text, primary_key=True),
    Column("camera", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("articles", Text, nullable=False),
    Column("at_us", Integer, nullable=False),
    Column("authorisation", Text),
)

steering_fences = Table(
    "steering_fences",
    metadata,
    Column("camera", Text, primary_key=True),
    Column("fence", Integer, nullable=False),
)
"""The newest fence of each camera that was ever steered: no later lease has it."""

authorisations = Table(
    "authorisations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lease", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("asked_at_us", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("until_us", Integer),
    Column("giver", Text),
    Column("giver_role", Text),
    Column("reason", Text),
    Column("oral_channel", Text),
    Column("oral_at_us", Integer),
    Column("oral_recorder", Text),
    Column("oral_confirmed", Boolean(name="oral_confirmed")),
    Column("ground", Text),
    Column("withdrawn_by_role", Text),
)
Index("ix_authorisations_state", authorisations.c.state)

owed_notices = Table(
    "owed_notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lease", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("event", Text),
    Column("from_party", Text, nullable=False),
    Column("to_party", Text, nullable=False),
    Column("since_us", Integer, nullable=False),
    Column("due_us", Integer),
    Column("articles", Text, nullable=False),
    Column("until_us", Integer),
)
Index("ix_owed_notices_lease", owed_notices.c.lease)

deputies = Table(
    "deputies",
    metadata,
    Column("agent", Text, primary_key=True),
    Column("pseudonym", Text, nullable=False),
    Column("until_us", Integer, nullable=False),
    Column("by", Text, nullable=False),
)
"""Whom the director named as deputies."""

looks = Table(
    "looks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("camera", Text),
    Column("lon_deg", Float),
    Column("lat_deg", Float),
    Column("asked_at_us", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text),
    Column("answered_by", Text),
    Column("answered_at_us", Integer),
)
"""What partners asked the owner's room to look at; erased with the records that tell it."""

crews_engaged = Table(
    "crews_engaged",
    metadata,
    Column("camera", Text, primary_key=True),
    Column("since_us", Integer, nullable=False),
    Column("by", Text, nullable=False),
)
"""Cameras at which the room chief says that a crew of the owner's is engaged."""

"""Tables of accounts, stations and sessions. Secrets are kept as digests only."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from belvedere.store.schema import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("agent", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("pseudonym", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("pin_hash", Text),
    Column("habilitation_act", Text),
    Column("habilitation_since", Text),
    Column("habilitation_until", Text),
)
"""Habilitation days as ISO dates; no act means no habilitation."""

stations = Table(
    "stations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("secret_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("ended_at_us", Integer),
    Column("service", Text),
    Column("until", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("cookie_sha256", LargeBinary(32), primary_key=True),
    Column("agent", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("opened_at_us", Integer, nullable=False),
    Column("seen_at_us", Integer, nullable=False),
)
Index("ix_sessions_seen_at_us", sessions.c.seen_at_us)

layouts = Table(
    "layouts",
    metadata,
    Column("station", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("document", Text, nullable=False),
)
"""A wall's layout belongs to the station and the role."""

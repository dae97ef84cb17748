"""Tables of what runs now: events, viewings, suspensions, the centre's declared state.

History stands in the ledger; these tables hold the present. Instants are integer microseconds, UTC.
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from belvedere.store.schema import metadata

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("opened_at_us", Integer, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_by_pseudonym", Text, nullable=False),
    Column("kept_by", Text, nullable=False),
    Column("kept_by_pseudonym", Text, nullable=False),
    Column("sector", Text),
    Column("motive", Text),
    Column("dispatch_number", Text),
    Column("sector_salt", LargeBinary(32)),
    Column("motive_salt", LargeBinary(32)),
    Column("dispatch_number_salt", LargeBinary(32)),
    Column("closed_at_us", Integer),
)
Index("ix_events_party_closed_at_us", events.c.party, events.c.closed_at_us)

viewings = Table(
    "viewings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("camera", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("agent_label", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("event", Text),
    Column("purpose", Text),
    Column("since_us", Integer, nullable=False),
    Column("valid_until_us", Integer),
    Column("session_sha256", LargeBinary(32), nullable=False),
    Column("articles", Text, nullable=False),
    Column("slot", Integer),
    Column("asked", Integer, nullable=False),
    Column("attested", Text),
)
"""Running viewings only; `articles` are joined by a space; `attested` is JSON."""
Index("ix_viewings_party", viewings.c.party)

state_stamp = Table(
    "state_stamp",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("stamp", Integer, nullable=False),
)
"""One row: which state of the tables that decisions read this is, for those who keep it in memory (see `kept_state`)."""

tail = Table(
    "tail",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("drained", Integer, nullable=False),
)
"""One row: up to which number this process's tail is recorded (see `spine.tail`)."""

suspensions = Table(
    "suspensions",
    metadata,
    Column("camera", Text, primary_key=True),
    Column("party", Text, primary_key=True),
    Column("ground", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since_us", Integer, nullable=False),
    Column("by_role", Text, nullable=False),
    Column("by_label", Text, nullable=False),
    Column("viewing", Text, nullable=False),
)

suspended_viewings = Table(
    "suspended_viewings",
    metadata,
    Column("viewing", Text, primary_key=True),
    Column("camera", Text, nullable=False),
    Column("party", Text, nullable=False),
)
"""The viewings that a suspension in force ended: any of them names it when it is lifted."""

centre = Table(
    "centre",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("inactive", Boolean(name="inactive"), nullable=False),
    Column("authorisation_withdrawn", Boolean(name="authorisation_withdrawn"), nullable=False),
)
"""One row at most."""

hours_varied = Table(
    "hours_varied",
    metadata,
    Column("day", Text, primary_key=True),
    Column("open", Text, nullable=False),
    Column("close", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Other hours of the owner's room, by the day on which the opening starts; wall-clock `HH:MM`."""

convention_texts = Table(
    "convention_texts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("markdown", LargeBinary, nullable=False),
    Column("signatures", Text, nullable=False),
    Column("since_us", Integer, nullable=False),
)
"""The text in force of each convention, with the note that every party signed; the newest only."""

convention_texts_replaced = Table(
    "convention_texts_replaced",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
)
"""The hashes of the texts that were in force before: none of them comes back."""

convention_keys = Table(
    "convention_keys",
    metadata,
    Column("convention", Text, primary_key=True),
    Column("spelt", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("since_us", Integer, nullable=False),
)
"""The keys that each convention pins, in canonical form, with the note that every party signed; the newest only."""

convention_keys_replaced = Table(
    "convention_keys_replaced",
    metadata,
    Column("convention", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("spelt", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("since_us", Integer, nullable=False),
)
"""Those that were in force before: each was signed with the keys of the one before it, and no retired key comes back."""

joint_proposals = Table(
    "joint_proposals",
    metadata,
    Column("convention", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("service", Text),
    Column("pseudonym", Text),
    Column("station", Text),
    Column("at_us", Integer, nullable=False),
    Column("keys_spelt", LargeBinary),
    Column("keys_note", Text),
    Column("text_note", Text),
    Column("act", Text, nullable=False),
)
"""What one person proposed and another is to confirm: one a convention; without keys it is that the party leaves."""

handover_notes = Table(
    "handover_notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("station_label", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("agent_label", Text, nullable=False),
    Column("at_us", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
)
"""Words from one shift of a room to the next, until they are read; `ledger_words` keeps them too, beside their record."""
Index("ix_handover_notes_party_service", handover_notes.c.party, handover_notes.c.service)

terms_told = Table(
    "terms_told",
    metadata,
    Column("convention", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("told_on", Text, nullable=False),
    Column("act", Text, nullable=False),
)
Index("ix_terms_told_convention", terms_told.c.convention)

faults = Table(
    "faults",
    metadata,
    Column("camera", Text, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("since_us", Integer, nullable=False),
)
"""Cameras' faults that are told and not restored yet; those that are over stand in the ledger alone."""

orders_confirmed = Table(
    "orders_confirmed",
    metadata,
    Column("camera", Text, primary_key=True),
)
"""Cameras whose order has ended and which the director confirmed for the owner's own room."""

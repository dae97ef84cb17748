"""Create every table of the first release.

The tables are written out here a second time, so that a later change of a table module does not change what this one made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = ("ledger_entries", "ledger_erasures", "ledger_epochs", "ledger_identity", "ledger_subtrees")


def upgrade() -> None:
    """Create the tables, their indexes, and the triggers that keep the ledger append-only."""
    _ledger()
    _agents()
    _live()
    _steering()
    _witness()
    _peers()
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            _forbid(table, change)
    _forbid("ledger_records", "UPDATE")
    op.execute(
        "CREATE TRIGGER witnessed_heads_never_go_back BEFORE UPDATE ON witnessed_heads "
        "WHEN NEW.size < OLD.size OR (OLD.forked IS NOT NULL AND NEW.forked IS NULL) "
        "BEGIN SELECT RAISE(ABORT, 'a witnessed head never goes back'); END"
    )


def _forbid(table: str, change: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _ledger() -> None:
    op.create_table(
        "ledger_identity",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("vkey", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "ledger_records",
        sa.Column("idx", sa.Integer, sa.ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("camera", sa.Text),
        sa.Column("viewing", sa.Text),
        sa.Column("private_to", sa.Text),
    )
    op.create_index("ix_ledger_records_camera_at_us", "ledger_records", ["camera", "at_us"])
    op.create_index("ix_ledger_records_at_us", "ledger_records", ["at_us"])
    op.create_index(
        "ix_ledger_records_private_to",
        "ledger_records",
        ["private_to", "at_us"],
        sqlite_where=sa.text("private_to IS NOT NULL"),
    )
    op.create_index("ix_ledger_records_fault", "ledger_records", ["at_us"], sqlite_where=sa.text("kind = 'fault'"))
    op.create_index("ix_ledger_records_viewing", "ledger_records", ["viewing"])
    op.create_table(
        "ledger_viewings",
        sa.Column("viewing", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("opened_us", sa.Integer, nullable=False),
        sa.Column("opened_idx", sa.Integer, nullable=False),
        sa.Column("ended_us", sa.Integer),
        sa.Column("ended_idx", sa.Integer),
        sa.Column("lasting", sa.Boolean(name="lasting"), nullable=False),
    )
    op.create_table(
        "ledger_event_records",
        sa.Column("idx", sa.Integer, sa.ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
        sa.Column("event", sa.Text, nullable=False),
    )
    op.create_index("ix_ledger_event_records_event", "ledger_event_records", ["event"])
    op.create_index("ix_ledger_viewings_camera", "ledger_viewings", ["camera", "opened_us", "opened_idx"])
    op.create_index("ix_ledger_viewings_opened", "ledger_viewings", ["opened_us", "opened_idx"])
    op.create_index(
        "ix_ledger_viewings_lasting",
        "ledger_viewings",
        ["opened_us", "opened_idx"],
        sqlite_where=sa.text("lasting = 1"),
    )
    op.create_table(
        "ledger_words",
        sa.Column("record", sa.Integer, sa.ForeignKey("ledger_entries.idx"), primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_erasures",
        sa.Column("idx", sa.Integer, sa.ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_subtrees",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_epochs",
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("started_at_us", sa.Integer, nullable=False),
    )


def _witness() -> None:
    op.create_table(
        "witnessed_heads",
        sa.Column("origin", sa.Text, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("cosigned_at_s", sa.Integer, nullable=False),
        sa.Column("forked", sa.Text),
    )
    op.create_table(
        "ledger_cosignatures",
        sa.Column("witness", sa.Text, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("cosigned_at_s", sa.Integer, nullable=False),
    )


def _peers() -> None:
    op.create_table(
        "catalogues",
        sa.Column("reader", sa.Text, primary_key=True),
        sa.Column("newest", sa.Integer, nullable=False),
    )
    op.create_table(
        "catalogue_entries",
        sa.Column("reader", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("facts", sa.Text),
    )
    op.create_index("ix_catalogue_entries_reader_number", "catalogue_entries", ["reader", "number"], unique=True)
    op.create_table(
        "replicas",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("upto", sa.Integer, nullable=False),
    )
    op.create_table(
        "replica_cameras",
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_index("ix_replica_cameras_owner", "replica_cameras", ["owner"])
    op.create_table(
        "peer_viewings",
        sa.Column("viewing", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_peer_viewings_since_us", "peer_viewings", ["since_us"])
    op.create_table(
        "peer_messages",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("jti", sa.Text, primary_key=True),
        sa.Column("kept_until_s", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_peer_messages_kept_until_s", "peer_messages", ["kept_until_s"])
    op.create_table(
        "disclosures",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("motive", sa.Text),
        sa.Column("motive_salt", sa.LargeBinary(32)),
        sa.Column("sector", sa.Text),
        sa.Column("sector_salt", sa.LargeBinary(32)),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("taken", sa.Boolean(name="taken"), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_disclosures_event", "disclosures", ["event"])
    op.create_table(
        "told_events",
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("viewing", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("motive_sha256", sa.Text),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("motive", sa.Text),
        sa.Column("motive_salt", sa.LargeBinary(32)),
        sa.Column("sector", sa.Text),
        sa.Column("sector_salt", sa.LargeBinary(32)),
        sa.Column("since_us", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_told_events_since_us", "told_events", ["since_us"])
    op.create_table(
        "resolutions_due",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resolutions_received",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at_us", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _agents() -> None:
    op.create_table(
        "accounts",
        sa.Column("agent", sa.Text, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False, unique=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("pin_hash", sa.Text),
        sa.Column("habilitation_act", sa.Text),
        sa.Column("habilitation_since", sa.Text),
        sa.Column("habilitation_until", sa.Text),
    )
    op.create_table(
        "stations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("ended_at_us", sa.Integer),
        sa.Column("service", sa.Text),
        sa.Column("until", sa.Text),
    )
    op.create_table(
        "sessions",
        sa.Column("cookie_sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("opened_at_us", sa.Integer, nullable=False),
        sa.Column("seen_at_us", sa.Integer, nullable=False),
    )
    op.create_index("ix_sessions_seen_at_us", "sessions", ["seen_at_us"])
    op.create_table(
        "layouts",
        sa.Column("station", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )


def _live() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("opened_at_us", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("opened_by_pseudonym", sa.Text, nullable=False),
        sa.Column("kept_by", sa.Text, nullable=False),
        sa.Column("kept_by_pseudonym", sa.Text, nullable=False),
        sa.Column("sector", sa.Text),
        sa.Column("motive", sa.Text),
        sa.Column("dispatch_number", sa.Text),
        sa.Column("sector_salt", sa.LargeBinary(32)),
        sa.Column("motive_salt", sa.LargeBinary(32)),
        sa.Column("dispatch_number_salt", sa.LargeBinary(32)),
        sa.Column("closed_at_us", sa.Integer),
    )
    op.create_index("ix_events_party_closed_at_us", "events", ["party", "closed_at_us"])
    op.create_table(
        "viewings",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("agent_label", sa.Text, nullable=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("since_us", sa.Integer, nullable=False),
        sa.Column("valid_until_us", sa.Integer),
        sa.Column("session_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("articles", sa.Text, nullable=False),
        sa.Column("slot", sa.Integer),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("attested", sa.Text),
    )
    op.create_index("ix_viewings_party", "viewings", ["party"])
    op.create_table(
        "state_stamp",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("stamp", sa.Integer, nullable=False),
    )
    op.create_table(
        "tail", sa.Column("id", sa.Integer, primary_key=True), sa.Column("drained", sa.Integer, nullable=False)
    )
    op.create_table(
        "suspensions",
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
        sa.Column("by_role", sa.Text, nullable=False),
        sa.Column("by_label", sa.Text, nullable=False),
        sa.Column("viewing", sa.Text, nullable=False),
    )
    op.create_table(
        "suspended_viewings",
        sa.Column("viewing", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
    )
    op.create_table(
        "centre",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("inactive", sa.Boolean(name="inactive"), nullable=False),
        sa.Column("authorisation_withdrawn", sa.Boolean(name="authorisation_withdrawn"), nullable=False),
    )
    op.create_table(
        "hours_varied",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("open", sa.Text, nullable=False),
        sa.Column("close", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "convention_texts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("markdown", sa.LargeBinary, nullable=False),
        sa.Column("signatures", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
    )
    op.create_table(
        "convention_texts_replaced",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
    )
    op.create_table(
        "convention_keys",
        sa.Column("convention", sa.Text, primary_key=True),
        sa.Column("spelt", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
    )
    op.create_table(
        "convention_keys_replaced",
        sa.Column("convention", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("spelt", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
    )
    op.create_table(
        "joint_proposals",
        sa.Column("convention", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("pseudonym", sa.Text),
        sa.Column("station", sa.Text),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("keys_spelt", sa.LargeBinary),
        sa.Column("keys_note", sa.Text),
        sa.Column("text_note", sa.Text),
        sa.Column("act", sa.Text, nullable=False),
    )
    op.create_table(
        "handover_notes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("station_label", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("agent_label", sa.Text, nullable=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_handover_notes_party_service", "handover_notes", ["party", "service"])
    op.create_table(
        "terms_told",
        sa.Column("convention", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("told_on", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
    )
    op.create_index("ix_terms_told_convention", "terms_told", ["convention"])
    op.create_table(
        "faults",
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
    )
    op.create_table(
        "link_faults",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
    )
    op.create_table(
        "orders_confirmed",
        sa.Column("camera", sa.Text, primary_key=True),
    )


def _steering() -> None:
    op.create_table(
        "leases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("agent_label", sa.Text, nullable=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("session_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("regime", sa.Text, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("viewing", sa.Text),
        sa.Column("asked_at_us", sa.Integer, nullable=False),
        sa.Column("awaits", sa.Text),
        sa.Column("since_us", sa.Integer),
        sa.Column("regime_since_us", sa.Integer),
        sa.Column("valid_until_us", sa.Integer),
        sa.Column("authorisation", sa.Text),
        sa.Column("articles", sa.Text, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("renewed", sa.Integer, nullable=False),
        sa.Column("renewed_at_us", sa.Integer),
        sa.Column("notices", sa.Integer, nullable=False),
    )
    op.create_table(
        "leases_over",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("articles", sa.Text, nullable=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("authorisation", sa.Text),
    )
    op.create_table(
        "steering_fences",
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("fence", sa.Integer, nullable=False),
    )
    op.create_table(
        "authorisations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("lease", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("asked_at_us", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("until_us", sa.Integer),
        sa.Column("giver", sa.Text),
        sa.Column("giver_role", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("oral_channel", sa.Text),
        sa.Column("oral_at_us", sa.Integer),
        sa.Column("oral_recorder", sa.Text),
        sa.Column("oral_confirmed", sa.Boolean(name="oral_confirmed")),
        sa.Column("ground", sa.Text),
        sa.Column("withdrawn_by_role", sa.Text),
    )
    op.create_index("ix_authorisations_state", "authorisations", ["state"])
    op.create_table(
        "owed_notices",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("lease", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("from_party", sa.Text, nullable=False),
        sa.Column("to_party", sa.Text, nullable=False),
        sa.Column("since_us", sa.Integer, nullable=False),
        sa.Column("due_us", sa.Integer),
        sa.Column("articles", sa.Text, nullable=False),
        sa.Column("until_us", sa.Integer),
    )
    op.create_index("ix_owed_notices_lease", "owed_notices", ["lease"])
    op.create_table(
        "deputies",
        sa.Column("agent", sa.Text, primary_key=True),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("until_us", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_table(
        "looks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("camera", sa.Text),
        sa.Column("lon_deg", sa.Float),
        sa.Column("lat_deg", sa.Float),
        sa.Column("asked_at_us", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("answered_by", sa.Text),
        sa.Column("answered_at_us", sa.Integer),
    )
    op.create_table(
        "crews_engaged",
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("since_us", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )

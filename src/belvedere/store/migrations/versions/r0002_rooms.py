"""Create the tables of agents and of what runs now."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create accounts, stations, sessions; events, viewings, suspensions, the centre."""
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
        "events",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("opened_at_us", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("opened_by_pseudonym", sa.Text, nullable=False),
        sa.Column("sector", sa.Text),
        sa.Column("motive", sa.Text),
        sa.Column("dispatch_number", sa.Text),
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
    )
    op.create_index("ix_viewings_party", "viewings", ["party"])
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

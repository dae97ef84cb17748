"""Create when each viewing ran, filled from the records that stand, and notes of handover; give stations a service."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LASTING_US = 24 * 3600 * 1_000_000


def upgrade() -> None:
    """Add the stations' service; create the two tables, their indexes, and the rows of the first."""
    op.add_column("stations", sa.Column("service", sa.Text))
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
    )
    op.create_index("ix_handover_notes_party_service", "handover_notes", ["party", "service"])
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
    op.execute(
        "INSERT OR IGNORE INTO ledger_viewings (viewing, camera, opened_us, opened_idx, lasting) "
        "SELECT viewing, camera, at_us, idx, 1 FROM ledger_records "
        "WHERE kind = 'opened' AND viewing IS NOT NULL AND camera IS NOT NULL ORDER BY idx"
    )
    op.execute(
        "UPDATE ledger_viewings SET (ended_us, ended_idx) = ("
        "SELECT ended.at_us, ended.idx FROM ledger_records AS ended "
        "WHERE ended.viewing = ledger_viewings.viewing AND ended.kind = 'ended' ORDER BY ended.idx LIMIT 1)"
    )
    op.execute(f"UPDATE ledger_viewings SET lasting = ended_us IS NULL OR ended_us - opened_us > {_LASTING_US}")  # noqa: S608 (a figure of ours)
    op.create_index("ix_ledger_viewings_camera", "ledger_viewings", ["camera", "opened_us", "opened_idx"])
    op.create_index("ix_ledger_viewings_opened", "ledger_viewings", ["opened_us", "opened_idx"])
    op.create_index(
        "ix_ledger_viewings_lasting",
        "ledger_viewings",
        ["opened_us", "opened_idx"],
        sqlite_where=sa.text("lasting = 1"),
    )

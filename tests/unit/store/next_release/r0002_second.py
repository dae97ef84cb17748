"""Add what a next release would: tables with indexes, columns, a table made anew, rows filled from the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do some of everything that a migration does."""
    for table in ("notices", "peers", "arrangements", "recordings"):
        op.create_table(
            table,
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("party", sa.Text, nullable=False),
            sa.Column("at_us", sa.Integer, nullable=False),
        )
        op.create_index(f"ix_{table}_party", table, ["party"])
    op.add_column("stations", sa.Column("room", sa.Text))
    op.add_column("events", sa.Column("level", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("viewings") as viewings:
        viewings.alter_column("station", nullable=True)
    op.create_table(
        "cameras_recorded",
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("records", sa.Integer, nullable=False),
    )
    op.execute(
        "INSERT INTO cameras_recorded (camera, records) "
        "SELECT camera, count(*) FROM ledger_records WHERE camera IS NOT NULL GROUP BY camera"
    )

"""Keep how often a viewing was asked for, and how far the tail is recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table; no viewing outlives a node."""
    op.add_column("viewings", sa.Column("asked", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "tail", sa.Column("id", sa.Integer, primary_key=True), sa.Column("drained", sa.Integer, nullable=False)
    )

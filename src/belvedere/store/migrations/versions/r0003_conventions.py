"""Create the tables of what parties vary, tell, replace and confirm."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create varied hours, convention texts, what was told about terms, confirmed orders."""
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
        "terms_told",
        sa.Column("convention", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("told_on", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
    )
    op.create_index("ix_terms_told_convention", "terms_told", ["convention"])
    op.create_table("orders_confirmed", sa.Column("camera", sa.Text, primary_key=True))

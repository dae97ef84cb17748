"""Add agents' PINs, walls' layouts, and the stamp of the running viewings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the PIN's hash to accounts; create layouts and the stamp."""
    op.add_column("accounts", sa.Column("pin_hash", sa.Text))
    op.create_table(
        "layouts",
        sa.Column("station", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "viewings_stamp",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("stamp", sa.Integer, nullable=False),
    )

"""Add agents' PINs and walls' layouts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the PIN's hash to accounts; create layouts."""
    op.add_column("accounts", sa.Column("pin_hash", sa.Text))
    op.create_table(
        "layouts",
        sa.Column("station", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )

"""Create the table of convention texts that were replaced: none of them comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "convention_texts_replaced",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
    )

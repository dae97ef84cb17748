"""Keep who keeps an event since a relief."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; an event opened before the upgrade is its opener's."""
    for column in ("kept_by", "kept_by_pseudonym"):
        op.add_column("events", sa.Column(column, sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE events SET kept_by = opened_by, kept_by_pseudonym = opened_by_pseudonym")

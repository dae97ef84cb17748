"""Keep the number of the slot that a viewing's camera takes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what ran before the upgrade ends at its start."""
    op.add_column("viewings", sa.Column("slot", sa.Integer))

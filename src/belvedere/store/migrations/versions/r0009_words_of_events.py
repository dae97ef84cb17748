"""Create where the records of each event are looked up, filled from the records that stand."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, its rows and its index."""
    op.create_table(
        "ledger_event_records",
        sa.Column("idx", sa.Integer, sa.ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
        sa.Column("event", sa.Text, nullable=False),
    )
    op.execute(
        "INSERT INTO ledger_event_records (idx, event) "
        "SELECT idx, json_extract(CAST(record AS TEXT), '$.event.id') FROM ledger_records "
        "WHERE kind = 'event' AND json_extract(CAST(record AS TEXT), '$.event.id') IS NOT NULL"
    )
    op.create_index("ix_ledger_event_records_event", "ledger_event_records", ["event"])

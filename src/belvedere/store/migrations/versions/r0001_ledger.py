"""Create the ledger's tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = ("ledger_entries", "ledger_erasures", "ledger_epochs", "ledger_identity", "ledger_subtrees")


def upgrade() -> None:
    """Create the tables, their indexes, and the triggers that keep them append-only."""
    op.create_table(
        "ledger_identity",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("vkey", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "ledger_records",
        sa.Column("idx", sa.Integer, sa.ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("camera", sa.Text),
        sa.Column("viewing", sa.Text),
    )
    op.create_index("ix_ledger_records_camera_at_us", "ledger_records", ["camera", "at_us"])
    op.create_index("ix_ledger_records_at_us", "ledger_records", ["at_us"])
    op.create_index("ix_ledger_records_viewing", "ledger_records", ["viewing"])
    op.create_table(
        "ledger_erasures",
        sa.Column("idx", sa.Integer, sa.ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_subtrees",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_epochs",
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("started_at_us", sa.Integer, nullable=False),
    )
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            _forbid(table, change)
    _forbid("ledger_records", "UPDATE")


def _forbid(table: str, change: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
